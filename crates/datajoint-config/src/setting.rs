//! Every setting: one table, which the environment, the files, the explanation and the schema follow.

use crate::kind::Kind;
use crate::origin::Held;

/// A setting: its name, what it takes, and what it is when nothing says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// `group.name`, or the name alone.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default, as JSON.
    pub default: &'static str,
    /// The variables of the environment that set it; the first is the one to use.
    pub variables: &'static [&'static str],
    /// What it does.
    pub purpose: &'static str,
}

impl Setting {
    /// The setting of a key; `stores.main.protocol` belongs to `stores`.
    pub fn of(key: &str) -> Option<&'static Self> {
        let is_it = |setting: &&Self| {
            setting.key == key
                || (setting.kind == Kind::Stores && key.starts_with("stores."))
                || (setting.key == "provenance.source" && key.starts_with("provenance.source."))
        };
        SETTINGS.iter().find(is_it)
    }

    /// What it is when nobody sets it.
    pub(crate) fn default_value(&self) -> Held {
        Held::Plain(serde_json::from_str(self.default).unwrap_or_default())
    }

    /// False for what is read for the sake of files that are shared with DataJoint for Python, and does nothing here.
    pub fn has_effect(&self) -> bool {
        !WITHOUT_EFFECT.contains(&self.key)
    }

    /// The group that the key stands in.
    pub fn group(&self) -> Option<&'static str> {
        self.key.split_once('.').map(|(group, _)| group)
    }
}

/// Shorthand for a line of the table.
const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    variables: &'static [&'static str],
    purpose: &'static str,
) -> Setting {
    Setting { key, kind, default, variables, purpose }
}

const ANY: i64 = i64::MAX;
const LEVELS: &[&str] = &["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    setting(
        "database.backend",
        Kind::Choice(&["sqlite", "mysql", "mariadb", "postgresql"]),
        "null",
        &["DJ_BACKEND"],
        "the database system; when absent it is mysql if a host or user is set, else sqlite",
    ),
    setting(
        "database.host",
        Kind::Text,
        "null",
        &["DJ_HOST"],
        "the server, or several with commas of which the primary is used; localhost when absent",
    ),
    setting(
        "database.port",
        Kind::Number(1, 65535),
        "null",
        &["DJ_PORT"],
        "the port; the usual one of the backend when absent",
    ),
    setting("database.user", Kind::Text, "null", &["DJ_USER"], "the user"),
    setting("database.password", Kind::Secret, "null", &["DJ_PASS"], "the password"),
    setting(
        "database.password_command",
        Kind::Text,
        "null",
        &["DJ_PASSWORD_COMMAND"],
        "a command that prints the password; run when there is no password and a connection is made",
    ),
    setting(
        "database.name",
        Kind::Text,
        "null",
        &["DJ_DATABASE_NAME"],
        "the database that holds the schemas; PostgreSQL only, postgres when absent",
    ),
    setting(
        "database.path",
        Kind::Path,
        "\"datajoint.sqlite\"",
        &["DJ_DATABASE_PATH"],
        "the file of the embedded database; :memory: for one that goes with the instance",
    ),
    setting(
        "database.reconnect",
        Kind::Flag,
        "true",
        &["DJ_RECONNECT"],
        "whether lost connections are opened anew",
    ),
    setting(
        "database.use_tls",
        Kind::Flag,
        "null",
        &["DJ_USE_TLS"],
        "true to insist on TLS, false to do without; when absent TLS is required off loopback",
    ),
    setting(
        "database.tls_ca",
        Kind::Path,
        "null",
        &["DJ_TLS_CA"],
        "a PEM file of the authority that signed the server's certificate; the public ones when absent",
    ),
    setting(
        "database.database_prefix",
        Kind::Text,
        "\"\"",
        &["DJ_DATABASE_PREFIX"],
        "what stands before the name of every schema",
    ),
    setting(
        "database.create_tables",
        Kind::Flag,
        "true",
        &["DJ_CREATE_TABLES"],
        "whether tables that are missing are declared",
    ),
    setting(
        "database.max_connections",
        Kind::Number(1, 10_000),
        "10",
        &["DJ_MAX_CONNECTIONS"],
        "the most connections an instance opens",
    ),
    setting(
        "connection.charset",
        Kind::Text,
        "\"\"",
        &["DJ_CONNECTION_CHARSET"],
        "the character set of a MySQL connection; utf8mb4 when empty",
    ),
    setting(
        "connection.lock_timeout",
        Kind::Number(0, 86_400),
        "null",
        &["DJ_LOCK_TIMEOUT"],
        "after how many seconds a statement gives up waiting for a lock; 0 for never; when absent the server's own limit, or 60 where it has none",
    ),
    setting(
        "connection.statement_timeout",
        Kind::Number(0, 604_800),
        "null",
        &["DJ_STATEMENT_TIMEOUT"],
        "after how many seconds the server ends a statement; 0 for never; when absent the server's own limit, or 3600 where it has none",
    ),
    setting(
        "connection.idle_timeout",
        Kind::Number(0, 604_800),
        "null",
        &["DJ_IDLE_TIMEOUT"],
        "after how many seconds the server ends a transaction in which nothing happens; 0 for never; when absent the server's own limit, or 3600 where it has none",
    ),
    setting(
        "display.limit",
        Kind::Number(0, ANY),
        "12",
        &["DJ_DISPLAY_LIMIT"],
        "how many rows a preview shows",
    ),
    setting(
        "display.width",
        Kind::Number(1, ANY),
        "14",
        &["DJ_DISPLAY_WIDTH"],
        "how many characters of a value a preview shows",
    ),
    setting(
        "display.show_tuple_count",
        Kind::Flag,
        "true",
        &["DJ_DISPLAY_SHOW_TUPLE_COUNT"],
        "whether a preview says how many rows there are",
    ),
    setting(
        "display.diagram_direction",
        Kind::Choice(&["TB", "LR"]),
        "\"LR\"",
        &["DJ_DIAGRAM_DIRECTION"],
        "where diagrams run: top to bottom, or left to right",
    ),
    setting(
        "display.diagram_theme",
        Kind::Choice(&["light", "dark", "auto"]),
        "\"auto\"",
        &["DJ_DIAGRAM_THEME"],
        "the colours of diagrams",
    ),
    setting(
        "jobs.auto_refresh",
        Kind::Flag,
        "true",
        &["DJ_JOBS_AUTO_REFRESH"],
        "whether populate brings the job queue up to date first",
    ),
    setting(
        "jobs.keep_completed",
        Kind::Flag,
        "false",
        &["DJ_JOBS_KEEP_COMPLETED"],
        "whether jobs stay in the queue when they are done",
    ),
    setting(
        "jobs.stale_timeout",
        Kind::Number(0, ANY),
        "3600",
        &["DJ_JOBS_STALE_TIMEOUT"],
        "after how many seconds a job whose key is gone is removed",
    ),
    setting(
        "jobs.lease_timeout",
        Kind::Number(1, ANY),
        "30",
        &["DJ_JOBS_LEASE_TIMEOUT"],
        "after how many seconds without a sign of life the jobs of a worker are free",
    ),
    setting(
        "jobs.max_attempts",
        Kind::Number(1, 1000),
        "5",
        &["DJ_JOBS_MAX_ATTEMPTS"],
        "how often a job is tried that fails for reasons that may pass",
    ),
    setting(
        "jobs.max_losses",
        Kind::Number(1, 1000),
        "3",
        &["DJ_JOBS_MAX_LOSSES"],
        "after how many workers that died with it a job is left alone",
    ),
    setting(
        "jobs.default_priority",
        Kind::Number(0, 255),
        "5",
        &["DJ_JOBS_DEFAULT_PRIORITY"],
        "the priority of new jobs; lower is sooner",
    ),
    setting(
        "jobs.version_method",
        Kind::Choice(&["git", "none"]),
        "null",
        &["DJ_JOBS_VERSION_METHOD"],
        "how the version of the program is found that jobs record",
    ),
    setting(
        "jobs.allow_new_pk_fields_in_computed_tables",
        Kind::Flag,
        "false",
        &["DJ_JOBS_ALLOW_NEW_PK_FIELDS_IN_COMPUTED_TABLES"],
        "whether computed tables may add attributes to their primary key",
    ),
    setting(
        "jobs.add_job_metadata",
        Kind::Flag,
        "false",
        &["DJ_JOBS_ADD_JOB_METADATA"],
        "whether computed tables get hidden columns for start, duration and version",
    ),
    setting(
        "jobs.record_makes",
        Kind::Flag,
        "false",
        &["DJ_JOBS_RECORD_MAKES"],
        "whether computed tables get hidden columns for the code and the inputs of each row",
    ),
    setting(
        "alerts.command",
        Kind::Words,
        "null",
        &["DJ_ALERTS_COMMAND"],
        "a program with its arguments that is told when too many keys fail: it reads a JSON document",
    ),
    setting(
        "alerts.webhook",
        Kind::Text,
        "null",
        &["DJ_ALERTS_WEBHOOK"],
        "an address of HTTP or HTTPS to which the same document is posted",
    ),
    setting(
        "alerts.percent",
        Kind::Number(1, 100),
        "50",
        &["DJ_ALERTS_PERCENT"],
        "from which share of the keys that fail an alert is sent, in percent",
    ),
    setting(
        "alerts.failures",
        Kind::Number(1, ANY),
        "5",
        &["DJ_ALERTS_FAILURES"],
        "from how many failures an alert is sent",
    ),
    setting(
        "alerts.window",
        Kind::Number(1, 604_800),
        "300",
        &["DJ_ALERTS_WINDOW"],
        "over how many seconds keys are counted for alerts",
    ),
    setting(
        "alerts.period",
        Kind::Number(1, 31_536_000),
        "3600",
        &["DJ_ALERTS_PERIOD"],
        "the seconds from one alert of a program to its next",
    ),
    setting(
        "alerts.include_error",
        Kind::Flag,
        "false",
        &["DJ_ALERTS_INCLUDE_ERROR"],
        "whether an alert has the text of the last error, which may hold values of rows",
    ),
    setting(
        "provenance.capture",
        Kind::Flag,
        "false",
        &["DJ_PROVENANCE_CAPTURE"],
        "whether Manual tables get a hidden column for where each row comes from",
    ),
    setting(
        "provenance.source",
        Kind::Object,
        "{}",
        &["DJ_PROVENANCE_SOURCE"],
        "what rows record as their source",
    ),
    setting(
        "stores",
        Kind::Stores,
        "{}",
        &["DJ_STORES"],
        "where objects are kept: a name for each, with its attributes",
    ),
    setting(
        "loglevel",
        Kind::Choice(LEVELS),
        "\"INFO\"",
        &["DJ_LOG_LEVEL"],
        "the least important messages to log",
    ),
    setting(
        "logformat",
        Kind::Choice(&["text", "json"]),
        "\"text\"",
        &["DJ_LOG_FORMAT"],
        "how messages are logged: as lines of text, or a JSON object a line",
    ),
    setting(
        "environment",
        Kind::Text,
        "null",
        &["DJ_ENVIRONMENT"],
        "the environment this client is in; a schema stamped with one is changed by its clients alone",
    ),
    setting(
        "guard.max_rows",
        Kind::Number(0, ANY),
        "null",
        &["DJ_GUARD_MAX_ROWS"],
        "the most rows that one delete or drop may take; any number when absent",
    ),
    setting(
        "guard.max_bytes",
        Kind::Number(0, ANY),
        "null",
        &["DJ_GUARD_MAX_BYTES"],
        "the most bytes of blobs that one delete or drop may take; any number when absent",
    ),
    setting(
        "guard.audit",
        Kind::Flag,
        "false",
        &["DJ_GUARD_AUDIT"],
        "whether it is noted in the table ~audit who deletes, changes or drops what, deploys, or frees jobs",
    ),
    setting("safemode", Kind::Flag, "true", &["DJ_SAFEMODE"], "whether deleting and dropping asks first"),
    setting("query_cache", Kind::Path, "null", &["DJ_QUERY_CACHE"], "a folder for the results of queries"),
    setting("download_path", Kind::Path, "\".\"", &["DJ_DOWNLOAD_PATH"], "where attachments are written"),
    setting(
        "ignore_config_file",
        Kind::Flag,
        "false",
        &["DJ_IGNORE_CONFIG_FILE"],
        "whether files and secrets are left unread",
    ),
];

/// Settings that do nothing yet.
const WITHOUT_EFFECT: &[&str] = &[
    "connection.charset",
    "display.diagram_direction",
    "display.diagram_theme",
    "jobs.allow_new_pk_fields_in_computed_tables",
    "query_cache",
    "download_path",
];

/// Variables that DataJoint for Python knows, and that mean nothing here.
pub(crate) const VARIABLES_OF_PYTHON: &[&str] = &["DJ_LOG_STREAM", "DJ_THREAD_SAFE"];

/// Older names, and the settings they mean.
pub(crate) const OLDER: &[(&str, &str)] = &[("database.schema_prefix", "database.database_prefix")];

/// Older variables, and the settings they mean.
pub(crate) const OLDER_VARIABLES: &[(&str, &str)] = &[("DJ_SCHEMA_PREFIX", "database.database_prefix")];

/// Variables that hold a whole group as JSON.
pub(crate) const GROUPS: &[(&str, &str)] = &[
    ("DJ_DATABASE", "database"),
    ("DJ_CONNECTION", "connection"),
    ("DJ_DISPLAY", "display"),
    ("DJ_JOBS", "jobs"),
    ("DJ_PROVENANCE", "provenance"),
    ("DJ_ALERTS", "alerts"),
];

/// Returns the name of every variable that has an effect or is accepted, but for those of single stores
/// (`DJ_STORES__NAME__ATTRIBUTE`) and those of files (`_FILE` after the name of another one).
pub fn variables() -> impl Iterator<Item = &'static str> {
    let of_settings = SETTINGS.iter().flat_map(|setting| setting.variables.iter().copied());
    let older = OLDER_VARIABLES.iter().map(|(variable, _)| *variable);
    of_settings.chain(older).chain(GROUPS.iter().map(|(variable, _)| *variable))
}

/// The attributes of a store, and which of them are secret.
pub(crate) const STORE_ATTRIBUTES: &[(&str, bool)] = &[
    ("protocol", false),
    ("location", false),
    ("subfolding", false),
    ("partition_pattern", false),
    ("token_length", false),
    ("hash_prefix", false),
    ("schema_prefix", false),
    ("filepath_prefix", false),
    ("stage", false),
    ("endpoint", false),
    ("bucket", false),
    ("container", false),
    ("secure", false),
    ("proxy_server", false),
    ("project", false),
    ("account_name", false),
    ("access_key", true),
    ("secret_key", true),
    ("token", true),
    ("account_key", true),
    ("connection_string", true),
];

/// True for an attribute of a store that is none of the known ones, as plugins have.
pub(crate) fn is_unlisted(key: &str) -> bool {
    let Some((_, attribute)) = key.strip_prefix("stores.").and_then(|place| place.rsplit_once('.')) else {
        return false;
    };
    !STORE_ATTRIBUTES.iter().any(|(name, _)| *name == attribute)
}

/// True for a key whose value must never be shown.
pub fn is_secret(key: &str) -> bool {
    let attribute = key.rsplit('.').next().unwrap_or(key);
    match Setting::of(key).map(|setting| setting.kind) {
        Some(Kind::Secret) => true,
        Some(Kind::Stores) => STORE_ATTRIBUTES.iter().any(|(name, secret)| *secret && *name == attribute),
        _ => false,
    }
}
