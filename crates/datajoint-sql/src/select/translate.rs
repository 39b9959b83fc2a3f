//! Functions that backends call by different names.
//!
//! | any of | MySQL, MariaDB | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | `group_concat(x separator s)`, `string_agg(x, s)` | the first | the second | `group_concat(x, s)` |
//! | `curdate()` | as it is | `CURRENT_DATE` | `CURRENT_DATE` |
//! | `now()` | as it is | `CURRENT_TIMESTAMP` | `CURRENT_TIMESTAMP` |
//! | `year(x)`, … `second(x)` | as it is | `EXTRACT` | `strftime` |
//! | `timestampdiff(unit, a, b)` | as it is | by `EXTRACT` and `AGE` | by `strftime` |
//! | `if(c, a, b)`, `ifnull(a, b)` | as it is | `CASE`, `coalesce` | `CASE`, `coalesce` |
//! | `sum(a > b)` | as it is | the condition as an integer | as it is |

use datajoint_definition::Backend;

use super::token::{Call, Token, calls, trimmed};
use crate::fragment::Fragment;

/// The text as the backend understands it.
pub(super) fn translate(backend: Backend, tokens: &[Token]) -> Fragment {
    let mut sql = Fragment::default();
    let mut place = 0;
    while place < tokens.len() {
        if let (Token::Word(word), Some(call)) = (&tokens[place], calls(tokens, place))
            && let Some(function) = function(backend, &word.to_ascii_lowercase(), &call)
        {
            sql.append(function);
            place = call.end;
            continue;
        }
        match &tokens[place] {
            Token::Placeholder(Some(value)) => sql.push_value(value.clone()),
            token => sql.push(token.text()),
        }
        place += 1;
    }
    sql
}

/// A call in the backend's words; `None` when it is the same there.
fn function(backend: Backend, name: &str, call: &Call<'_>) -> Option<Fragment> {
    let argument = |place: usize| call.arguments.get(place).map(|tokens| translate(backend, tokens));
    match (name, call.arguments.len()) {
        ("group_concat" | "string_agg", 1 | 2) => Some(Concatenation::of(call).sql(backend)),
        _ if backend.is_mysql_family() => None,
        ("curdate", 0) => Some(Fragment::text("CURRENT_DATE")),
        ("now", 0) => Some(Fragment::text("CURRENT_TIMESTAMP")),
        ("ifnull", 2) => Some(written("coalesce(", [argument(0)?, argument(1)?], ", ", ")")),
        ("if", 3) => {
            let mut sql = written("CASE WHEN ", [argument(0)?, argument(1)?], " THEN ", " ELSE ");
            sql.append(argument(2)?);
            sql.push(" END");
            Some(sql)
        }
        ("year" | "month" | "day" | "hour" | "minute" | "second", 1) => {
            Some(part(backend, name, argument(0)?))
        }
        ("timestampdiff", 3) => {
            let unit = call.arguments[0].first()?.text().to_ascii_lowercase();
            difference(backend, &unit, &argument(1)?, &argument(2)?)
        }
        ("sum", 1) if backend == Backend::Postgresql && is_comparison(call.arguments[0]) => {
            Some(written("sum((", [argument(0)?], "", ")::int)"))
        }
        _ => None,
    }
}

fn written<const N: usize>(before: &str, parts: [Fragment; N], between: &str, after: &str) -> Fragment {
    let mut sql = Fragment::text(before);
    sql.append(Fragment::join(parts, between));
    sql.push(after);
    sql
}

/// A part of a date or time as an integer.
fn part(backend: Backend, name: &str, of: Fragment) -> Fragment {
    if backend == Backend::Postgresql {
        let cut = if name == "second" { "trunc(" } else { "(" };
        return written(&format!("{cut}EXTRACT({} FROM ", name.to_ascii_uppercase()), [of], "", "))::int");
    }
    let format = match name {
        "year" => "%Y",
        "month" => "%m",
        "day" => "%d",
        "hour" => "%H",
        "minute" => "%M",
        _ => "%S",
    };
    written(&format!("CAST(strftime('{format}', "), [of], "", ") AS INTEGER)")
}

/// Whole units from one moment to another, cut towards zero.
fn difference(backend: Backend, unit: &str, from: &Fragment, to: &Fragment) -> Option<Fragment> {
    let seconds = match unit {
        "second" => Some(1),
        "minute" => Some(60),
        "hour" => Some(3600),
        "day" => Some(86_400),
        "week" => Some(604_800),
        _ => None,
    };
    let months = match unit {
        "month" => 1,
        "quarter" => 3,
        "year" => 12,
        _ if seconds.is_some() => 0,
        _ => return None,
    };
    let (from, to) = (from.clone(), to.clone());
    Some(match (backend == Backend::Postgresql, seconds) {
        (true, Some(seconds)) => {
            let after = format!(")::timestamp)) / {seconds})::bigint");
            written("trunc(EXTRACT(EPOCH FROM ((", [to, from], ")::timestamp - (", &after)
        }
        (true, None) => {
            let age = written("age((", [to, from], ")::timestamp, (", ")::timestamp)");
            let after = format!(")) / {months}))::int");
            written("trunc(((EXTRACT(YEAR FROM ", [age.clone(), age], ") * 12 + EXTRACT(MONTH FROM ", &after)
        }
        (false, Some(seconds)) => {
            let after = format!(")) / {seconds})");
            written("((strftime('%s', ", [to, from], ") - strftime('%s', ", &after)
        }
        (false, None) => {
            let months_from = |from: &Fragment, to: &Fragment| {
                let number = |format: &str, of: &Fragment| {
                    written(&format!("strftime('{format}', "), [of.clone()], "", ")")
                };
                let mut sql = written("((", [number("%Y", to), number("%Y", from)], " - ", ") * 12 + ");
                sql.append(written("", [number("%m", to), number("%m", from)], " - ", " - "));
                let day = "%d %H:%M:%f";
                sql.append(written("(", [number(day, to), number(day, from)], " < ", "))"));
                sql
            };
            let mut sql = written("(CASE WHEN ", [to.clone(), from.clone()], " >= ", " THEN ");
            sql.append(months_from(&from, &to));
            sql.push(" ELSE -");
            sql.append(months_from(&to, &from));
            sql.push(&format!(" END / {months})"));
            sql
        }
    })
}

fn is_comparison(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| match token {
        Token::Other(text) => text.contains(['=', '<', '>']),
        token => ["like", "between", "is", "in"].iter().any(|word| token.is_word(word)),
    })
}

/// Texts of many rows as one.
struct Concatenation<'a> {
    of: &'a [Token],
    is_distinct: bool,
    separator: &'a [Token],
    order: &'a [Token],
}

impl<'a> Concatenation<'a> {
    fn of(call: &Call<'a>) -> Self {
        let (first, order_of_first, separator) = Self::clauses(call.arguments[0]);
        let (second, order, _) = Self::clauses(call.arguments.get(1).copied().unwrap_or_default());
        let (of, is_distinct) = match first {
            [distinct, of @ ..] if distinct.is_word("distinct") => (trimmed(of), true),
            of => (of, false),
        };
        Self {
            of,
            is_distinct,
            separator: if separator.is_empty() { second } else { separator },
            order: if order_of_first.is_empty() { order } else { order_of_first },
        }
    }

    /// `x ORDER BY y SEPARATOR s` in its parts.
    fn clauses(tokens: &'a [Token]) -> (&'a [Token], &'a [Token], &'a [Token]) {
        let cut = |tokens: &'a [Token], word: &str| {
            tokens.iter().position(|token| token.is_word(word)).map_or((tokens, &tokens[..0]), |place| {
                (trimmed(&tokens[..place]), trimmed(&tokens[place + 1..]))
            })
        };
        let (rest, separator) = cut(tokens, "separator");
        let (of, order) = cut(rest, "order");
        let order = match order {
            [first, order @ ..] if first.is_word("by") => trimmed(order),
            other => other,
        };
        (of, order, separator)
    }

    fn sql(&self, backend: Backend) -> Fragment {
        let of = translate(backend, self.of);
        let separator = if self.separator.is_empty() {
            Fragment::text("','")
        } else {
            translate(backend, self.separator)
        };
        let distinct = if self.is_distinct { "DISTINCT " } else { "" };
        let mut sql = match backend {
            Backend::Postgresql => {
                written(&format!("string_agg({distinct}("), [of, separator], ")::text, ", "")
            }
            // It takes no separator beside DISTINCT, and puts a comma.
            Backend::Sqlite if self.is_distinct && self.separator.is_empty() => {
                written("group_concat(DISTINCT ", [of], "", "")
            }
            Backend::Sqlite => written(&format!("group_concat({distinct}"), [of, separator], ", ", ""),
            _ => written(&format!("group_concat({distinct}"), [of], "", ""),
        };
        if !self.order.is_empty() {
            sql.push(" ORDER BY ");
            let order = translate(backend, self.order);
            // PostgreSQL wants what is distinct as it is written there.
            let is_itself = self.is_distinct && backend == Backend::Postgresql && self.order == self.of;
            sql.append(if is_itself { written("(", [order], "", ")::text") } else { order });
        }
        if backend.is_mysql_family() && !self.separator.is_empty() {
            sql.push(" SEPARATOR ");
            sql.append(translate(backend, self.separator));
        }
        sql.push(")");
        sql
    }
}
