use datajoint_definition::Tier;
use datajoint_pipeline::{
    Delete, DynamicDeclaration, DynamicRow, DynamicTable, Error, Instance, PartIntegrity, Relation,
};
use datajoint_sql::Value;
use serde_json::json;

use crate::lab;

/// A parent, a child with most types, and a computed table with a part.
pub(crate) async fn declare(dj: &Instance, schema: &str) -> [DynamicTable; 4] {
    let table = async |class_name, tier, master, definition| {
        let declaration = DynamicDeclaration { schema, class_name, tier, master, definition };
        dj.declare_dynamic(declaration).await.unwrap()
    };
    [
        table("Animal", Tier::Manual, None, "# Animals\nanimal : int32\n---\nborn = null : date").await,
        table(
            "Visit",
            Tier::Manual,
            None,
            "-> Animal\nvisit : varchar(8)\n---\nweight : decimal(6,2)\nstate = 'calm' : enum('calm', 'wild')\n\
             at = null : datetime(3)\ndata = null : json\nraw = null : bytes\nok = true : bool\nscore = null : float32\n\
             index (weight)",
        )
        .await,
        table("Result", Tier::Computed, None, "-> Visit\n---\nvalue : float64\nscan = null : <blob>").await,
        table("Peak", Tier::Part, Some("Result"), "-> master\npeak : int16\n---\nheight : float64").await,
    ]
}

/// Writes and reads through the dynamic tables, the same on every database.
pub(crate) async fn exercise(dj: &Instance, schema: &str) {
    let [animal, visit, result, peak] = declare(dj, schema).await;
    // Once more is no error.
    declare(dj, schema).await;
    animal.insert(dj, [json!({"animal": 1, "born": "2024-02-29"}), json!({"animal": 2})]).await.unwrap();
    let full = json!({
        "animal": 1, "visit": "a", "weight": "12.50", "state": "wild", "at": "2024-05-06 07:08:09.125",
        "data": {"b": [1, null, "é"]}, "ok": false, "score": 0.5,
    });
    visit.insert(dj, [full, json!({"animal": 2, "visit": "b", "weight": 3})]).await.unwrap();
    let row = (&visit & [("visit", "a")]).fetch_one(dj).await.unwrap();
    let expected = "{animal: 1, visit: \"a\", weight: 12.50, state: \"wild\", at: 2024-05-06 07:08:09.125, \
                    data: the JSON {\"b\":[1,null,\"é\"]}, raw: null, ok: false, score: 0.5}";
    assert_eq!(row.to_string(), expected);
    let row = (&visit & [("visit", "b")]).fetch_one(dj).await.unwrap();
    assert_eq!((row.get::<String>("state").unwrap(), row.get::<bool>("ok").unwrap()), ("calm".into(), true));

    let error = visit.insert_one(dj, json!({"animal": 7, "visit": "x", "weight": 1})).await.unwrap_err();
    assert!(
        matches!(&error, Error::MissingParent { parent, key, .. } if parent.table == "animal" && key.to_string() == "animal = 7"),
        "{error}"
    );
    let error = animal.insert_one(dj, json!({"animal": 1})).await.unwrap_err().to_string();
    assert!(error.contains("(animal = 1)"), "{error}");

    let allowed = datajoint_pipeline::InsertOptions::new().allow_direct_insert();
    let blob = datajoint_blob::pack(&vec![1.5, 2.5]).unwrap();
    let made = DynamicRow::from([
        ("animal", Value::Int(1)),
        ("visit", Value::Text("a".into())),
        ("value", Value::Float64(0.25)),
        ("scan", Value::Bytes(blob)),
    ]);
    assert!(result.insert_one(dj, made.clone()).await.is_err());
    result.insert_with(dj, [made], allowed).await.unwrap();
    let peaks = (0..1500)
        .map(|number| json!({"animal": 1, "visit": "a", "peak": number, "height": f64::from(number) / 2.0}));
    peak.insert_with(dj, peaks, allowed).await.unwrap();
    assert_eq!(result.fetch_one(dj).await.unwrap().blob::<Vec<f64>>("scan").unwrap(), [1.5, 2.5]);
    let joined = ((&peak * &visit * &animal) & [("peak", 3)]).fetch_one(dj).await.unwrap();
    assert_eq!((joined.get::<f64>("height").unwrap(), joined.get::<i32>("animal").unwrap()), (1.5, 1));
    assert_eq!((&visit - &result).count(dj).await.unwrap(), 1);

    visit.update_one(dj, json!({"animal": 2, "visit": "b", "weight": 4.25, "data": "text"})).await.unwrap();
    let row = (&visit & [("visit", "b")]).fetch_one(dj).await.unwrap();
    assert_eq!(row.get::<rust_decimal::Decimal>("weight").unwrap().to_string(), "4.25");
    assert_eq!(row.get::<serde_json::Value>("data").unwrap(), json!("text"));

    let read = dj.schema(schema).await.unwrap();
    assert_eq!(read.list_tables(), ["animal", "visit", "__result", "__result__peak"]);
    for (read, declared) in read.tables().zip([&animal, &visit, &result, &peak]) {
        let differences = datajoint_sql::difference(dj.backend(), declared.table(), read.table());
        assert!(differences.is_empty(), "{}: {differences:?}", dj.backend());
        assert_eq!(read.describe().unwrap(), declared.describe().unwrap());
    }

    assert!((&peak & [("peak", 1)]).delete(dj).confirmed().await.is_err());
    let report = (&animal & [("animal", 1)]).delete(dj).confirmed().await.unwrap();
    assert_eq!((report.rows, report.total()), (1, 1 + 1 + 1 + 1500));
    assert_eq!(visit.count(dj).await.unwrap(), 1);
    let dropped = result.drop(dj).part_integrity(PartIntegrity::Enforce).confirmed().await.unwrap();
    assert_eq!(dropped.len(), 2);
    dj.drop_schema(schema).confirmed().await.unwrap();
    assert!(dj.schema(schema).await.is_err());
}

#[tokio::test]
async fn tables_can_be_declared_filled_read_and_dropped_without_types() {
    exercise(&lab::embedded().await, "zoo").await;
}

#[tokio::test]
async fn every_fault_of_a_dynamic_row_is_named() {
    let dj = lab::embedded().await;
    let [animal, visit, ..] = declare(&dj, "zoo").await;
    animal.insert_one(&dj, json!({"animal": 1})).await.unwrap();
    let cases = [
        (json!({"animal": 1, "visit": "a"}), "row 1 for `zoo.visit` lacks `weight`"),
        (json!({"animal": 1, "visit": "a", "weight": 1, "wait": 1}), "`wait`, which is not an attribute"),
        (json!({"animal": "one", "visit": "a", "weight": 1}), "`animal`"),
        (
            json!({"animal": 1, "visit": null, "weight": 1}),
            "attribute `visit`: is null, but it must have a value",
        ),
        (json!({"animal": 1, "visit": "a", "weight": 1, "state": null}), "leave it out for its default"),
        (json!({"animal": 1, "visit": "a", "weight": 1, "state": "odd"}), "state"),
        (json!({"animal": 1, "visit": "far too long", "weight": 1}), "visit"),
        (json!([1]), "a row is a JSON object"),
    ];
    for (row, expected) in cases {
        let error = visit.insert_one(&dj, row).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let rows = [json!({"animal": 1, "visit": "a", "weight": 1}), json!({"animal": 1, "visit": "b"})];
    let error = visit.insert(&dj, rows).await.unwrap_err().to_string();
    assert!(error.starts_with("row 2 "), "{error}");
    assert_eq!(visit.count(&dj).await.unwrap(), 0);
}

#[tokio::test]
async fn unknown_tables_and_schemas_are_named_with_what_is_near() {
    let dj = lab::embedded().await;
    declare(&dj, "zoo").await;
    assert_eq!(dj.table("zoo.Result.Peak").await.unwrap().name().table, "__result__peak");
    assert_eq!(dj.table("zoo.__result").await.unwrap().name().table, "__result");
    let error = dj.table("zoo.Visits").await.unwrap_err().to_string();
    assert!(error.contains("`zoo.Visits`; did you mean `Visit`"), "{error}");
    let error = dj.schema("zo").await.unwrap_err().to_string();
    assert!(error.contains("did you mean `zoo`"), "{error}");
    let declaration = DynamicDeclaration {
        schema: "zoo",
        class_name: "Odd",
        tier: Tier::Manual,
        master: None,
        definition: "-> Animals\nodd int32",
    };
    assert!(dj.declare_dynamic(declaration).await.is_err());
}

/// Nothing could be inserted, or somebody meant another text: the table would be there all the same.
#[tokio::test]
async fn a_definition_that_takes_no_row_is_declared_by_nobody() {
    let dj = lab::embedded().await;
    for (schema, definition, said) in [
        ("odd", "", &["`odd.item`", "has no attributes"][..]),
        ("odd", "# only a comment", &["`odd.item`", "has no attributes"]),
        ("odd", "\n---\n", &["`odd.item`", "has no attributes"]),
        ("odd", "a : int32\n---\nb : <nope>", &["`odd.item`", "no codec `nope`", "line 3"]),
        ("odd", "a : int32\n---\nb : <blobb>", &["`odd.item`", "did you mean `blob`?"]),
        (
            "odd",
            "a : int32\n---\nb : <blob@nostore>",
            &["`odd.item`", "no store `nostore`", "stores.nostore"],
        ),
        ("odd", "-> Nope\na : int32", &["`odd.item`", "`odd.Nope` is not there", "line 1"]),
        ("odd", "-> Nope\n-> Neither", &["`odd.Nope` is not there", "`odd.Neither` is not there"]),
        ("odd", "-> zo.Animal", &["`odd.item`", "`zo.Animal` is not there"]),
        ("zoo", "-> Animals\nodd int32", &["`zoo.item`", "did you mean `Animal`?", "line 2"]),
    ] {
        let (class_name, tier, master) = ("Item", Tier::Manual, None);
        let declaration = DynamicDeclaration { schema, class_name, tier, master, definition };
        let error = dj.declare_dynamic(declaration).await.unwrap_err().to_string();
        for part in said {
            assert!(error.contains(part), "{definition:?}: {error}");
        }
        if schema == "odd" {
            assert!(dj.list_schemas().await.unwrap().iter().all(|schema| schema != "odd"), "{definition:?}");
            declare(&dj, "zoo").await;
        }
    }
}

#[tokio::test]
async fn rows_go_to_json_and_back() {
    let row = DynamicRow::new().with("a", 1).unwrap().with("b", 0.5).unwrap().with("c", None::<i32>).unwrap();
    assert_eq!(row.to_json().unwrap(), json!({"a": 1, "b": 0.5, "c": null}));
    assert_eq!(DynamicRow::try_from(row.to_json().unwrap()).unwrap(), row);
    assert!(DynamicRow::new().with("raw", vec![1_u8]).unwrap().to_json().is_err());
}
