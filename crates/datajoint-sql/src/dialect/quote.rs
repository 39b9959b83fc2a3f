use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::lexicon::Lexicon;

/// Names and strings, as they are written and read.
pub(crate) trait Quote {
    /// The backend that it is of.
    fn backend(&self) -> Backend;
    /// The rules by which the server cuts SQL into pieces.
    fn lexicon(&self) -> &'static Lexicon;
    /// A quoted name.
    fn identifier(&self, name: &str) -> String;
    /// A quoted full table name.
    fn table(&self, name: &TableName) -> String;
    /// True where a table stands in its schema, and not the name of that in its own.
    fn has_schemas(&self) -> bool {
        true
    }
    /// A string between single quotes.
    fn string(&self, text: &str) -> String;
    /// Bytes, written out in an expression.
    fn bytes(&self, bytes: &[u8]) -> String;
}
