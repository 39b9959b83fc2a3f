//! Functions that backends call by different names.
//!
//! | any of | MySQL, MariaDB | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | `group_concat(x separator s)`, `string_agg(x, s)` | the first | the second | `group_concat(x, s)` |
//! | `curdate()` | as it is | `CURRENT_DATE` | `CURRENT_DATE` |
//! | `now()` | as it is | `LOCALTIMESTAMP` | `CURRENT_TIMESTAMP` |
//! | `CURRENT_TIMESTAMP` | as it is | `LOCALTIMESTAMP` | as it is |
//! | `year(x)`, … `second(x)` | as it is | `EXTRACT` | `strftime` |
//! | `timestampdiff(unit, a, b)` | as it is | by `EXTRACT` and `AGE` | by `strftime` |
//! | `if(c, a, b)`, `ifnull(a, b)` | as it is | `CASE`, `coalesce` | `CASE`, `coalesce` |
//! | `sum(a > b)` | as it is | the comparison as an integer | as it is |

use crate::concatenation::Concatenation;
use crate::dialect::Dialect;
use crate::fragment::Fragment;
use crate::token::{Call, Token, calls, solid_before};

/// The text as the backend understands it.
pub(crate) fn translate(dialect: &dyn Dialect, tokens: &[Token]) -> Fragment {
    let mut sql = Fragment::default();
    let mut place = 0;
    while place < tokens.len() {
        if let (Some(word), Some(call)) = (tokens[place].name(), calls(tokens, place))
            && !solid_before(tokens, place).is_some_and(|before| tokens[before].is("."))
            && let Some(function) = function(dialect, &word.to_ascii_lowercase(), &call)
        {
            sql.append(function);
            place = call.end;
            continue;
        }
        match &tokens[place] {
            Token::Placeholder(Some(value)) => sql.push_value(value.clone()),
            token if token.is_word("current_timestamp") => sql.push(dialect.now()),
            token => sql.push(token.text()),
        }
        place += 1;
    }
    sql
}

/// A call in the backend's words; `None` when it is the same there.
fn function(dialect: &dyn Dialect, name: &str, call: &Call<'_>) -> Option<Fragment> {
    match (name, call.arguments.len()) {
        ("group_concat" | "string_agg", 1 | 2) => Some(dialect.concatenation(&Concatenation::of(call))),
        _ => dialect.function(name, call),
    }
}

/// A call of a function of MySQL that standard SQL has under another name.
pub(crate) fn as_standard(dialect: &dyn Dialect, name: &str, call: &Call<'_>) -> Option<Fragment> {
    let argument = |place: usize| call.arguments.get(place).map(|tokens| translate(dialect, tokens));
    match (name, call.arguments.len()) {
        ("curdate", 0) => Some(Fragment::text("CURRENT_DATE")),
        ("now", 0) => Some(Fragment::text(dialect.now())),
        ("ifnull", 2) => Some(written("coalesce(", [argument(0)?, argument(1)?], ", ", ")")),
        ("if", 3) => {
            let mut sql = written("CASE WHEN ", [argument(0)?, argument(1)?], " THEN ", " ELSE ");
            sql.append(argument(2)?);
            sql.push(" END");
            Some(sql)
        }
        _ => None,
    }
}

/// What a separator of strings is, where none is written.
pub(crate) fn separator(dialect: &dyn Dialect, of: &Concatenation<'_>) -> Fragment {
    if of.separator.is_empty() { Fragment::text("','") } else { translate(dialect, of.separator) }
}

pub(crate) fn written<const N: usize>(
    before: &str,
    parts: [Fragment; N],
    between: &str,
    after: &str,
) -> Fragment {
    let mut sql = Fragment::text(before);
    sql.append(Fragment::join(parts, between));
    sql.push(after);
    sql
}

/// How long a unit of time is.
pub(crate) enum Unit {
    Seconds(i64),
    Months(i64),
}

/// The unit of this name.
pub(crate) fn unit(name: &str) -> Option<Unit> {
    Some(match name.to_ascii_lowercase().as_str() {
        "second" => Unit::Seconds(1),
        "minute" => Unit::Seconds(60),
        "hour" => Unit::Seconds(3600),
        "day" => Unit::Seconds(86_400),
        "week" => Unit::Seconds(604_800),
        "month" => Unit::Months(1),
        "quarter" => Unit::Months(3),
        "year" => Unit::Months(12),
        _ => return None,
    })
}
