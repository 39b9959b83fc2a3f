use datajoint_definition::Backend;

use super::build::{Builder, Select};
use super::join::common;
use crate::fragment::Fragment;
use crate::{Comparison, Condition, Error, Expression, Result, Value, bind_value};

/// The most values one statement can take on every backend.
const MOST_VALUES: usize = 30_000;

/// True when a condition has text of SQL, in which attributes stand by their bare names.
pub(super) fn mentions_text(condition: &Condition) -> bool {
    match condition {
        Condition::Sql { .. } => true,
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(mentions_text),
        Condition::Not(inner) => mentions_text(inner),
        _ => false,
    }
}

impl Builder {
    /// The condition as SQL over the columns of a query.
    pub(super) fn condition(&mut self, query: &Select, condition: &Condition) -> Result<Fragment> {
        Ok(match condition {
            Condition::Constant(true) => Fragment::new("1 = 1"),
            Condition::Constant(false) => Fragment::new("1 = 0"),
            Condition::Compare { attribute, operator, value } => self.compare(query, attribute, *operator, value)?,
            Condition::IsNull(attribute) => {
                let mut sql = query.column(attribute)?.sql.clone();
                sql.push(" IS NULL");
                sql
            }
            Condition::In { attribute, values } => {
                let rows: Vec<Vec<Value>> = values.iter().map(|value| vec![value.clone()]).collect();
                self.keys(query, std::slice::from_ref(attribute), &rows)?
            }
            Condition::Between { attribute, low, high } => {
                let mut sql = query.column(attribute)?.sql.clone();
                sql.push(" BETWEEN ");
                sql.append(self.operand(query, attribute, low)?);
                sql.push(" AND ");
                sql.append(self.operand(query, attribute, high)?);
                sql
            }
            Condition::Keys { attributes, rows } => self.keys(query, attributes, rows)?,
            Condition::All(parts) => self.list(query, parts, " AND ", "1 = 1")?,
            Condition::Any(parts) => self.list(query, parts, " OR ", "1 = 0")?,
            Condition::Not(inner) => {
                if let Condition::Matches(other) = inner.as_ref() {
                    return self.matches(query, other, "NOT EXISTS (");
                }
                let mut sql = self.condition(query, inner)?.grouped();
                sql.push(" IS NOT TRUE");
                sql
            }
            Condition::Matches(other) => self.matches(query, other, "EXISTS (")?,
            Condition::Sql { text, parameters } => Fragment::of_user(text, parameters)?.grouped(),
        })
    }

    fn compare(&self, query: &Select, attribute: &str, operator: Comparison, value: &Value) -> Result<Fragment> {
        let mut sql = query.column(attribute)?.sql.clone();
        let symbol = match (operator, value) {
            (Comparison::Equal, Value::Null) => {
                sql.push(" IS NULL");
                return Ok(sql);
            }
            (Comparison::NotEqual, Value::Null) => {
                sql.push(" IS NOT NULL");
                return Ok(sql);
            }
            (Comparison::Like, value) => {
                sql.push(" LIKE ");
                sql.append(Fragment::value(value.clone()));
                return Ok(sql);
            }
            (Comparison::Equal, _) => " = ",
            (Comparison::NotEqual, _) => " <> ",
            (Comparison::Less, _) => " < ",
            (Comparison::LessOrEqual, _) => " <= ",
            (Comparison::Greater, _) => " > ",
            (Comparison::GreaterOrEqual, _) => " >= ",
        };
        sql.push(symbol);
        sql.append(self.operand(query, attribute, value)?);
        Ok(sql)
    }

    fn operand(&self, query: &Select, attribute: &str, value: &Value) -> Result<Fragment> {
        let column = query.column(attribute)?;
        Ok(Fragment::value(bind_value(self.backend, &column.attribute, value.clone())?))
    }

    fn list(&mut self, query: &Select, parts: &[Condition], separator: &str, empty: &str) -> Result<Fragment> {
        if parts.is_empty() {
            return Ok(Fragment::new(empty));
        }
        let parts = parts.iter().map(|part| self.condition(query, part)).collect::<Result<Vec<_>>>()?;
        Ok(Fragment::join(parts, separator).grouped())
    }

    fn keys(&self, query: &Select, attributes: &[String], rows: &[Vec<Value>]) -> Result<Fragment> {
        if rows.is_empty() {
            return Ok(Fragment::new("1 = 0"));
        }
        if attributes.is_empty() {
            return Ok(Fragment::new("1 = 1"));
        }
        if attributes.len() * rows.len() > MOST_VALUES {
            let message = format!(
                "the list has {} values; a statement takes {MOST_VALUES}: restrict by a table or in several queries",
                attributes.len() * rows.len()
            );
            return Err(Error::Value { attribute: attributes.join(", "), message });
        }
        let has_null = rows.iter().flatten().any(|value| matches!(value, Value::Null));
        if has_null || rows.len() == 1 {
            return self.alternatives(query, attributes, rows);
        }
        let columns = attributes.iter().map(|name| Ok(query.column(name)?.sql.clone())).collect::<Result<Vec<_>>>()?;
        let is_single = attributes.len() == 1;
        let columns = Fragment::join(columns, ", ");
        let mut sql = if is_single { columns } else { columns.grouped() };
        let rows = rows
            .iter()
            .map(|row| {
                let values = attributes.iter().zip(row).map(|(name, value)| self.operand(query, name, value));
                let values = Fragment::join(values.collect::<Result<Vec<_>>>()?, ", ");
                Ok(if is_single { values } else { values.grouped() })
            })
            .collect::<Result<Vec<_>>>()?;
        let needs_values = !is_single && self.backend == Backend::Sqlite;
        sql.push(if needs_values { " IN (VALUES " } else { " IN (" });
        sql.append(Fragment::join(rows, ", "));
        sql.push(")");
        Ok(sql)
    }

    fn alternatives(&self, query: &Select, attributes: &[String], rows: &[Vec<Value>]) -> Result<Fragment> {
        let alternatives = rows
            .iter()
            .map(|row| {
                let equals = attributes
                    .iter()
                    .zip(row)
                    .map(|(name, value)| self.compare(query, name, Comparison::Equal, value))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Fragment::join(equals, " AND "))
            })
            .collect::<Result<Vec<_>>>()?;
        let is_one = alternatives.len() == 1;
        let alternatives =
            alternatives.into_iter().map(|fragment| if is_one { fragment } else { fragment.grouped() });
        let joined = Fragment::join(alternatives, " OR ");
        Ok(if is_one { joined } else { joined.grouped() })
    }

    fn matches(&mut self, query: &Select, other: &Expression, open: &str) -> Result<Fragment> {
        let mut inner = self.build(other)?;
        if inner.is_cut() {
            inner = self.wrap(inner);
        }
        for name in common(query, &inner)? {
            let mut equal = inner.column(&name)?.sql.clone();
            equal.push(" = ");
            equal.append(query.column(&name)?.sql.clone());
            inner.filters.push(equal);
        }
        let mut sql = Fragment::new(open);
        sql.append(inner.render_as("1", false));
        sql.push(")");
        Ok(sql)
    }
}
