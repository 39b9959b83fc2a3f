//! What editors need to know of `datajoint.json`.

use serde_json::{Map, Value, json};

use crate::kind::Kind;
use crate::setting::{SETTINGS, STORE_ATTRIBUTES, Setting, is_secret};

/// The JSON Schema (2020-12) of `datajoint.json`.
pub fn json_schema() -> Value {
    let mut properties = Map::new();
    properties.insert("$schema".to_owned(), json!({"type": "string"}));
    for setting in SETTINGS {
        let described = described(setting);
        match setting.key.split_once('.') {
            None => {
                properties.insert(setting.key.to_owned(), described);
            }
            Some((group, name)) => {
                let group = properties.entry(group).or_insert_with(
                    || json!({"type": "object", "additionalProperties": false, "properties": {}}),
                );
                if let Some(Value::Object(members)) = group.get_mut("properties") {
                    members.insert(name.to_owned(), described.clone());
                }
                // The same key with its dot.
                properties.insert(setting.key.to_owned(), described);
            }
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of DataJoint",
        "type": "object",
        "additionalProperties": false,
        "patternProperties": {"^stores\\.": {}},
        "properties": properties,
    })
}

fn described(setting: &Setting) -> Value {
    let default: Value = serde_json::from_str(setting.default).unwrap_or_default();
    let mut schema = of_kind(setting.kind);
    if let Value::Object(members) = &mut schema {
        if default.is_null()
            && let Some(kind) = members.get_mut("type")
        {
            *kind = json!([kind.take(), "null"]);
            if let Some(Value::Array(words)) = members.get_mut("enum") {
                words.push(Value::Null);
            }
        }
        members.insert("default".to_owned(), default);
        members.insert("description".to_owned(), setting.purpose.into());
    }
    schema
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Number(least, i64::MAX) => json!({"type": "integer", "minimum": least}),
        Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Text | Kind::Path | Kind::Secret => json!({"type": "string"}),
        Kind::Choice(words) => json!({"type": "string", "enum": words}),
        Kind::Words => json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        Kind::Object => json!({"type": "object"}),
        Kind::Stores => {
            // Secrets stand in files of their own.
            let plain = STORE_ATTRIBUTES.iter().filter(|(name, _)| !is_secret(&format!("stores.any.{name}")));
            let attributes: Map<String, Value> =
                plain.map(|(name, _)| ((*name).to_owned(), json!({}))).collect();
            json!({
                "type": "object",
                "properties": {"default": {"type": "string"}, "filepath_default": {"type": "string"}},
                "additionalProperties": {"type": "object", "required": ["protocol"], "properties": attributes},
            })
        }
    }
}
