use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_sql::Session;

/// Which database, and how to reach it.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The kind of database. MySQL and MariaDB stand for each other: the server tells.
    pub backend: Backend,
    /// The server.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Further servers of the same database, with their ports: of all of them the one that takes what is written is
    /// used, or for a client that reads only the first that answers.
    pub others: Vec<(String, u16)>,
    /// The user.
    pub user: String,
    /// The password; empty for none.
    pub password: String,
    /// The database that holds the schemas; PostgreSQL only.
    pub database: Option<String>,
    /// The file of an embedded database; `:memory:` for a temporary one.
    pub path: PathBuf,
    /// Whether the connection is encrypted.
    pub tls: Tls,
    /// A PEM file of the authority that signed the server's certificate; the public ones when absent.
    pub certificate_authority: Option<PathBuf>,
    /// The most connections in the pool.
    pub max_connections: u32,
    /// How long to wait for a connection.
    pub acquire_timeout: Duration,
    /// What each connection is set to.
    pub session: Session,
}

/// Whether a connection is encrypted. There is no falling back to clear text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Encrypted, and the server's certificate checked with its host name.
    Verified,
    /// In clear text.
    Off,
    /// In clear text on the loopback address, else [`Tls::Verified`].
    #[default]
    ByHost,
}

impl ConnectOptions {
    /// True when the connection is to be encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        match self.tls {
            Tls::Verified => true,
            Tls::Off => false,
            Tls::ByHost => {
                let is_loopback =
                    self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
                !(is_loopback || self.host == "localhost")
            }
        }
    }

    /// The port; the usual one when none is given.
    pub(crate) const fn port(&self) -> u16 {
        match self.port {
            0 => self.backend.capability().usual_port,
            port => port,
        }
    }

    /// The same with each of the servers as the only one.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn each(&self) -> Vec<Self> {
        let first = (self.host.clone(), self.port);
        let servers = std::iter::once(&first).chain(&self.others);
        servers
            .map(|(host, port)| Self { host: host.clone(), port: *port, others: Vec::new(), ..self.clone() })
            .collect()
    }

    /// The place for messages.
    pub(crate) fn address(&self) -> String {
        if self.backend.capability().is_embedded {
            self.path.display().to_string()
        } else if self.host.contains(':') {
            // An address of IPv6, of which only brackets tell where it ends.
            format!("[{}]:{}", self.host, self.port())
        } else {
            format!("{}:{}", self.host, self.port())
        }
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            backend: Backend::Sqlite,
            host: "localhost".to_owned(),
            port: 0,
            others: Vec::new(),
            user: String::new(),
            password: String::new(),
            database: None,
            path: PathBuf::from(":memory:"),
            tls: Tls::default(),
            certificate_authority: None,
            max_connections: 10,
            acquire_timeout: Duration::from_secs(30),
            session: Session::default(),
        }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConnectOptions")
            .field("backend", &self.backend)
            .field("address", &self.address())
            .field("user", &self.user)
            .field("database", &self.database)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
