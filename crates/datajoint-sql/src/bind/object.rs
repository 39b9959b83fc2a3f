use datajoint_definition::{CodecType, Store};
use serde_json::{Map, Value as Json};

/// Fails for a document that is not what stands in a table for a value of this codec, which lies in a store.
///
/// Fields beyond those that are needed pass, and so does all that a codec of a plugin writes.
pub(super) fn check(codec: &CodecType, document: &Json) -> Result<(), String> {
    let Some(needed) = needed(&codec.name) else { return Ok(()) };
    let wrong = |what: String| {
        let names: Vec<&str> = needed.iter().map(|(name, _)| *name).collect();
        format!("{what}; it takes the metadata of an object in a store: {}", names.join(", "))
    };
    let Some(fields) = document.as_object() else {
        return Err(wrong("it is no JSON object".to_owned()));
    };
    for (name, is_right) in needed {
        match fields.get(*name) {
            None => return Err(wrong(format!("it lacks `{name}`"))),
            Some(value) if !is_right(value) => return Err(wrong(format!("its `{name}` is {value}"))),
            Some(_) => {}
        }
    }
    in_store(&codec.store, fields)
}

/// Fails for an object of another store; null is the default store.
fn in_store(declared: &Store, fields: &Map<String, Json>) -> Result<(), String> {
    match (declared, fields.get("store")) {
        (Store::Named(declared), Some(Json::String(given))) if declared != given => {
            Err(format!("its store is `{given}`, but `{declared}` is declared"))
        }
        _ => Ok(()),
    }
}

type Field = (&'static str, fn(&Json) -> bool);

/// What DataJoint for Python writes for a codec, where it has it.
fn needed(codec: &str) -> Option<&'static [Field]> {
    const HASH: &[Field] = &[
        ("hash", Json::is_string),
        ("path", Json::is_string),
        ("schema", Json::is_string),
        ("store", is_store),
        ("size", Json::is_u64),
    ];
    const OBJECT: &[Field] = &[
        ("path", Json::is_string),
        ("store", is_store),
        ("size", is_size),
        ("ext", |value| value.is_string() || value.is_null()),
        ("is_dir", Json::is_boolean),
        ("item_count", is_size),
        ("timestamp", Json::is_string),
    ];
    const ARRAY: &[Field] = &[
        ("path", Json::is_string),
        ("store", is_store),
        ("dtype", Json::is_string),
        ("shape", |value| value.as_array().is_some_and(|shape| shape.iter().all(Json::is_u64))),
    ];
    const FILE: &[Field] = &[
        ("path", Json::is_string),
        ("store", is_store),
        ("size", is_size),
        ("is_dir", Json::is_boolean),
        ("timestamp", Json::is_string),
    ];
    match codec {
        "blob" | "attach" | "hash" => Some(HASH),
        "object" => Some(OBJECT),
        "npy" => Some(ARRAY),
        "filepath" => Some(FILE),
        _ => None,
    }
}

fn is_store(value: &Json) -> bool {
    value.is_string() || value.is_null()
}

fn is_size(value: &Json) -> bool {
    value.is_u64() || value.is_null()
}
