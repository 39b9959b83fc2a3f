use std::any::TypeId;

use datajoint_definition::Backend;
use datajoint_schema::TableName;
use sqlparser::dialect::SQLiteDialect;

use super::Sqlite;
use crate::dialect::Quote;
use crate::lexicon::Lexicon;
use crate::literal::hexadecimal;
use crate::literal::literal;

static LEXICON: Lexicon = Lexicon {
    reserved: include_str!("reserved.txt"),
    kind: TypeId::of::<SQLiteDialect>,
    quotes: "\"`[",
    has_dollar_names: false,
    has_numeric_names: false,
    has_backslash_escapes: false,
    has_hash_comments: false,
    needs_blank_in_comments: false,
    has_nested_comments: false,
    has_escape_strings: false,
    has_dollar_quotes: false,
    signs: "",
    of_each_row: &["_rowid_", "oid", "rowid"],
    // Without quotes they would be the column, as in `IS NOT TRUE`.
    no_columns: &["false", "true"],
};

impl Quote for Sqlite {
    fn backend(&self) -> Backend {
        Backend::Sqlite
    }

    fn lexicon(&self) -> &'static Lexicon {
        &LEXICON
    }

    fn identifier(&self, name: &str) -> String {
        quote(name)
    }

    fn table(&self, name: &TableName) -> String {
        reference(name)
    }

    fn has_schemas(&self) -> bool {
        false
    }

    fn string(&self, text: &str) -> String {
        literal(text)
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        format!("X'{}'", hexadecimal(bytes))
    }
}

/// A name between backticks: between double quotes SQLite would take one that it does not find for a string.
pub(super) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `schema.table`, quoted.
pub(super) fn reference(name: &TableName) -> String {
    quote(&name.to_string())
}

/// Quoted names with commas between them.
pub(super) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}
