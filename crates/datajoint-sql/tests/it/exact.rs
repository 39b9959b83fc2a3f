//! Decimals in SQL of users where the server keeps them as floats.

use std::sync::Arc;

use datajoint_definition::{Backend, Tier};
use datajoint_sql::{Expression, Value, select};

use crate::pipeline::declare;
use crate::qa::{restrict, sql};

fn condition(backend: Backend, text: &str, values: &[Value]) -> Result<String, String> {
    let definition = "n : int32\n---\np : decimal(6,2)\nf : float64\nb : bool\nu : uuid\nd : date\nat : datetime\nfine : datetime(3)";
    let table = Expression::Table(Arc::new(declare("lab", "Price", Tier::Manual, definition, &[])));
    let made = select(backend, &restrict(table, sql(text, values))).map_err(|error| error.to_string())?;
    let (_, condition) = made.statement.sql.split_once(" WHERE ").expect("a condition");
    Ok(condition.to_owned())
}

#[test]
fn sums_and_products_of_exact_numbers_are_rounded_to_their_digits() {
    for (text, expected) in [
        ("p + 0.1 = 0.3", "round(p + 0.1, 2) = 0.3"),
        ("-p * 1.125 + n < 1", "round(-p * 1.125 + n, 5) < 1"),
        ("(p + 0.1) * 3 = 1", "round((round(p + 0.1, 2)) * 3, 2) = 1"),
        ("p between 0.1 + 0.2 and 1", "p between round(0.1 + 0.2, 1) and 1"),
        // A quotient, a float, and what is whole or alone stay as they are.
        ("p * 1.1 / 2 = 1", "p * 1.1 / 2 = 1"),
        ("p + f = 1", "p + f = 1"),
        ("n + 1 = 2", "n + 1 = 2"),
        ("p + 1e2 = 1", "p + 1e2 = 1"),
        ("p * 0.1234567890123456 = 1", "p * 0.1234567890123456 = 1"),
    ] {
        let made = condition(Backend::Sqlite, text, &[]);
        if let Ok(made) = &made {
            assert!(made.contains(expected), "{text}: {made}");
        } else {
            assert!(text.contains("3456"), "{text}: {made:?}");
        }
        let elsewhere = condition(Backend::Postgresql, text, &[]).unwrap();
        assert!(!elsewhere.contains("round"), "{elsewhere}");
    }
    for (value, is_rounded) in
        [(Value::Int(3), true), (Value::Float64(0.1), false), (Value::Text("0.1".to_owned()), false)]
    {
        let made = condition(Backend::Sqlite, "p * ? = 1", &[value]).unwrap();
        assert_eq!(made.contains("round("), is_rounded, "{made}");
    }
}

#[test]
fn what_would_be_cut_or_compared_as_another_kind_is_refused() {
    for text in [
        "cast(p as integer) = 2",
        "cast(1.7 as integer) = 2",
        "cast(p * 2 as signed) = 2",
        "cast(f as decimal(8,2)) = 2",
        "d = at",
        "at < fine",
        "u > n",
        "u = d",
        "n in (1, u)",
    ] {
        let error = condition(Backend::Sqlite, text, &[]).unwrap_err();
        assert!(error.contains("means another thing on sqlite"), "{text}: {error}");
    }
    for text in [
        "cast(round(f) as integer) = 2",
        "cast(n as integer) = 2",
        "cast(p as decimal(8,3)) = 2",
        "n < p and b = n",
    ] {
        condition(Backend::Sqlite, text, &[]).unwrap();
    }
    assert!(condition(Backend::Postgresql, "cast(f as decimal) = 2", &[]).is_err());
    assert!(condition(Backend::Postgresql, "cast(f as decimal(8,2)) = 2", &[]).is_ok());
}
