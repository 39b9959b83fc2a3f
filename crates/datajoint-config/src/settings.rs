use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datajoint_definition::Backend;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::Kind;
use crate::origin::Held;
use crate::setting::{SETTINGS, Setting};
use crate::sources::Sources;
use crate::{Alerts, Error, Fault, Reader, Result, Stores, password, url};

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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Settings {
    /// Which database, and as whom.
    pub database: Database,
    /// How connections behave.
    pub connection: Connection,
    /// How rows and diagrams are shown.
    pub display: Display,
    /// How computed tables are filled.
    pub jobs: Jobs,
    /// Who is told when keys fail.
    pub alerts: Alerts,
    /// What rows record of where they come from.
    pub provenance: Provenance,
    /// Where objects are kept.
    #[serde(skip_serializing)]
    pub stores: Stores,
    /// The environment this client is in; a schema stamped with one is changed by its clients alone.
    pub environment: Option<String>,
    /// How much may be deleted at once, and whether it is noted.
    pub guard: Guard,
    /// The least important messages to log.
    pub loglevel: LogLevel,
    /// How messages are logged.
    pub logformat: LogFormat,
    /// Whether deleting and dropping asks first.
    pub safemode: bool,
    /// A folder for the results of queries.
    pub query_cache: Option<PathBuf>,
    /// Where attachments are written.
    pub download_path: PathBuf,
    /// True when files and secrets were left unread.
    pub ignore_config_file: bool,
    #[serde(skip)]
    pub(crate) sources: Arc<Sources>,
}

/// Which database, and as whom.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Database {
    /// `sqlite`, `mysql`, `mariadb` or `postgresql`; when absent it follows from the others.
    pub backend: Option<String>,
    /// The server, with its port if it says one, or several with commas: `a:5433,b:5433`; `localhost` when absent.
    ///
    /// Of several the primary is used, and the new one after a promotion; by a client that reads only, the first that
    /// answers.
    pub host: Option<String>,
    /// The port; the usual one of the backend when absent.
    pub port: Option<u16>,
    /// The user.
    pub user: Option<String>,
    /// The password. [`Settings::password`] asks the command too.
    #[serde(skip_serializing)]
    pub password: Option<SecretString>,
    /// A command that prints the password; run when there is no password and a connection is made.
    pub password_command: Option<String>,
    /// The database that holds the schemas; PostgreSQL only, `postgres` when absent.
    pub name: Option<String>,
    /// The file of the embedded database; `:memory:` for one that goes with the instance.
    pub path: PathBuf,
    /// Whether lost connections are opened anew.
    pub reconnect: bool,
    /// True to insist on TLS, false to do without; when absent TLS is required off loopback.
    pub use_tls: Option<bool>,
    /// A PEM file of the authority that signed the server's certificate; the public ones when absent.
    pub tls_ca: Option<PathBuf>,
    /// What stands before the name of every schema.
    pub database_prefix: String,
    /// True when activation may declare what is missing.
    pub create_tables: bool,
    /// The most connections an instance opens.
    pub max_connections: u32,
}

impl fmt::Debug for Database {
    /// Without the arguments of a command, which may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            backend,
            host,
            port,
            user,
            password,
            password_command,
            name,
            path,
            reconnect,
            use_tls,
            tls_ca,
            database_prefix,
            create_tables,
            max_connections,
        } = self;
        formatter
            .debug_struct("Database")
            .field("backend", backend)
            .field("host", host)
            .field("port", port)
            .field("user", user)
            .field("password", password)
            .field("password_command", &password_command.as_deref().map(password::shown))
            .field("name", name)
            .field("path", path)
            .field("reconnect", reconnect)
            .field("use_tls", use_tls)
            .field("tls_ca", tls_ca)
            .field("database_prefix", database_prefix)
            .field("create_tables", create_tables)
            .field("max_connections", max_connections)
            .finish()
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            backend: None,
            host: None,
            port: None,
            user: None,
            password: None,
            password_command: None,
            name: None,
            path: PathBuf::from("datajoint.sqlite"),
            reconnect: true,
            use_tls: None,
            tls_ca: None,
            database_prefix: String::new(),
            create_tables: true,
            max_connections: 10,
        }
    }
}

/// How connections behave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Connection {
    /// The character set of a MySQL connection; `utf8mb4` when empty.
    pub charset: String,
    /// After how many seconds a statement gives up waiting for a lock; 0 for never. When absent, the server's own limit, or 60 where
    /// it has none.
    pub lock_timeout: Option<u64>,
    /// After how many seconds the server ends a statement; 0 for never. When absent, the server's own limit, or 3600 where it
    /// has none.
    pub statement_timeout: Option<u64>,
    /// After how many seconds the server ends a transaction in which nothing happens; 0 for never. When absent, the server's
    /// own limit, or 3600 where it has none.
    pub idle_timeout: Option<u64>,
}

/// How much may be deleted at once, and whether it is noted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Guard {
    /// The most rows that one delete or drop may take; any number when absent.
    pub max_rows: Option<u64>,
    /// The most bytes of blobs that one delete or drop may take; any number when absent.
    pub max_bytes: Option<u64>,
    /// True to note in the table `~audit` of each schema who deletes, changes or drops what, deploys, or frees jobs.
    pub audit: bool,
}

/// How rows and diagrams are shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Display {
    /// How many rows a preview shows.
    pub limit: usize,
    /// How many characters of a value a preview shows.
    pub width: usize,
    /// Whether a preview says how many rows there are.
    pub show_tuple_count: bool,
    /// Where diagrams run: `TB` or `LR`.
    pub diagram_direction: String,
    /// The colours of diagrams: `light`, `dark` or `auto`.
    pub diagram_theme: String,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            limit: 12,
            width: 14,
            show_tuple_count: true,
            diagram_direction: "LR".to_owned(),
            diagram_theme: "auto".to_owned(),
        }
    }
}

/// How computed tables are filled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "these are switches")]
pub struct Jobs {
    /// Whether populate brings the job queue up to date first.
    pub auto_refresh: bool,
    /// Whether jobs stay in the queue when they are done.
    pub keep_completed: bool,
    /// After how many seconds a job whose key is gone is removed.
    pub stale_timeout: u64,
    /// After how many seconds without a sign of life the jobs of a worker are free.
    pub lease_timeout: u64,
    /// How often a job is tried that fails for reasons that may pass.
    pub max_attempts: u32,
    /// After how many workers that died with it a job is left alone.
    pub max_losses: u32,
    /// The priority of new jobs; lower is sooner.
    pub default_priority: u8,
    /// How the version of the program is found that jobs record: `git` or `none`.
    pub version_method: Option<String>,
    /// Whether computed tables may add attributes to their primary key.
    pub allow_new_pk_fields_in_computed_tables: bool,
    /// True to give Computed and Imported tables the hidden columns `_job_start_time`, `_job_duration` and
    /// `_job_version` when they are declared.
    pub add_job_metadata: bool,
    /// True to give Computed and Imported tables the hidden columns `_made_by` and `_made_from` when they are declared.
    pub record_makes: bool,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            auto_refresh: true,
            keep_completed: false,
            stale_timeout: 3600,
            lease_timeout: 30,
            max_attempts: 5,
            max_losses: 3,
            default_priority: 5,
            version_method: None,
            allow_new_pk_fields_in_computed_tables: false,
            add_job_metadata: false,
            record_makes: false,
        }
    }
}

/// What rows record of where they come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provenance {
    /// Whether rows record it.
    pub capture: bool,
    /// What they record as their source.
    pub source: serde_json::Map<String, Value>,
}

/// How important a message must be to be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum LogLevel {
    /// Everything that helps to find a fault.
    Debug,
    /// What is going on.
    #[default]
    Info,
    /// What should be looked at.
    Warning,
    /// What went wrong.
    Error,
    /// What ends the program.
    Critical,
}

/// How messages are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// A line of text each.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: Database::default(),
            connection: Connection::default(),
            display: Display::default(),
            jobs: Jobs::default(),
            alerts: Alerts::default(),
            provenance: Provenance::default(),
            stores: Stores::default(),
            environment: None,
            guard: Guard::default(),
            loglevel: LogLevel::default(),
            logformat: LogFormat::default(),
            safemode: true,
            query_cache: None,
            download_path: PathBuf::from("."),
            ignore_config_file: false,
            sources: Arc::default(),
        }
    }
}

impl Settings {
    /// The settings of the process: environment over secrets over files over defaults.
    ///
    /// The file is `datajoint.json`, searched from the current directory upward; below it stand
    /// `[tool.datajoint]` of a `pyproject.toml` and `[package.metadata.datajoint]` of a `Cargo.toml`.
    ///
    /// Fails with every fault there is: unknown keys and values that do not fit, each with its place.
    pub fn load() -> Result<Self> {
        Self::reader().load()
    }

    /// The settings of a file, with secrets beside it and the environment over it.
    pub fn load_from(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self::reader().file(path).directory(folder.unwrap_or(Path::new("."))).load()
    }

    /// To say from where settings are read.
    pub fn reader() -> Reader {
        Reader::default()
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

    /// The backend that the settings mean.
    ///
    /// Fails for a name of none, and for a password without a host, a user and a backend: it would go nowhere.
    pub fn backend(&self) -> Result<Backend> {
        match &self.database.backend {
            Some(name) => Ok(name.parse()?),
            None if self.database.host.is_some() || self.database.user.is_some() => Ok(Backend::Mysql),
            None if self.database.password.is_some() => {
                Err(Error::PasswordAlone { origin: self.origin("database.password") })
            }
            None if self.database.password_command.is_some() => {
                Err(Error::PasswordAlone { origin: self.origin("database.password_command") })
            }
            None => Ok(Backend::Sqlite),
        }
    }

    /// Returns the environment that this client is in; an empty name, as of a variable that was left empty, names none.
    ///
    /// ```
    /// use datajoint_config::Settings;
    ///
    /// let mut settings = Settings::default();
    /// settings.environment = Some(" ".to_owned());
    /// assert_eq!(settings.environment(), None);
    /// ```
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref().filter(|environment| !environment.trim().is_empty())
    }

    /// Fails for numbers that their settings do not take, such as a pool without a connection: a program can put any there.
    ///
    /// ```
    /// use datajoint_config::Settings;
    ///
    /// let mut settings = Settings::embedded(":memory:");
    /// settings.check()?;
    /// settings.database.max_connections = 0;
    /// let fault = settings.check().unwrap_err().to_string();
    /// assert!(fault.starts_with("`database.max_connections` is 0 and must be a whole number from 1 to 10000"), "{fault}");
    /// # Ok::<(), datajoint_config::Error>(())
    /// ```
    pub fn check(&self) -> Result<()> {
        let values = serde_json::to_value(self).map_err(|error| Error::Value(error.into()))?;
        let fault = |setting: &Setting| {
            let value = values.pointer(&format!("/{}", setting.key.replace('.', "/")))?;
            let expected = setting.kind.check(value.clone()).err()?;
            Some(Fault {
                key: setting.key.to_owned(),
                origin: self.origin(setting.key),
                message: format!("`{}` is {value} and must be {expected}", setting.key),
            })
        };
        let numbers = SETTINGS.iter().filter(|setting| matches!(setting.kind, Kind::Number(..)));
        let faults: Vec<Fault> = numbers.filter_map(fault).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Values(faults)) }
    }

    /// The password, asked of `database.password_command` when there is none.
    ///
    /// Fails when the command does.
    pub fn password(&self) -> Result<Option<SecretString>> {
        match (&self.database.password, &self.database.password_command) {
            (Some(password), _) => Ok(Some(password.clone())),
            (None, Some(command)) => password::ask(command).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// What was found amiss while reading, though the settings could be read.
    pub fn warnings(&self) -> &[String] {
        &self.sources.warnings
    }

    /// The files of secrets that others than their owner may read; each is also told by a warning.
    pub fn exposed_secrets(&self) -> &[PathBuf] {
        &self.sources.exposed
    }

    /// The files that were read, the strongest first.
    pub fn files(&self) -> &[PathBuf] {
        &self.sources.files
    }

    /// The value of a setting as it is now; `None` where it has none.
    pub(crate) fn held(&self, key: &str) -> Option<Held> {
        let setting = Setting::of(key)?;
        if setting.kind == Kind::Secret {
            return self.database.password.clone().map(Held::Secret);
        }
        if let Some(place) = key.strip_prefix("stores.") {
            return self.stores.held(place);
        }
        let mut value = serde_json::to_value(self).ok()?;
        for name in key.split('.') {
            value = value.get_mut(name)?.take();
        }
        (!value.is_null()).then(|| Held::new(key, value))
    }
}
