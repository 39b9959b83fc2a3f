//! One definition beside what Python makes of it.

use datajoint_definition::{
    AttributeLine, AttributeType, CoreType, Definition, ForeignKeyLine, IndexItem, IndexLine, NativeCategory,
};
use serde_json::{Value, json};

/// What is another in our parse; `None` when nothing is.
pub(super) fn difference(definition: &Definition, parsed: &Value) -> Option<String> {
    let comment = parsed["table_comment"].as_str().unwrap_or_default();
    if definition.comment.as_deref().unwrap_or_default() != comment {
        return Some("the comment of the table".to_owned());
    }
    let theirs = |kind: &str| -> Vec<Value> {
        let lines = parsed["lines"].as_array().cloned().unwrap_or_default();
        lines.into_iter().filter(|line| line["kind"] == kind).collect()
    };
    attributes(definition.attributes().collect(), &theirs("attribute"))
        .or_else(|| foreign_keys(definition.foreign_keys().collect(), &theirs("foreign_key")))
        .or_else(|| indexes(definition.indexes().collect(), &theirs("index")))
}

fn attributes(ours: Vec<&AttributeLine>, theirs: &[Value]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} attributes instead of {}", ours.len(), theirs.len()));
    }
    ours.into_iter().zip(theirs).find_map(|(ours, theirs)| {
        let mut pairs = vec![
            ("name", json!(ours.name)),
            ("type", json!(ours.type_text)),
            ("default", json!(ours.default_text)),
            ("comment", json!(ours.comment)),
            ("in_key", json!(ours.in_key)),
        ];
        // Python gives these where it knows the type.
        if !theirs["category"].is_null() {
            pairs.push(("nullable", json!(ours.is_nullable())));
            pairs.push(("category", json!(category(&ours.attribute_type))));
        }
        let (field, _) = pairs.into_iter().find(|(field, value)| theirs[field] != *value)?;
        Some(format!("{field} of {}", ours.name))
    })
}

fn category(attribute_type: &AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::Codec(_) => "CODEC",
        AttributeType::Native(native) => match native.category {
            NativeCategory::Integer => "INTEGER",
            NativeCategory::Numeric => "NUMERIC",
            NativeCategory::Float => "FLOAT",
            NativeCategory::String => "STRING",
            NativeCategory::Temporal => "TEMPORAL",
            NativeCategory::Blob => "NATIVE_BLOB",
            NativeCategory::Text => "NATIVE_TEXT",
        },
        AttributeType::Core(core) => match core {
            CoreType::Int8 => "INT8",
            CoreType::Int16 => "INT16",
            CoreType::Int32 => "INT32",
            CoreType::Int64 => "INT64",
            CoreType::Float32 => "FLOAT32",
            CoreType::Float64 => "FLOAT64",
            CoreType::Bool => "BOOL",
            CoreType::Uuid => "UUID",
            CoreType::Json => "JSON",
            CoreType::Bytes => "BYTES",
            CoreType::Date => "DATE",
            CoreType::DateTime { .. } => "DATETIME",
            CoreType::Char(_) => "CHAR",
            CoreType::Varchar(_) => "VARCHAR",
            CoreType::Enum(_) => "ENUM",
            CoreType::Decimal { .. } => "DECIMAL",
        },
    }
}

fn foreign_keys(ours: Vec<&ForeignKeyLine>, theirs: &[Value]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} foreign keys instead of {}", ours.len(), theirs.len()));
    }
    ours.into_iter().zip(theirs).find_map(|(ours, theirs)| {
        let options = theirs["options"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let options: Vec<String> = options.map(str::to_lowercase).collect();
        let has = |option: &str| options.iter().any(|given| given == option);
        let same = reference(theirs["ref"].as_str().unwrap_or_default())
            == (ours.parent.clone(), ours.renames.iter().map(|r| (r.new.clone(), r.old.clone())).collect())
            && has("nullable") == ours.nullable
            && has("unique") == ours.unique
            && theirs["in_key"] == ours.in_key;
        (!same).then(|| format!("the reference to {}", ours.parent))
    })
}

/// The parent and the renames of a reference as Python keeps it: the text of an expression.
fn reference(text: &str) -> (String, Vec<(String, String)>) {
    let text: String = text.split('#').next().unwrap_or_default().split_whitespace().collect();
    let text = text.replace("()", "").replace(".proj.proj", ".proj");
    let (parent, call) = text.split_once(".proj").unwrap_or((&text, ""));
    let arguments = call.trim_start_matches('(').trim_end_matches(')').split(',');
    let renames = arguments.filter_map(|argument| argument.split_once('=')).map(|(new, old)| {
        // The old name of a copy stands between parentheses, the last of which may be gone.
        let old = old.trim_matches(['\'', '"']);
        (new.to_owned(), old.to_owned())
    });
    (parent.to_owned(), renames.collect())
}

fn indexes(ours: Vec<&IndexLine>, theirs: &[Value]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} indexes instead of {}", ours.len(), theirs.len()));
    }
    ours.into_iter().zip(theirs).find_map(|(ours, theirs)| {
        let items: Vec<String> = ours.items.iter().map(in_mysql).collect();
        let sql = format!("{}index ({})", if ours.unique { "unique " } else { "" }, items.join(","));
        (theirs["mysql"]["sql"][0] != sql.as_str()).then(|| format!("the index {sql}"))
    })
}

fn in_mysql(item: &IndexItem) -> String {
    match item {
        IndexItem::Attribute(name) => format!("`{name}`"),
        IndexItem::JsonPath { attribute, path, returning } => {
            let returning = returning.as_ref().map_or(String::new(), |kind| format!(" returning {kind}"));
            format!("(json_value(`{attribute}`, _utf8mb4'$.{path}'{returning}))")
        }
        IndexItem::Expression(text) => text.clone(),
    }
}
