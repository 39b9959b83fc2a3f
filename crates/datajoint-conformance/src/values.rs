//! Values of every core type.

use datajoint::prelude::*;
use datajoint::{Backend, Error, Value};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_values");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// tiny : int8
    /// short : int16
    /// long : int64
    /// single : float32
    /// double : float64
    /// flag : bool
    /// tag : uuid
    /// document : json
    /// raw : bytes
    /// day : date
    /// moment : datetime(6)
    /// code : char(4)
    /// text : varchar(40)
    /// side : enum('left', 'right')
    /// price : decimal(8,3)
    /// trace : <blob>
    pub(super) struct Everything;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// entered = CURRENT_TIMESTAMP : datetime
    /// exact = CURRENT_TIMESTAMP : datetime(3)
    pub(super) struct Stamped;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// day = null : date
    /// note : varchar(10)
    pub(super) struct Dated;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// short = null : decimal(15,3)
    /// big = null : int64
    /// number = null : float64
    /// document = null : json
    pub(super) struct Counted;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// price = null : decimal(28,8)
    /// exact = null : decimal(50,20)
    pub(super) struct Priced;

    pipeline! { pub(super) struct Stamps { Stamped } }
}

use tables::{Counted, Dated, DatedRow, Everything, EverythingRow, EverythingSide, Priced, Stamps};

static TURN: Turn = Turn::new("dj_conformance_values");

fn row(id: i32) -> EverythingRow {
    EverythingRow {
        id,
        tiny: i8::MIN,
        short: i16::MAX,
        long: i64::MIN,
        single: 0.1,
        double: 1e300,
        flag: true,
        tag: "12345678-1234-5678-1234-567812345678".parse().unwrap(),
        document: serde_json::json!({"b": 1, "a": [1, null, "é"]}),
        raw: vec![0, 255, 7],
        day: "2024-02-29".parse().unwrap(),
        moment: "2024-01-02T03:04:05.678901".parse().unwrap(),
        code: "ab".to_owned(),
        text: "it's \\ naïve \" %".to_owned(),
        side: EverythingSide::Right,
        price: "1.500".parse().unwrap(),
        trace: Blob::List(vec![Blob::of(&1_i64).unwrap(), Blob::of("a").unwrap()]),
    }
}

/// Ends of ranges, quotes, blobs and all.
pub async fn every_core_type_comes_back_as_it_was(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Everything.insert_one(dj, row(1)).await.unwrap();
    assert_eq!(Everything.fetch_one(dj).await.unwrap(), row(1));
    // In bulk they travel another way.
    Everything.insert(dj, (2..200).map(row)).await.unwrap();
    let rows = Everything.order_by("KEY").fetch(dj).await.unwrap();
    assert_eq!(rows.len(), 199);
    assert_eq!(rows[150], row(151));
    let side = (Everything & Everything::side.eq(EverythingSide::Right)).count(dj).await.unwrap();
    assert_eq!(side, 199);
    turn.end(dj).await;
}

/// What is out of range or too long never reaches the database.
pub async fn values_that_do_not_fit_are_refused_by_name(dj: &Instance, capabilities: Capabilities) {
    let turn = TURN.take(dj).await;
    for (name, wrong) in [
        ("text", EverythingRow { text: "x".repeat(41), ..row(1) }),
        ("code", EverythingRow { code: "abcde".to_owned(), ..row(1) }),
        ("price", EverythingRow { price: "1.2345".parse().unwrap(), ..row(1) }),
    ] {
        let error = Everything.insert_one(dj, wrong).await.unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let nan = Everything.insert_one(dj, EverythingRow { double: f64::NAN, ..row(1) }).await;
    assert_eq!(nan.is_ok(), capabilities.keeps_nan, "{nan:?}");
    if capabilities.keeps_nan {
        let again = InsertOptions::new().skip_identical();
        let same = EverythingRow { double: f64::NAN, ..row(1) };
        Everything.insert_with(dj, [same], again).await.unwrap();
        let error = Everything.insert_with(dj, [row(1)], again).await.unwrap_err();
        assert!(matches!(&error, Error::OtherRow { there, .. } if there == "NaN"), "{error}");
    }
    turn.end(dj).await;
}

/// The default of the present moment fits its column: such a row can be inserted again, here and in another database.
pub async fn stamps_have_the_digits_of_their_column(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let other = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    for instance in [dj, &other] {
        let _ = instance.activate::<Stamps>().await.unwrap();
        let report = instance.activate::<Stamps>().await.unwrap();
        assert!(report.is_unchanged(), "{report}");
    }
    let name = "dj_conformance_values.Stamped";
    let (here, there) = (dj.table(name).await.unwrap(), other.table(name).await.unwrap());
    for id in 0..5 {
        here.insert_one(dj, DynamicRow::new().with("id", id).unwrap()).await.unwrap();
    }
    for mut row in here.fetch(dj).await.unwrap() {
        there.insert_one(&other, row.clone()).await.unwrap();
        let id: i32 = row.get("id").unwrap();
        row.set("id", Value::Int(i64::from(id) + 10));
        here.insert_one(dj, row).await.unwrap();
    }
    turn.end(dj).await;
}

/// A row with what is no value of the type is named; the others, and the rest of it, are read.
pub async fn what_no_calendar_has_is_named(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Dated.insert(dj, [DatedRow { id: 1, day: None, note: "a".to_owned() }]).await.unwrap();
    let (insert, shown) = match dj.backend() {
        Backend::Postgresql => {
            (r#"INSERT INTO "dj_conformance_values"."dated" VALUES (7, 'infinity', 'b')"#, "infinity")
        }
        Backend::Sqlite => {
            ("INSERT INTO `dj_conformance_values.dated` VALUES (7, '2024-02-30', 'b')", "2024-02-30")
        }
        Backend::Mysql | Backend::Mariadb => {
            ("INSERT INTO dj_conformance_values.dated VALUES (7, '0000-00-00', 'b')", "0000-00-00")
        }
    };
    crate::legacy::unchecked(dj, &[insert]).await;
    let error = Dated.fetch(dj).await.unwrap_err().to_string();
    for part in ["dj_conformance_values", "dated", "id=7", "`day`", shown] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let mut rows = Dated.stream(dj);
    let mut last = String::new();
    while let Some(row) = rows.next().await {
        last = row.map_or_else(|error| error.to_string(), |row| row.note);
    }
    assert!(last.contains("id=7"), "{last}");
    let notes: Vec<String> = Dated.order_by("KEY").column(dj, Dated::note).await.unwrap();
    assert_eq!(notes, ["a", "b"]);
    turn.end(dj).await;
}

/// The numbers of a JSON text are taken with every digit, or refused; a name that stands twice is neither.
pub async fn a_json_text_loses_no_digit(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    // SQLite keeps decimals as 64-bit floats: it has no table of long ones.
    let has_long = dj.backend() != Backend::Sqlite;
    Counted.count(dj).await.unwrap();
    if has_long {
        Priced.count(dj).await.unwrap();
    }
    let schema = dj.schema("dj_conformance_values").await.unwrap();
    for (attribute, written, kept) in [
        ("price", "12345678901234567.12345678", Some("12345678901234567.12345678")),
        ("price", "1.5", Some("1.50000000")),
        ("exact", "0.12345678901234567891", Some("0.12345678901234567891")),
        ("short", "1.00000000000000000001", None),
        ("short", "1.0005", None),
        ("big", "9007199254740993.0", Some("9007199254740993")),
        ("big", "9223372036854775808", None),
        ("big", "1.00000000000000000001", None),
        ("number", "9007199254740993.0", None),
        ("number", "9007199254740993", None),
        ("number", "1e300", Some("1e300")),
        ("document", r#"{"a": 18446744073709551616}"#, None),
        ("document", "[0.1000000000000000000000001]", None),
        ("document", "0.1000000000000000000000001", None),
        ("document", r#"{"a": 1, "a": 2}"#, None),
        ("document", r#"{"a": 18446744073709551615}"#, Some(r#"{"a":18446744073709551615}"#)),
    ] {
        let is_long = matches!(attribute, "price" | "exact");
        if is_long && !has_long {
            continue;
        }
        let table = schema.table(if is_long { "Priced" } else { "Counted" }).unwrap();
        let text = format!(r#"[{{"id": 1, "{attribute}": {written}}}]"#);
        let taken = match DynamicRow::list_from_json_str(&text) {
            Ok(rows) => table.insert(dj, rows).await.map(drop).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let found = match taken {
            Ok(()) => {
                let row = table.fetch_one(dj).await.unwrap();
                Ok(match row.value(attribute).unwrap() {
                    Value::Json(document) => document.to_string(),
                    Value::Float64(number) => format!("{number:e}"),
                    Value::Decimal(number) => number.to_string(),
                    Value::BigDecimal(number) => number.to_plain_string(),
                    value => {
                        format!("{value:?}").trim_matches(|part: char| !part.is_ascii_digit()).to_owned()
                    }
                })
            }
            Err(error) => Err(error),
        };
        match (found, kept) {
            (Ok(found), Some(kept)) => assert_eq!(found, kept, "{text}"),
            (Err(error), None) => assert!(error.contains(attribute), "{text}: {error}"),
            (found, _) => panic!("{text} became {found:?}"),
        }
        (&table & [("id", 1)]).delete_quick(dj).confirmed().await.unwrap();
    }
    let twice = DynamicRow::list_from_json_str(r#"[{"id": 1}, {"id": 2, "id": 3}]"#).unwrap_err().to_string();
    assert_eq!(twice, "row 2: attribute `id`: it stands twice in the row; leave one of them out");
    turn.end(dj).await;
}

/// Lists and objects stand within each other up to a limit that is told before anything is sent, on every road; deeper ones
/// that others wrote are told by their row.
pub async fn a_document_is_as_deep_as_is_read(dj: &Instance, _: Capabilities) {
    use datajoint::types::serde_json::{Value as Json, json};
    use datajoint::{DynamicDeclaration, DynamicRow, Tier};

    const SCHEMA: &str = "dj_conformance_values_deep";
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    let declaration = DynamicDeclaration {
        schema: SCHEMA,
        class_name: "Deep",
        tier: Tier::Manual,
        definition: "id : int32\n---\nj = null : json",
        master: None,
    };
    let table = dj.declare_dynamic(declaration).await.unwrap();
    let most = dj.backend().capability().max_json_depth;
    let nested = |depth: usize, with_names: bool| {
        (0..depth)
            .fold(json!("[{"), |inner, _| if with_names { json!({ "a": inner }) } else { json!([inner]) })
    };
    let check = |error: String, depth: usize| {
        let is_told = error.contains("dj_conformance_values_deep.deep")
            && error.contains("`j`")
            && error.contains(&format!("at most {most} lists and objects"));
        assert!(is_told, "{depth}: {error}");
    };
    let mut id = 0;
    for with_names in [false, true] {
        for depth in [1, most - 1, most] {
            id += 1;
            let document = nested(depth, with_names);
            table.insert_one(dj, json!({"id": id, "j": document})).await.unwrap();
            let one = &table & [("id", id)];
            assert_eq!(one.column_as::<Json>(dj, "j").await.unwrap(), std::slice::from_ref(&document));
            table.update_one(dj, json!({"id": id, "j": document})).await.unwrap();
            let text = format!(r#"{{"id": {}, "j": {document}}}"#, 1000 + id);
            table.insert_one(dj, DynamicRow::from_json_str(&text).unwrap()).await.unwrap();
        }
        for depth in [most + 1, 126, 200, 1000] {
            let document = nested(depth, with_names);
            let row = json!({"id": 500, "j": document});
            check(table.insert(dj, [json!({"id": 499}), row.clone()]).await.unwrap_err().to_string(), depth);
            check(
                table.update_one(dj, json!({"id": 1, "j": document})).await.unwrap_err().to_string(),
                depth,
            );
            let text = DynamicRow::new().with("id", 500).unwrap().with("j", document.to_string()).unwrap();
            check(table.insert_one(dj, text).await.unwrap_err().to_string(), depth);
            let file = format!(r#"{{"id": 500, "j": {document}}}"#);
            match DynamicRow::from_json_str(&file) {
                Ok(row) => check(table.insert_one(dj, row).await.unwrap_err().to_string(), depth),
                Err(error) => assert!(error.to_string().contains("within each other"), "{depth}: {error}"),
            }
            let declaration = DynamicDeclaration {
                schema: SCHEMA,
                class_name: "Default",
                tier: Tier::Manual,
                definition: &format!("id : int32\n---\nj = '{document}' : json"),
                master: None,
            };
            assert!(dj.declare_dynamic(declaration).await.is_err(), "{depth}");
        }
    }
    assert_eq!(table.count(dj).await.unwrap(), 12);
    // What somebody else wrote.
    let deep = nested(300, false).to_string();
    let name = match dj.backend() {
        Backend::Sqlite => format!("\"{SCHEMA}.deep\""),
        _ => format!("{SCHEMA}.deep"),
    };
    let statement =
        datajoint_sql::Statement::plain(format!("INSERT INTO {name} (id, j) VALUES (77, '{deep}')"));
    let mut connection = dj.database().acquire().await.unwrap();
    let outcome = connection.execute(&statement).await;
    drop(connection);
    if outcome.is_ok() {
        let error = table.fetch_json(dj).await.unwrap_err().to_string();
        assert!(error.contains("id=77") && error.contains("within each other"), "{error}");
        let others = (&table - [("id", 77)]).fetch_json(dj).await.unwrap();
        assert_eq!(others.len(), 12);
        assert_eq!(table.proj(()).fetch_json(dj).await.unwrap().len(), 13);
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}

/// Which databases keep the sign of a zero is told in the guide.
pub async fn the_sign_of_a_zero_is_kept_as_is_told(dj: &Instance, _: Capabilities) {
    use datajoint::types::serde_json::{Value as Json, json};
    use datajoint::{DynamicDeclaration, Tier};

    const SCHEMA: &str = "dj_conformance_values_zero";
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    let declaration = DynamicDeclaration {
        schema: SCHEMA,
        class_name: "Zero",
        tier: Tier::Manual,
        definition: "id : int32\n---\nsingle : float32\ndouble : float64\nj : json",
        master: None,
    };
    let table = dj.declare_dynamic(declaration).await.unwrap();
    table.insert_one(dj, json!({"id": 1, "single": -0.0, "double": -0.0, "j": [-0.0]})).await.unwrap();
    let single = table.column_as::<f32>(dj, "single").await.unwrap()[0].is_sign_negative();
    let double = table.column_as::<f64>(dj, "double").await.unwrap()[0].is_sign_negative();
    let document = table.column_as::<Json>(dj, "j").await.unwrap().remove(0);
    let within = document[0].as_f64().unwrap().is_sign_negative();
    let kept = match dj.backend() {
        Backend::Sqlite | Backend::Mariadb => (false, false, true),
        Backend::Mysql => (true, true, true),
        Backend::Postgresql => (true, true, false),
    };
    assert_eq!((single, double, within), kept);
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}
