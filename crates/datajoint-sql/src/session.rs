use datajoint_definition::Backend;

use crate::Statement;
use crate::dialect::dialect;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// To read alone.
    Read,
    /// To write, and perhaps to read before.
    Write,
}

/// What each new connection runs before anything else.
///
/// On MySQL and MariaDB the strict mode of DataJoint for Python; on SQLite foreign keys, waiting for locks and
/// the tables in which this library keeps comments and schema names.
pub fn session_setup(backend: Backend) -> Vec<Statement> {
    dialect(backend).session_setup()
}

/// How a transaction begins that sees one state of the database from its first to its last statement.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::{Access, begin};
///
/// assert_eq!(begin(Backend::Sqlite, Access::Write), "BEGIN IMMEDIATE");
/// ```
pub fn begin(backend: Backend, access: Access) -> &'static str {
    dialect(backend).begin(access)
}
