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
    // The host may say its port, which counts where no other is set.
    let host = database.host.as_deref().unwrap_or("localhost");
    let (host, port) = match host.rsplit_once(':').map(|(host, port)| (host, port.parse().ok())) {
        Some((name, Some(port))) if !name.contains(':') => (name, Some(port)),
        _ => (host, None),
    };
    let password = if backend == Backend::Sqlite { None } else { settings.password()? };
    Ok(ConnectOptions {
        backend,
        host: host.to_owned(),
        port: database.port.or(port).unwrap_or_default(),
        user: database.user.clone().unwrap_or_else(|| usual_user.to_owned()),
        password: password.map(|password| password.expose_secret().to_owned()).unwrap_or_default(),
        database: database.name.clone(),
        path: database.path.clone(),
        certificate_authority: database.tls_ca.clone(),
        tls: match database.use_tls {
            Some(true) => Tls::Verified,
            Some(false) => Tls::Off,
            None => Tls::ByHost,
        },
        max_connections: database.max_connections,
        acquire_timeout: ACQUIRE_TIMEOUT,
    })
}
