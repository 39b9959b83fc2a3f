//! MySQL and MariaDB.

use datajoint_definition::Backend;

mod catalog;
mod check;
mod comment;
mod ddl;
mod function;
mod grant;
mod index;
mod insert;
mod jobs;
mod json;
mod keys;
mod listed;
mod quote;
mod select;
mod session;
mod stamp;
mod types;

pub use grant::{Grant, GrantPlace, read_grant};
pub(crate) use session::CIPHER;

/// MySQL, or MariaDB where it differs.
#[derive(Debug)]
pub(crate) struct Mysql {
    backend: Backend,
}

pub(crate) static MYSQL: Mysql = Mysql { backend: Backend::Mysql };
pub(crate) static MARIADB: Mysql = Mysql { backend: Backend::Mariadb };

impl crate::dialect::Dialect for Mysql {}
