use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Database, Tls};
use datajoint_config::{ExposeSecret, Settings};
use datajoint_definition::Backend;
use datajoint_sql::Session;

use crate::{Error, Result};

/// The database, as people know it; without user and password.
pub(super) fn place(settings: &Settings, backend: Backend) -> String {
    let database = &settings.database;
    let servers = database.servers().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let capability = backend.capability();
    match capability.usual_database {
        _ if capability.is_embedded => database.path.display().to_string(),
        Some(usual) => format!("{servers}/{}", database.name.as_deref().unwrap_or(usual)),
        None => servers,
    }
}

/// How long to wait for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// For what a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// For all that the settings let it do.
    Usual,
    /// For a database that is there: no file is made.
    Existing,
    /// To be read alone.
    ReadOnly,
}

/// Connects.
pub(super) async fn connect(settings: &Settings, opening: Opening) -> Result<Database> {
    Database::connect(&options(settings, opening)?).await.map_err(|source| match source {
        datajoint_adapters::Error::NoDatabase { .. } if !settings.database.create_tables => {
            let origin = settings.origin("database.create_tables").to_string();
            Error::NothingCreated { origin, source }
        }
        source => source.into(),
    })
}

/// The settings as the adapters take them.
fn options(settings: &Settings, opening: Opening) -> Result<ConnectOptions> {
    settings.check()?;
    let database = &settings.database;
    let backend = settings.backend()?;
    let capability = backend.capability();
    let servers = database.servers().into_iter();
    let mut servers = servers.map(|server| (server.host, server.port.unwrap_or_default()));
    let (host, port) = servers.next().unwrap_or_default();
    let password = if capability.is_embedded { None } else { settings.password()? };
    Ok(ConnectOptions {
        backend,
        host,
        port,
        others: servers.collect(),
        user: database.user.clone().unwrap_or_else(|| capability.usual_user.to_owned()),
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
            is_read_only: opening == Opening::ReadOnly,
            // A temporary database is never there before.
            is_existing: (!database.create_tables || opening != Opening::Usual)
                && database.path.as_os_str() != ":memory:",
        },
    })
}
