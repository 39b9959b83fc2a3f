use std::fmt;
use std::str::FromStr;

/// A kind of database that holds pipelines.
///
/// MariaDB speaks MySQL's protocol but differs in JSON columns, in `GROUP BY` and in its catalog,
/// so it is a backend of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Backend {
    /// SQLite, embedded in the process.
    Sqlite,
    /// MySQL 8 and later.
    Mysql,
    /// MariaDB 10.6 and later.
    Mariadb,
    /// PostgreSQL 13 and later.
    Postgresql,
}

impl Backend {
    /// Every backend there is.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Mysql, Self::Mariadb, Self::Postgresql];

    /// The name used in settings and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Postgresql => "postgresql",
        }
    }

    /// True for MySQL and MariaDB.
    pub const fn is_mysql_family(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "sqlite" => Ok(Self::Sqlite),
            "mysql" => Ok(Self::Mysql),
            "mariadb" => Ok(Self::Mariadb),
            "postgresql" | "postgres" => Ok(Self::Postgresql),
            _ => Err(UnknownBackend(text.to_owned())),
        }
    }
}

/// A text that names no [`Backend`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBackend(String);

impl fmt::Display for UnknownBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown backend `{}`: write sqlite, mysql, mariadb or postgresql", self.0)
    }
}

impl std::error::Error for UnknownBackend {}
