//! How far everything is, for Prometheus: in its text format, which is short enough to be written here.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::Write as _;

use datajoint_pipeline::{DynamicTable, Instance};
use datajoint_sql::{Statement, Value, quote_identifier, table_reference};

use crate::{Error, Overview, TableOverview};

/// What a document of this format is called.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The hidden column that says how long a row took.
const DURATION: &str = "_job_duration";

/// How long the rows of a table took that say so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Durations {
    table: String,
    count: f64,
    seconds: f64,
}

impl Durations {
    /// Reads them; nothing of a table that does not keep them, that the user may not read, or that went meanwhile.
    pub(crate) async fn of(dj: &Instance, table: &DynamicTable) -> Result<Option<Self>, Error> {
        if table.table().heading.get(DURATION).is_none() {
            return Ok(None);
        }
        let backend = dj.backend();
        let (column, from) = (quote_identifier(backend, DURATION), table_reference(backend, table.name()));
        let sql = format!("SELECT count({column}), coalesce(sum({column}), 0) FROM {from}");
        let statement = Statement::plain(sql);
        let read = async { dj.database().acquire().await?.fetch(&statement).await };
        let rows = match read.await.map_err(|error| Error::from(datajoint_pipeline::Error::from(error))) {
            // It went meanwhile.
            Err(error) if error.refusal().is_some_and(datajoint_adapters::Error::is_gone) => return Ok(None),
            Err(error) if error.is_missing_privilege() => return Ok(None),
            rows => rows?,
        };
        let number = |place: usize| rows.first().and_then(|row| row.get(place)).map_or(0.0, number);
        Ok(Some(Self { table: table.name().to_string(), count: number(0), seconds: number(1) }))
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float64(number) => *number,
        Value::Float32(number) => f64::from(*number),
        Value::Null => 0.0,
        other => datajoint_sql::show_value(other).parse().unwrap_or_default(),
    }
}

/// A number of a table, if it is known.
type Known = fn(&TableOverview) -> Option<u64>;

/// What is told of each table: the name, what it means, and where it stands.
const GAUGES: [(&str, &str, Known); 8] = [
    ("datajoint_rows", "Rows of the table.", |table| table.rows),
    ("datajoint_keys_done", "Keys that are made.", |table| table.done),
    ("datajoint_keys_remaining", "Keys that are to be made still, whatever became of them.", |table| {
        table.remaining
    }),
    ("datajoint_keys_pending", "Jobs that are to be done.", |table| {
        Some(table.jobs.as_ref()?.counts.pending)
    }),
    ("datajoint_keys_reserved", "Jobs in the hands of workers.", |table| {
        Some(table.jobs.as_ref()?.counts.reserved)
    }),
    ("datajoint_keys_reserved_without_lease", "Jobs in the hands of workers that have no lease.", |table| {
        Some(table.jobs.as_ref()?.counts.without_lease)
    }),
    ("datajoint_keys_failed", "Jobs that failed.", |table| Some(table.jobs.as_ref()?.counts.error)),
    ("datajoint_keys_ignored", "Jobs that are not to be done.", |table| {
        Some(table.jobs.as_ref()?.counts.ignore)
    }),
];

type OfDurations = fn(&Durations) -> f64;

/// What is told of the rows that say how long they took: they go when rows go, so that nothing of it only ever rises.
const DURATIONS: [(&str, &str, OfDurations); 2] = [
    ("datajoint_timed_rows", "Rows that are there and say how long they took to make.", |one| one.count),
    ("datajoint_timed_rows_make_seconds", "How long those rows took to make, all together.", |one| {
        one.seconds
    }),
];

/// Writes the document.
pub(crate) fn document(overview: &Overview, durations: &[Durations], statements: u64) -> String {
    let mut text = String::new();
    for (name, help, known) in GAUGES {
        let samples: Vec<(&str, u64)> =
            overview.tables.iter().filter_map(|table| Some((table.table.as_str(), known(table)?))).collect();
        if samples.is_empty() {
            continue;
        }
        head(&mut text, name, "gauge", help);
        for (table, number) in samples {
            let _ = writeln!(text, "{name}{{table=\"{}\"}} {number}", escaped(table));
        }
    }
    if !durations.is_empty() {
        for (name, help, number) in DURATIONS {
            head(&mut text, name, "gauge", help);
            for one in durations {
                let _ = writeln!(text, "{name}{{table=\"{}\"}} {}", escaped(&one.table), number(one));
            }
        }
    }
    let name = "datajoint_statements_total";
    head(&mut text, name, "counter", "Statements that this program sent to the database.");
    let _ = writeln!(text, "{name} {statements}");
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// The value of a label: a backslash, a quote and a line feed stand behind a backslash.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_label_may_not_have_is_escaped() {
        let table = TableOverview {
            table: "lab.a\"b\\c\nd".to_owned(),
            tier: String::new(),
            rows: Some(3),
            done: None,
            remaining: None,
            total: None,
            jobs: None,
        };
        let overview = Overview { tables: vec![table], findings: Vec::new() };
        let durations = Durations { table: "lab.__a".to_owned(), count: 2.0, seconds: 1.5 };
        assert_eq!(
            document(&overview, &[durations], 7),
            "# HELP datajoint_rows Rows of the table.\n# TYPE datajoint_rows gauge\n\
             datajoint_rows{table=\"lab.a\\\"b\\\\c\\nd\"} 3\n\
             # HELP datajoint_timed_rows Rows that are there and say how long they took to make.\n\
             # TYPE datajoint_timed_rows gauge\ndatajoint_timed_rows{table=\"lab.__a\"} 2\n\
             # HELP datajoint_timed_rows_make_seconds How long those rows took to make, all together.\n\
             # TYPE datajoint_timed_rows_make_seconds gauge\n\
             datajoint_timed_rows_make_seconds{table=\"lab.__a\"} 1.5\n\
             # HELP datajoint_statements_total Statements that this program sent to the database.\n\
             # TYPE datajoint_statements_total counter\ndatajoint_statements_total 7\n"
        );
    }
}
