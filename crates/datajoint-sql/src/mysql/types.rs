use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_schema::Attribute;

use super::quote::literal;

/// The type of a column.
pub(super) fn column_type(attribute: &Attribute) -> String {
    match &attribute.attribute_type {
        AttributeType::Core(core) => core_type(core, &attribute.type_text, attribute.inherited),
        AttributeType::Native(native) => native.text.clone(),
        AttributeType::Codec(codec) => {
            if codec.store == Store::Table {
                "longblob".to_owned()
            } else {
                "json".to_owned()
            }
        }
    }
}

fn core_type(core: &CoreType, text: &str, inherited: bool) -> String {
    match core {
        CoreType::Int8 | CoreType::Bool => "tinyint".to_owned(),
        CoreType::Int16 => "smallint".to_owned(),
        CoreType::Int32 => "int".to_owned(),
        CoreType::Int64 => "bigint".to_owned(),
        CoreType::Float32 => "float".to_owned(),
        CoreType::Float64 => "double".to_owned(),
        CoreType::Uuid => "binary(16)".to_owned(),
        CoreType::Json => "json".to_owned(),
        CoreType::Bytes => "longblob".to_owned(),
        CoreType::Date => "date".to_owned(),
        // As written, so that the text is that of Python: `datetime (3)`, `enum('a', 'b')`.
        CoreType::DateTime { .. } | CoreType::Enum(_) if !inherited && is_plain(core, text) => {
            text.to_owned()
        }
        CoreType::DateTime { precision: None } => "datetime".to_owned(),
        CoreType::DateTime { precision: Some(precision) } => format!("datetime({precision})"),
        CoreType::Char(length) => format!("char({length})"),
        CoreType::Varchar(length) => format!("varchar({length})"),
        CoreType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        CoreType::Enum(members) => {
            let members: Vec<String> = members.iter().map(|member| literal(member)).collect();
            format!("enum({})", members.join(","))
        }
    }
}

/// True when the server reads the text of the type as the definition does.
fn is_plain(core: &CoreType, text: &str) -> bool {
    let word = if matches!(core, CoreType::Enum(_)) { "enum" } else { "datetime" };
    text.starts_with(word) && !text.contains('\\')
}
