use std::any::TypeId;

use datajoint_definition::Backend;
use datajoint_schema::TableName;
use sqlparser::dialect::MySqlDialect;

use super::Mysql;
use crate::dialect::Quote;
use crate::lexicon::Lexicon;
use crate::literal::hexadecimal;

static LEXICON: Lexicon = Lexicon {
    reserved: include_str!("reserved.txt"),
    kind: TypeId::of::<MySqlDialect>,
    quotes: "`",
    has_dollar_names: true,
    has_numeric_names: true,
    has_backslash_escapes: true,
    has_hash_comments: true,
    needs_blank_in_comments: true,
    has_nested_comments: false,
    has_escape_strings: false,
    has_dollar_quotes: false,
    signs: "",
    of_each_row: &["_rowid"],
    no_columns: &[],
};

impl Quote for Mysql {
    fn backend(&self) -> Backend {
        self.backend
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
        // Without the word MySQL makes a number of them beside one.
        format!("_binary X'{}'", hexadecimal(bytes))
    }
}

/// A name between backticks.
pub(super) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `schema`.`table`, quoted.
pub(super) fn reference(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

/// Names between backticks with `separator` between them.
pub(super) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(separator)
}

/// A string between single quotes, where a backslash escapes what follows.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
