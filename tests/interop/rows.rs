//! Values of every type, written by one side and read by the other.

mod samples;

use datajoint::{DynamicRow, DynamicTable, Relation as _, Value};
use datajoint_definition::Tier;
use samples::{Defect, SAMPLES, Sample, Samples};
use serde_json::{Value as Json, json};

use crate::beside::Beside;
use crate::server::Server;
use crate::tables::{Side, Spec};

/// Rows that each side writes into a table that each side declared come to the other as they were.
pub(crate) async fn values_of_every_type_come_to_the_other_side_as_they_were(beside: &mut Beside) {
    let mut failures = Vec::new();
    let specs: Vec<Spec> = SAMPLES
        .iter()
        .enumerate()
        .map(|(number, samples)| {
            let definition = format!("id : int32\n---\nv = null : {}", samples.of_type);
            Spec::new(Tier::Manual, &format!("T{number}"), &definition)
        })
        .collect();
    for side in [Side::Rust, Side::Python] {
        let schema = beside.schema(if side == Side::Rust { "r" } else { "p" });
        beside.declare(side, &schema, &specs).await;
        for (number, samples) in SAMPLES.iter().enumerate() {
            if let Err(failure) = exchange(beside, &schema, &format!("t{number}"), samples).await {
                failures.push(format!("{} declared by {side:?}: {failure}", samples.of_type));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Many rows travel from Rust in another way than few.
pub(crate) async fn rows_in_bulk_come_to_python_as_they_were(beside: &mut Beside) {
    let schema = beside.schema("r");
    let mut failures = Vec::new();
    for (number, samples) in SAMPLES.iter().enumerate() {
        let definition = format!("id : int32\n---\nv = null : {}", samples.of_type);
        let spec = Spec::new(Tier::Manual, &format!("T{number}"), &definition);
        beside.declare(Side::Rust, &schema, &[spec]).await;
        let table = beside.open(&schema).await.table(&format!("t{number}")).unwrap();
        let mut values = (samples.values)(beside.server);
        values.push(Sample { value: Value::Null, wire: Json::Null });
        let sent: Vec<(i32, Sample)> = (0..300).zip(values.into_iter().cycle()).collect();
        let rows = sent.iter().map(|(id, sample)| {
            DynamicRow::from([("id", Value::Int((*id).into())), ("v", sample.value.clone())])
        });
        table.insert(&beside.rust, rows.collect::<Vec<_>>()).await.unwrap();
        let defect = samples.defect(beside.server, Defect::Fetch);
        if let Err(failure) = read_in_python(beside, &schema, &format!("t{number}"), &sent, defect) {
            failures.push(format!("{}: {failure}", samples.of_type));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

async fn exchange(beside: &mut Beside, schema: &str, table: &str, samples: &Samples) -> Result<(), String> {
    let server = beside.server;
    let found = beside.open(schema).await.table(table).map_err(|error| error.to_string())?;
    let mut sent = Vec::new();
    let mut all: Vec<Sample> = (samples.values)(server);
    all.push(Sample { value: Value::Null, wire: Json::Null });
    for (number, sample) in all.into_iter().enumerate() {
        let id = i32::try_from(number).unwrap_or_default();
        let row = [("id", Value::Int(id.into())), ("v", sample.value.clone())];
        let context = |error: &dyn std::fmt::Display| format!("{:?}: {error}", sample.value);
        found.insert_one(&beside.rust, DynamicRow::from(row)).await.map_err(|error| context(&error))?;
        let row = json!({"id": {"int": (100 + id).to_string()}, "v": sample.wire});
        let inserted = insert(beside, schema, table, &row);
        match samples.defect(server, Defect::Insert) {
            Some(message) if !sample.wire.is_null() => refused(inserted, message)?,
            _ => {
                inserted?;
                sent.push((100 + id, sample.clone()));
            }
        }
        sent.push((id, sample));
    }
    sent.sort_by_key(|(id, _)| *id);
    let defect = samples.defect(server, Defect::Fetch);
    read_in_rust(beside, &found, &sent).await?;
    read_in_python(beside, schema, table, &sent, defect)
}

fn insert(beside: &mut Beside, schema: &str, table: &str, row: &Json) -> Result<(), String> {
    let arguments = json!({"schema": schema, "table": table, "rows": [row]});
    let answer = beside.python.try_call("insert", &arguments);
    answer.map(drop).map_err(|error| format!("Python can't insert {row}: {error}"))
}

fn refused(result: Result<(), String>, message: &str) -> Result<(), String> {
    match result {
        Ok(()) => Err(format!("Python does it, though it should fail with {message:?}")),
        Err(error) if error.contains(message) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn read_in_rust(beside: &Beside, table: &DynamicTable, sent: &[(i32, Sample)]) -> Result<(), String> {
    let rows = table.order_by("KEY").fetch(&beside.rust).await.map_err(|error| error.to_string())?;
    let read: Vec<&Value> = rows.iter().map(|row| &row.values()[1]).collect();
    let expected: Vec<&Value> = sent.iter().map(|(_, sample)| &sample.value).collect();
    // NaN is not equal to itself.
    if format!("{read:?}") == format!("{expected:?}") {
        Ok(())
    } else {
        Err(format!("Rust reads {read:?} for {expected:?}"))
    }
}

fn read_in_python(
    beside: &mut Beside,
    schema: &str,
    table: &str,
    sent: &[(i32, Sample)],
    defect: Option<&str>,
) -> Result<(), String> {
    let fetched = beside.python.try_call("fetch", &json!({"schema": schema, "table": table}));
    let fetched = fetched.map_err(|error| error.to_string());
    if let Some(message) = defect {
        return refused(fetched.map(drop), message);
    }
    let fetched = fetched?;
    let read: Vec<&Json> = fetched.as_array().into_iter().flatten().map(|row| &row["v"]).collect();
    let expected: Vec<&Json> = sent.iter().map(|(_, sample)| &sample.wire).collect();
    if read == expected { Ok(()) } else { Err(format!("Python reads {read:?} for {expected:?}")) }
}

/// Where the server compares texts by their bytes, they are texts still.
pub(crate) async fn texts_compared_by_bytes_are_texts_to_both_sides(beside: &mut Beside) {
    if beside.server.is_postgres() {
        return;
    }
    let schema = beside.schema("bytes");
    let create = format!("CREATE DATABASE `{schema}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    beside.python.call("execute", &json!({"statement": create}));
    let definition = "k : varchar(20)\n---\nc : char(4)\nside : enum('a', 'B')\ndoc : json\nraw : bytes";
    let tables =
        [Spec::new(Tier::Manual, "Holder", definition), Spec::new(Tier::Manual, "Child", "-> Holder")];
    beside.declare(Side::Rust, &schema, &tables).await;
    let row = json!({
        "k": {"str": "naïve"}, "c": {"str": "ab"}, "side": {"str": "B"}, "doc": {"list": [{"int": "1"}]},
        "raw": {"bytes": "00ff"},
    });
    insert(beside, &schema, "holder", &row).unwrap();
    let holder = beside.open(&schema).await.table("Holder").unwrap();
    let read = holder.fetch_one(&beside.rust).await.unwrap();
    assert_eq!(read.get::<String>("k").unwrap(), "naïve");
    assert_eq!(read.get::<String>("c").unwrap(), "ab");
    assert_eq!(read.get::<String>("side").unwrap(), "B");
    assert_eq!(read.value("doc").unwrap(), &Value::Json(Box::new(json!([1]))));
    assert_eq!(read.value("raw").unwrap(), &Value::Bytes(vec![0, 255]));
    let fetched = beside.python.call("fetch", &json!({"schema": schema, "table": "holder"}));
    assert_eq!(fetched, json!([row]));
}

/// A value in the key finds its row from both sides.
pub(crate) async fn keys_of_every_type_find_their_rows_from_both_sides(beside: &mut Beside) {
    let keys: Vec<&Samples> = SAMPLES.iter().filter(|samples| samples.is_key).collect();
    assert!(keys.len() > 10);
    let specs: Vec<Spec> = keys
        .iter()
        .enumerate()
        .flat_map(|(number, samples)| {
            let key = format!("k : {}", samples.of_type);
            let child = format!("-> T{number}\nn : int8");
            [
                Spec::new(Tier::Manual, &format!("T{number}"), &key),
                Spec::new(Tier::Manual, &format!("C{number}"), &child),
            ]
        })
        .collect();
    let mut failures = Vec::new();
    for side in [Side::Rust, Side::Python] {
        let schema = beside.schema(if side == Side::Rust { "r" } else { "p" });
        beside.declare(side, &schema, &specs).await;
        for (number, samples) in keys.iter().enumerate() {
            if let Err(failure) = find(beside, &schema, number, samples).await {
                failures.push(format!("{} declared by {side:?}: {failure}", samples.of_type));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

async fn find(beside: &mut Beside, schema: &str, number: usize, samples: &Samples) -> Result<(), String> {
    let server: &Server = beside.server;
    let open = beside.open(schema).await;
    let parent = open.table(&format!("t{number}")).map_err(|error| error.to_string())?;
    let child = open.table(&format!("c{number}")).map_err(|error| error.to_string())?;
    let all = (samples.values)(server);
    for sample in &all {
        let key = DynamicRow::from([("k", sample.value.clone())]);
        parent.insert_one(&beside.rust, key.clone()).await.map_err(|error| error.to_string())?;
        let row = DynamicRow::from([("k", sample.value.clone()), ("n", Value::Int(1))]);
        child.insert_one(&beside.rust, row).await.map_err(|error| error.to_string())?;
        let row = json!({"k": sample.wire, "n": {"int": "2"}});
        let inserted = insert(beside, schema, &format!("c{number}"), &row);
        let both = match samples.defect(server, Defect::Key) {
            Some(message) => refused(inserted, message).map(|()| 1)?,
            None => inserted.map(|()| 2)?,
        };
        let found = (&child & &key).count(&beside.rust).await.map_err(|error| error.to_string())?;
        if found != both {
            return Err(format!("Rust finds {found} rows by {:?}", sample.value));
        }
        if samples.defect(server, Defect::Restrict).is_some() {
            continue;
        }
        let restriction = json!({"k": sample.wire});
        let arguments = json!({"schema": schema, "table": format!("c{number}"), "restriction": restriction});
        let found = beside.python.try_call("fetch", &arguments).map_err(|error| error.to_string())?;
        let found = found.as_array().map_or(0, Vec::len);
        if found as u64 != both {
            return Err(format!("Python finds {found} rows by {}", sample.wire));
        }
    }
    let joined = parent.join(&child).count(&beside.rust).await.map_err(|error| error.to_string())?;
    let single = if samples.defect(server, Defect::Key).is_some() { 1 } else { 2 };
    if joined == all.len() as u64 * single { Ok(()) } else { Err(format!("the join has {joined} rows")) }
}
