//! Values for messages.

use datajoint_sql::Value;

/// `{mouse_id: 3, session_date: 2026-03-02}`
pub(crate) fn row<'a>(pairs: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}: {}", text(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Default => "its default".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float32(value) => value.to_string(),
        Value::Float64(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::BigDecimal(value) => value.to_string(),
        Value::Duration(value) => datajoint_sql::show_span(*value),
        Value::Text(value) => format!("{value:?}"),
        Value::Bytes(value) => datajoint_definition::count(value.len(), "byte"),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::DateTime(value) => value.to_string(),
        Value::Uuid(value) => value.to_string(),
        Value::Json(value) => value.to_string(),
    }
}
