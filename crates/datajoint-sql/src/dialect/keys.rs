use datajoint_schema::{Attribute, TableName};

use crate::Value;
use crate::fragment::Fragment;

/// A column that is compared with a list of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyColumn<'a> {
    pub(crate) attribute: &'a Attribute,
    pub(crate) table: Option<&'a TableName>,
    /// One of the values that it is compared with.
    pub(crate) value: &'a Value,
}

/// Lists of keys.
pub(crate) trait Keys {
    /// What stands between a row of columns and the rows it is one of, up to the first of these.
    fn before_rows(&self) -> &'static str {
        " IN ("
    }
    /// True for a value that the server would not find in a list of rows of several columns.
    fn is_lost_in_rows(&self, value: &Value) -> bool {
        let _ = value;
        false
    }
    /// True where a list of rows is searched only for columns that are never null, and else gone through for each row.
    fn searches_lists_without_nulls(&self) -> bool {
        false
    }
    /// True where `NOT` goes through a list of rows for each row that is in none, and `IS NOT TRUE` does not.
    fn reads_lists_for_not(&self) -> bool {
        false
    }
    /// With more values than this, a list of keys is bound as one document.
    fn longest_key_list(&self, columns: &[KeyColumn<'_>]) -> usize {
        let _ = columns;
        1000
    }
    /// The rows of a JSON document, an array of arrays, as a subquery.
    fn keys_of_document(&self, columns: &[KeyColumn<'_>], document: Value) -> Fragment;
}
