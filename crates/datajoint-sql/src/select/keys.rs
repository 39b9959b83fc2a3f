use super::condition::{Sql, Truth, named};
use super::query::{Column, Query};
use super::{Lower, condition};
use crate::bind::bind_operand;
use crate::dialect::{KeyColumn, dialect};
use crate::fragment::Fragment;
use crate::{Comparison, Condition, Result, Value};

impl Lower {
    pub(super) fn is_in(&mut self, query: &mut Query, name: &str, values: &[Value]) -> Result<Truth> {
        let rows: Vec<Vec<Value>> = values.iter().map(|value| vec![value.clone()]).collect();
        self.keys(query, &[name.to_owned()], &rows)
    }

    /// The columns equal one of the rows; null equals null.
    pub(super) fn keys(&mut self, query: &mut Query, names: &[String], rows: &[Vec<Value>]) -> Result<Truth> {
        for name in names {
            named(query, name)?;
        }
        if names.is_empty() || rows.is_empty() {
            return Ok(Truth::Constant(names.is_empty() && !rows.is_empty()));
        }
        let has_null = |row: &&Vec<Value>| row.contains(&Value::Null);
        let (with_null, whole): (Vec<_>, Vec<_>) = rows.iter().partition(has_null);
        let mut alternatives: Vec<Truth> = Vec::new();
        if !whole.is_empty() {
            alternatives.push(Truth::Sql(self.whole_keys(query, names, &whole)?));
        }
        for row in with_null {
            let equal = names.iter().zip(row).map(|(name, value)| Condition::Compare {
                attribute: name.clone(),
                operator: Comparison::Equal,
                value: value.clone(),
            });
            alternatives.push(self.condition(query, &Condition::All(equal.collect()))?);
        }
        Ok(condition::any(alternatives))
    }

    fn whole_keys(&self, query: &Query, names: &[String], rows: &[&Vec<Value>]) -> Result<Sql> {
        let columns: Vec<&Column> = names.iter().map(|name| named(query, name)).collect::<Result<_>>()?;
        let may_be_null = columns.iter().any(|column| column.attribute.nullable);
        let expressions = columns.iter().map(|column| column.sql(self.backend));
        let mut sql = Fragment::join(expressions, ", ");
        if columns.len() > 1 {
            sql = sql.parenthesised();
        }
        let dialect = dialect(self.backend);
        let key_columns: Vec<KeyColumn<'_>> = columns
            .iter()
            .map(|column| KeyColumn { attribute: &column.attribute, table: column.table_name() })
            .collect();
        if rows.len() * columns.len() > dialect.longest_key_list(&key_columns) {
            let document = self.document(&columns, rows)?;
            sql.push(" IN ");
            sql.append(dialect.keys_of_document(&key_columns, document));
            return Ok(Sql::tight(sql, may_be_null));
        }
        let mut lines = Vec::new();
        for row in rows {
            let cells: Result<Vec<Fragment>> =
                columns.iter().zip(row.iter()).map(|(column, value)| self.operand(column, value)).collect();
            lines.push(Fragment::join(cells?, ", "));
        }
        if let ([_], [only]) = (&columns[..], &mut lines[..]) {
            sql.push(" = ");
            sql.append(std::mem::take(only));
            return Ok(Sql::tight(sql, may_be_null));
        }
        if columns.len() == 1 {
            sql.push(" IN ");
            sql.append(Fragment::join(lines, ", ").parenthesised());
        } else {
            sql.push(dialect.before_rows());
            sql.append(Fragment::join(lines.into_iter().map(Fragment::parenthesised), ", "));
            sql.push(")");
        }
        Ok(Sql::tight(sql, may_be_null))
    }

    /// The rows as one JSON text, an array of arrays.
    fn document(&self, columns: &[&Column], rows: &[&Vec<Value>]) -> Result<Value> {
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let cells: Result<Vec<serde_json::Value>> = columns
                .iter()
                .zip(row.iter())
                .map(|(column, value)| {
                    bind_operand(self.backend, &column.attribute, value.clone()).map(json_cell)
                })
                .collect();
            lines.push(serde_json::Value::Array(cells?));
        }
        Ok(Value::Text(serde_json::Value::Array(lines).to_string()))
    }
}

fn json_cell(value: Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Default => serde_json::Value::Null,
        Value::Bool(truth) => truth.into(),
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Float32(number) => f64::from(number).into(),
        Value::Float64(number) => number.into(),
        Value::Decimal(number) => number.to_string().into(),
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => crate::quote::hexadecimal(&bytes).into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => time.to_string().into(),
        Value::DateTime(moment) => moment.format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
        Value::Uuid(uuid) => uuid.to_string().into(),
        Value::Json(document) => *document,
    }
}
