//! Values of many rows that name an attribute of each: a server takes any row's value for it, or gives every row one.

use datajoint_definition::JsonPath;

use super::Query;
use super::named::{is_name, names_something_else};
use super::reading::tokens;
use super::reference::{in_subquery, reference};
use crate::dialect::Dialect;
use crate::token::{Token, calls, solid_before, solid_from};

/// Functions whose first argument is a unit of time.
const OF_UNITS: [&str; 3] = ["extract", "timestampadd", "timestampdiff"];

/// What a value says of the rows that it is computed over.
#[derive(Debug, Default)]
pub(super) struct OfMany {
    /// The attributes that it names of each row, in turn.
    pub(super) loose: Vec<String>,
    /// True when it calls a function that makes one value of many.
    pub(super) is_aggregate: bool,
}

/// Looks at a value; `None` for what is no expression, which is told where it is written.
pub(super) fn of_many(dialect: &dyn Dialect, query: &Query, text: &str) -> Option<OfMany> {
    if let Some(document) = JsonPath::attribute_meant(text).filter(|document| query.has_document(document)) {
        return Some(OfMany { loose: vec![document.to_owned()], is_aggregate: false });
    }
    let tokens = tokens(dialect, text).ok()?;
    // What a query within names may be its own; where the server tells nobody of others, none of ours may be among it.
    let within = in_subquery(&tokens);
    let is_told = !dialect.backend().capability().has_loose_aggregates;
    let mut found = OfMany::default();
    let mut place = 0;
    while place < tokens.len() {
        if let Some((end, makes_one)) = aggregate_at(dialect, &tokens, place) {
            found.is_aggregate |= makes_one && !within[place];
            place = end;
            continue;
        }
        if !(within[place] && is_told)
            && let Some(name) = reference(&tokens, place)
            && !names_something_else(&tokens, &name)
            && !is_unit(&tokens, place)
        {
            let mut names = query.attributes().map(|attribute| &attribute.name);
            let column = names.find(|column| is_name(dialect.backend(), name.name, column));
            found.loose.extend(column.cloned());
            place = name.at.end;
            continue;
        }
        place += 1;
    }
    Some(found)
}

/// Where the call ends that begins at a place and hides what it names, and whether it makes one value of many rows.
fn aggregate_at(dialect: &dyn Dialect, tokens: &[Token], place: usize) -> Option<(usize, bool)> {
    let name = tokens[place].name()?.to_ascii_lowercase();
    let makes_one = dialect.aggregates().contains(&name.as_str());
    // MySQL takes the value of any row, and of each row where nothing else makes one of them.
    if !makes_one && name != "any_value" {
        return None;
    }
    let call = calls(tokens, place)?;
    // The greatest of several values of one row.
    if matches!(name.as_str(), "max" | "min") && call.arguments.len() > 1 {
        return None;
    }
    let mut end = call.end;
    while let Some(next) = solid_from(tokens, end) {
        if tokens[next].is_word("over") {
            return None;
        }
        // `FILTER (WHERE …)`, `WITHIN GROUP (ORDER BY …)`.
        let clause = if tokens[next].is_word("within") { solid_from(tokens, next + 1) } else { Some(next) };
        let is_clause = |place: &usize| ["filter", "group"].iter().any(|word| tokens[*place].is_word(word));
        match clause.filter(is_clause).and_then(|clause| calls(tokens, clause)) {
            Some(clause) => end = clause.end,
            None => break,
        }
    }
    Some((end, makes_one))
}

/// True for `day` in `timestampdiff(day, a, b)`, `extract(day from a)` and `interval 1 day`.
fn is_unit(tokens: &[Token], place: usize) -> bool {
    let Some(before) = solid_before(tokens, place) else { return false };
    let Some(second) = solid_before(tokens, before) else { return false };
    let is_first = tokens[before].is("(") && OF_UNITS.iter().any(|name| tokens[second].is_word(name));
    is_first || tokens[second].is_word("interval")
}
