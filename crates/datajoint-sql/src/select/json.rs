//! Conditions on places within JSON attributes.

use std::sync::Arc;

use datajoint_definition::{AttributeType, CoreType, JsonType};
use datajoint_schema::Attribute;

use super::headings::computed;
use super::mention::JsonPath;
use super::query::{Column, ColumnExpression, Query};
use super::{Lower, Truth};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Comparison, Condition, Result, Value};

impl Lower {
    /// A condition on what stands at a path; `None` for one on anything else.
    pub(super) fn path_condition(
        &mut self,
        query: &mut Query,
        condition: &Condition,
    ) -> Result<Option<Truth>> {
        let path = |query: &Query, name: &str| {
            let path = JsonPath::parse(name)
                .filter(|path| query.column(name).is_none() && query.has_document(path))?;
            Some((path.attribute.to_owned(), path.path.to_owned(), path.returning))
        };
        Ok(Some(match condition {
            Condition::Compare { attribute: name, operator, value } => {
                let Some(path) = path(query, name) else { return Ok(None) };
                let value = dialect(self.backend).json_operand(*operator, value.clone());
                let column = self.path_column(&path, &value);
                let value = match value {
                    Value::Bool(truth) => Value::Text(truth.to_string()),
                    value => value,
                };
                self.compare(&column, *operator, &value)?
            }
            Condition::IsNull(name) => {
                let Some(path) = path(query, name) else { return Ok(None) };
                let column = self.path_column(&path, &Value::Null);
                self.compare(&column, Comparison::Equal, &Value::Null)?
            }
            Condition::In { attribute: name, values } if path(query, name).is_some() => {
                let equal = values.iter().map(|value| Condition::Compare {
                    attribute: name.clone(),
                    operator: Comparison::Equal,
                    value: value.clone(),
                });
                self.condition(query, &Condition::Any(equal.collect()))?
            }
            Condition::Between { attribute: name, low, high } if path(query, name).is_some() => {
                let bound = |operator, value: &Value| Condition::Compare {
                    attribute: name.clone(),
                    operator,
                    value: value.clone(),
                };
                let both = vec![bound(Comparison::GreaterOrEqual, low), bound(Comparison::LessOrEqual, high)];
                self.condition(query, &Condition::All(both))?
            }
            _ => return Ok(None),
        }))
    }

    /// What stands at a path, of the kind that the value is of; null where it is of another kind.
    fn path_column(
        &self,
        (attribute, path, returning): &(String, String, Option<JsonType>),
        value: &Value,
    ) -> Column {
        let dialect = dialect(self.backend);
        let (core, sql) = match (value, returning) {
            (Value::Int(_) | Value::UInt(_), None) => (CoreType::Int64, dialect.json_number(attribute, path)),
            (Value::Float32(_) | Value::Float64(_) | Value::Decimal(_), None) => {
                (CoreType::Float64, dialect.json_number(attribute, path))
            }
            (Value::Int(_) | Value::UInt(_), Some(_)) => {
                (CoreType::Int64, dialect.json_value(attribute, path, *returning))
            }
            (Value::Float32(_) | Value::Float64(_) | Value::Decimal(_), Some(_)) => {
                (CoreType::Float64, dialect.json_value(attribute, path, *returning))
            }
            (_, Some(_)) => {
                (CoreType::Varchar(u32::from(u16::MAX)), dialect.json_value(attribute, path, *returning))
            }
            (_, None) => (CoreType::Varchar(u32::from(u16::MAX)), dialect.json_text(attribute, path)),
        };
        let place = format!("{attribute}.{path}");
        let attribute = Arc::new(Attribute {
            attribute_type: AttributeType::Core(core),
            ..(*computed(&place, &sql, &[])).clone()
        });
        let expression = ColumnExpression::Computed(Fragment::text(sql));
        Column { attribute, expression, table: None }
    }
}
