use datajoint_definition::{JsonPath, JsonStep, JsonType};

use super::Postgres;
use super::listed::own;
use super::quote::quote;
use crate::dialect::{Json, cases, compared};
use crate::fragment::Fragment;
use crate::json_number::Number;
use crate::literal::literal;
use crate::{Comparison, Value, decimal};

impl Json for Postgres {
    fn json_value(&self, place: &JsonPath) -> String {
        value(place)
    }

    fn json_declared(&self, place: &JsonPath) -> String {
        value(place)
    }

    /// Earlier tables have strings that are filled up.
    fn json_kept(&self, place: &JsonPath) -> Vec<String> {
        let mut kept = vec![value(place)];
        if let Some(JsonType::Char(Some(length))) = place.returning {
            kept.push(format!("({})::character({length})", string(place)));
        }
        kept
    }

    fn json_length(&self, place: &JsonPath) -> String {
        format!("{}({})", own("char_length"), string(place))
    }

    fn json_index_fault(&self, returning: Option<JsonType>) -> Option<String> {
        matches!(returning, Some(JsonType::Date | JsonType::Time | JsonType::DateTime)).then(|| {
            "PostgreSQL has no moments of JSON in an index, since what they mean hangs on settings of the session: index the \
             string"
                .to_owned()
        })
    }

    fn json_is_null(&self, place: &JsonPath) -> String {
        format!("{} IS NULL", string(place))
    }

    /// Strings come in the order of the database's language otherwise.
    fn json_string(&self, place: &JsonPath, operator: Comparison, text: &str) -> Fragment {
        let is_ordered = !matches!(operator, Comparison::Equal | Comparison::NotEqual | Comparison::Like);
        let string = format!("{}{}", string(place), if is_ordered { " COLLATE \"C\"" } else { "" });
        cases([(&is_a(place, "string"), compared(&string, operator, Value::Text(text.to_owned())))])
    }

    fn json_truth(&self, place: &JsonPath, operator: Comparison, truth: bool) -> Fragment {
        let found = format!("({})::boolean", string(place));
        cases([(&is_a(place, "boolean"), compared(&found, operator, Value::Bool(truth)))])
    }

    /// Documents have all digits here; a float is what its shortest text says, as it stands in documents.
    fn json_number(&self, place: &JsonPath, operator: Comparison, number: Number) -> Fragment {
        let value = number.value();
        let value = match number {
            Number::Float(_) => decimal::exact(&value).map_or(value, decimal::value),
            Number::Signed(_) | Number::Unsigned(_) => value,
        };
        cases([(&is_a(place, "number"), compared(&format!("({})::numeric", string(place)), operator, value))])
    }
}

/// True where a value of this type stands.
fn is_a(place: &JsonPath, kind: &str) -> String {
    format!("{}({}) = '{kind}'", own("jsonb_typeof"), found(place))
}

/// What stands at a place, as JSON.
fn found(place: &JsonPath) -> String {
    match names(place) {
        Some(names) => format!("{}({}, {names})", own("jsonb_extract_path"), quote(&place.attribute)),
        // A step that is a number would be a member of an object as well as an element of an array.
        None => format!(
            "{}({}, {}, '{{}}', true)",
            own("jsonb_path_query_first"),
            quote(&place.attribute),
            literal(&format!("strict ${}", place.way_with(|_| false)))
        ),
    }
}

/// The same as a string.
fn string(place: &JsonPath) -> String {
    match names(place) {
        Some(names) => {
            format!("{}({}, {names})", own("jsonb_extract_path_text"), quote(&place.attribute))
        }
        None => format!("({} #>> '{{}}')", found(place)),
    }
}

/// The names of the members that lead there; `None` where one of the steps is, or looks like, a number.
fn names(place: &JsonPath) -> Option<String> {
    let name = |step: &JsonStep| match step {
        JsonStep::Member(name) if name.trim().parse::<i64>().is_err() => Some(literal(name)),
        JsonStep::Member(_) | JsonStep::Element(_) => None,
    };
    place.steps.iter().map(name).collect::<Option<Vec<_>>>().map(|names| names.join(", "))
}

/// The value at a place of a JSON attribute, as an index has it.
fn value(place: &JsonPath) -> String {
    let value = string(place);
    match place.returning {
        None => value,
        Some(JsonType::Unsigned | JsonType::Signed) => format!("({value})::bigint"),
        Some(JsonType::Float) => format!("({value})::real"),
        Some(JsonType::Double) => format!("({value})::double precision"),
        Some(JsonType::DateTime) => format!("({value})::timestamp"),
        Some(JsonType::Char(None)) => format!("({value})::text"),
        // Its `char(n)` comes filled up with blanks, and passes over those at the end.
        Some(JsonType::Char(Some(length))) => format!("({value})::varchar({length})"),
        // `decimal(p,s)`, `date`, `time`, `bool`
        Some(kind) => format!("({value})::{kind}"),
    }
}
