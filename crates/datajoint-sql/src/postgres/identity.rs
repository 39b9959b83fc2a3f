use datajoint_schema::TableName;

use super::quote::{quote, reference};
use crate::Statement;

/// What of the old row PostgreSQL writes into its log with each update and delete, for those who replicate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplicaIdentity<'a> {
    /// The primary key.
    Default,
    /// The whole row.
    Full,
    /// Nothing: updates and deletes can't be replicated.
    Nothing,
    /// The columns of the unique index of this name.
    Index(&'a str),
}

impl ReplicaIdentity<'_> {
    /// The mode of a word, in whatever case; `None` for another word.
    ///
    /// ```
    /// use datajoint_sql::ReplicaIdentity;
    ///
    /// assert_eq!(ReplicaIdentity::parse("FULL"), Some(ReplicaIdentity::Full));
    /// assert_eq!(ReplicaIdentity::parse("half"), None);
    /// ```
    pub fn parse(word: &str) -> Option<ReplicaIdentity<'static>> {
        Some(match word.to_ascii_lowercase().as_str() {
            "default" => ReplicaIdentity::Default,
            "full" => ReplicaIdentity::Full,
            "nothing" => ReplicaIdentity::Nothing,
            _ => return None,
        })
    }
}

/// What sets the replica identity of a table on PostgreSQL.
///
/// ```
/// use datajoint_schema::TableName;
/// use datajoint_sql::{ReplicaIdentity, replica_identity};
///
/// let statement = replica_identity(&TableName::new("lab", "#method"), ReplicaIdentity::Full);
/// assert_eq!(statement.sql, "ALTER TABLE \"lab\".\"#method\" REPLICA IDENTITY FULL");
/// ```
pub fn replica_identity(table: &TableName, mode: ReplicaIdentity<'_>) -> Statement {
    let mode = match mode {
        ReplicaIdentity::Default => "DEFAULT".to_owned(),
        ReplicaIdentity::Full => "FULL".to_owned(),
        ReplicaIdentity::Nothing => "NOTHING".to_owned(),
        ReplicaIdentity::Index(name) => {
            format!("USING INDEX {}", quote(name))
        }
    };
    let table = reference(table);
    Statement::plain(format!("ALTER TABLE {table} REPLICA IDENTITY {mode}"))
}
