//! Values from one backend to another.

use datajoint::prelude::*;
use datajoint::{Backend, DynamicTable, Value, attribute};
use datajoint_transfer::copy;

use super::counts::Counts;
use super::line::Line;
use super::table::lines;
use super::{declare_line, roads, row};

/// What is copied.
const SCHEMA: &str = "dj_conformance_copies";

const ROADS: [&str; 6] = ["copy", "rows", "JSON", "CSV", "Arrow", "Parquet"];

/// Sends the values that each of two backends has to the other: the same value comes there, or an error names the table,
/// the row, the attribute and the value. Gives the counts.
pub async fn values_are_the_same_on_the_other_side(from: &Instance, to: &Instance) -> String {
    let mut counts = Counts::of(to.backend());
    let _ = from.drop_schema(SCHEMA).confirmed().await;
    let _ = to.drop_schema(SCHEMA).confirmed().await;
    for (number, line) in lines().iter().enumerate() {
        // A type of one database alone has no other side.
        let is_there = |backend: &Backend| line.backends.contains(backend);
        if [from.backend(), to.backend()].iter().all(is_there) {
            cells(from, to, number, line, &mut counts).await;
        }
    }
    let text = format!("{} to {}: {counts}", from.backend(), to.backend());
    counts.end();
    for dj in [from, to] {
        dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    }
    text
}

async fn cells(from: &Instance, to: &Instance, number: usize, line: &Line, counts: &mut Counts) {
    let there = declare_line(from, SCHEMA, number, line).await;
    counts.begin(line.type_text, there.name().table.clone());
    for (id, value) in (0..).zip(&line.values) {
        // What is refused there is a cell of the matrix of that backend.
        let _ = there.insert_one(from, row(id, value)).await;
    }
    let rows = there.order_by("KEY").fetch(from).await.unwrap();
    for road in ROADS {
        let here = declare_line(to, SCHEMA, number, line).await;
        if send(from, &there, to, &here, road, None).await.is_ok() {
            let read = here.order_by("KEY").fetch(to).await.unwrap();
            assert_eq!(read.len(), rows.len(), "{} by {road}", line.type_text);
            for (given, read) in rows.iter().zip(&read) {
                counts.see(road, value(given), &Ok(value(read).clone()));
            }
            continue;
        }
        // Which of them it is.
        for given in &rows {
            let sent = send(from, &there, to, &here, road, Some(given)).await;
            let end = match sent {
                Ok(()) => super::only(&here, to).await,
                Err(error) => Err(error),
            };
            counts.see(road, value(given), &end);
        }
    }
}

fn value(row: &DynamicRow) -> &Value {
    row.value("v").unwrap()
}

/// Sends all rows of a table, or one.
async fn send(
    from: &Instance,
    there: &DynamicTable,
    to: &Instance,
    here: &DynamicTable,
    road: &str,
    one: Option<&DynamicRow>,
) -> Result<(), String> {
    here.delete_quick(to).confirmed().await.unwrap();
    let query = match one {
        Some(row) => there & attribute("id").eq(row.get::<i32>("id").unwrap()),
        None => there.query(),
    };
    if road == "copy" {
        return copy(from, &query, to, false).await.map(drop).map_err(|error| error.to_string());
    }
    roads::over(&query, from, here, to, road).await
}
