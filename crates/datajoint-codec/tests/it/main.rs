//! Codecs before folders: what DataJoint for Python wrote, and what nobody should have written.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod goldens;
mod hostile;
mod s3;

use std::path::Path;

use datajoint_codec::{Codecs, Row, Source};
use datajoint_config::Settings;
use datajoint_definition::{CodecType, Store as Place};
use datajoint_sql::Value;
use datajoint_store::Stores;
use serde_json::{Value as Json, json};

/// Stores in folders, each with settings of its own; the first is the default one.
fn stores(named: &[(&str, &Path, Json)]) -> Stores {
    let mut all = json!({"default": named[0].0, "filepath_default": named[0].0});
    for (name, folder, more) in named {
        all[*name] = json!({"protocol": "file", "location": folder});
        for (attribute, value) in more.as_object().into_iter().flatten() {
            all[*name][attribute] = value.clone();
        }
    }
    let reader = Settings::reader().without_files().environment([("DJ_STORES", all.to_string())]);
    Stores::new(&reader.load().unwrap().stores)
}

/// Codecs whose tokens and times are always these.
fn codecs(token: &str) -> Codecs {
    let token = token.to_owned();
    let now = || "2026-01-02T03:04:05.678901Z".parse().unwrap();
    Codecs::standard().with_source(Source::new(move |_| token.clone(), now))
}

fn codec(name: &str, store: &str) -> CodecType {
    CodecType { name: name.to_owned(), store: Place::Named(store.to_owned()) }
}

fn json_of(value: Value) -> Json {
    match value {
        Value::Json(document) => *document,
        other => panic!("{other:?} is no JSON"),
    }
}

const SCHEMA: &str = "golden_codecs";

fn row<'a>(table: &'a str, key: &'a [(String, Value)]) -> Row<'a> {
    Row { schema: SCHEMA, table, key }
}
