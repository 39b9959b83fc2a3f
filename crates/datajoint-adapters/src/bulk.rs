use datajoint_sql::{Value, parameter_limit};

use crate::{ColumnType, Connection, Error, Result};

/// The most rows of one statement: more gain nothing.
const MOST_ROWS: usize = 1000;

/// Many rows for one table.
pub struct BulkInsert<'a> {
    /// PostgreSQL's text that takes the rows in binary form, where that is wanted.
    pub copy: Option<&'a str>,
    /// The columns of a row.
    pub columns: &'a [ColumnType],
    /// The text of an insert of so many rows.
    pub insert: &'a (dyn Fn(usize) -> String + Sync),
    /// The values, row after row.
    pub values: &'a [Value],
}

pub(crate) async fn insert(connection: &mut Connection, insert: BulkInsert<'_>) -> Result<u64> {
    if insert.values.is_empty() || insert.columns.is_empty() {
        return Ok(0);
    }
    if let Some(copy) = insert.copy
        && !insert.columns.contains(&ColumnType::Other)
        && let Some(rows) = connection.driver().copy(copy, insert.columns, insert.values).await?
    {
        return Ok(rows);
    }
    in_chunks(connection, &insert).await
}

async fn in_chunks(connection: &mut Connection, insert: &BulkInsert<'_>) -> Result<u64> {
    let backend = connection.backend();
    let columns = insert.columns.len();
    let most = (parameter_limit(backend) / columns).clamp(1, MOST_ROWS);
    let largest = connection.largest_statement;
    let (mut rest, mut inserted) = (insert.values, 0);
    let mut text = (0, String::new());
    while !rest.is_empty() {
        let rows = if backend.is_mysql_family() { fitting(rest, columns, most, largest)? } else { most };
        let rows = rows.min(rest.len() / columns).max(1);
        if text.0 != rows {
            text = (rows, (insert.insert)(rows));
        }
        let (chunk, after) = rest.split_at((rows * columns).min(rest.len()));
        inserted += connection.driver().execute_rows(&text.1, insert.columns, chunk).await?;
        rest = after;
    }
    Ok(inserted)
}

/// How many rows from the front fit into one packet of the server.
fn fitting(values: &[Value], columns: usize, most: usize, largest: usize) -> Result<usize> {
    // Half of the packet leaves room for the text and the protocol.
    let room = largest / 2;
    let mut bytes = 0_usize;
    for (number, row) in values.chunks(columns).take(most).enumerate() {
        let size: usize = row.iter().map(Value::size).sum();
        if size >= largest.saturating_sub(1024) {
            return Err(Error::RowTooLarge { bytes: size, limit: largest });
        }
        bytes = bytes.saturating_add(size);
        if bytes > room && number > 0 {
            return Ok(number);
        }
    }
    Ok(most)
}
