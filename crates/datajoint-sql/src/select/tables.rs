//! Tables from which queries within read, where the server keeps the schema as a part of a table's name.

use datajoint_schema::TableName;

use super::reference::{Reference, in_subquery, reference};
use crate::dialect::Dialect;
use crate::token::{Token, solid_before, solid_from};

/// The schemas of a file itself.
const OF_FILE: [&str; 2] = ["main", "temp"];

/// Words that end a list of tables.
const ENDS: [&str; 9] =
    ["except", "group", "having", "intersect", "limit", "order", "select", "union", "where"];

/// Words that may follow a table without a name of its own, besides those.
const NO_ALIASES: [&str; 13] = [
    "cross", "full", "indexed", "inner", "join", "left", "natural", "not", "on", "outer", "right", "using",
    "window",
];

/// The pieces with each table as the server calls it, `flight` for what it is called then, and names of columns with that.
pub(super) fn with_tables(dialect: &dyn Dialect, tokens: Vec<Token>) -> Vec<Token> {
    if dialect.has_schemas() || !tokens.iter().any(|token| token.is(".")) {
        return tokens;
    }
    let within = in_subquery(&tokens);
    // Whether a list of tables is read, within each bracket.
    let mut reads = vec![false];
    let mut found = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        let token = &tokens[place];
        if token.is("(") {
            // `FROM (a JOIN b)` is one, too.
            reads.push(reads.last() == Some(&true));
        } else if token.is(")") && reads.len() > 1 {
            reads.pop();
        }
        if let Some(reads) = reads.last_mut() {
            let is_comparison =
                solid_before(&tokens, place).is_some_and(|before| tokens[before].is_word("distinct"));
            if (token.is_word("from") && !is_comparison) || token.is_word("join") {
                *reads = true;
            } else if ["on", "using"].iter().chain(&ENDS).any(|word| token.is_word(word)) {
                *reads = false;
            }
        }
        let name = reference(&tokens, place).filter(|name| within[place] && !name.qualifiers.is_empty());
        let Some(name) = name else {
            place += 1;
            continue;
        };
        place = name.at.end;
        found.push((reads.last() == Some(&true), name));
    }
    let read: Vec<(String, bool)> = found
        .iter()
        .filter_map(|(is_read, name)| {
            let table = table_of(name).filter(|_| *is_read)?;
            Some((table.to_string(), has_alias(&tokens, name.at.end)))
        })
        .collect();
    let mut written: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut start = 0;
    for (is_read, name) in &found {
        let instead = if *is_read {
            table_of(name).map(|table| {
                let mut sql = dialect.table(&table);
                if !has_alias(&tokens, name.at.end) {
                    sql.push_str(" AS ");
                    sql.push_str(&dialect.identifier(&table.table));
                }
                sql
            })
        } else {
            column_of(name).map(|(table, column)| {
                let is_here = read.iter().any(|(known, has_alias)| *known == table.to_string() && !has_alias);
                let of = if is_here { dialect.identifier(&table.table) } else { dialect.table(&table) };
                format!("{of}.{}", dialect.identifier(column))
            })
        };
        if let Some(sql) = instead {
            written.extend(tokens[start..name.at.start].iter().cloned());
            written.push(Token::Name(name.name().to_owned(), sql));
            start = name.at.end;
        }
    }
    written.extend(tokens[start..].iter().cloned());
    written
}

/// The table that `schema.table` names.
fn table_of(name: &Reference<'_>) -> Option<TableName> {
    let [schema] = name.qualifiers[..] else { return None };
    let schema =
        schema.name().filter(|schema| !OF_FILE.iter().any(|own| schema.eq_ignore_ascii_case(own)))?;
    Some(TableName::new(schema, name.name()))
}

/// The table and the column that `schema.table.column` names.
fn column_of<'a>(name: &Reference<'a>) -> Option<(TableName, &'a str)> {
    let [schema, table] = name.qualifiers[..] else { return None };
    let schema =
        schema.name().filter(|schema| !OF_FILE.iter().any(|own| schema.eq_ignore_ascii_case(own)))?;
    Some((TableName::new(schema, table.name()?), name.name.name()?))
}

/// True where a name of its own follows a table.
fn has_alias(tokens: &[Token], end: usize) -> bool {
    solid_from(tokens, end).is_some_and(|next| match &tokens[next] {
        Token::Name(..) => true,
        token @ Token::Word(_) => !NO_ALIASES.iter().chain(&ENDS).any(|word| token.is_word(word)),
        _ => false,
    })
}
