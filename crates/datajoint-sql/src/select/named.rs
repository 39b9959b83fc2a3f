//! Which attributes the pieces of an expression name.

use datajoint_definition::Backend;
use sqlparser::keywords::ALL_KEYWORDS;

use super::Query;
use super::brackets::{Standing, standings};
use super::position::begins_operand;
use super::query::{Column, Relation, Source};
use super::reference::{Reference, in_subquery, reference};
use super::unknown::unknown_in;
use crate::backends::dialect;
use crate::token::{Token, solid_before, solid_from};
use crate::{Error, Result};

/// True where a piece is this name on the backend: a name without quotes in any case, one in quotes letter for letter
/// where the server does so.
pub(super) fn is_name(backend: Backend, token: &Token, name: &str) -> bool {
    match token {
        Token::Name(written, _) if backend.capability().has_case_sensitive_names => written == name,
        token => token.name().is_some_and(|written| written.eq_ignore_ascii_case(name)),
    }
}

impl Query {
    /// The column that a reference means; none for what is no column of the query under its own name.
    pub(super) fn referred(&self, backend: Backend, reference: &Reference<'_>) -> Option<&Column> {
        let named = |column: &&Column| is_name(backend, reference.name, &column.attribute.name);
        let column = self.columns.iter().filter(|column| column.is_plain()).find(named)?;
        let is_meant =
            reference.qualifiers.is_empty() || self.source_of(backend, reference, column).is_some();
        is_meant.then_some(column)
    }

    fn source_of(&self, backend: Backend, reference: &Reference<'_>, column: &Column) -> Option<&Source> {
        let of_name = |source: &&Source| {
            source.has(&column.attribute.name) && is_source(backend, source, &reference.qualifiers)
        };
        self.sources.iter().find(of_name)
    }

    /// The pieces with what stands before the names of columns as the statement calls the tables: `mouse.sex` is the same
    /// on every backend, also where the table has another name there.
    pub(super) fn with_sources(&self, backend: Backend, tokens: Vec<Token>) -> Vec<Token> {
        if !tokens.iter().any(|token| token.is(".")) {
            return tokens;
        }
        let within = in_subquery(&tokens);
        let mut written: Vec<Token> = Vec::with_capacity(tokens.len());
        let mut place = 0;
        while place < tokens.len() {
            let found =
                reference(&tokens, place).filter(|found| !found.qualifiers.is_empty() && !within[place]);
            let column = found.as_ref().and_then(|found| self.referred(backend, found));
            if let (Some(found), Some(column)) = (&found, column)
                && let Some(source) = self.source_of(backend, found, column)
            {
                let name = &column.attribute.name;
                let quoted = crate::quote_identifier(backend, name);
                written.push(Token::Name(name.clone(), format!("{}.{quoted}", source.qualifier(backend))));
                place = found.at.end;
                continue;
            }
            written.push(tokens[place].clone());
            place += 1;
        }
        written
    }

    /// The pieces with attributes between quotes whose names are words of the server's: `dec`, `rank`, `user`.
    pub(super) fn with_quotes(&self, backend: Backend, mut tokens: Vec<Token>) -> Vec<Token> {
        let reserved = dialect(backend).lexicon().reserved;
        let named = |word: &str| {
            let is_it =
                |column: &&Column| column.is_plain() && column.attribute.name.eq_ignore_ascii_case(word);
            let column = self.columns.iter().find(is_it)?;
            reserved.lines().any(|known| known.eq_ignore_ascii_case(word)).then_some(&column.attribute.name)
        };
        let within = in_subquery(&tokens);
        let standings = standings(&tokens);
        let quoted = |place: usize| match &tokens[place] {
            Token::Word(word) if !within[place] => {
                let name = named(word).filter(|_| stands_alone(&tokens, &standings, place))?;
                Some((place, Token::Name(name.clone(), crate::quote_identifier(backend, name))))
            }
            _ => None,
        };
        let quoted: Vec<_> = (0..tokens.len()).filter_map(quoted).collect();
        for (place, token) in quoted {
            tokens[place] = token;
        }
        tokens
    }

    /// Fails for `x.f` without a column `f` where that is a call of `f` with a row, or what the server keeps of each row.
    fn check_part(&self, backend: Backend, tokens: &[Token], found: &Reference<'_>) -> Result<()> {
        let has = |source: &Source| source.names().iter().any(|name| is_name(backend, found.name, name));
        let is_known = self.sources.iter().any(has) || names_something_else(tokens, found);
        let means_other = dialect(backend).functions().calls_by_point || is_of_each_row(backend, found.name);
        if means_other && !is_known { Err(unknown_in(self, found.name())) } else { Ok(()) }
    }

    /// True for what the server takes for something although it is no attribute: what it keeps of each row, and a table, which
    /// is a row of it.
    fn means_no_attribute(&self, backend: Backend, found: &Reference<'_>) -> bool {
        is_of_each_row(backend, found.name)
            || self.sources.iter().any(|source| is_source(backend, source, &[found.name]))
    }

    /// Fails for a place in JSON, which servers take for the column of a table.
    fn check_place(&self, backend: Backend, text: &str, found: &Reference<'_>) -> Result<()> {
        let Some(first) = found.qualifiers.first() else { return Ok(()) };
        let is_source = self.sources.iter().any(|source| is_source(backend, source, &found.qualifiers));
        let document = self.columns.iter().map(|column| column.attribute.name.as_str());
        let mut documents = document.filter(|name| is_name(backend, first, name) && self.has_document(name));
        let Some(document) = documents.next().filter(|_| !is_source) else { return Ok(()) };
        let steps = found.qualifiers[1..].iter().chain([&found.name]).map(|step| step.text());
        let steps = steps.collect::<Vec<_>>().join(".");
        let sql = crate::json_path::place(&format!("{document}.{steps}"))
            .map(|place| format!("; or in this SQL: {}", dialect(backend).json_value(&place)))
            .unwrap_or_default();
        let advice = format!(
            "`{document}.{steps}` is a place in the JSON of `{document}`, which SQL doesn't name so: restrict with \
             `.path({steps:?})` of the attribute or with `attribute({:?})`, compute it alone before{sql}",
            format!("{document}.{steps}"),
        );
        Err(Error::Fragment { text: text.trim().to_owned(), advice })
    }

    /// What is to be said of a name that is no attribute: at once where it stands between quotes, since a string may be
    /// meant, and else in case that the server does not know it.
    pub(super) fn unknown_name(
        &self,
        backend: Backend,
        text: &str,
        tokens: &[Token],
    ) -> Result<Option<Error>> {
        let within = in_subquery(tokens);
        let mut unknown = None;
        for place in (0..tokens.len()).filter(|&place| !within[place]) {
            if let Some(table) = row_at(tokens, place) {
                return Err(unknown_in(self, &format!("{table}.*")));
            }
            let Some(found) = reference(tokens, place) else { continue };
            if !found.qualifiers.is_empty() {
                self.check_place(backend, text, &found)?;
                self.check_part(backend, tokens, &found)?;
                continue;
            }
            let is_known = self.has_name(found.name())
                || self.columns.iter().any(|column| is_name(backend, found.name, &column.attribute.name))
                || self
                    .sources
                    .iter()
                    .any(|source| source.names().iter().any(|name| is_name(backend, found.name, name)));
            if is_known || names_something_else(tokens, &found) {
                continue;
            }
            let error = unknown_in(self, found.name());
            if self.means_no_attribute(backend, &found) {
                return Err(error);
            }
            if is_keyword(&found) {
                continue;
            }
            // Where no attribute is like it, a string may be meant.
            let may_be_string = matches!(found.name, Token::Name(..))
                || matches!(error, Error::UnknownAttribute { nearest: None, .. });
            let error = if may_be_string {
                let advice = format!("{error}; a string stands between single quotes");
                Error::Fragment { text: text.trim().to_owned(), advice }
            } else {
                error
            };
            if matches!(found.name, Token::Name(..)) {
                return Err(error);
            }
            unknown.get_or_insert(error);
        }
        Ok(unknown)
    }
}

/// Words that may follow a value.
const AFTER_VALUE: [&str; 31] = [
    "and",
    "as",
    "asc",
    "at",
    "between",
    "collate",
    "desc",
    "div",
    "else",
    "end",
    "escape",
    "glob",
    "ilike",
    "in",
    "is",
    "isnull",
    "like",
    "mod",
    "not",
    "notnull",
    "nulls",
    "or",
    "order",
    "regexp",
    "rlike",
    "separator",
    "similar",
    "then",
    "when",
    "xor",
    "overlaps",
];

/// Words that are themselves where a value begins, whatever attributes are called.
const NEVER_NAMES: [&str; 16] = [
    "all",
    "any",
    "array",
    "case",
    "current_date",
    "current_time",
    "current_timestamp",
    "distinct",
    "exists",
    "false",
    "interval",
    "not",
    "null",
    "row",
    "select",
    "true",
];

/// True for a word that is a value of its own at its place, and no part of the grammar.
fn stands_alone(tokens: &[Token], standings: &[Standing], place: usize) -> bool {
    let is_one_of = |token: &Token, words: &[&str]| words.iter().any(|word| token.is_word(word));
    let before = solid_before(tokens, place).map(|before| &tokens[before]);
    let is_type =
        before.is_some_and(|before| before.is("::") || is_one_of(before, &["as", "collate", "using"]));
    let ends = solid_from(tokens, place + 1).is_none_or(|next| match &tokens[next] {
        Token::Other(sign) => sign != "(" && sign != ".",
        next => is_one_of(next, &AFTER_VALUE),
    });
    // `convert(x, binary)` names a type.
    let is_of_convert = || {
        standings[place]
            .open
            .and_then(|open| solid_before(tokens, open))
            .is_some_and(|called| tokens[called].is_word("convert"))
    };
    ends && !is_type
        && !is_one_of(&tokens[place], &NEVER_NAMES)
        && begins_operand(tokens, place)
        && !is_of_convert()
}

/// True for a name that some server takes for what it keeps of each row.
fn is_of_each_row(backend: Backend, name: &Token) -> bool {
    let mut names = Backend::ALL.into_iter().flat_map(|server| dialect(server).lexicon().of_each_row);
    names.any(|known| is_name(backend, name, known))
}

/// The table of `table.*`, which begins at a place.
fn row_at(tokens: &[Token], place: usize) -> Option<&str> {
    let point = solid_from(tokens, place + 1).filter(|&point| tokens[point].is("."))?;
    solid_from(tokens, point + 1).filter(|&star| tokens[star].is("*"))?;
    tokens[place].name()
}

fn is_keyword(found: &Reference<'_>) -> bool {
    matches!(found.name, Token::Word(word)
        if word.starts_with(|first: char| first.is_ascii_digit())
            || ALL_KEYWORDS.binary_search(&word.to_ascii_uppercase().as_str()).is_ok())
}

/// True for the name of a type, a collation or a character set.
pub(super) fn names_something_else(tokens: &[Token], found: &Reference<'_>) -> bool {
    let follows = solid_before(tokens, found.at.start).is_some_and(|before| {
        let before = &tokens[before];
        before.is("::")
            || ["as", "collate", "using", "set", "interval"].iter().any(|word| before.is_word(word))
    });
    let introduces = matches!(tokens.get(found.at.end), Some(Token::Literal(..) | Token::Bytes(..)));
    follows || introduces
}

/// True where the words before the name of a column mean this source.
fn is_source(backend: Backend, source: &Source, qualifiers: &[&Token]) -> bool {
    match (&source.relation, qualifiers) {
        (Relation::Table(table), [name]) => {
            is_name(backend, name, &table.name.table) || is_name(backend, name, &table.name.to_string())
        }
        (Relation::Table(table), [schema, name]) => {
            is_name(backend, schema, &table.name.schema) && is_name(backend, name, &table.name.table)
        }
        _ => false,
    }
}
