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
//! | `left(x, n)`, `right(x, n)` | as it is | with no `n` below 0 | `substr` |
//! | `cast(x as char(2))` | as it is | as it is | `substr` |
//! | `cast(x as char)` | as it is | `text` | as it is |
//! | `cast(x as signed)` | as it is | `bigint` | `integer` |
//! | `cast(x as double)`, `real` | `double` | `double precision` | as it is |
//! | `cast(x as int)`, `bigint` | `signed` | as it is | as it is |
//! | `round(x, 2)` of a float | as it is | `round(x * 1e2) / 1e2` | as it is |
//! | `cast(x as date)` | as it is | as it is | `date(x)` |

use crate::concatenation::Concatenation;
use crate::dialect::Dialect;
use crate::fragment::Fragment;
use crate::token::{Call, Token, calls, solid_before, trimmed};
use crate::{Error, Result, Value};

/// So long may a call become beside what is written, and so many times as long. A function that a backend hasn't writes its
/// arguments more than once there, and so do those within: the length would be the power of how deep they stand.
const LONGEST: usize = 1 << 16;
const TIMES: usize = 16;

/// How SQL of users becomes that of a backend, at its place.
#[derive(Clone, Copy)]
pub(crate) struct Translator<'a> {
    dialect: &'a dyn Dialect,
    /// True where a query may stand in it.
    pub(crate) takes_queries: bool,
}

impl<'a> Translator<'a> {
    /// For a query.
    pub(crate) fn of_query(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, takes_queries: true }
    }

    /// For a part of an index.
    pub(crate) fn of_index(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, takes_queries: false }
    }

    /// The text as the backend understands it. Fails for calls that would be much longer there.
    pub(crate) fn translate(self, tokens: &[Token]) -> Result<Fragment> {
        let mut sql = Fragment::default();
        let mut place = 0;
        while place < tokens.len() {
            if let Some(word) = tokens[place].name()
                && let Some(call) = calls(tokens, place)
                && !solid_before(tokens, place).is_some_and(|before| tokens[before].is("."))
                && let Some(function) = self.function(&word.to_ascii_lowercase(), &call)?
            {
                check_length(&function, &tokens[place..call.end])?;
                sql.append(function);
                place = call.end;
                continue;
            }
            match &tokens[place] {
                Token::Placeholder(Some(value)) => sql.push_value(value.clone()),
                token if token.is_word("current_timestamp") => sql.push(self.dialect.now()),
                token => sql.push(token.text()),
            }
            place += 1;
        }
        Ok(sql)
    }

    /// The arguments of a call, as many as a function of the backend has.
    pub(crate) fn arguments<const N: usize>(self, call: &Call<'_>) -> Result<[Fragment; N]> {
        let mut arguments = std::array::from_fn(|_| Fragment::default());
        for (written, argument) in arguments.iter_mut().zip(&call.arguments) {
            *written = self.translate(argument)?;
        }
        Ok(arguments)
    }

    /// A call in the backend's words; `None` when it is the same there.
    fn function(self, name: &str, call: &Call<'_>) -> Result<Option<Fragment>> {
        match (name, call.arguments.len()) {
            ("group_concat" | "string_agg", 1 | 2) => {
                self.dialect.concatenation(self, &Concatenation::of(call)).map(Some)
            }
            _ => self.dialect.function(self, name, call),
        }
    }

    /// A call of a function of MySQL that standard SQL has under another name.
    pub(crate) fn as_standard(self, name: &str, call: &Call<'_>) -> Result<Option<Fragment>> {
        Ok(Some(match (name, call.arguments.len()) {
            ("curdate", 0) => Fragment::text("CURRENT_DATE"),
            ("now", 0) => Fragment::text(self.dialect.now()),
            ("ifnull", 2) => written("coalesce(", self.arguments::<2>(call)?, ", ", ")"),
            ("if", 3) => {
                let [condition, value, otherwise] = self.arguments(call)?;
                let mut sql = written("CASE WHEN ", [condition, value], " THEN ", " ELSE ");
                sql.append(otherwise);
                sql.push(" END");
                sql
            }
            _ => return Ok(None),
        }))
    }

    /// What a separator of strings is, where none is written.
    pub(crate) fn separator(self, of: &Concatenation<'_>) -> Result<Fragment> {
        if of.separator.is_empty() { Ok(Fragment::text("','")) } else { self.translate(of.separator) }
    }
}

fn check_length(sql: &Fragment, written: &[Token]) -> Result<()> {
    let length = sql.length();
    if length <= LONGEST || length <= TIMES * written.iter().map(|token| token.text().len()).sum::<usize>() {
        return Ok(());
    }
    let advice = format!(
        "it becomes {length} characters of SQL, as its functions are written with their arguments more than once here, those \
         within each other as often again: write fewer of them within each other, or compute what stands within alone before"
    );
    Err(Error::Fragment { text: written.iter().map(Token::text).collect(), advice })
}

/// A value and the type that it is cast to, in what stands between the brackets of a `CAST`.
pub(crate) fn cast(argument: &[Token]) -> Option<(&[Token], &[Token])> {
    let place = argument.iter().rposition(|token| token.is_word("as"))?;
    Some((trimmed(&argument[..place]), trimmed(&argument[place + 1..])))
}

/// True for a number of things as it is written or bound, which is none below zero.
pub(crate) fn is_count(argument: &[Token]) -> bool {
    match argument {
        [Token::Word(digits)] => digits.bytes().all(|digit| digit.is_ascii_digit()),
        [Token::Placeholder(Some(Value::Int(number)))] => *number >= 0,
        [number @ Token::Placeholder(_), Token::Other(cast)] if cast.starts_with("::") => {
            is_count(std::slice::from_ref(number))
        }
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use datajoint_definition::Backend;

    use super::Translator;
    use crate::backends::dialect;
    use crate::select::functions::{EVERYWHERE, listed_functions};
    use crate::select::reading::tokens;

    /// What stands for an argument, and the call where the backend writes it in another way.
    const MARK: &str = "marked";

    /// Functions that are written with an argument several times, as SQLite has none of them, and no way to say them with one
    /// mention: these are bound where such calls stand within each other, see [`nested_calls_are_as_long_as_they_are_written`].
    const COPIED: [&str; 4] = ["ceil", "floor", "time", "timestampdiff"];

    fn translated(backend: Backend, text: &str) -> String {
        let dialect = dialect(backend);
        let tokens = tokens(dialect, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let sql = Translator::of_query(dialect).translate(&tokens);
        sql.unwrap_or_else(|error| panic!("{backend}: {text}: {error}")).texts().collect()
    }

    /// Every call that a backend writes in its own way, with `{}` for each argument in turn.
    fn calls(backend: Backend) -> Vec<(&'static str, String, usize)> {
        let names = EVERYWHERE.into_iter().chain(listed_functions(backend));
        let mut calls = Vec::new();
        for name in names {
            for count in 1..=4 {
                let arguments = vec!["{}"; count].join(", ");
                calls.push((name, format!("{name}({arguments})"), count));
            }
        }
        for unit in ["second", "week", "month", "year"] {
            calls.push(("timestampdiff", format!("timestampdiff({unit}, {{}}, {{}})"), 2));
        }
        for kind in ["char", "char(2)", "varchar(2)", "date", "integer"] {
            calls.push(("cast", format!("cast({{}} as {kind})"), 1));
        }
        calls.push(("group_concat", "group_concat(distinct {} order by {} separator {})".to_owned(), 3));
        calls.push(("right", "right({}, 2)".to_owned(), 1));
        calls.retain(|(.., call, _)| {
            let plain = call.replace("{}", MARK);
            translated(backend, &plain) != plain
        });
        calls
    }

    /// The call with a text at one place, and something short at the others.
    fn with(call: &str, place: usize, text: &str) -> String {
        let mut written = String::new();
        for (number, part) in call.split("{}").enumerate() {
            if number > 0 {
                written.push_str(if number - 1 == place { text } else { "x" });
            }
            written.push_str(part);
        }
        written
    }

    #[test]
    fn each_argument_is_written_once_or_listed() {
        for backend in Backend::ALL {
            let calls = calls(backend);
            assert!(!calls.is_empty(), "{backend}");
            for (name, call, count) in calls {
                let most = if backend == Backend::Sqlite && COPIED.contains(&name) { 10 } else { 1 };
                for place in 0..count {
                    let sql = translated(backend, &with(&call, place, MARK));
                    let times = sql.matches(MARK).count();
                    assert!((1..=most).contains(&times), "{backend}: {call}, argument {place}: {sql}");
                }
            }
        }
    }

    #[test]
    fn nested_calls_are_as_long_as_they_are_written() {
        for backend in Backend::ALL {
            for (_, call, count) in calls(backend) {
                for place in 0..count {
                    let nested = |depth: usize| {
                        let text = (0..depth).fold(MARK.to_owned(), |within, _| with(&call, place, &within));
                        translated(backend, &text).len()
                    };
                    let (one, eleven) = (nested(1), nested(11));
                    assert!(eleven <= 22 * one.max(60), "{backend}: {call}: {one}, and {eleven} for eleven");
                }
            }
        }
    }

    #[test]
    fn what_would_become_much_longer_is_refused() {
        let floors = format!("{}a{}", "floor(".repeat(11), ")".repeat(11));
        let of_many = format!("{}avg(a){}", "floor(".repeat(11), ")".repeat(11));
        let sqlite = dialect(Backend::Sqlite);
        for (translator, text) in
            [(Translator::of_index(sqlite), &floors), (Translator::of_query(sqlite), &of_many)]
        {
            let error = translator.translate(&tokens(sqlite, text).unwrap()).unwrap_err().to_string();
            assert!(error.contains("write fewer of them within each other"), "{error}");
        }
        let random = tokens(sqlite, "floor(random() / 10.0)").unwrap();
        let error = Translator::of_query(sqlite).translate(&random).unwrap_err().to_string();
        assert!(error.contains("another random number"), "{error}");
    }
}
