use std::any::TypeId;

use datajoint_definition::Backend;
use datajoint_schema::TableName;
use sqlparser::dialect::PostgreSqlDialect;

use super::Postgres;
use crate::dialect::Quote;
use crate::lexicon::Lexicon;
use crate::literal::hexadecimal;
use crate::literal::literal;

static OF_EACH_ROW: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

static LEXICON: Lexicon = Lexicon {
    reserved: include_str!("reserved.txt"),
    kind: TypeId::of::<PostgreSqlDialect>,
    quotes: "\"",
    has_dollar_names: false,
    has_numeric_names: false,
    has_backslash_escapes: false,
    has_hash_comments: false,
    needs_blank_in_comments: false,
    has_nested_comments: true,
    has_escape_strings: true,
    has_dollar_quotes: true,
    signs: "?:@#",
    of_each_row: &OF_EACH_ROW,
    no_columns: &OF_EACH_ROW,
};

impl Quote for Postgres {
    fn backend(&self) -> Backend {
        Backend::Postgresql
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

    fn string(&self, text: &str) -> String {
        literal(text)
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        format!("'\\x{}'::bytea", hexadecimal(bytes))
    }
}

/// A name between double quotes.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// "schema"."table", quoted.
pub(super) fn reference(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

/// Quoted names with commas between them.
pub(super) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}
