//! The check of a deployment.

use std::fmt;

use datajoint_config::{LogLevel, Settings};
use datajoint_definition::Backend;
use serde::Serialize;

use crate::{FindingCode, Stamp};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It should be looked at.
    Warning,
    /// It must not go into production.
    Error,
}

/// The environment in which everything counts that the check finds.
pub const PRODUCTION: &str = "production";

/// Something that is not as it should be in production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is, in a word that stays the same.
    pub code: FindingCode,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Finding {
    /// A finding that must not go into production.
    pub fn error(code: FindingCode, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, level: Level::Error, message: message.into(), help: help.into() }
    }

    /// A finding that must not go into production: an error there and where the settings name no environment, and no more
    /// than a warning in another one.
    pub fn in_production(
        settings: &Settings,
        code: FindingCode,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        match settings.environment() {
            None | Some(PRODUCTION) => Self::error(code, message, help),
            Some(_) => Self::warning(code, message, help),
        }
    }

    /// A finding that should be looked at.
    pub fn warning(code: FindingCode, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, level: Level::Warning, message: message.into(), help: help.into() }
    }

    /// A finding that something was not looked at, since the user may not read it.
    pub fn not_read(code: FindingCode, what: &str, error: &dyn std::error::Error) -> Self {
        Self::warning(code, format!("{what} can't be read: {error}"), "ask as a role that may read it")
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
    /// What the schemas with the prefix are stamped with.
    pub stamps: Vec<(String, Option<Stamp>)>,
    /// Why those of their stamps can't be read that can't.
    pub unreadable_stamps: Vec<String>,
}

/// What of the settings should not be so in production.
///
/// ```
/// use datajoint_config::Settings;
/// use datajoint_guard::{FindingCode, verify_settings};
///
/// let codes: Vec<FindingCode> = verify_settings(&Settings::default())?.iter().map(|finding| finding.code).collect();
/// assert!(codes.contains(&FindingCode::CreateTablesOn));
/// # Ok::<(), datajoint_config::Error>(())
/// ```
pub fn verify_settings(settings: &Settings) -> datajoint_config::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let origin = |key: &str| settings.origin(key);
    let database = &settings.database;
    if database.create_tables {
        findings.push(Finding::in_production(
            settings,
            FindingCode::CreateTablesOn,
            format!(
                "tables that are missing would be declared (`create_tables` is on, from {})",
                origin("database.create_tables")
            ),
            "set DJ_CREATE_TABLES=false",
        ));
    }
    if database.database_prefix.is_empty() {
        findings.push(Finding::warning(
            FindingCode::NoPrefix,
            "schemas have no prefix, so that nothing tells them from those of others",
            "set DJ_DATABASE_PREFIX",
        ));
    }
    let host = database.host.as_deref().unwrap_or("localhost");
    let servers = database.servers();
    let local: Vec<_> = servers.iter().filter(|server| server.is_loopback()).collect();
    let backend = match settings.backend() {
        Ok(backend) => Some(backend),
        Err(error @ datajoint_config::Error::PasswordAlone { .. }) => {
            findings.push(Finding::error(
                FindingCode::PasswordAlone,
                error.to_string(),
                "say which server it is for",
            ));
            None
        }
        Err(error) => return Err(error),
    };
    let is_on_server = backend.is_some_and(|backend| !backend.capability().is_embedded);
    if !is_on_server {
        findings.push(Finding::in_production(
            settings,
            FindingCode::EmbeddedDatabase,
            format!("the database is the file {}", database.path.display()),
            "set DJ_BACKEND, DJ_HOST and DJ_USER to those of the server",
        ));
    } else if !local.is_empty() && local.iter().all(|server| server.address().is_some()) {
        // Nobody has it by accident: the server is on the same machine, or a proxy is that leads to it.
        findings.push(Finding::warning(
            FindingCode::LocalHost,
            format!("the server is this machine ({host}, from {})", origin("database.host")),
            "right where the server, or a proxy that leads to it, is on this machine",
        ));
    } else if !local.is_empty() {
        findings.push(Finding::in_production(
            settings,
            FindingCode::LocalHost,
            format!("the server is {host} (from {})", origin("database.host")),
            "set DJ_HOST to the server of production; say 127.0.0.1 where it is this machine",
        ));
    }
    if is_on_server && database.use_tls == Some(false) && local.len() < servers.len() {
        findings.push(Finding::in_production(
            settings,
            FindingCode::TlsOff,
            format!(
                "connections to {host} are in clear text (`use_tls` is off, from {})",
                origin("database.use_tls")
            ),
            "leave DJ_USE_TLS away, or set it to true",
        ));
    }
    if !settings.safemode {
        findings.push(Finding::warning(
            FindingCode::SafemodeOff,
            format!("deleting and dropping asks nobody (`safemode` is off, from {})", origin("safemode")),
            "leave it on, and confirm in code what automation deletes",
        ));
    }
    if settings.loglevel == LogLevel::Debug {
        findings.push(Finding::warning(
            FindingCode::DebugLog,
            "the log has everything that helps to find a fault",
            "set DJ_LOG_LEVEL=INFO",
        ));
    }
    if settings.environment().is_none() {
        findings.push(Finding::warning(
            FindingCode::NoEnvironment,
            "the settings don't say which environment this is",
            "set DJ_ENVIRONMENT, and stamp the schemas with it",
        ));
    }
    for path in settings.exposed_secrets() {
        findings.push(Finding::error(
            FindingCode::ReadableSecret,
            format!("{} can be read by others than its owner", path.display()),
            "`chmod 600` it",
        ));
    }
    for warning in settings.warnings() {
        findings.push(Finding::warning(FindingCode::Settings, warning, "put it right where it says"));
    }
    Ok(findings)
}

/// What of the server should not be so in production.
pub fn verify_server(settings: &Settings, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((name, least)) = facts.backend.and_then(least_version)
        && version_numbers(&facts.version) < least
    {
        findings.push(Finding::error(
            FindingCode::OldServer,
            format!("the server is {name} {}", facts.version),
            format!("{name} {}.{} is the oldest that is supported", least.0, least.1),
        ));
    }
    if !facts.is_encrypted
        && !facts.backend.is_some_and(|backend| backend.capability().is_embedded)
        && settings.database.servers().iter().any(|server| !server.is_loopback())
    {
        findings.push(Finding::in_production(
            settings,
            FindingCode::ClearText,
            "the connection is in clear text",
            "set DJ_USE_TLS=true",
        ));
    }
    if facts.user.ends_with("@%") {
        findings.push(Finding::warning(
            FindingCode::UserFromAnywhere,
            format!("{} may connect from any machine", facts.user),
            "create the user for the machines that need it",
        ));
    }
    if facts.clock_skew.abs() > 5.0 {
        findings.push(Finding::warning(
            FindingCode::ClockSkew,
            format!("the clock of the server is {:.0} s ahead of this machine's", facts.clock_skew),
            "let both follow the same time server; jobs are scheduled by the server's clock",
        ));
    }
    for message in &facts.unreadable_stamps {
        findings.push(Finding::error(FindingCode::UnreadableStamp, message, "stamp it anew"));
    }
    for (schema, stamp) in &facts.stamps {
        match (stamp.as_ref().and_then(|stamp| stamp.environment.as_ref()), &settings.environment) {
            (Some(stamped), environment) if environment.as_ref() != Some(stamped) => {
                findings.push(Finding::error(
                    FindingCode::OtherEnvironment,
                    format!("the schema `{schema}` is stamped `{stamped}`"),
                    "set DJ_ENVIRONMENT to it, if this is the right server",
                ));
            }
            (None, Some(environment)) => findings.push(Finding::warning(
                FindingCode::NotStamped,
                format!("the schema `{schema}` is not stamped: clients of any environment may drop it"),
                format!("`guard stamp --schema {schema} --environment {environment}`"),
            )),
            _ => {}
        }
    }
    findings
}

/// The oldest version of a server that is supported.
const fn least_version(backend: Backend) -> Option<(&'static str, (u32, u32))> {
    let capability = backend.capability();
    match capability.least_version {
        Some(least) => Some((capability.title, least)),
        None => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_of_a_list_is_judged() {
        for (host, is_clear, expected) in [
            ("127.0.0.1", true, &[("local-host", Level::Warning)][..]),
            ("127.0.0.1:5433, [::1]", true, &[("local-host", Level::Warning)]),
            ("127.0.0.1:5433,127.0.0.1:5434", true, &[("local-host", Level::Warning)]),
            ("localhost,localhost:5433", true, &[("local-host", Level::Error)]),
            ("db.lab,localhost:5433", false, &[("local-host", Level::Error)]),
            ("a.lab,b.lab:5433", true, &[("clear-text", Level::Error)]),
            ("a.lab,127.0.0.1", true, &[("local-host", Level::Warning), ("clear-text", Level::Error)]),
            ("a.lab,b.lab", false, &[]),
        ] {
            let mut settings = Settings::default();
            settings.environment = Some(PRODUCTION.parse().unwrap());
            settings.database.backend = Some("postgresql".to_owned());
            settings.database.host = Some(host.to_owned());
            let facts = Facts { is_encrypted: !is_clear, ..Facts::default() };
            let mut findings = verify_settings(&settings).unwrap();
            findings.extend(verify_server(&settings, &facts));
            let found = |code: FindingCode| matches!(code, FindingCode::LocalHost | FindingCode::ClearText);
            let found: Vec<_> = findings.iter().filter(|finding| found(finding.code)).collect();
            let found: Vec<_> =
                found.iter().map(|finding| (finding.code.to_string(), finding.level)).collect();
            let expected: Vec<_> =
                expected.iter().map(|(code, level)| ((*code).to_owned(), *level)).collect();
            assert_eq!(found, expected, "{host}");
        }
    }
}
