use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Tls};
use datajoint_config::{ExposeSecret, Settings};
use datajoint_definition::Backend;

use crate::Result;

/// How long to wait for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// The settings as the adapters take them.
pub(super) fn options(settings: &Settings) -> Result<ConnectOptions> {
    let database = &settings.database;
    let backend = settings.backend()?;
    let usual_user = match backend {
        Backend::Postgresql => "postgres",
        _ => "root",
    };
    Ok(ConnectOptions {
        backend,
        host: database.host.clone().unwrap_or_else(|| "localhost".to_owned()),
        port: database.port.unwrap_or_default(),
        user: database.user.clone().unwrap_or_else(|| usual_user.to_owned()),
        password: database
            .password
            .as_ref()
            .map(|password| password.expose_secret().to_owned())
            .unwrap_or_default(),
        database: database.name.clone(),
        path: database.path.clone(),
        tls: match database.use_tls {
            Some(true) => Tls::Verified,
            Some(false) => Tls::Off,
            None => Tls::ByHost,
        },
        max_connections: database.max_connections,
        acquire_timeout: ACQUIRE_TIMEOUT,
    })
}
