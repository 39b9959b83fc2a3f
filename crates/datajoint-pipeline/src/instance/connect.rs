use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Tls};
use datajoint_config::{ExposeSecret, Settings};
use datajoint_definition::Backend;
use datajoint_sql::Session;

use crate::Result;

/// The database, as people know it; without user and password.
pub(super) fn place(settings: &Settings, backend: Backend) -> String {
    let database = &settings.database;
    let host = database.host.as_deref().unwrap_or("localhost");
    let port = database.port.map(|port| format!(":{port}")).unwrap_or_default();
    match backend {
        Backend::Sqlite => database.path.display().to_string(),
        Backend::Postgresql => format!("{host}{port}/{}", database.name.as_deref().unwrap_or("postgres")),
        _ => format!("{host}{port}"),
    }
}

/// How long to wait for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// The settings as the adapters take them.
pub(super) fn options(settings: &Settings, is_read_only: bool) -> Result<ConnectOptions> {
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
        session: Session {
            lock_timeout: settings.connection.lock_timeout,
            statement_timeout: settings.connection.statement_timeout,
            idle_timeout: settings.connection.idle_timeout,
            is_read_only,
        },
    })
}
