use super::condition::{Sql, Truth};
use super::query::{Column, Query};
use super::unknown::named;
use super::{Lower, condition};
use crate::backends::dialect;
use crate::bind::bind_operand;
use crate::bind_value;
use crate::dialect::KeyColumn;
use crate::fragment::Fragment;
use crate::{Comparison, Condition, Result, Value};

impl Lower {
    pub(super) fn is_in(&mut self, query: &mut Query, name: &str, values: &[Value]) -> Result<Truth> {
        let rows: Vec<Vec<Value>> = values.iter().map(|value| vec![value.clone()]).collect();
        self.keys(query, &[name.to_owned()], &rows, false)
    }

    /// The columns equal one of the rows; null equals null. What is negated then is said so that the server finds at once which
    /// rows are in none of them.
    pub(super) fn keys(
        &mut self,
        query: &mut Query,
        names: &[String],
        rows: &[Vec<Value>],
        negated: bool,
    ) -> Result<Truth> {
        let columns: Vec<&Column> = names.iter().map(|name| named(query, name)).collect::<Result<_>>()?;
        if names.is_empty() || rows.is_empty() {
            return Ok(Truth::Constant(names.is_empty() && !rows.is_empty()));
        }
        let first = self.first(&columns, &rows[0])?;
        let longest = dialect(self.backend).longest_key_list(&key_columns(&columns, &first));
        let is_document = rows.len() * names.len() > longest;
        let is_lost =
            |value: &Value| names.len() > 1 && !is_document && dialect(self.backend).is_lost_in_rows(value);
        let stands_alone =
            |row: &&Vec<Value>| row.iter().any(|value| *value == Value::Null || is_lost(value));
        let (alone, whole): (Vec<_>, Vec<_>) = rows.iter().partition(stands_alone);
        let mut alternatives: Vec<Truth> = Vec::new();
        if !whole.is_empty() {
            alternatives.push(Truth::Sql(self.whole_keys(query, names, &whole, negated)?));
        }
        for row in alone {
            let equal = names.iter().zip(row).map(|(name, value)| Condition::Compare {
                attribute: name.clone(),
                operator: Comparison::Equal,
                value: value.clone(),
            });
            alternatives.push(self.condition(query, &Condition::All(equal.collect()))?);
        }
        Ok(condition::any(self.backend, alternatives))
    }

    /// The values of a row as they are bound.
    fn first(&self, columns: &[&Column], row: &[Value]) -> Result<Vec<Value>> {
        let bound = |(column, value): (&&Column, &Value)| {
            condition::check_comparable(column, value)?;
            let bound = bind_operand(self.backend, &column.attribute, value.clone());
            bound.map_err(|error| column.table_name().map_or(error.clone(), |table| error.in_table(table)))
        };
        columns.iter().zip(row).map(bound).collect()
    }

    fn whole_keys(
        &self,
        query: &Query,
        names: &[String],
        rows: &[&Vec<Value>],
        negated: bool,
    ) -> Result<Sql> {
        let columns: Vec<&Column> = names.iter().map(|name| named(query, name)).collect::<Result<_>>()?;
        let may_be_null = columns.iter().any(|column| column.attribute.nullable);
        let dialect = dialect(self.backend);
        let first = self.first(&columns, rows[0])?;
        let key_columns = key_columns(&columns, &first);
        let is_document = rows.len() * columns.len() > dialect.longest_key_list(&key_columns);
        let skips_nulls = negated
            && may_be_null
            && columns.len() > 1
            && !is_document
            && dialect.searches_lists_without_nulls();
        let mut expressions = Vec::with_capacity(columns.len());
        for (column, value) in columns.iter().zip(rows[0]) {
            let expression = column.compared(self.backend);
            expressions.push(if skips_nulls && column.attribute.nullable {
                let mut known = Fragment::text("ifnull(");
                known.append(Fragment::join([expression, self.operand(column, value)?], ", "));
                known.push(")");
                known
            } else {
                expression
            });
        }
        let mut sql = Fragment::join(expressions, ", ");
        if columns.len() > 1 {
            sql = sql.parenthesised();
        }
        if is_document {
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
            return Ok(Sql::tight(sql, may_be_null));
        }
        sql.push(dialect.before_rows());
        sql.append(Fragment::join(lines.into_iter().map(Fragment::parenthesised), ", "));
        sql.push(")");
        if skips_nulls {
            let nullable = columns.iter().filter(|column| column.attribute.nullable);
            let mut known: Vec<Fragment> = nullable
                .map(|column| {
                    let mut known = column.sql(self.backend);
                    known.push(" IS NOT NULL");
                    known
                })
                .collect();
            known.push(sql);
            return Ok(Sql::tight(Fragment::join(known, " AND ").parenthesised(), false));
        }
        Ok(Sql::tight(sql, may_be_null))
    }

    /// The rows as one JSON text, an array of arrays, but for those with a value that no row of the table can have.
    fn document(&self, columns: &[&Column], rows: &[&Vec<Value>]) -> Result<Value> {
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let mut cells = Vec::with_capacity(columns.len());
            for (column, value) in columns.iter().zip(row.iter()) {
                match bind_value(self.backend, &column.attribute, value.clone()) {
                    Ok(bound) => cells.push(json_cell(bound)),
                    // What is no value of the type at all is an error, as in a short list.
                    Err(_) => drop(self.operand(column, value)?),
                }
            }
            if cells.len() == columns.len() {
                lines.push(serde_json::Value::Array(cells));
            }
        }
        Ok(Value::Text(serde_json::Value::Array(lines).to_string()))
    }
}

/// The columns as a list of keys is compared with them, with the values of its first row.
fn key_columns<'a>(columns: &[&'a Column], first: &'a [Value]) -> Vec<KeyColumn<'a>> {
    let key_column = |(column, value): (&&'a Column, &'a Value)| KeyColumn {
        attribute: &column.attribute,
        table: column.table_name(),
        value,
    };
    columns.iter().zip(first).map(key_column).collect()
}

/// JSON has no NaN and no infinity: they are strings there, which the statement makes numbers of.
fn float_cell(number: f64) -> serde_json::Value {
    match number {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number if number.is_nan() => "NaN".into(),
        number => number.into(),
    }
}

fn json_cell(value: Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Default => serde_json::Value::Null,
        Value::Bool(truth) => truth.into(),
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Float32(number) => float_cell(f64::from(number)),
        Value::Float64(number) => float_cell(number),
        Value::Decimal(number) => number.to_string().into(),
        Value::BigDecimal(number) => number.to_plain_string().into(),
        Value::Duration(span) => crate::bind::show_span(span).into(),
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => crate::literal::hexadecimal(&bytes).into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => time.to_string().into(),
        Value::DateTime(moment) => moment.format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
        Value::Uuid(uuid) => uuid.to_string().into(),
        Value::Json(document) => *document,
    }
}
