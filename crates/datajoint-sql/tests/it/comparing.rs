//! Comparisons and aggregates in SQL that users write mean what those of typed conditions mean.

use std::sync::Arc;

use datajoint_definition::{Backend, Tier};
use datajoint_sql::{Expression, Projected, Value, select};

use crate::pipeline::declare;
use crate::qa::{group_by, join, project, rename, restrict, sql};

const CODE: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

fn dose() -> Expression {
    let definition = "n : int32\n---\nlevel : enum('low','High')\ncode : uuid\nname : varchar(9)\nborn : date\n\
                      price : decimal(6,2)\ndoc = null : json";
    Expression::Table(Arc::new(declare("qa", "Dose", Tier::Manual, definition, &[])))
}

/// What stands in `WHERE (…)`, and what is bound there.
fn condition(backend: Backend, from: Expression, text: &str, values: &[Value]) -> String {
    match select(backend, &restrict(from, sql(text, values))) {
        Ok(select) => {
            let (_, condition) = select.statement.sql.split_once(" WHERE (").unwrap_or_default();
            let values: Vec<String> = select.statement.parameters.iter().map(shown).collect();
            format!("{} <- {}", condition.strip_suffix(')').unwrap_or(condition), values.join(", "))
        }
        Err(error) => error.to_string(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Text(text) => format!("'{text}'"),
        Value::Date(date) => date.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn values_are_what_the_attribute_that_they_are_compared_with_takes() {
    let text = |text: &str| Value::Text(text.to_owned());
    let one = vec![text(CODE)];
    let two = vec![text(CODE), text(CODE)];
    let cases: Vec<(&str, Vec<Value>, &str)> = vec![
        ("code = ?", one.clone(), "code = ? <- 16 bytes"),
        ("? <> `code`", one.clone(), "? <> `code` <- 16 bytes"),
        ("dose.code = ?", one.clone(), "`qa`.`dose`.`code` = ? <- 16 bytes"),
        ("n = 1 and (code = ? or n > 2)", one.clone(), "n = 1 and (code = ? or n > 2) <- 16 bytes"),
        ("code not in (?, ?)", two.clone(), "code not in (?, ?) <- 16 bytes, 16 bytes"),
        (
            "code between ? and ? and n = 1",
            two.clone(),
            "code between ? and ? and n = 1 <- 16 bytes, 16 bytes",
        ),
        ("(n, code) in ((1, ?), (2, ?))", two.clone(), "(n, code) in ((1, ?), (2, ?)) <- 16 bytes, 16 bytes"),
        ("(n, code) = (1, ?)", one.clone(), "(n, code) = (1, ?) <- 16 bytes"),
        (
            "case when code = ? then 1 else 0 end = 1",
            one.clone(),
            "case when code = ? then 1 else 0 end = 1 <- 16 bytes",
        ),
        ("name = ?", one.clone(), "name = ? <- '7c9e6679-7425-40de-944b-e07fc1f90ae7'"),
        ("born > '2020-12-04'", vec![], "born > ? <- 2020-12-04"),
        ("n between 1 and ?", vec![text("3")], "n between 1 and ? <- 3"),
        ("price = '2.5'", vec![], "price = ? <- 2.50"),
        ("name = 'it''s'", vec![], "name = 'it''s' <- "),
        ("level = 'High'", vec![], "level = 'High' <- "),
        (
            "not level < 'High'",
            vec![],
            "not CASE level WHEN ? THEN 1 WHEN ? THEN 2 END < ? <- 'low', 'High', 2",
        ),
        ("length(name) > ?", vec![Value::Int(1)], "char_length(name) > ? <- 1"),
        ("n + n = ?", vec![Value::Int(1)], "n + n = ? <- 1"),
        ("name like ? escape '!'", vec![text("a!%")], "name like ? escape '!' <- 'a!%'"),
        ("n = ? + 1", vec![Value::Int(1)], "n = ? + 1 <- 1"),
    ];
    for (text, values, expected) in cases {
        assert_eq!(condition(Backend::Mysql, dose(), text, &values), expected, "{text}");
    }
    // Where the server reads a string as its place wants, it is left alone; strings have the order of code points.
    assert_eq!(condition(Backend::Postgresql, dose(), "code = ?", &one), format!("code = $1 <- '{CODE}'"));
    let ordered = condition(Backend::Postgresql, dose(), "name between 'a' and ?", &[text("b")]);
    assert_eq!(ordered, "name COLLATE \"C\" between 'a' and $1 <- 'b'");
    let like = condition(Backend::Sqlite, dose(), "name not like 'a%'", &[]);
    assert_eq!(like, "NOT (name LIKE ? ESCAPE '\\') <- 'a%'");
    // Behind another name for the table, it is called by that.
    let other = project(dose(), &[rename("m", "n"), Projected::Keep("name".to_owned())]);
    let both = join(dose(), project(other, &[]));
    assert_eq!(condition(Backend::Sqlite, both, "dose.n = 1", &[]), "`qa.dose`.`n` = 1 <- ");
}

#[test]
fn a_number_beside_an_attribute_is_of_its_type() {
    let table = declare("qa", "Weight", Tier::Manual, "n : int32\n---\ng : float32", &[]);
    let weight = || Expression::Table(Arc::new(table.clone()));
    let tenth = || Value::Float64(0.1);
    for (text, values) in [
        ("g = ?", vec![tenth()]),
        ("? <> g", vec![tenth()]),
        ("g in (?, ?)", vec![tenth(), tenth()]),
        ("g not between ? and ?", vec![tenth(), tenth()]),
        ("(n, g) in ((1, ?))", vec![tenth()]),
        ("case when g >= ? then 1 else 0 end = 1", vec![tenth()]),
    ] {
        for backend in Backend::ALL {
            let said = condition(backend, weight(), text, &values);
            // SQLite has floats of 64 bits alone.
            let narrow =
                if backend == Backend::Sqlite { "Float64(0.10000000149011612)" } else { "Float32(0.1)" };
            assert!(said.ends_with(&vec![narrow; values.len()].join(", ")), "{backend}: {text}: {said}");
        }
    }
}

#[test]
fn an_attribute_under_another_name_is_compared_as_itself() {
    let compute = Projected::Compute { new: "x".to_owned(), text: "code".to_owned(), parameters: Vec::new() };
    for backend in [Backend::Mysql, Backend::Mariadb, Backend::Sqlite] {
        let said = condition(
            backend,
            project(dose(), std::slice::from_ref(&compute)),
            "x = ?",
            &[Value::Text(CODE.to_owned())],
        );
        assert!(said.ends_with(" <- 16 bytes"), "{backend}: {said}");
    }
}

#[test]
fn what_can_not_be_compared_is_told() {
    let text = |text: &str| Value::Text(text.to_owned());
    for backend in [Backend::Mysql, Backend::Mariadb, Backend::Sqlite] {
        for (condition_text, values, expected) in [
            ("coalesce(code, ?) = code", vec![text(CODE)], "give it as a `Uuid`"),
            ("lower(code) = ?", vec![text(CODE)], "is given a UUID"),
            ("code = lower(?)", vec![text(CODE)], "is given a string or a UUID"),
            ("n in (select m from other where code = ?)", vec![text(CODE)], "bind a `Uuid`"),
            ("exists (select 1 from other o where o.c in (?, 'x'))", vec![text(CODE)], "bind a `Uuid`"),
            ("born = ?", vec![text("no day")], "`qa.dose.born`"),
            ("level = 'hIGH'", vec![], "did you mean \"High\"?"),
            ("code = 'no'", vec![], "give a UUID"),
        ] {
            let said = condition(backend, dose(), condition_text, &values);
            assert!(said.contains(expected), "{backend}: {condition_text}: {said}");
        }
        let literal = format!("n in (select m from other where code = '{CODE}')");
        assert!(condition(backend, dose(), &literal, &[]).contains("bind a `Uuid`"), "{backend}");
        // A string that is meant as one, and a UUID.
        let meant = "n in (select m from other where name = cast(? as char))";
        for (condition_text, value, bound) in [
            (meant, text(CODE), format!("'{CODE}'")),
            ("cast(? as char) = lower(name)", text(CODE), format!("'{CODE}'")),
            ("n in (select m from other where code = ?)", Value::Bytes(vec![0; 16]), "16 bytes".to_owned()),
        ] {
            let said = condition(backend, dose(), condition_text, &[value]);
            assert!(said.ends_with(&format!(" <- {bound}")), "{backend}: {condition_text}: {said}");
        }
    }
    let within = "n in (select m from other where code = ?)";
    assert!(
        condition(Backend::Postgresql, dose(), within, &[text(CODE)]).ends_with(&format!(" <- '{CODE}'"))
    );
    // Of what type a value is that was computed, nobody knows here.
    let text_of = "coalesce(code, code)".to_owned();
    let compute = Projected::Compute { new: "x".to_owned(), text: text_of, parameters: Vec::new() };
    let computed = || project(dose(), std::slice::from_ref(&compute));
    for (backend, is_refused) in
        [(Backend::Sqlite, true), (Backend::Mysql, true), (Backend::Postgresql, false)]
    {
        let said = condition(backend, computed(), "x = ?", &[text(CODE)]);
        assert_eq!(said.contains("give it as a `Uuid`"), is_refused, "{backend}: {said}");
        let said = condition(backend, computed(), "x = ?", &[text("a")]);
        assert!(said.ends_with(" <- 'a'"), "{backend}: {said}");
    }
    for backend in Backend::ALL {
        for (pattern, is_refused) in [("a\\", true), ("a\\\\", false), ("\\\\\\", true), ("a\\%", false)] {
            let said = condition(backend, dose(), "name like ?", &[text(pattern)]);
            assert_eq!(said.contains("ends in a backslash"), is_refused, "{backend}: {pattern}: {said}");
        }
        let said = condition(backend, dose(), "name like ?", &[text("a\0")]);
        assert_eq!(said.contains("NUL"), !backend.is_mysql_family(), "{backend}: {said}");
        let named = restrict(dose(), sql("nam = 'x' or n = 1", &[]));
        let error = datajoint_sql::unknown(backend, &named).name.map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("`qa.dose`; did you mean `name`?")));
        for known in ["name::text = 'x'", "lower(name) = 'x'", "n in (select m from other)", "true"] {
            let named = restrict(dose(), sql(known, &[]));
            assert_eq!(datajoint_sql::unknown(backend, &named).name, None, "{backend}: {known}");
        }
    }
}

/// The only value of an aggregate.
fn aggregated(backend: Backend, text: &str) -> String {
    let compute = Projected::Compute { new: "v".to_owned(), text: text.to_owned(), parameters: Vec::new() };
    match select(backend, &group_by(dose(), &[], &[compute])) {
        Ok(select) => {
            let sql = select.statement.sql;
            let kind = &select.heading.all()[0].type_text;
            let value =
                sql.strip_prefix("SELECT ").and_then(|sql| sql.rsplit_once(" AS ")).unwrap_or_default().0;
            format!("{value} : {kind}")
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_attribute_is_the_same_by_every_way_to_name_it() {
    let plain = aggregated(Backend::Sqlite, "max(level)");
    assert!(plain.ends_with("END : enum('low','High')"), "{plain}");
    for name in ["`level`", "\"level\"", "(level)", " level ", "all level"] {
        let text = format!("max({name})");
        let quoted = plain.replace("CASE level", &format!("CASE {}", name.trim_matches(['(', ')', ' '])));
        let quoted = quoted.replace('"', "`").replace("all ", "");
        assert_eq!(aggregated(Backend::Sqlite, &text), quoted, "{name}");
    }
    for (backend, text, expected) in [
        (
            Backend::Sqlite,
            "sum(dose.price)",
            "(sum(CAST(round(`qa.dose`.`price` * 1e2) AS INTEGER)) / 1e2) : decimal(6,2)",
        ),
        (
            Backend::Sqlite,
            "avg(distinct \"price\") filter (where n > 1)",
            "((20000 * sum(DISTINCT CAST(round(`price` * 1e2) AS INTEGER)) filter (where n > 1) + CASE WHEN sum(DISTINCT \
             CAST(round(`price` * 1e2) AS INTEGER)) filter (where n > 1) < 0 THEN -count(DISTINCT `price`) \
             filter (where n > 1) ELSE count(DISTINCT `price`) filter (where n > 1) END) / nullif(2 * \
             count(DISTINCT `price`) filter (where n > 1), 0) / 1e6) : expression",
        ),
        (
            Backend::Postgresql,
            "min(dose.\"name\")",
            "pg_catalog.min(\"qa\".\"dose\".\"name\" COLLATE \"C\") : varchar(9)",
        ),
        (
            Backend::Postgresql,
            "min(qa.dose.name)",
            "pg_catalog.min(\"qa\".\"dose\".\"name\" COLLATE \"C\") : varchar(9)",
        ),
        (
            Backend::Postgresql,
            "group_concat(n order by name desc separator '-')",
            "pg_catalog.string_agg((n)::text, '-' ORDER BY \"qa\".\"dose\".\"name\" COLLATE \"C\" desc NULLS LAST) : expression",
        ),
        (Backend::Mysql, "max(`price`)", "max(`price`) : decimal(6,2)"),
        (Backend::Mysql, "sum(price) # all of it", "sum(price)  : decimal(6,2)"),
        (Backend::Mariadb, "group_concat(n order by level)", "group_concat(n ORDER BY level) : expression"),
    ] {
        assert_eq!(aggregated(backend, text), expected, "{backend}: {text}");
    }
}
