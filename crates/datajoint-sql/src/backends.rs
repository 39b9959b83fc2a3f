//! Every backend with its dialect.

use datajoint_definition::Backend;

use crate::dialect::Dialect;
use crate::mysql::{MARIADB, MYSQL};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// The dialect of a backend.
pub(crate) fn dialect(backend: Backend) -> &'static dyn Dialect {
    match backend {
        Backend::Mysql => &MYSQL,
        Backend::Mariadb => &MARIADB,
        Backend::Postgresql => &Postgres,
        Backend::Sqlite => &Sqlite,
    }
}
