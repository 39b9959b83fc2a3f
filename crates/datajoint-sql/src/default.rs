//! Defaults as values: two are the same when the type makes the same value of both, however each is written.

use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue, NativeCategory};
use datajoint_schema::{Aspect, Attribute, Difference, Side, Table};
use serde_json::Value as Json;

use crate::bind::{show_span, value_of};
use crate::{Error, Result, Value, decimal, show_statement};

/// Longer numbers are written with an exponent.
const LONGEST: usize = 20;

/// What differs between a table as declared and as found in the database; nothing when they agree.
///
/// Defaults are compared as values of their type: `0.50` of a definition is the `0.5` of a catalog. Where an enum lacks members
/// that are declared, the statements that add them are told.
///
/// What no program that uses the table meets is left out, but for comments: [`comparison`] tells it.
pub fn difference(backend: Backend, declared: &Table, found: &Table) -> Vec<Difference> {
    let mut differences = comparison([Side::Code, Side::Database], backend, declared, found);
    // The lineage of what other clients declared may not be read, or be kept nowhere.
    let is_met = |aspect: Aspect| aspect.is_wording() || !(aspect.is_harmless() || aspect == Aspect::Lineage);
    differences.retain(|difference| is_met(difference.aspect));
    differences
}

/// Everything that a table of one side has otherwise than the same one of another, in the words of these sides.
///
/// Defaults are compared, and statements told, as for [`difference`].
pub fn comparison(sides: [Side; 2], backend: Backend, declared: &Table, found: &Table) -> Vec<Difference> {
    let same_default = |ours: &Attribute, theirs: &Attribute| same(backend, ours, theirs);
    let mut differences = datajoint_schema::difference_between(sides, declared, found, same_default);
    let is_of_members = |difference: &&mut Difference| {
        matches!(difference.aspect, Aspect::Members | Aspect::MemberOrder) && sides[1] == Side::Database
    };
    for difference in differences.iter_mut().filter(is_of_members) {
        let attribute = |table: &'_ Table| table.heading.get(difference.attribute.as_deref()?).cloned();
        let (Some(ours), Some(theirs)) = (attribute(declared), attribute(found)) else { continue };
        let statements = crate::alter_members(backend, declared, &ours, &theirs).unwrap_or_default();
        if !statements.is_empty() {
            let shown: Vec<String> = statements
                .iter()
                .map(|statement| format!("`{}`", show_statement(backend, statement)))
                .collect();
            difference.message += "; alter it with ";
            difference.message += &shown.join(", ");
        }
    }
    differences
}

/// True when both attributes get the same value by default.
fn same(backend: Backend, declared: &Attribute, found: &Attribute) -> bool {
    match (&declared.default, &found.default) {
        // What the column keeps says how many digits there are.
        (DefaultValue::CurrentTimestamp { .. }, DefaultValue::CurrentTimestamp { .. }) => true,
        (ours, theirs) if ours == theirs => true,
        // Both by the type that is declared: the catalog may know less of it.
        (DefaultValue::Value(ours), DefaultValue::Value(theirs)) => {
            let read = |text| value_of(backend, declared, text).ok().map(compared);
            read(ours).is_some_and(|ours| Some(ours) == read(theirs))
        }
        _ => false,
    }
}

/// A value without what few databases keep: the sign of a zero, the order of the names in a document.
fn compared(value: Value) -> Value {
    match value {
        // Adding zero takes the sign from a zero alone.
        Value::Float32(number) => Value::Float32(number + 0.0),
        Value::Float64(number) => Value::Float64(number + 0.0),
        Value::Json(document) => Value::Json(Box::new(sorted(&document))),
        value => value,
    }
}

/// The default in the one form in which its value is written; `None` where it is no value of the type, or where definitions
/// have no default of the type but null. Of a type of one server alone it is as it is: only that knows its values.
pub(crate) fn normal(
    backend: Backend,
    attribute: &Attribute,
    default: &DefaultValue,
) -> Option<DefaultValue> {
    let DefaultValue::Value(text) = default else { return Some(default.clone()) };
    let read = || value_of(backend, attribute, text).ok().as_ref().and_then(written);
    let found = match &attribute.attribute_type {
        AttributeType::Core(CoreType::Bytes) | AttributeType::Codec(_) => None,
        AttributeType::Core(_) => read(),
        AttributeType::Native(native) => match native.category {
            NativeCategory::Integer | NativeCategory::Numeric | NativeCategory::Float => read(),
            NativeCategory::Blob => None,
            NativeCategory::String | NativeCategory::Text | NativeCategory::Temporal => {
                Some(read().unwrap_or_else(|| text.clone()))
            }
        },
    };
    found.map(DefaultValue::Value)
}

/// The value of a default. Fails for what a row can't hold either, and for the types that have no default but null.
pub(crate) fn checked(backend: Backend, table: &Table, attribute: &Attribute) -> Result<Option<Value>> {
    let DefaultValue::Value(text) = &attribute.default else { return Ok(None) };
    match &attribute.attribute_type {
        AttributeType::Core(CoreType::Bytes) | AttributeType::Codec(_) => {
            Err(null_alone(backend, table, attribute))
        }
        // It may be an expression, which only the server can read.
        AttributeType::Native(_) => Ok(value_of(backend, attribute, text).ok()),
        AttributeType::Core(_) => {
            value_of(backend, attribute, text).map(Some).map_err(|error| error.in_table(&table.name))
        }
    }
}

/// The error for a type whose default can only be null.
pub(crate) fn null_alone(backend: Backend, table: &Table, attribute: &Attribute) -> Error {
    Error::UnsupportedType {
        table: Box::new(table.name.clone()),
        attribute: attribute.name.clone(),
        type_text: attribute.type_text.clone(),
        backend,
        advice: "its default can only be null here: write `= null`, or give a value with each row".to_owned(),
    }
}

/// The error for an attribute that a server fills itself, in a table that was read and is declared as it is.
pub(crate) fn of_server(table: &Table, attribute: &Attribute) -> Error {
    let advice = format!(
        "no definition says what the server fills `{}` with, `{}`: give it a default that is a value",
        attribute.name, attribute.default
    );
    Error::Declaration { table: table.name.clone(), advice }
}

/// A value as definitions write it, without quotes; `None` for bytes.
pub(crate) fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float32(number) => short(number.to_string(), format!("{number:e}")),
        Value::Float64(number) => short(number.to_string(), format!("{number:e}")),
        Value::Decimal(_) | Value::BigDecimal(_) => decimal::exact(value)?.normalized().to_plain_string(),
        Value::Text(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => without_zeros(&time.format("%H:%M:%S%.f").to_string()),
        Value::Duration(span) => show_span(*span),
        Value::DateTime(moment) => without_zeros(&moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::Json(document) => document.to_string(),
        Value::Null | Value::Default | Value::Bytes(_) => return None,
    })
}

fn short(plain: String, with_exponent: String) -> String {
    if plain.len() <= LONGEST { plain } else { with_exponent }
}

/// The fraction of a second without zeros at its end.
fn without_zeros(time: &str) -> String {
    if time.contains('.') { time.trim_end_matches('0').to_owned() } else { time.to_owned() }
}

/// A document with its names in order, and whole numbers without a point: PostgreSQL keeps neither the one nor the other.
fn sorted(document: &Json) -> Json {
    match document {
        Json::Object(fields) => {
            let mut fields: Vec<_> =
                fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            fields.sort_by(|first, second| first.0.cmp(&second.0));
            Json::Object(fields.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        Json::Number(number) if number.is_f64() => {
            let whole = number.to_string();
            let whole = whole.strip_suffix(".0").and_then(|whole| whole.parse::<i64>().ok());
            whole.filter(|whole| *whole != 0).map_or_else(|| document.clone(), Json::from)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use datajoint_definition::{Backend, Definition, Tier, parse};
    use datajoint_schema::{Declaration, Table, resolve};

    use super::normal;

    fn declared(definition: &Definition) -> Table {
        let (schema, class_name, tier) = ("lab", "Scan", Tier::Manual);
        resolve(&Declaration { schema, class_name, tier, definition, parents: &[], master: None }).0
    }

    #[test]
    fn a_default_is_written_in_one_way() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("int16", &["7", " 7 ", "+7"], "7"),
            ("float32", &["0.1", "0.10", "1e-1", "0.10000000149011612"], "0.1"),
            ("float32", &["3.4028235e38", "340282350000000000000000000000000000000"], "3.4028235e38"),
            ("float64", &["-0.0", "-0"], "-0"),
            ("float64", &["5e-324"], "5e-324"),
            ("bool", &["true", "TRUE", "1"], "1"),
            ("decimal(8,3)", &["0.5", "0.500", ".5"], "0.5"),
            ("decimal(8,3)", &["-0", "0.000", "0"], "0"),
            ("decimal(8,3)", &["100", "100.0"], "100"),
            ("date", &["2020-1-4", "2020-01-04"], "2020-01-04"),
            ("datetime", &["2020-01-04", "2020-01-04T00:00:00"], "2020-01-04 00:00:00"),
            ("datetime(3)", &["2020-01-04 10:00:00.1", "2020-01-04 10:00:00.100"], "2020-01-04 10:00:00.1"),
            ("uuid", &["0000000A-0000-0000-0000-000000000000"], "0000000a-0000-0000-0000-000000000000"),
            ("json", &["[1, 2.0]", "[1,2.0]"], "[1,2.0]"),
            ("char(4)", &["a", "a "], "a"),
            ("varchar(4)", &["a "], "a "),
        ];
        for backend in Backend::ALL {
            for (kind, texts, expected) in cases {
                for text in *texts {
                    let (definition, _) = parse(&format!("id : int32\n---\nx = '{text}' : {kind}"));
                    let table = declared(&definition);
                    let attribute = table.heading.get("x").unwrap();
                    let found = normal(backend, attribute, &attribute.default);
                    let expected = datajoint_definition::DefaultValue::Value((*expected).to_owned());
                    assert_eq!(found, Some(expected), "{backend} {kind} {text}");
                }
            }
        }
    }

    /// What the language refuses as a default, no database takes; and of what none takes it lets only JSON pass.
    #[test]
    fn a_default_is_refused_with_the_definition_where_no_database_takes_it() {
        let kinds = [
            "int8",
            "int16",
            "int32",
            "int64",
            "float32",
            "float64",
            "bool",
            "uuid",
            "date",
            "datetime",
            "datetime(3)",
            "char(3)",
            "varchar(3)",
            "enum('a','b c','')",
            "decimal(5,2)",
            "decimal(3,3)",
            "decimal(20,0)",
            "bytes",
            "<blob>",
            "json",
        ];
        let texts = [
            "",
            " ",
            "0",
            "-0",
            "1",
            " 1 ",
            "+1",
            "1.0",
            "1e2",
            "1e400",
            "1e39",
            "-129",
            "128",
            "300",
            "32768",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "16777217",
            "9007199254740993",
            "0012",
            "-9223372036854775809",
            "999.99",
            "1000",
            "0.999",
            "0.001",
            "1.005",
            "12345678901234567890",
            "0.10000",
            "00012.5",
            ".5",
            "5.",
            ".",
            "-",
            "--1",
            "1_000",
            "0x10",
            "nan",
            "NaN",
            "inf",
            "-Infinity",
            "true",
            "FALSE",
            " True ",
            "yes",
            "t",
            "a",
            "A",
            "b c",
            "b c ",
            "abc",
            "abcd",
            "abc ",
            "äöü",
            "äöüß",
            "𝄞𝄞𝄞",
            "𝄞𝄞𝄞𝄞",
            "null ",
            "2024-02-29",
            "2023-02-29",
            "2024-2-9",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "10000-01-01",
            "-5-01-01",
            "+2024-01-01",
            "2024-01-01 ",
            "2024- 1- 1",
            "2024/01/01",
            "24-01-01",
            "2024-01-01 10:00:00",
            "2024-01-01T10:00:00",
            "2024-01-01T10:00:00Z",
            "2024-01-01 24:00:00",
            "2024-01-01 10:60:00",
            "2024-01-01 10:00:60",
            "2024-01-01 10:00",
            "2024-01-01 10:00:00.5",
            "2024-01-01 10:00:00.",
            "2024-01-01  10:00:00",
            "2024-01-01 1:2:3",
            "2023-02-29 10:00:00",
            "2024-01-01t10:00:00",
            "now()",
            "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "7C9E6679742540DE944BE07FC1F90AE7",
            "{7c9e6679-7425-40de-944b-e07fc1f90ae7}",
            "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "7c9e6679-7425-40de-944b-e07fc1f90ae",
            "7c9e6679-7425-40de-944b-e07fc1f90aez",
            "{}",
            "[1]",
            "{1}",
        ];
        for (kind, text) in kinds.iter().flat_map(|kind| texts.map(|text| (kind, text))) {
            let (definition, _) = parse(&format!("id : int32\n---\nx = \"{text}\" : {kind}"));
            let Some(line) = definition.attributes().find(|line| line.name == "x") else { continue };
            let is_refused =
                datajoint_definition::unfit_default(&line.attribute_type, &line.default).is_some();
            let table = declared(&definition);
            let Some(attribute) = table.heading.get("x") else { continue };
            let taken = Backend::ALL.map(|backend| super::checked(backend, &table, attribute).is_ok());
            let is_taken = taken.contains(&true);
            assert!(!(is_refused && is_taken), "{text:?} is taken as {kind}: {taken:?}");
            // Of JSON and of whole numbers as floats more is known when the table is declared.
            let is_later = *kind == "json" || kind.starts_with("float");
            let is_left = is_later || text.contains("  ") || text.contains("- ") || text.contains('e');
            assert!(is_refused || is_taken || is_left, "{text:?} is no {kind}, and is not told");
        }
    }
}
