//! What is in quarantine, in a hidden table of each schema.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use datajoint_adapters::Connection;
use datajoint_plan::placeholders;
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value, quote_identifier, table_reference};

use crate::Result;
use crate::heap::{Files, Heap};

/// The hidden table.
const TABLE: &str = "~quarantine";

/// How many objects of a schema may be in quarantine, so that their notes are in memory at once.
pub(crate) const MOST: usize = 100_000;

/// How many are in one statement.
pub(crate) const AT_ONCE: usize = 200;

/// What is noted of an object.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) store: String,
    pub(crate) path: String,
    pub(crate) files: Files,
    /// Since when it is in quarantine, by the clock of the store.
    pub(crate) since: SystemTime,
}

/// The columns with their types: names on one side, numbers on the other.
const COLUMNS: [(&str, bool); 7] = [
    ("place", true),
    ("store", true),
    ("path", true),
    ("files", false),
    ("bytes", false),
    ("modified", false),
    ("since", false),
];

/// The notes of a schema, as statements know them.
pub(crate) struct Notes<'a> {
    connection: &'a mut Connection,
    schema: &'a str,
}

impl<'a> Notes<'a> {
    pub(crate) fn of(connection: &'a mut Connection, schema: &'a str) -> Self {
        Self { connection, schema }
    }

    fn table(&self) -> String {
        table_reference(self.connection.backend(), &TableName::new(self.schema, TABLE))
    }

    fn quoted(&self, name: &str) -> String {
        quote_identifier(self.connection.backend(), name)
    }

    fn columns(&self) -> String {
        COLUMNS.map(|(name, _)| self.quoted(name)).join(", ")
    }

    /// Makes the table, where it is not there.
    pub(crate) async fn prepare(&mut self) -> Result<()> {
        let is_embedded = self.connection.backend().capability().is_embedded;
        let kind = |name: &str, is_text| match (is_text, is_embedded) {
            (true, true) => "TEXT",
            (false, true) => "INTEGER",
            (true, false) if name == "path" => "text",
            (true, false) => "varchar(64)",
            (false, false) => "bigint",
        };
        let columns =
            COLUMNS.map(|(name, is_text)| format!("{} {} NOT NULL", self.quoted(name), kind(name, is_text)));
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))",
            self.table(),
            columns.join(", "),
            self.quoted("place")
        );
        Ok(self.connection.script(&[Statement::plain(sql)]).await?)
    }

    /// Reads all; none where there is no table yet.
    pub(crate) async fn read(&mut self) -> Result<HashMap<String, Noted>> {
        let sql =
            format!("SELECT {} FROM {} ORDER BY {}", self.columns(), self.table(), self.quoted("since"));
        let mut notes = HashMap::new();
        let all = Statement::plain(sql);
        let read = self.connection.for_each::<datajoint_adapters::Error, _>(&all, |row| {
            let text = |value: &Value| match value {
                Value::Text(text) => text.clone(),
                Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => String::new(),
            };
            if let [place, store, path, count, bytes, modified, since] = row.as_slice() {
                let (count, bytes) = (number(count), number(bytes));
                let files = Files { count, bytes, youngest: time(number(modified)) };
                let (store, path, since) = (text(store), text(path), time(number(since)));
                notes.insert(text(place), Noted { store, path, files, since });
            }
            Ok(())
        });
        match read.await {
            Err(error) if error.is_gone() => Ok(HashMap::new()),
            read => {
                read?;
                Ok(notes)
            }
        }
    }

    /// Notes that these are in quarantine since then, but for those that are already.
    pub(crate) async fn add(&mut self, heaps: &[&Heap], since: SystemTime) -> Result<()> {
        for some in heaps.chunks(AT_ONCE) {
            self.remove(some).await?;
            let mut values = Vec::new();
            let mut rows = Vec::new();
            let places: Vec<String> = {
                let all = vec![(); some.len() * COLUMNS.len()];
                placeholders(self.connection.backend(), &all).split(", ").map(str::to_owned).collect()
            };
            for (number, heap) in some.iter().enumerate() {
                let files = heap.files().unwrap_or(Files { count: 0, bytes: 0, youngest: since });
                values.extend([
                    Value::Text(heap.digest.clone()),
                    Value::Text(heap.store.clone()),
                    Value::Text(heap.path.clone()),
                    Value::Int(i64::try_from(files.count).unwrap_or(i64::MAX)),
                    Value::Int(i64::try_from(files.bytes).unwrap_or(i64::MAX)),
                    Value::Int(nanoseconds(files.youngest)),
                    Value::Int(nanoseconds(since)),
                ]);
                let of_row = &places[number * COLUMNS.len()..(number + 1) * COLUMNS.len()];
                rows.push(format!("({})", of_row.join(", ")));
            }
            let sql = format!("INSERT INTO {} ({}) VALUES {}", self.table(), self.columns(), rows.join(", "));
            self.connection.execute(&Statement { sql, parameters: values, ..Statement::default() }).await?;
        }
        Ok(())
    }

    /// Takes the notes of these away; gives how many there were.
    pub(crate) async fn remove(&mut self, heaps: &[&Heap]) -> Result<u64> {
        let mut removed = 0;
        for some in heaps.chunks(AT_ONCE) {
            let list = placeholders(self.connection.backend(), some);
            let sql = format!("DELETE FROM {} WHERE {} IN ({list})", self.table(), self.quoted("place"));
            let parameters = some.iter().map(|heap| Value::Text(heap.digest.clone())).collect();
            removed +=
                self.connection.execute(&Statement { sql, parameters, ..Statement::default() }).await?;
        }
        Ok(removed)
    }
}

fn number(value: &Value) -> u64 {
    match value {
        Value::Int(number) => u64::try_from(*number).unwrap_or_default(),
        Value::UInt(number) => *number,
        _ => 0,
    }
}

fn time(nanoseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
