//! SQL that users write means the same on every backend, or is refused with the same words.

use datajoint::prelude::*;
use datajoint::types::rust_decimal::Decimal;
use datajoint::types::serde_json::json;
use datajoint::types::uuid::Uuid;
use datajoint::{DynamicDeclaration, DynamicTable, Tier, attribute};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_expressions");

const CODES: [&str; 2] = ["7c9e6679-7425-40de-944b-e07fc1f90ae1", "7c9e6679-7425-40de-944b-e07fc1f90ae2"];

/// Two rows whose order is one thing by members and code points, and another by letters and languages.
async fn doses(dj: &Instance) -> DynamicTable {
    let definition = "n : int32\n---\nlevel : enum('low', 'High')\nname : varchar(9)\nprice : decimal(8,2)\n\
                      code : uuid\nborn : date\nstart : datetime(3)\nok : bool";
    let (schema, class_name, tier) = ("dj_conformance_expressions", "Dose", Tier::Manual);
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    let table = dj.declare_dynamic(declared).await.unwrap();
    let row = |n: usize, level: &str, name: &str, price: &str| {
        json!({
            "n": n, "level": level, "name": name, "price": price, "code": CODES[n - 1],
            "born": format!("2020-12-0{n}"), "start": format!("2020-12-0{n} 10:00:00"), "ok": n == 1,
        })
    };
    table.insert(dj, [row(1, "low", "b", "0.10"), row(2, "High", "B\\", "0.20")]).await.unwrap();
    table
}

/// An attribute between quotes, brackets or behind its table is the attribute, wherever order or digits count.
pub async fn attributes_are_the_same_by_every_way_to_name_them(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = doses(dj).await;
    let shown = [
        |name: &str| name.to_owned(),
        |name: &str| format!("`{name}`"),
        |name: &str| format!("\"{name}\""),
        |name: &str| format!("( {name} )"),
        |name: &str| format!("dose.{name}"),
        |name: &str| format!("dj_conformance_expressions.\"dose\".`{name}`"),
        |name: &str| format!("distinct {name}"),
        |name: &str| name.to_uppercase(),
    ];
    for shown in shown {
        let value = |function: &str, name: &str| format!("{function}({})", shown(name));
        let all = U(()).aggr(
            &table,
            compute("first", value("min", "level"))
                .compute("last", value("max", "level"))
                .compute("least", value("min", "name"))
                .compute("total", value("sum", "price")),
        );
        let row = all.fetch_one(dj).await.unwrap_or_else(|error| panic!("{}: {error}", shown("x")));
        assert_eq!(row.get::<String>("first").unwrap(), "low", "{}", shown("level"));
        assert_eq!(row.get::<String>("last").unwrap(), "High", "{}", shown("level"));
        // Collations of MySQL and MariaDB stay the server's.
        if !matches!(dj.backend(), datajoint::Backend::Mysql | datajoint::Backend::Mariadb) {
            assert_eq!(row.get::<String>("least").unwrap(), "B\\", "{}", shown("name"));
        }
        assert_eq!(row.get::<Decimal>("total").unwrap(), Decimal::new(30, 2), "{}", shown("price"));
        assert_eq!((&all & attribute("last").gt("low")).count(dj).await.unwrap(), 1, "{}", shown("level"));
        if shown("x").contains("distinct") {
            continue;
        }
        let low = &table & sql(format!("{} < ?", shown("level")), ["High"]);
        assert_eq!(low.column_as::<i32>(dj, "n").await.unwrap(), [1], "{}", shown("level"));
    }
    let ordered = U(()).aggr(&table, compute("names", "group_concat(n order by \"level\" separator '-')"));
    assert_eq!(ordered.fetch_one(dj).await.unwrap().get::<String>("names").unwrap(), "1-2");
    turn.end(dj).await;
}

/// A string compared with an attribute is read as its type says, also between the quotes of SQL; what can't be read names
/// attribute and value.
pub async fn strings_in_sql_are_what_their_attribute_takes(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = doses(dj).await;
    let one = CODES[0];
    let conditions: [(String, &[&str]); 16] = [
        ("code = ?".to_owned(), &[one]),
        ("? = \"code\"".to_owned(), &[one]),
        (format!("code = '{one}'"), &[]),
        (format!("not dose.code <> '{one}'"), &[]),
        ("code in (?, ?) and n < 2".to_owned(), &CODES),
        ("(n, code) in ((1, ?), (2, ?)) and n = 1".to_owned(), &[one, one]),
        ("code between ? and ? and ok = ?".to_owned(), &[CODES[0], CODES[1], "true"]),
        ("born = ?".to_owned(), &["2020-12-01"]),
        ("start = ?".to_owned(), &["2020-12-01T10:00:00"]),
        ("start < '2020-12-01 10:00:00.001'".to_owned(), &[]),
        ("start between ? and ?".to_owned(), &["2020-12-01", "2020-12-02"]),
        ("price = ?".to_owned(), &["0.1"]),
        ("level = ?".to_owned(), &["low"]),
        ("level between 'low' and ? and level <> 'High'".to_owned(), &["High"]),
        ("case when code = ? then n else 0 end = 1".to_owned(), &[one]),
        ("n = ? and name like ?".to_owned(), &["1", "_"]),
    ];
    for (text, values) in conditions {
        let found = (&table & sql(text.as_str(), values.to_vec())).column_as::<i32>(dj, "n").await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{text}: {error}")), [1], "{text}");
    }
    let by_code = Proj::key().compute_with("is_first", "case when code = ? then 1 else 0 end", [one]);
    assert_eq!((table.proj(by_code) & attribute("is_first").eq(1)).count(dj).await.unwrap(), 1);
    for (text, value) in [
        ("born > ?", "no day"),
        ("born > ?", "2024-13-01"),
        ("code = ?", "no code"),
        ("level < ?", "LOW"),
        ("level in ('low', ?)", "LOW"),
        ("price > ?", "much"),
        ("n between ? and 7", "one"),
    ] {
        let attribute = text.split(' ').next().unwrap();
        for condition in [sql(text, [value]), sql(text.replace('?', &format!("'{value}'")), ())] {
            let error = (&table & condition).count(dj).await.unwrap_err().to_string();
            let says =
                format!("\"{value}\" can't be a value of `dj_conformance_expressions.dose.{attribute}`");
            assert!(error.contains(&says), "{text}: {error}");
        }
    }
    // Where no place says what is meant, a UUID is found, or it is said how to give it; as itself it is found.
    let name = datajoint_sql::table_reference(dj.backend(), table.name());
    let computed = table.proj(Proj::key().compute("x", "code"));
    for (from, text) in [
        (&table & sql("n > 0", ()), "coalesce(code, code) = ?".to_owned()),
        (&table & sql("n > 0", ()), format!("n in (select n from {name} where code = ?)")),
        (&computed & sql("n > 0", ()), "x = ?".to_owned()),
    ] {
        let of_string = (&from & sql(text.as_str(), [one])).count(dj).await;
        match of_string {
            Ok(rows) => assert_eq!(rows, 1, "{text}"),
            Err(error) => assert!(error.to_string().contains(" a `Uuid`"), "{text}: {error}"),
        }
        let uuid = Uuid::parse_str(one).unwrap();
        assert_eq!((&from & sql(text.as_str(), [uuid])).count(dj).await.unwrap(), 1, "{text}");
    }
    turn.end(dj).await;
}

/// SQL takes a place in JSON for a column of a table: that is an error which says how the place is written.
pub async fn places_in_json_are_told_in_sql(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (schema, class_name, tier) = ("dj_conformance_expressions", "Setup", Tier::Manual);
    let definition = "n : int32\n---\ninfo : json";
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    let table = dj.declare_dynamic(declared).await.unwrap();
    table.insert_one(dj, json!({"n": 1, "info": {"rig": {"n": "2"}}})).await.unwrap();
    for text in ["info.rig.n = 2", "n > 0 and INFO.rig.n = 2", "`info`.rig.n + 1 > 2"] {
        let restricted = (&table & sql(text, ())).count(dj).await.map(drop);
        let computed = table.proj(compute("x", text)).fetch(dj).await.map(drop);
        for error in [restricted.unwrap_err(), computed.unwrap_err()] {
            let error = error.to_string();
            assert!(
                error.contains("attribute(\"info.rig.n\")") && error.contains(".path(\"rig.n\")"),
                "{error}"
            );
            let (_, place) = error.split_once("in this SQL: ").unwrap();
            let found = &table & sql(format!("{place} = '2'"), ());
            assert_eq!(
                found.count(dj).await.unwrap_or_else(|error| panic!("{place}: {error}")),
                1,
                "{place}"
            );
        }
    }
    assert_eq!((&table & sql("setup.n = 1", ())).count(dj).await.unwrap(), 1);
    turn.end(dj).await;
}

/// A name that is no attribute is an error with those that are similar; between double quotes stands a name.
pub async fn misspelt_names_in_sql_are_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = doses(dj).await;
    let restricted = |text: &str| &table & sql(text, ());
    for text in ["levl = 'low'", "n > 0 and not \"levl\" = 'low'", "lower(levl) = 'low'", "`levl` is null"] {
        let mut errors = vec![
            restricted(text).fetch(dj).await.map(drop).unwrap_err(),
            restricted(text).count(dj).await.map(drop).unwrap_err(),
            restricted(text).exists(dj).await.map(drop).unwrap_err(),
            restricted(text).delete(dj).confirmed().await.map(drop).unwrap_err(),
            restricted(text).delete_quick(dj).confirmed().await.map(drop).unwrap_err(),
        ];
        let computed = table.proj(compute("x", format!("case when {text} then 1 else 0 end")));
        errors.push(computed.fetch(dj).await.map(drop).unwrap_err());
        errors.push(restricted(text).stream(dj).next().await.unwrap().map(drop).unwrap_err());
        for error in errors {
            let error = error.to_string();
            assert!(
                error.contains("`dj_conformance_expressions.dose`; did you mean `level`?"),
                "{text}: {error}"
            );
        }
    }
    let error = restricted("level = \"low\"").count(dj).await.unwrap_err().to_string();
    assert!(error.contains("a string stands between single quotes"), "{error}");
    assert_eq!(table.count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}

/// In a pattern a backslash takes the meaning from the sign after it, and there must be one; a NUL is no sign of a string.
pub async fn patterns_mean_one_thing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = doses(dj).await;
    for (pattern, found) in
        [("b", 1), ("_", 1), ("_\\\\", 1), ("%\\\\", 1), ("\\b", 1), ("\\_", 0), ("B\\%", 0)]
    {
        let typed = &table & attribute("name").like(pattern);
        assert_eq!(typed.count(dj).await.unwrap(), found, "{pattern}");
        let written = &table & sql("name like ?", [pattern]);
        assert_eq!(written.count(dj).await.unwrap(), found, "{pattern}");
        let others = &table & sql("name not like ?", [pattern]);
        assert_eq!(others.count(dj).await.unwrap(), 2 - found, "{pattern}");
    }
    for pattern in ["\\", "B\\", "%\\\\\\"] {
        for condition in [attribute("name").like(pattern), sql("name like ?", [pattern])] {
            let error = (&table & condition).count(dj).await.unwrap_err().to_string();
            assert!(error.contains("ends in a backslash") && error.contains("dose.name"), "{error}");
        }
    }
    for condition in [attribute("name").like("b\0%"), sql("name like ?", ["b\0%"])] {
        match (&table & condition).count(dj).await {
            Ok(rows) => assert_eq!(rows, 0),
            Err(error) => assert!(error.to_string().contains("NUL"), "{error}"),
        }
    }
    turn.end(dj).await;
}
