use std::path::{Path, PathBuf};

use datajoint_definition::Backend;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{Result, file, source, url};

/// The settings of a client.
///
/// ```
/// use datajoint_config::Settings;
/// use datajoint_definition::Backend;
///
/// let settings = Settings::from_url("postgres://ada@localhost/lab")?;
/// assert_eq!(settings.backend()?, Backend::Postgresql);
/// assert_eq!(Settings::default().backend()?, Backend::Sqlite);
/// # Ok::<(), datajoint_config::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Settings {
    /// Which database, and as whom.
    pub database: Database,
    /// How computed tables are filled.
    pub jobs: Jobs,
}

/// Which database, and as whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Database {
    /// `sqlite`, `mysql`, `mariadb` or `postgresql`; when absent it follows from the others.
    pub backend: Option<String>,
    /// The server; `localhost` when absent.
    pub host: Option<String>,
    /// The port; the usual one of the backend when absent.
    pub port: Option<u16>,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The database that holds the schemas; PostgreSQL only, `postgres` when absent.
    pub name: Option<String>,
    /// True to insist on TLS, false to do without; when absent TLS is required off loopback.
    pub use_tls: Option<bool>,
    /// The file of the embedded database; `:memory:` for one that goes with the instance.
    pub path: PathBuf,
    /// True when activation may declare what is missing.
    pub create_tables: bool,
    /// The most connections an instance opens.
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            backend: None,
            host: None,
            port: None,
            user: None,
            password: None,
            name: None,
            use_tls: None,
            path: PathBuf::from("datajoint.sqlite"),
            create_tables: true,
            max_connections: 10,
        }
    }
}

/// How computed tables are filled.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Jobs {
    /// True to give Computed and Imported tables the hidden columns `_job_start_time`, `_job_duration` and
    /// `_job_version` when they are declared.
    pub add_job_metadata: bool,
}

impl Settings {
    /// The settings of the process: environment over `datajoint.json`, searched from the current directory
    /// upward, over defaults.
    ///
    /// Fails when the file can't be read or a value has the wrong type; the message names its source.
    pub fn load() -> Result<Self> {
        let found = if source::ignores_file() { None } else { file::find(Path::new(".")) };
        Self::read(found.as_deref())
    }

    /// The settings of a file, with the environment over it.
    pub fn load_from(path: impl AsRef<Path>) -> Result<Self> {
        Self::read(Some(path.as_ref()))
    }

    /// The settings for the database that a URL names, the rest being defaults.
    ///
    /// The forms are `mysql://user:password@host:port`, `postgres://user:password@host:port/database`,
    /// `sqlite:path` and `sqlite::memory:`.
    pub fn from_url(text: &str) -> Result<Self> {
        url::parse(text)
    }

    /// The settings for an embedded database in a file.
    pub fn embedded(path: impl Into<PathBuf>) -> Self {
        let mut settings = Self::default();
        settings.database.backend = Some("sqlite".to_owned());
        settings.database.path = path.into();
        settings
    }

    fn read(path: Option<&Path>) -> Result<Self> {
        Ok(source::figment(path)?.extract()?)
    }

    /// The backend that the settings mean.
    pub fn backend(&self) -> Result<Backend> {
        match &self.database.backend {
            Some(name) => Ok(name.parse()?),
            None if self.database.host.is_some() || self.database.user.is_some() => Ok(Backend::Mysql),
            None => Ok(Backend::Sqlite),
        }
    }
}
