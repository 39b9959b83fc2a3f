//! Database servers for the tests: those that run already, else throw-away ones.

mod greeting;
mod install;
mod slurm;
mod team;
mod throwaway;

use std::fmt;
use std::path::Path;

pub(crate) use greeting::Kind;
use greeting::greet;
pub(crate) use team::{Fault, Team};
use throwaway::Server;
pub(crate) use throwaway::program;

/// The variable that names the file to which the tests' PostgreSQL writes what it does.
const LOG: &str = "DATAJOINT_ROADS_LOG";

/// The servers the tests are to use. Throw-away ones end when it is dropped.
pub(crate) struct Servers {
    /// In the order of the variables.
    pub(crate) found: Vec<Found>,
    started: Vec<Server>,
}

/// One server, ready for use.
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    pub(crate) version: String,
    origin: Origin,
}

enum Origin {
    Variable(&'static str),
    LocalPort,
    Started,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.version)?;
        match self.origin {
            Origin::Variable(name) => write!(formatter, " (named by {name})"),
            Origin::LocalPort => write!(formatter, " (on its usual port)"),
            Origin::Started => write!(formatter, " (started for this run)"),
        }
    }
}

/// A family of servers that can stand for each other in the tests.
struct Family {
    name: &'static str,
    variables: &'static [&'static str],
    local: &'static str,
    kinds: &'static [Kind],
}

const FAMILIES: [Family; 2] = [
    Family {
        name: "MySQL or MariaDB",
        variables: &["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL"],
        local: "mysql://root@127.0.0.1:3306",
        kinds: &[Kind::Mariadb, Kind::Mysql],
    },
    Family {
        name: "PostgreSQL",
        variables: &["DJ_TEST_POSTGRES_URL"],
        local: "postgres://postgres@127.0.0.1:5432/postgres",
        kinds: &[Kind::Postgresql],
    },
];

impl Servers {
    /// Finds or starts one server of each family, and every further one that a variable names.
    pub(crate) fn find() -> Result<Self, String> {
        Self::of(|_| true)
    }

    /// The same, where the tests have to read what each was asked to do: of PostgreSQL only one whose log is named, or one that
    /// is started here.
    pub(crate) fn find_witnessed() -> Result<Self, String> {
        let is_read =
            |family: &Family| !family.kinds.contains(&Kind::Postgresql) || environment(LOG).is_some();
        for family in FAMILIES.iter().filter(|family| !is_read(family)) {
            if let Some(variable) = family.variables.iter().find(|name| environment(name).is_some()) {
                return Err(format!(
                    "{variable} names a server whose log nobody knows, and the long form reads it\n  \
                     name the file with {LOG}, or unset {variable}: then a server is started for the run"
                ));
            }
        }
        Self::of(is_read)
    }

    /// A server of each family: those that variables name, else one that runs already where that will do, else a new one.
    fn of(may_run_already: impl Fn(&Family) -> bool) -> Result<Self, String> {
        let mut servers = Self { found: Vec::new(), started: Vec::new() };
        for family in &FAMILIES {
            let is_found =
                servers.use_named(family)? || (may_run_already(family) && servers.use_local(family));
            if !is_found {
                servers.start(family)?;
            }
        }
        Ok(servers)
    }

    /// The variables that tell the tests where the servers are.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.found.iter().map(|found| (found.kind.variable(), found.url.as_str()))
    }

    /// The log of a PostgreSQL that was started here.
    pub(crate) fn log(&self) -> Option<(&'static str, &Path)> {
        let is_logged =
            |found: &&Found| found.kind == Kind::Postgresql && matches!(found.origin, Origin::Started);
        let url = &self.found.iter().find(is_logged)?.url;
        let server = self.started.iter().find(|server| server.url == *url)?;
        Some((LOG, server.log.as_path()))
    }

    fn use_named(&mut self, family: &Family) -> Result<bool, String> {
        let mut any = false;
        for &variable in family.variables {
            let Some(url) = environment(variable) else { continue };
            let greeting = greet(&url)
                .map_err(|error| format!("{variable} names {}: {error}", without_password(&url)))?;
            if !family.kinds.contains(&greeting.kind) {
                let (kind, name) = (greeting.kind, family.name);
                return Err(format!("{variable} names a server that is {kind}, and is for {name}"));
            }
            self.refuse_double(variable, greeting.kind)?;
            self.found.push(Found {
                kind: greeting.kind,
                url,
                version: greeting.version,
                origin: Origin::Variable(variable),
            });
            any = true;
        }
        Ok(any)
    }

    /// The tests know one server of each kind: of two that variables name only the later would be tested.
    fn refuse_double(&self, variable: &str, kind: Kind) -> Result<(), String> {
        for found in self.found.iter().filter(|found| found.kind == kind) {
            if let Origin::Variable(first) = found.origin {
                return Err(format!(
                    "{first} and {variable} both name a server that is {kind}, and the tests use one of each kind\n  \
                     unset one of them, or let it name another server"
                ));
            }
        }
        Ok(())
    }

    fn use_local(&mut self, family: &Family) -> bool {
        let Ok(greeting) = greet(family.local) else { return false };
        self.found.push(Found {
            kind: greeting.kind,
            url: family.local.to_owned(),
            version: greeting.version,
            origin: Origin::LocalPort,
        });
        true
    }

    fn start(&mut self, family: &Family) -> Result<(), String> {
        if !family.kinds.iter().any(|&kind| throwaway::is_installed(kind)) {
            install::install(family.kinds[0]).map_err(|error| {
                format!(
                    "no {} server: {error}\n  \
                     name one with {}, install one, or run the embedded tests alone with `cargo xtask test --embedded`",
                    family.name, family.variables[0]
                )
            })?;
        }
        let kind = family.kinds.iter().copied().find(|&kind| throwaway::is_installed(kind));
        let kind = kind.ok_or_else(|| {
            format!("the {} server was installed but its programs are not found", family.name)
        })?;
        let server = Server::start(kind)?;
        let greeting = greet(&server.url)?;
        self.found.push(Found {
            kind: greeting.kind,
            url: server.url.clone(),
            version: greeting.version,
            origin: Origin::Started,
        });
        self.started.push(server);
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.started {
            server.stop();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The address of a URL without its password, for messages.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((login, place)) => format!("{scheme}://{}@{place}", login.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}
