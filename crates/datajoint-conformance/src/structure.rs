//! What SQL of users is made of: its strings, names, enums, numbers and documents are the same on every backend.

use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{DynamicDeclaration, DynamicTable, Error, Tier, attribute};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_structure";

static TURN: Turn = Turn::new(SCHEMA);

async fn structured(dj: &Instance) -> DynamicTable {
    let definition =
        "id : int32\n---\ns : varchar(20)\ne = null : enum('z', 'a', 'm')\ng : float32\nj = null : json";
    let table = crate::matrix::declare(dj, SCHEMA, "Structured", definition).await;
    let rows = [
        json!({"id": 1, "s": "a\\b", "e": "z", "g": 0.1, "j": {"a": 1, "b": [1.0]}}),
        json!({"id": 2, "s": "it's a\\", "e": "a", "g": 7}),
        json!({"id": 3, "s": "100%", "e": "m", "g": 2.5, "j": "text"}),
        json!({"id": 4, "s": "x", "g": 0}),
    ];
    table.insert(dj, rows).await.unwrap();
    table
}

/// Fails unless each condition finds the rows with these keys.
async fn find(dj: &Instance, table: &DynamicTable, conditions: &[(&str, &[i32])]) {
    for (condition, expected) in conditions {
        let found = (table & sql(*condition, ())).order_by("id").column_as::<i32>(dj, "id").await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{condition}: {error}")), *expected, "{condition}");
    }
}

/// A backslash is a letter of a string, and in a pattern takes the meaning from what follows it, however the pattern is made.
pub async fn a_backslash_is_a_letter_of_every_string(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = structured(dj).await;
    let conditions: [(&str, &[i32]); 23] = [
        (r"s = 'a\b'", &[1]),
        (r"s = n'a\b'", &[1]),
        (r"s = 'a\\b'", &[]),
        (r"s in ('a\b', 'x')", &[1, 4]),
        (r"s between 'a\b' and 'a\b'", &[1]),
        (r"(id, s) = (1, 'a\b')", &[1]),
        (r"(id, s) in ((1, 'a\b'), (2, 'it''s a\'))", &[1, 2]),
        (r"s = 'it''s a\'", &[2]),
        (r"s = 'it''s a\' and id = 3 or 'x' = ' or id = 3 or '", &[]),
        (r"s = '\' or id = 4 -- '", &[4]),
        (r"concat(s, '\') = 'a\b\'", &[1]),
        (r"upper(s) = 'A\B' and length(s) = length('a\b')", &[1]),
        (r"replace(s, '\', '\\') = 'a\\b'", &[1]),
        (r"s like 'a\\b'", &[1]),
        (r"s like 'a\b'", &[]),
        (r"s like '100\%'", &[3]),
        (r"s like concat('100', '\%')", &[3]),
        (r"s not like concat('100', '\%') and id < 4", &[1, 2]),
        (r"s like replace('100!%', '!', '\')", &[3]),
        (r"s like case when id > 0 then '100\%' else 'x' end or (s like trim(' \x '))", &[3, 4]),
        (r"lower(s) like '100\%'", &[3]),
        (r"s like '%!%' escape '!'", &[3]),
        (r"id in (select id from {structured} where lower(s) like concat('100', '\%'))", &[3]),
    ];
    let name = datajoint_sql::table_reference(dj.backend(), table.name());
    for (condition, expected) in conditions {
        find(dj, &table, &[(condition.replace("{structured}", &name).as_str(), expected)]).await;
    }
    let computed = table.proj(compute("x", r"concat('\', s)")) & sql(r"x = '\a\b'", ());
    assert_eq!(computed.column_as::<i32>(dj, "id").await.unwrap(), [1]);
    for (refused, words) in [
        (r"s = 'it\'s a'", "a quote within a string is written twice"),
        ("s = 'a' 'b'", "write one"),
        ("s = 'a'\n'b'", "write one"),
    ] {
        let error = (&table & sql(refused, ())).count(dj).await.unwrap_err().to_string();
        assert!(error.contains(words), "{refused}: {error}");
    }
    turn.end(dj).await;
}

/// An enum is ordered as it is declared, be it between brackets or under another name; in a call it is its string.
pub async fn an_enum_is_itself_between_brackets_and_a_string_in_calls(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = structured(dj).await;
    let conditions: [(&str, &[i32]); 15] = [
        ("e > 'a'", &[3]),
        ("((e)) > 'a'", &[3]),
        ("(e) > (('a'))", &[3]),
        ("('a') < (structured.e)", &[3]),
        ("(e) between ('a') and ('m')", &[2, 3]),
        ("((e), id) in (('a', 2), ('z', 2))", &[2]),
        ("coalesce(e, 'a') > 'b'", &[1, 3]),
        ("coalesce(e, '') > 'b'", &[1, 3]),
        ("ifnull(e, 'none') = 'none'", &[4]),
        ("if(e > 'a', 'none', e) = 'none'", &[3]),
        ("case e when 'none' then 1 when 'z' then 2 end = 2", &[1]),
        ("case when id = 1 then e else 'none' end = 'none'", &[2, 3, 4]),
        ("lower(coalesce(e, 'Q')) = 'q' or upper(e) = 'Z'", &[1, 4]),
        ("e is null or (e) = 'z'", &[1, 4]),
        ("(e) like ('_') and not ((e)) not like 'm'", &[3]),
    ];
    find(dj, &table, &conditions).await;
    for text in ["e", "(e)", "( (`e`) )", "\"e\"", "(structured.e)"] {
        let computed = table.proj(compute("x", text));
        for condition in [sql("x > 'a'", ()), sql("(x) > ?", ["a"])] {
            let found = (&computed & condition).column_as::<i32>(dj, "id").await;
            assert_eq!(found.unwrap_or_else(|error| panic!("{text}: {error}")), [3], "{text}");
        }
        let found = (&computed & attribute("x").gt("a")).column_as::<i32>(dj, "id").await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{text}: {error}")), [3], "{text}");
        let ordered = (&computed & sql("x is not null", ())).order_by("x").column_as::<i32>(dj, "id").await;
        assert_eq!(ordered.unwrap(), [1, 2, 3], "{text}");
    }
    let computed = table.proj(compute("x", "ifnull(e, 'none')")).order_by("id");
    assert_eq!(computed.column_as::<String>(dj, "x").await.unwrap(), ["z", "a", "m", "none"]);
    turn.end(dj).await;
}

/// A number is found in a list as it is found alone, and one beyond all that an attribute holds is compared with it.
pub async fn a_number_is_the_same_alone_and_in_a_list(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = structured(dj).await;
    let conditions: [(&str, &[i32]); 11] = [
        ("g = 0.1", &[]),
        ("g in (0.1)", &[]),
        ("g in (0.1, 7)", &[2]),
        ("g in (7, 0.1, -1, 2.5)", &[2, 3]),
        ("(g) in (-0.1, 0.1, 7)", &[2]),
        ("g not in (0.1, 7) and id < 4", &[1, 3]),
        ("not g in (0.1, 7) and id < 4", &[1, 3]),
        ("(id, g) in ((1, 0.1), (2, 7))", &[2]),
        ("abs(g) in (0.1, 7)", &[2]),
        ("g in (16777217, 7)", &[2]),
        ("id < 4294967296 and id in (1, 2.0, 3.5)", &[1, 2]),
    ];
    find(dj, &table, &conditions).await;
    let all = u64::MAX;
    assert_eq!((&table & sql("id < ?", [all])).count(dj).await.unwrap(), 4);
    assert_eq!((&table & attribute("id").lt(all)).count(dj).await.unwrap(), 4);
    assert_eq!((&table & attribute("id").ge(all)).count(dj).await.unwrap(), 0);
    turn.end(dj).await;
}

/// A name is an attribute or an error, whatever the server keeps of each row.
pub async fn what_is_no_attribute_is_an_error(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = structured(dj).await;
    for name in [
        "rowid",
        "oid",
        "_rowid_",
        "_rowid",
        "ROWID",
        "\"rowid\"",
        "ctid",
        "xmin",
        "xmax",
        "cmin",
        "tableoid",
        "structured",
        "(structured)",
        "structured.*",
        "structured.rowid",
        "structured.ctid",
    ] {
        let text = format!("{name} is not null and id = 1");
        let computed = table.proj(compute("x", format!("coalesce({name}, {name})")));
        for error in [
            (&table & sql(text.as_str(), ())).count(dj).await.map(drop).unwrap_err(),
            (&table & sql(text.as_str(), ())).delete(dj).confirmed().await.map(drop).unwrap_err(),
            computed.fetch(dj).await.map(drop).unwrap_err(),
        ] {
            assert!(error.to_string().contains("no attribute"), "{name}: {error}");
        }
    }
    for text in ["id = @a", "@@a is not null", "(@a := 1) = 1", "id = :a", "id = $1"] {
        let error = (&table & sql(text, ())).count(dj).await.unwrap_err().to_string();
        let says = ["is no SQL expression", "no attribute"];
        assert!(says.iter().any(|say| error.contains(say)), "{text}: {error}");
    }
    for (place, name) in ["ctid", "xmin", "tableoid", "rowid", "oid", "true", "false"].into_iter().enumerate()
    {
        let (class_name, definition) = (format!("Named{place}"), format!("id : int32\n---\n{name} : int32"));
        let declaration = DynamicDeclaration {
            schema: SCHEMA,
            class_name: &class_name,
            tier: Tier::Manual,
            definition: &definition,
            master: None,
        };
        match dj.declare_dynamic(declaration).await {
            Ok(table) => {
                table.insert_one(dj, json!({"id": 1, name: 7})).await.unwrap();
                assert_eq!((&table & attribute(name).eq(7)).count(dj).await.unwrap(), 1, "{name}");
                assert_eq!((&table & sql(format!("`{name}` = 7"), ())).count(dj).await.unwrap(), 1, "{name}");
                assert_eq!((&table - attribute(name).eq(7)).count(dj).await.unwrap(), 0, "{name}");
            }
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains(&format!("`{name}`")) && error.contains("another name"), "{error}");
            }
        }
    }
    turn.end(dj).await;
}

/// Documents are compared by what stands in them: as a whole on no backend, in whatever words.
pub async fn documents_are_not_compared_as_a_whole(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = structured(dj).await;
    let document = || json!({"b": [1], "a": 1.0});
    let row = || DynamicRow::list_from_json_str(r#"[{"id": 1, "j": {"a": 1, "b": [1.0]}}]"#).unwrap();
    let conditions = || {
        [
            attribute("j").eq(document()),
            attribute("j").ne(document()),
            attribute("j").is_in([document(), document()]),
            sql("j = ?", [document()]),
            sql("(j) <> ?", [document()]),
            sql("j in (?, ?)", [document(), document()]),
            sql("(id, j) = (1, ?)", [document()]),
            sql("j = '{\"a\":1}'", ()),
        ]
    };
    let is_refused = |error: Error| {
        let error = error.to_string();
        assert!(error.contains("not compared as a whole") && error.contains("structured.j"), "{error}");
    };
    for condition in conditions() {
        is_refused((&table & condition.clone()).count(dj).await.unwrap_err());
        is_refused((&table - condition.clone()).fetch(dj).await.unwrap_err());
        is_refused((&table & condition).delete(dj).confirmed().await.map(drop).unwrap_err());
    }
    is_refused((&table & row()).count(dj).await.unwrap_err());
    is_refused((&table - row()).delete(dj).confirmed().await.map(drop).unwrap_err());
    is_refused((&table & [("j", document())]).count(dj).await.unwrap_err());
    assert_eq!((&table & attribute("j").eq(None::<Json>)).count(dj).await.unwrap(), 2);
    assert_eq!((&table & sql("j is null", ())).count(dj).await.unwrap(), 2);
    assert_eq!((&table & attribute("j.a").eq(1)).count(dj).await.unwrap(), 1);
    // Strings of rows that were read from JSON are strings.
    let rows = DynamicRow::list_from_json_str(r#"[{"s": "x"}, {"s": "100%", "e": "m"}]"#).unwrap();
    assert_eq!((&table & rows.clone()).count(dj).await.unwrap(), 2);
    assert_eq!((&table - rows).count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}

/// What an index on a place in JSON can't hold is refused before it is sent, and a clash in it is told as one.
pub async fn indexes_on_places_hold_what_their_types_do(dj: &Instance, _: Capabilities) {
    if !dj.backend().capability().has_expression_indexes {
        return;
    }
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\nj : json\nunique index (j.a:float)\nunique index (j.b:bool)";
    let table = crate::matrix::declare(dj, SCHEMA, "Placed", definition).await;
    let row = |id: i32, document: Json| json!({"id": id, "j": document});
    table.insert(dj, [row(1, json!({"a": 1.5, "b": true})), row(2, json!({"a": 0}))]).await.unwrap();
    for number in [1e39, -1e39, 1e-60] {
        let error = table.insert_one(dj, row(3, json!({"a": number}))).await.unwrap_err().to_string();
        assert!(error.contains("none nearer to 0"), "{number}: {error}");
    }
    for (document, attributes) in [(json!({"a": 1.5}), "j.a:float"), (json!({"b": true}), "j.b:bool")] {
        match table.insert_one(dj, row(3, document)).await.unwrap_err() {
            Error::NotUnique { attributes: clashing, .. } => assert_eq!(clashing, [attributes]),
            error => panic!("{attributes}: {error:?}"),
        }
    }
    assert_eq!((&table & attribute("j.b:bool").eq(true)).count(dj).await.unwrap(), 1);
    assert_eq!((&table & attribute("j.b:bool").eq(false)).count(dj).await.unwrap(), 0);
    turn.end(dj).await;
}

/// The present moment is the default of moments, and of what else a server makes of it; elsewhere that is told.
pub async fn the_present_moment_is_the_default_of_what_can_hold_it(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for (place, kind) in ["datetime", "datetime(3)", "date", "varchar(40)"].into_iter().enumerate() {
        let definition = format!("id : int32\n---\nt = current_timestamp : {kind}");
        let declaration = DynamicDeclaration {
            schema: SCHEMA,
            class_name: &format!("Moment{place}"),
            tier: Tier::Manual,
            definition: &definition,
            master: None,
        };
        match dj.declare_dynamic(declaration).await {
            Ok(table) => {
                table.insert_one(dj, json!({"id": 1})).await.unwrap();
                assert_eq!(table.fetch_json(dj).await.unwrap().len(), 1, "{kind}");
            }
            Err(error) => {
                assert!(!kind.starts_with("datetime"), "{kind}: {error}");
                assert!(error.to_string().contains("present moment"), "{kind}: {error}");
            }
        }
    }
    turn.end(dj).await;
}
