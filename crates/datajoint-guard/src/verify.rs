//! The check of a deployment.

use std::fmt;

use datajoint_config::{LogLevel, Settings};
use datajoint_definition::Backend;
use serde::Serialize;

use crate::Stamp;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It should be looked at.
    Warning,
    /// It must not go into production.
    Error,
}

/// Something that is not as it should be in production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is, in a word that stays the same.
    pub code: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Finding {
    /// A finding that must not go into production.
    pub fn error(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, level: Level::Error, message: message.into(), help: help.into() }
    }

    /// A finding that should be looked at.
    pub fn warning(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, level: Level::Warning, message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(formatter, "{level}[{}]: {}\n  {}", self.code, self.message, self.help)
    }
}

/// What a server says of itself and of the user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Its kind.
    pub backend: Option<Backend>,
    /// Its version, as it says it.
    pub version: String,
    /// The user, as the server knows it.
    pub user: String,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// By how many seconds its clock is ahead of this machine's.
    pub clock_skew: f64,
    /// What the user may do that can change or read what is not the pipeline's, such as `superuser`.
    pub powers: Vec<String>,
    /// What the user needs in schemas with the prefix and may not do, such as `INSERT on lab.session`.
    pub lacks: Vec<String>,
    /// Whether the user may create, alter or drop tables.
    pub may_change_tables: bool,
    /// What the schemas with the prefix are stamped with.
    pub stamps: Vec<(String, Option<Stamp>)>,
}

/// What of the settings should not be so in production.
///
/// ```
/// use datajoint_config::Settings;
/// use datajoint_guard::verify_settings;
///
/// let codes: Vec<&str> = verify_settings(&Settings::default())?.iter().map(|finding| finding.code).collect();
/// assert!(codes.contains(&"create-tables-on"));
/// # Ok::<(), datajoint_config::Error>(())
/// ```
pub fn verify_settings(settings: &Settings) -> datajoint_config::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let origin = |key: &str| settings.origin(key);
    let database = &settings.database;
    if database.create_tables {
        findings.push(Finding::error(
            "create-tables-on",
            format!(
                "tables that are missing would be declared (`create_tables` is on, from {})",
                origin("database.create_tables")
            ),
            "set DJ_CREATE_TABLES=false",
        ));
    }
    if database.database_prefix.is_empty() {
        findings.push(Finding::warning(
            "no-prefix",
            "schemas have no prefix, so that nothing tells them from those of others",
            "set DJ_DATABASE_PREFIX",
        ));
    }
    let host = database.host.as_deref().unwrap_or("localhost");
    let is_local = is_loopback(host);
    if settings.backend()? == Backend::Sqlite {
        findings.push(Finding::error(
            "embedded-database",
            format!("the database is the file {}", database.path.display()),
            "set DJ_BACKEND, DJ_HOST and DJ_USER to those of the server",
        ));
    } else if is_local {
        findings.push(Finding::error(
            "local-host",
            format!("the server is {host} (from {})", origin("database.host")),
            "set DJ_HOST to the server of production",
        ));
    } else if database.use_tls == Some(false) {
        findings.push(Finding::error(
            "tls-off",
            format!(
                "connections to {host} are in clear text (`use_tls` is off, from {})",
                origin("database.use_tls")
            ),
            "leave DJ_USE_TLS away, or set it to true",
        ));
    }
    if !settings.safemode {
        findings.push(Finding::warning(
            "safemode-off",
            format!("deleting and dropping asks nobody (`safemode` is off, from {})", origin("safemode")),
            "leave it on, and confirm in code what automation deletes",
        ));
    }
    if settings.loglevel == LogLevel::Debug {
        findings.push(Finding::warning(
            "debug-log",
            "the log has everything that helps to find a fault",
            "set DJ_LOG_LEVEL=INFO",
        ));
    }
    if settings.environment.is_none() {
        findings.push(Finding::warning(
            "no-environment",
            "the settings don't say which environment this is",
            "set DJ_ENVIRONMENT, and stamp the schemas with it",
        ));
    }
    for warning in settings.warnings() {
        findings.push(Finding::error("settings", warning, "put it right where it says"));
    }
    Ok(findings)
}

/// What of the server, and of what the user may do there, should not be so in production.
pub fn verify_server(settings: &Settings, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((name, least)) = facts.backend.and_then(least_version)
        && version_numbers(&facts.version) < least
    {
        findings.push(Finding::error(
            "old-server",
            format!("the server is {name} {}", facts.version),
            format!("{name} {}.{} is the oldest that is supported", least.0, least.1),
        ));
    }
    let host = settings.database.host.as_deref().unwrap_or("localhost");
    if !facts.is_encrypted && facts.backend != Some(Backend::Sqlite) && !is_loopback(host) {
        findings.push(Finding::error("clear-text", "the connection is in clear text", "set DJ_USE_TLS=true"));
    }
    if !facts.powers.is_empty() {
        findings.push(Finding::error(
            "too-many-privileges",
            format!("{} may do more than a pipeline needs: {}", facts.user, some_of(&facts.powers)),
            "use a role with rights on the schemas of the pipeline alone",
        ));
    }
    if !facts.lacks.is_empty() {
        findings.push(Finding::error(
            "missing-privileges",
            format!("{} may not do all that a pipeline needs: {}", facts.user, some_of(&facts.lacks)),
            "grant SELECT, INSERT, UPDATE and DELETE on the schemas with the prefix",
        ));
    }
    if facts.may_change_tables && !settings.database.create_tables {
        findings.push(Finding::warning(
            "may-change-tables",
            format!("{} may create, alter or drop tables, though this program must not", facts.user),
            "grant SELECT, INSERT, UPDATE and DELETE alone, and leave the rest to the role that deploys",
        ));
    }
    if facts.user.ends_with("@%") {
        findings.push(Finding::warning(
            "user-from-anywhere",
            format!("{} may connect from any machine", facts.user),
            "create the user for the machines that need it",
        ));
    }
    if facts.clock_skew.abs() > 5.0 {
        findings.push(Finding::warning(
            "clock-skew",
            format!("the clock of the server is {:.0} s ahead of this machine's", facts.clock_skew),
            "let both follow the same time server; jobs are scheduled by the server's clock",
        ));
    }
    for (schema, stamp) in &facts.stamps {
        match (stamp.as_ref().and_then(|stamp| stamp.environment.as_ref()), &settings.environment) {
            (Some(stamped), environment) if environment.as_ref() != Some(stamped) => {
                findings.push(Finding::error(
                    "other-environment",
                    format!("the schema `{schema}` is stamped `{stamped}`"),
                    "set DJ_ENVIRONMENT to it, if this is the right server",
                ));
            }
            (None, Some(environment)) => findings.push(Finding::warning(
                "not-stamped",
                format!("the schema `{schema}` is not stamped: clients of any environment may drop it"),
                format!("`guard stamp --schema {schema} --environment {environment}`"),
            )),
            _ => {}
        }
    }
    findings
}

/// The first few of many privileges.
fn some_of(powers: &[String]) -> String {
    const FEW: usize = 5;
    match powers.len().saturating_sub(FEW) {
        0 => powers.join(", "),
        more => format!("{}, and {more} more", powers[..FEW].join(", ")),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.parse::<u16>().is_ok() { name } else { host });
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The oldest version of a server that is supported.
const fn least_version(backend: Backend) -> Option<(&'static str, (u32, u32))> {
    match backend {
        Backend::Sqlite => None,
        Backend::Mysql => Some(("MySQL", (8, 0))),
        Backend::Mariadb => Some(("MariaDB", (10, 6))),
        Backend::Postgresql => Some(("PostgreSQL", (13, 0))),
    }
}

/// The first two numbers of the version of a server.
///
/// ```
/// assert_eq!(datajoint_guard::version_numbers("10.11.19-MariaDB-0+deb12u1"), (10, 11));
/// ```
pub fn version_numbers(text: &str) -> (u32, u32) {
    let mut numbers =
        text.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
