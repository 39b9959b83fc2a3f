use std::fmt;
use std::net::IpAddr;

use crate::Database;

/// One of the servers that `database.host` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name or address; one of IPv6 without brackets.
    pub host: String,
    /// Its port; the usual one of the backend when absent.
    pub port: Option<u16>,
}

impl Server {
    /// Returns true for this machine, by name or by address.
    ///
    /// ```
    /// use datajoint_config::Settings;
    ///
    /// let mut settings = Settings::default();
    /// settings.database.host = Some("127.0.0.1:5433,db.lab".to_owned());
    /// let is_local: Vec<bool> = settings.database.servers().iter().map(|server| server.is_loopback()).collect();
    /// assert_eq!(is_local, [true, false]);
    /// ```
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.address().is_some_and(|address| address.is_loopback())
    }

    /// Returns its address, where it has one in place of a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            // Only brackets tell where an address of IPv6 ends.
            Some(port) if self.host.contains(':') => write!(formatter, "[{}]:{port}", self.host),
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => formatter.write_str(&self.host),
        }
    }
}

/// The host, and what stands after it for its port: `a:5433`, `[::1]:5433`, `[::1]`, `::1`.
pub(crate) fn host_and_port(text: &str) -> (&str, Option<&str>) {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        match rest.strip_prefix(':') {
            Some(port) => return (address, Some(port)),
            None if rest.is_empty() => return (address, None),
            None => {}
        }
    }
    match text.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, Some(port)),
        _ => (text, None),
    }
}

impl Database {
    /// Returns the servers that `host` names, with commas between them, each with its port if it says one: `a:5433,b`.
    ///
    /// The port of the settings is that of all others, as in DataJoint for Python.
    pub fn servers(&self) -> Vec<Server> {
        let hosts = self.host.as_deref().unwrap_or("localhost");
        let server = |text: &str| match host_and_port(text) {
            (host, None) => Server { host: host.to_owned(), port: self.port },
            (host, Some(port)) => match port.parse() {
                Ok(own) => Server { host: host.to_owned(), port: Some(own) },
                Err(_) => Server { host: text.to_owned(), port: self.port },
            },
        };
        hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).map(server).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_with_commas_each_with_its_port() {
        let named = |hosts: &str, port| -> Vec<String> {
            let database = Database { host: Some(hosts.to_owned()), port, ..Database::default() };
            let servers = database.servers().into_iter();
            servers.map(|server| format!("{} {}", server.host, server.port.unwrap_or_default())).collect()
        };
        assert_eq!(named("db.lab", None), ["db.lab 0"]);
        assert_eq!(named("db.lab:5433", None), ["db.lab 5433"]);
        assert_eq!(named("db.lab:5433", Some(5434)), ["db.lab 5433"]);
        assert_eq!(named("a:5433, b, c", Some(5434)), ["a 5433", "b 5434", "c 5434"]);
        assert_eq!(named("::1", None), ["::1 0"]);
        assert_eq!(named("[::1]", Some(5434)), ["::1 5434"]);
        assert_eq!(
            named("[::1]:5433,[fe80::1], db.lab", Some(5434)),
            ["::1 5433", "fe80::1 5434", "db.lab 5434"]
        );
    }
    #[test]
    fn a_server_is_shown_as_it_can_be_given() {
        for text in ["db.lab", "db.lab:5433", "[::1]:5433"] {
            let database = Database { host: Some(text.to_owned()), ..Database::default() };
            assert_eq!(database.servers()[0].to_string(), text);
        }
    }
}
