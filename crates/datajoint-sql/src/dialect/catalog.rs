use std::borrow::Cow;

use datajoint_definition::DefaultValue;

use crate::catalog::ReferredChange;
use crate::catalog::default::SaidDefault;
use crate::catalog::marker::Found;
use crate::catalog::scope::Scope;
use crate::fragment::Fragment;

/// What the server says of its tables.
pub(crate) trait Catalog {
    /// The query for the columns of tables.
    fn columns_query(&self, scope: Scope<'_>) -> Fragment;
    /// The query for the keys and indexes of tables.
    fn keys_query(&self, scope: Scope<'_>) -> Fragment;
    /// The query for other schemas with references to those in the list.
    fn referencing_query(&self, list: &Fragment) -> Fragment;
    /// The query for the columns of foreign keys of any table to some, by which the server itself changes rows: the schema of
    /// the child (null for a table of none), the child, the name of the key (or null), the position from 1, the column, the schema of the
    /// parent, the parent, its column, and `CASCADE`, `SET NULL` or `SET DEFAULT`.
    fn carrying_query(&self, change: ReferredChange, parents: Scope<'_>) -> Fragment;
    /// The query for the tables of a schema.
    fn tables_query(&self, schema: &str) -> Fragment;
    /// What follows a value in the list of a query, so that it is known to be a string.
    fn as_string(&self) -> &'static str {
        ""
    }
    /// The type of a column without a marker.
    fn found_type(&self, kind: &str, members: Option<&str>, inherited: bool) -> Found;
    /// The type of a column of this type whose numbers the server counts up, where types say so.
    fn counting(&self, type_text: &str) -> Option<String> {
        let _ = type_text;
        None
    }
    /// The default as the definition had it; `None` for what no definition has.
    fn found_default(&self, said: SaidDefault<'_>) -> Option<DefaultValue>;
    /// The expression of an index, in the letters that it was declared with.
    fn found_expression<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
    /// The words of an expression, each as in all expressions that mean the same to the server.
    fn kept_words(&self, words: Vec<String>) -> Vec<String> {
        words
    }
    /// The function that stands in an index for the beginning of a string, and what stands in its call between the name and
    /// the length; `None` where the server says it as definitions do.
    fn beginning(&self) -> Option<(&'static str, &'static str)> {
        None
    }
    /// True for a marker that columns have which a foreign key brought in.
    fn marks_inherited(&self, marked: &Found) -> bool {
        let _ = marked;
        false
    }
    /// True when the comment of a column that a foreign key brought in tells its type.
    fn tells_inherited_type(&self, comment: &str) -> bool {
        let _ = comment;
        false
    }
}
