//! Every way that a string takes into a statement. One that is added is a line here.

use datajoint::arrow::InsertColumns as _;
use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicDeclaration, Stamp, Tier, attribute};
use datajoint_transfer::{Export, Import};

use super::{Lab, Road, SCHEMA, declare};

/// The table that is queried and changed.
pub(super) const MOUSE: &str = "a : int32\n---\nname : varchar(200)\ndoc = null : json";
/// Where tables are made.
const MADE: &str = "dj_conformance_roads_made";

macro_rules! roads {
    (@takes_sql sql) => { true };
    (@takes_sql) => { false };
    ($($name:literal $($sql:ident)?: |$lab:ident, $text:ident| $body:expr),* $(,)?) => {
        &[$(Road {
            name: $name,
            takes_sql: roads!(@takes_sql $($sql)?),
            go: |$lab, $text| Box::pin(async move { let _ = $body; }),
        }),*]
    };
}

/// Each road, and how it is gone.
pub(super) const ROADS: &[Road] = roads! {
    "a default": |lab, text| made(lab, &format!("a : int32\n---\nx = {text} : varchar(200)")).await,
    "a default in single quotes": |lab, text| made(lab, &format!("a : int32\n---\nx = '{text}' : varchar(200)")).await,
    "a default in double quotes": |lab, text| made(lab, &format!("a : int32\n---\nx = \"{text}\" : varchar(200)")).await,
    "a default of a native type": |lab, text| made(lab, &format!("a : int32\n---\nx = \"{text}\" : int")).await,
    "after the present moment": |lab, text| {
        made(lab, &format!("a : int32\n---\nx = CURRENT_TIMESTAMP{text} : datetime")).await;
    },
    "a type": |lab, text| made(lab, &format!("a : int32\n---\nx = null : {text}")).await,
    "a type with an argument": |lab, text| made(lab, &format!("a : int32\n---\nx = null : varchar({text})")).await,
    "a member of an enum": |lab, text| made(lab, &format!("a : int32\n---\nx = null : enum('{}', 'b')", text.replace('\'', "''"))).await,
    "members of an enum": |lab, text| made(lab, &format!("a : int32\n---\nx = null : enum({text})")).await,
    "a codec": |lab, text| made(lab, &format!("a : int32\n---\nx = null : <{text}>")).await,
    "a store": |lab, text| made(lab, &format!("a : int32\n---\nx = null : <blob@{text}>")).await,
    "the name of an attribute": |lab, text| made(lab, &format!("a : int32\n---\n{text} : int32")).await,
    "the comment of an attribute": |lab, text| made(lab, &format!("a : int32  # {text}")).await,
    "the comment of a table": |lab, text| made(lab, &format!("# {text}\na : int32")).await,
    "a part of an index" sql: |lab, text| made(lab, &format!("a : int32\n---\nname : varchar(9)\nindex ({text})")).await,
    "an expression of an index" sql: |lab, text| made(lab, &format!("a : int32\n---\nname : varchar(9)\nindex (({text}))")).await,
    "a unique index" sql: |lab, text| made(lab, &format!("a : int32\n---\nname : varchar(9)\nunique index (name, {text})")).await,
    "a path of an index": |lab, text| made(lab, &format!("a : int32\n---\ndoc : json\nindex (doc.{text})")).await,
    "a type of an index": |lab, text| made(lab, &format!("a : int32\n---\ndoc : json\nindex (doc.a:{text})")).await,
    "a parent": |lab, text| made(lab, &format!("-> {text}")).await,
    "a renamed attribute": |lab, text| made(lab, &format!("-> {SCHEMA}.Mouse.proj({text}='a')")).await,
    "the attribute renamed": |lab, text| made(lab, &format!("-> {SCHEMA}.Mouse.proj(b='{text}')")).await,
    "a class": |lab, text| {
        let _ = declare(lab.dj, MADE, text, "a : int32").await;
        clear(lab).await;
    },
    "a schema": |lab, text| {
        if let Ok(table) = declare(lab.dj, text, "Made", "a : int32").await {
            let _ = lab.dj.drop_schema(&table.name().schema).confirmed().await;
        }
    },
    "a master": |lab, text| lab.dj.declare_dynamic(DynamicDeclaration {
        schema: SCHEMA, class_name: "Part", tier: Tier::Part, master: Some(text), definition: "-> master",
    }).await,
    "the name of a table": |lab, text| lab.dj.table(&format!("{SCHEMA}.{text}")).await,
    "the name of a schema": |lab, text| lab.dj.schema(text).await,
    "a schema to drop": |lab, text| lab.dj.drop_schema(&format!("none{text}")).confirmed().await,
    "schemas to drop": |lab, text| lab.dj.drop_schemas(&format!("none{text}")).confirmed().await,
    "a condition" sql: |lab, text| (&lab.table & sql(text, ())).fetch(lab.dj).await,
    "a condition with a value" sql: |lab, text| (&lab.table & sql(format!("a > ? and {text}"), [0])).fetch(lab.dj).await,
    "a condition of a delete" sql: |lab, text| {
        (&lab.table & sql(text, ()) & attribute("a").lt(0)).delete(lab.dj).confirmed().await
    },
    "a value computed" sql: |lab, text| lab.table.proj(compute("x", text)).fetch(lab.dj).await,
    "the name of a value computed": |lab, text| lab.table.proj(compute(text, "a + 1")).fetch(lab.dj).await,
    "a value computed of many" sql: |lab, text| U("name").aggr(&lab.table, compute("n", text)).fetch(lab.dj).await,
    "a universal set": |lab, text| (U(text) & &lab.table).fetch(lab.dj).await,
    "an attribute kept": |lab, text| lab.table.proj(Proj::keep([text])).fetch(lab.dj).await,
    "an attribute renamed": |lab, text| lab.table.proj(Proj::all().rename(text, "name")).fetch(lab.dj).await,
    "an attribute to rename": |lab, text| lab.table.proj(Proj::all().rename("x", text)).fetch(lab.dj).await,
    "an order": |lab, text| lab.table.order_by(text).fetch(lab.dj).await,
    "an order of the first rows": |lab, text| (&lab.table & Top::new(1).by(text)).fetch(lab.dj).await,
    "an order of a value computed": |lab, text| lab.table.proj(compute(text, "a")).order_by(text).limit(1).fetch(lab.dj).await,
    "an attribute compared": |lab, text| nobody_elses(lab, attribute(text).eq(1)).await,
    "a name of a mapping": |lab, text| {
        let rows = (&lab.table & [(text, 1)] & attribute("a").eq(1)).fetch(lab.dj).await.unwrap_or_default();
        assert!(rows.iter().all(|row| row.get::<i64>("a").is_ok_and(|a| a == 1)), "{rows:?}");
    },
    "a type of a place in a mapping": |lab, text| (&lab.table & [(format!("doc.a:{text}").as_str(), 1)]).fetch(lab.dj).await,
    "a column": |lab, text| lab.table.column_as::<String>(lab.dj, text).await,
    "a place in JSON": |lab, text| nobody_elses(lab, attribute(format!("doc.{text}")).eq(1)).await,
    "a type of a place in JSON": |lab, text| nobody_elses(lab, attribute(format!("doc.a:{text}")).eq(1)).await,
    "a place in JSON computed" sql: |lab, text| lab.table.proj(compute("x", format!("doc.{text}"))).fetch(lab.dj).await,
    "a value compared": |lab, text| nobody_elses(lab, attribute("name").eq(text)).await,
    "a pattern": |lab, text| (&lab.table & attribute("name").like(text)).fetch(lab.dj).await,
    "one of many values": |lab, text| (&lab.table & attribute("name").is_in([text, "x"])).fetch(lab.dj).await,
    "a value between": |lab, text| (&lab.table & attribute("name").between(text, text)).fetch(lab.dj).await,
    "a value of a row": |lab, text| {
        let _ = lab.table.insert(lab.dj, [json!({"a": 7, "name": text, "doc": {text: text}})]).await;
        (&lab.table & attribute("a").eq(7)).delete_quick(lab.dj).confirmed().await
    },
    "an attribute of a row": |lab, text| lab.table.insert(lab.dj, [json!({"a": 7, text: 1})]).await,
    "a value to update": |lab, text| {
        let _ = lab.table.update_one(lab.dj, json!({"a": 1, "name": text})).await;
        lab.table.update_one(lab.dj, json!({"a": 1, "name": "one"})).await
    },
    "an attribute to update": |lab, text| lab.table.update_one(lab.dj, json!({"a": 1, text: "x"})).await,
    "an attribute of a CSV file": |lab, text| csv(lab, &format!("a,\"{}\"\n7,x\n", text.replace('"', "\"\""))).await,
    "a value of a CSV file": |lab, text| {
        csv(lab, &format!("a,name\n7,\"{}\"\n", text.replace('"', "\"\""))).await;
        (&lab.table & attribute("a").eq(7)).delete_quick(lab.dj).confirmed().await
    },
    "a row of a JSON file": |lab, text| {
        let rows = DynamicRow::list_from_json_str(text).unwrap_or_default();
        lab.table.insert(lab.dj, rows).await
    },
    "an environment": |lab, text| {
        let _ = lab.dj.stamp(&[SCHEMA], Some(&Stamp::new(text))).await;
        let of_it = lab.dj.with_settings(|settings| settings.environment = Some(text.to_owned()));
        of_it.unstamp_regardless(&[SCHEMA]).await.unwrap();
    },
    "a release": |lab, text| lab.dj.stamp(&[SCHEMA], Some(&Stamp::new("lab").minimum_client(text))).await,
    "a version": |lab, text| lab.dj.set_version(&[SCHEMA], text).await,
    "a schema of hidden tables": |lab, text| lab.dj.hidden_tables(text).await,
    "a schema of a graph": |lab, text| lab.dj.graph(&[text]).await,
    "a schema whose stamp is read": |lab, text| lab.dj.found_stamps(Some(&[text.to_owned()])).await,
    "a schema with a version": |lab, text| lab.dj.check_versions(&[(text, "1.0.0")]).await,
    "a schema to stamp": |lab, text| lab.dj.stamp(&[text], None).await,
    "a prefix": |lab, text| {
        let there = lab.dj.with_schema_prefix(text);
        if let Ok(table) = declare(&there, MADE, "Made", "a : int32").await {
            let _ = there.drop_schema(&table.name().schema).confirmed().await;
        }
    },
    "a definition of an export": |lab, text| imported(lab, text, |manifest, text| {
        manifest["tables"][0]["definition"] = format!("a : int32\n---\nname = {text} : varchar(200)").into();
    }).await,
    "an index of an export" sql: |lab, text| imported(lab, text, |manifest, text| {
        let definition = format!("a : int32\n---\nname : varchar(200)\ndoc = null : json\nindex ({text})");
        manifest["tables"][0]["definition"] = definition.into();
    }).await,
    "a schema of an export": |lab, text| imported(lab, text, |manifest, text| {
        manifest["tables"][0]["schema"] = format!("{MADE}{text}").into();
    }).await,
    "a class of an export": |lab, text| imported(lab, text, |manifest, text| manifest["tables"][0]["class"] = text.into()).await,
    "an attribute of an export": |lab, text| imported(lab, text, |manifest, text| {
        manifest["tables"][0]["attributes"][1] = text.into();
    }).await,
    "a table of a catalog": |lab, text| copied(lab, text).await,
};

/// Declares a table, and drops it.
async fn made(lab: &Lab<'_>, definition: &str) {
    let _ = declare(lab.dj, MADE, "Made", definition).await;
    clear(lab).await;
}

async fn clear(lab: &Lab<'_>) {
    let _ = lab.dj.drop_schema(MADE).confirmed().await;
}

async fn csv(lab: &Lab<'_>, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, file).unwrap();
    let _ = lab.table.insert_csv(lab.dj, &path, InsertOptions::new()).await;
}

/// With a condition beside it, one never gets rows that this one leaves out.
async fn nobody_elses(lab: &Lab<'_>, condition: datajoint::Condition) {
    let owner = attribute("a").eq(1);
    if let Ok(rows) = (&lab.table & condition & owner).fetch(lab.dj).await {
        assert!(rows.iter().all(|row| row.get::<i64>("a").is_ok_and(|a| a == 1)), "{rows:?}");
    }
}

/// Imports an export that somebody changed.
async fn imported(lab: &Lab<'_>, text: &str, change: fn(&mut datajoint::types::serde_json::Value, &str)) {
    use datajoint::types::serde_json;

    let folder = tempfile::tempdir().unwrap();
    Export::new(lab.dj, &lab.table).to(folder.path()).await.unwrap();
    let path = folder.path().join("manifest.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest, text);
    std::fs::write(&path, manifest.to_string()).unwrap();
    let _ = Import::new(lab.dj, folder.path()).schema(SCHEMA, MADE).run().await;
    let _ = lab.dj.drop_schemas(MADE).confirmed().await;
}

/// A default and comments that a catalog gives back are declared once more, in another place.
async fn copied(lab: &Lab<'_>, text: &str) {
    let line = text.replace(['\n', '\0'], " ").replace('\'', "''");
    let definition = format!("# {line}\na : int32  # {line}\n---\nx = '{line}' : varchar(200)");
    if declare(lab.dj, MADE, "Made", &definition).await.is_ok() {
        let found = lab.dj.table(&format!("{MADE}.made")).await.unwrap();
        found.insert(lab.dj, [json!({"a": 1})]).await.unwrap();
        let again = declare(lab.dj, MADE, "Again", &found.describe().unwrap()).await;
        let again = again.unwrap_or_else(|error| panic!("{}: {error}", found.describe().unwrap()));
        again.insert(lab.dj, [json!({"a": 1})]).await.unwrap();
        let rows = [found.fetch(lab.dj).await.unwrap(), again.fetch(lab.dj).await.unwrap()];
        assert_eq!(rows[0], rows[1], "{definition}");
    }
    clear(lab).await;
}
