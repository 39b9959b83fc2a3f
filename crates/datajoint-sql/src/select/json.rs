//! Conditions on places within JSON attributes.

use std::sync::Arc;

use datajoint_definition::{AttributeType, CoreType, JsonPath};
use datajoint_schema::Attribute;

use super::condition::{Sql, check_pattern};
use super::headings::computed;
use super::query::{Column, ColumnExpression, Query};
use super::{Lower, Truth};
use crate::backends::dialect;
use crate::bind::{bind_operand, fault, show};
use crate::fragment::Fragment;
use crate::json_number::Number;
use crate::json_path;
use crate::{Comparison, Condition, Result, Value};

impl Query {
    /// The place within a document that the name of no column writes; `None` for a name that is no place in one.
    ///
    /// Fails for a name that can only be meant as a place, and is none.
    pub(super) fn place(&self, name: &str) -> Result<Option<JsonPath>> {
        match JsonPath::attribute_of(name) {
            Some(attribute) if self.column(name).is_none() && self.has_document(attribute) => {
                json_path::place(name).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// True when it has this attribute, as JSON.
    pub(super) fn has_document(&self, attribute: &str) -> bool {
        self.column(attribute).is_some_and(|column| {
            column.is_plain()
                && matches!(column.attribute.attribute_type, AttributeType::Core(CoreType::Json))
        })
    }
}

impl Lower {
    /// A condition on what stands at a place; `None` for one on anything else.
    pub(super) fn place_condition(
        &mut self,
        query: &mut Query,
        condition: &Condition,
    ) -> Result<Option<Truth>> {
        let compare = |attribute: &str, operator, value: &Value| Condition::Compare {
            attribute: attribute.to_owned(),
            operator,
            value: value.clone(),
        };
        Ok(match condition {
            Condition::Compare { attribute, operator, value } => {
                let place = query.place(attribute)?;
                place.map(|place| self.compare_place(&place, *operator, value)).transpose()?
            }
            Condition::IsNull(attribute) => {
                let place = query.place(attribute)?;
                place.map(|place| self.compare_place(&place, Comparison::Equal, &Value::Null)).transpose()?
            }
            Condition::In { attribute, values } if query.place(attribute)?.is_some() => {
                let equal = values.iter().map(|value| compare(attribute, Comparison::Equal, value));
                Some(self.condition(query, &Condition::Any(equal.collect()))?)
            }
            Condition::Between { attribute, low, high } if query.place(attribute)?.is_some() => {
                let bounds = [(Comparison::GreaterOrEqual, low), (Comparison::LessOrEqual, high)];
                let both = bounds.map(|(operator, value)| compare(attribute, operator, value));
                Some(self.condition(query, &Condition::All(both.to_vec()))?)
            }
            _ => None,
        })
    }

    /// What stands at a place, compared as what the value is.
    fn compare_place(&self, place: &JsonPath, operator: Comparison, value: &Value) -> Result<Truth> {
        if let Value::Json(document) = value {
            return match scalar(document) {
                Some(value) => self.compare_place(place, operator, &value),
                None => Err(refused(
                    place,
                    value,
                    "give a string, a number, true or false: no array and no object",
                )),
            };
        }
        if place.returning.is_some() {
            return self.compare(&self.converted(place, value), operator, value);
        }
        let dialect = dialect(self.backend);
        let sql = match (operator, value) {
            (Comparison::Equal, Value::Null) => {
                return Ok(Truth::Sql(Sql::tight(Fragment::text(dialect.json_is_null(place)), false)));
            }
            (Comparison::NotEqual, Value::Null) => {
                let is_null = Fragment::text(dialect.json_is_null(place)).parenthesised();
                let mut sql = Fragment::text("NOT ");
                sql.append(is_null);
                return Ok(Truth::Sql(Sql::tight(sql, false)));
            }
            (_, Value::Null) => return Ok(Truth::Constant(false)),
            (Comparison::Like, Value::Text(pattern)) => {
                check_pattern(self.backend, &self.converted(place, value), value)?;
                dialect.json_string(place, operator, pattern)
            }
            (Comparison::Like, _) => return Err(refused(place, value, "a pattern is a string")),
            (_, Value::Bool(truth)) => dialect.json_truth(place, operator, *truth),
            (_, value) => match Number::of(value) {
                Some(number) => {
                    let number = number.map_err(|advice| refused(place, value, &advice))?;
                    dialect.json_number(place, operator, number)
                }
                None => match bind_operand(self.backend, &attribute(place, &Value::Null), value.clone())? {
                    Value::Text(string) => dialect.json_string(place, operator, &string),
                    _ => return Err(refused(place, value, "give a string, a number, true or false")),
                },
            },
        };
        Ok(Truth::Sql(Sql::tight(sql, true)))
    }

    /// What stands at a place, of the type that the place asks for.
    fn converted(&self, place: &JsonPath, value: &Value) -> Column {
        let sql = dialect(self.backend).json_value(place);
        let expression = ColumnExpression::Computed(Fragment::text(sql));
        Column { attribute: Arc::new(attribute(place, value)), expression, table: None }
    }
}

/// The attribute that a place would be, of a type that holds what it is compared with.
fn attribute(place: &JsonPath, value: &Value) -> Attribute {
    let core = match value {
        Value::Bool(_) => CoreType::Bool,
        Value::Int(_) | Value::UInt(_) => CoreType::Int64,
        Value::Float32(_) | Value::Float64(_) | Value::Decimal(_) | Value::BigDecimal(_) => CoreType::Float64,
        _ => CoreType::Varchar(u32::from(u16::MAX)),
    };
    let name = place.to_string();
    Attribute { attribute_type: AttributeType::Core(core), ..(*computed(&name, &name, &[])).clone() }
}

fn refused(place: &JsonPath, value: &Value, advice: &str) -> crate::Error {
    fault(&attribute(place, &Value::Null), show(value), advice)
}

/// The value that a document is, unless it is an array or an object.
fn scalar(document: &serde_json::Value) -> Option<Value> {
    Some(match document {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::UInt(number),
            (None, None) => Value::Float64(number.as_f64()?),
        },
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => return None,
    })
}
