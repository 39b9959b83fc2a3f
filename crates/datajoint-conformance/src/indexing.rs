//! Indexes on places in JSON come back as they were declared, on every road.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicDeclaration, DynamicTable, Tier};
use datajoint_transfer::{Export, Import};

use crate::indexes::described;
use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_indexing";
const OTHER: &str = "dj_conformance_indexing_too";

static TURN: Turn = Turn::new(SCHEMA);

/// Places of every form.
const PLACES: [&str; 19] = [
    "doc.a",
    "doc.a_1.B",
    "doc._x1",
    "doc.0",
    "doc[0]",
    "doc[2][0]",
    "doc.a[10].b",
    "doc.a.b[0].c",
    "doc.é",
    "doc.ключ",
    "doc.\"a b\"",
    "doc.\"ключ 🐭 €\"",
    "doc.\"it's\"",
    "doc.\"\"",
    "doc.\"$.b\"",
    "doc.\"strict $.a\"",
    "doc.\"a,b\"",
    "doc.\"a#b:char(3)\"",
    "doc.\"(?)\".\"[*]\"",
];

/// Every type of a place, with what a description says where the server has one word for several.
const TYPES: [&str; 14] = [
    "",
    "char(20)",
    "char(512)",
    "char",
    "signed",
    "unsigned",
    "float",
    "double",
    "decimal(6,2)",
    "decimal",
    "date",
    "time",
    "datetime",
    "bool",
];

fn typed(place: &str, kind: &str) -> String {
    if kind.is_empty() { place.to_owned() } else { format!("{place}:{kind}") }
}

/// The lines of indexes of a type on each place.
fn lines(kind: &str) -> Vec<String> {
    let unique = |number: usize| if number % 2 == 1 { "UNIQUE " } else { "" };
    let mut lines: Vec<String> = PLACES
        .iter()
        .enumerate()
        .map(|(number, place)| format!("{}INDEX ({})", unique(number), typed(place, kind)))
        .collect();
    lines.push(format!("INDEX (note, {})", typed("other.a", kind)));
    lines
}

async fn declare(dj: &Instance, lines: &[String]) -> datajoint::Result<DynamicTable> {
    let lines = lines.join("\n");
    let definition =
        format!("id : int32\n---\nnote = '' : varchar(9)\ndoc = null : json\nother = null : json\n{lines}");
    dj.declare_dynamic(DynamicDeclaration {
        schema: SCHEMA,
        class_name: "Indexed",
        tier: Tier::Manual,
        master: None,
        definition: &definition,
    })
    .await
}

/// MySQL gives them in the order of names that it made.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

async fn indexes_of(dj: &Instance, schema: &str) -> Vec<String> {
    let found = dj.schema(schema).await.unwrap().table("Indexed").unwrap();
    let text = found.describe().unwrap();
    sorted(text.lines().filter(|line| line.contains("INDEX (")).map(str::to_owned).collect())
}

/// An index on a place of any form and type is described as it was declared, or refused by name.
pub async fn indexes_on_places_are_described_as_declared(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for kind in TYPES {
        let declared = lines(kind);
        if let Some(kept) = described(dj.backend(), kind) {
            declare(dj, &declared).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
            assert_eq!(indexes_of(dj, SCHEMA).await, sorted(lines(kept)), "{kind}");
        } else {
            let error = declare(dj, &declared).await.unwrap_err().to_string();
            let place = format!("in its index on `{}`", typed(PLACES[0], kind));
            assert!(error.contains(SCHEMA) && error.contains(&place), "{kind}: {error}");
        }
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
    }
    turn.end(dj).await;
}

/// Sends tables with indexes on places from one database into another one: each is there as it was, or left out by name, and
/// a unique one that can't be there is an error before anything is declared.
pub async fn indexes_on_places_come_over(from: &Instance, to: &Instance) {
    let turn = TURN.take(from).await;
    for kind in TYPES {
        let Some(kept) = described(from.backend(), kind) else { continue };
        let _ = to.drop_schema(OTHER).confirmed().await;
        let table = declare(from, &lines(kind)).await.unwrap();
        table.insert_one(from, json!({"id": 1, "doc": {"a": null, "b": [1, 2]}})).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let found = from.schema(SCHEMA).await.unwrap().table("Indexed").unwrap();
        Export::new(from, &found).to(folder.path()).await.unwrap();
        let import = || Import::new(to, folder.path()).schema(SCHEMA, OTHER);
        let road = format!("{} to {}: {kind}", from.backend(), to.backend());
        let report = import().run().await;
        if let Some(kept) = described(to.backend(), kept) {
            let report = report.unwrap_or_else(|error| panic!("{road}: {error}"));
            assert_eq!(report.left_out, [], "{road}");
            assert_eq!(indexes_of(to, OTHER).await, sorted(lines(kept)), "{road}");
        } else {
            let error = report.unwrap_err().to_string();
            let unique = format!("the unique index ({})", typed(PLACES[1], kept));
            assert!(
                error.contains("has the unique index (doc")
                    && error.contains(OTHER)
                    && error.contains("--without-unique-indexes"),
                "{road}: {error}"
            );
            assert!(to.table(&format!("{OTHER}.Indexed")).await.is_err(), "{road}");
            let report = import().without_unique_indexes().run().await.unwrap();
            assert_eq!(report.left_out.len(), PLACES.len() + 1, "{road}");
            assert!(report.to_string().contains(&unique), "{report}");
            assert_eq!(indexes_of(to, OTHER).await, [] as [String; 0], "{road}");
        }
        import().without_unique_indexes().run().await.unwrap_or_else(|error| panic!("{road}: {error}"));
        let _ = to.drop_schema(OTHER).confirmed().await;
        from.drop_schema(SCHEMA).confirmed().await.unwrap();
    }
    turn.end(from).await;
}

/// An export comes back into the same database with all its indexes.
pub async fn indexes_on_places_come_back(dj: &Instance, _: Capabilities) {
    indexes_on_places_come_over(dj, dj).await;
}

/// A duplicate at a place is refused with the place and the value, be it alone or one of several unique indexes.
pub async fn a_duplicate_at_a_place_is_named(dj: &Instance, _: Capabilities) {
    if described(dj.backend(), "").is_none() {
        return;
    }
    let turn = TURN.take(dj).await;
    for (place, value, shown) in [
        ("doc.a:char(20)", json!("x"), "x"),
        ("doc.\"b c\"[1]:signed", json!(7), "7"),
        ("doc.a", json!("é"), "é"),
    ] {
        let document = |value: &datajoint::types::serde_json::Value| json!({"a": value, "b c": [1, value]});
        for more in
            [vec![], vec!["UNIQUE INDEX (note, id)".to_owned(), "UNIQUE INDEX (other.z:signed)".to_owned()]]
        {
            let lines: Vec<String> = more.into_iter().chain([format!("UNIQUE INDEX ({place})")]).collect();
            let table = declare(dj, &lines).await.unwrap();
            table.insert_one(dj, json!({"id": 1, "doc": document(&value)})).await.unwrap();
            let rows = |id: i32| json!({"id": id, "doc": document(&value)});
            for error in [
                table.insert_one(dj, rows(2)).await.unwrap_err(),
                table.insert(dj, [json!({"id": 3, "doc": {"a": "other"}}), rows(4)]).await.unwrap_err(),
            ] {
                let text = error.to_string();
                assert!(text.contains(&format!("unique index on ({place})")), "{text}");
                assert!(text.contains("dj_conformance_indexing.indexed") && text.contains(shown), "{text}");
                assert!(text.contains("is there already"), "{text}");
            }
            dj.drop_schema(SCHEMA).confirmed().await.unwrap();
        }
    }
    turn.end(dj).await;
}

/// A unique index on strings of a length has every string of that length whole, and refuses longer ones by row and place: no two
/// equal strings are there, and no two others are taken for the same.
pub async fn a_string_longer_than_its_unique_index_is_refused(dj: &Instance, _: Capabilities) {
    if described(dj.backend(), "").is_none() {
        return;
    }
    let turn = TURN.take(dj).await;
    for (place, most) in [("doc.a:char(20)", 20), ("doc.b[1]:char(512)", 512), ("doc.a:char(1)", 1)] {
        let table = declare(dj, &[format!("UNIQUE INDEX ({place})")]).await.unwrap();
        let mut id = 0;
        for letter in ["x", "é", "🐭"] {
            for length in [1, 2, 20, 21, 511, 512, 513, 10_000] {
                let text = letter.repeat(length);
                let mut row = |text: &str| {
                    id += 1;
                    json!({"id": id, "doc": {"a": text, "b": [0, text]}})
                };
                let (first, second) = (row(&text), row(&text));
                let told = format!("{} {place}: {length} of {letter}", dj.backend());
                if length <= most {
                    table.insert_one(dj, first).await.unwrap_or_else(|error| panic!("{told}: {error}"));
                    let error = table.insert_one(dj, second).await.unwrap_err().to_string();
                    assert!(error.contains("is there already"), "{told}: {error}");
                    continue;
                }
                let fitting = row("fits");
                for error in [
                    table.insert_one(dj, first).await.unwrap_err(),
                    table.insert(dj, [json!({"id": 0}), second, fitting]).await.unwrap_err(),
                ] {
                    let error = error.to_string();
                    assert!(error.contains("dj_conformance_indexing.indexed"), "{told}: {error}");
                    let advice = format!(
                        "its unique index on `{place}` takes at most {most} letters, and {length} are given"
                    );
                    assert!(error.contains("id = ") && error.contains(&advice), "{told}: {error}");
                }
            }
        }
        // Those that differ only at their end, in a blank or in case.
        let begun = "a".repeat(most.saturating_sub(1));
        for end in ["1", "2", "b", "B", " ", ""] {
            id += 1;
            let text = format!("{begun}{end}");
            let row = json!({"id": id, "doc": {"a": text, "b": [0, text]}});
            table.insert_one(dj, row).await.unwrap_or_else(|error| panic!("{place} `{end}`: {error}"));
        }
        dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}

/// What stands at a place of an index is of its type on every backend, so that no two rows are taken for the same that are not.
pub async fn what_stands_at_a_place_of_an_index_is_of_its_type(dj: &Instance, _: Capabilities) {
    if described(dj.backend(), "").is_none() {
        return;
    }
    let turn = TURN.take(dj).await;
    let numbers = [
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(99_999.99),
        json!(1.01),
        json!(1.001),
        json!(1.004),
    ];
    let others =
        [json!("1"), json!(""), json!("a"), json!([1]), json!([]), json!({}), json!({"x": 1}), json!("null")];
    let truths = [json!(true), json!(false), json!("true")];
    let moments = [
        json!("2024-01-31"),
        json!("2024-01-31 23:59:59"),
        json!("23:59:59"),
        json!("2024-01-31T23:59:59"),
        json!("9:5:1"),
    ];
    let all = numbers.iter().chain(&others).chain(&truths).chain(&moments);
    let taken: [(&str, &[usize]); 7] = [
        ("signed", &[0, 1, 2]),
        ("unsigned", &[0, 1]),
        ("double", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ("decimal(6,2)", &[0, 1, 2, 3, 5]),
        ("bool", &[16, 17]),
        ("date", &[19]),
        ("datetime", &[20]),
    ];
    let cases = taken.into_iter().filter(|(kind, _)| described(dj.backend(), kind).is_some());
    for (kind, places) in cases {
        let table = declare(dj, &[format!("UNIQUE INDEX (doc.a:{kind})")]).await.unwrap();
        for (id, value) in all.clone().enumerate() {
            let row = json!({"id": id, "doc": {"a": value}});
            let outcome = table.insert(dj, [json!({"id": 1000 + id}), row]).await;
            if places.contains(&id) {
                outcome.unwrap_or_else(|error| panic!("{kind} {value}: {error}"));
                let again = table.insert_one(dj, json!({"id": 2000 + id, "doc": {"a": value}})).await;
                let error = again.unwrap_err().to_string();
                assert!(
                    error.contains("is there already") || error.contains("takes each value"),
                    "{kind}: {error}"
                );
                continue;
            }
            let error = outcome.unwrap_err().to_string();
            let is_told = error.contains("dj_conformance_indexing.indexed")
                && error.contains("row 2")
                && error.contains(&format!("at `doc.a:{kind}`"));
            assert!(is_told, "{kind} {value}: {error}");
        }
        assert_eq!(table.count(dj).await.unwrap(), 2 * places.len() as u64, "{kind}");
        let nothing = [json!({}), json!({"a": null}), json!({}), json!({"a": null})];
        let rows = (5000..).zip(nothing).map(|(id, doc)| json!({"id": id, "doc": doc}));
        table.insert(dj, rows.collect::<Vec<_>>()).await.unwrap();
        let of_query = table.insert_query(dj, &table.query(), InsertOptions::new()).await;
        let error = of_query.unwrap_err().to_string();
        assert!(error.contains(&format!("its index on `doc.a:{kind}`")), "{kind}: {error}");
        dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}
