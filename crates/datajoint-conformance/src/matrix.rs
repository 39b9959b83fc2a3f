//! Every type × the values at its limits × every road into a table and out of it: the same value comes back, or an error
//! that names the table, the row, the attribute and the value, and never another value.

#![expect(clippy::print_stdout, reason = "the counts are what the matrix is run for")]

mod copies;
mod counts;
mod line;
mod page;
mod roads;
mod table;

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, DynamicTable, Tier, Value};
use datajoint_sql::bind_value;

use crate::{Capabilities, Turn};
use counts::Counts;
use line::Line;
use table::lines;

pub use copies::values_are_the_same_on_the_other_side;
pub use page::what_maps_to_what;

const SCHEMA: &str = "dj_conformance_matrix";

static TURN: Turn = Turn::new(SCHEMA);

/// What came of a value: itself, or another one, or an error.
type Outcome = Result<Value, String>;

pub(crate) async fn declare(dj: &Instance, schema: &str, class_name: &str, definition: &str) -> DynamicTable {
    let declaration = DynamicDeclaration { schema, class_name, tier: Tier::Manual, definition, master: None };
    dj.declare_dynamic(declaration).await.unwrap()
}

/// The table of a line: a number, and the value.
async fn declare_line(dj: &Instance, schema: &str, number: usize, line: &Line) -> DynamicTable {
    let definition = format!("id : int32\n---\nv = null : {}", line.type_text);
    declare(dj, schema, &format!("Line{number}"), &definition).await
}

fn row(id: i32, value: &Value) -> DynamicRow {
    let mut row = DynamicRow::new().with("id", id).unwrap();
    row.set("v", value.clone());
    row
}

/// The only value there is.
async fn only(table: &DynamicTable, dj: &Instance) -> Outcome {
    let row = table.fetch_one(dj).await.map_err(|error| error.to_string())?;
    Ok(row.value("v").unwrap().clone())
}

/// The cells of one line.
async fn cells(dj: &Instance, number: usize, line: &Line, is_whole: bool, counts: &mut Counts) {
    let table = declare_line(dj, SCHEMA, number, line).await;
    let attribute = table.table().heading.get("v").unwrap();
    let key = if line.in_key() {
        Some(declare(dj, SCHEMA, &format!("Key{number}"), &format!("v : {}", line.type_text)).await)
    } else {
        None
    };
    counts.begin(line.type_text, table.name().table.clone());
    for (place, value) in line.values.iter().enumerate() {
        table.delete_quick(dj).confirmed().await.unwrap();
        let inserted = table.insert_one(dj, row(1, value)).await.map_err(|error| error.to_string());
        // What the page of the guide is printed from is what happens.
        counts.check(
            inserted.is_ok() == bind_value(dj.backend(), attribute, value.clone()).is_ok(),
            value,
            || format!("the page says otherwise: {inserted:?}"),
        );
        let end = match inserted {
            Ok(()) => only(&table, dj).await,
            Err(error) => Err(error),
        };
        counts.see("insert", value, &end);
        if let Some(key) = key.as_ref().filter(|_| *value != Value::Null) {
            key.delete_quick(dj).confirmed().await.unwrap();
            let mut row = DynamicRow::new();
            row.set("v", value.clone());
            let end = match key.insert_one(dj, row).await {
                Ok(()) => only(key, dj).await,
                Err(error) => Err(error.to_string()),
            };
            counts.see_in("key", key.name().table.as_str(), value, &end);
        }
        let Ok(read) = end else {
            for road in roads::IN {
                if let Some(end) = roads::given(&table, dj, line, (road, value)).await {
                    counts.see(road, value, &end);
                }
            }
            continue;
        };
        for (road, times) in roads::found(&table, dj, line, &read).await {
            counts.see(road, &Value::Int(1), &times.map(|times| Value::Int(times.cast_signed())));
        }
        if line.in_key() && (is_whole || place == 0) {
            let class = format!("Default{number}V{place}");
            if let Some(end) = roads::defaulted(dj, &class, line.type_text, &read).await {
                counts.see_in("default", &format!("default{number}_v{place}"), &read, &end);
            }
        }
        for (turn, road) in roads::THERE_AND_BACK.into_iter().enumerate() {
            if !is_whole && turn != (number + place) % roads::THERE_AND_BACK.len() {
                continue;
            }
            let _ = table.delete_quick(dj).confirmed().await.unwrap();
            table.insert_one(dj, row(1, &read)).await.unwrap();
            counts.see(road, &read, &roads::there_and_back(&table, dj, road).await);
        }
    }
    let name = line.spec.class_name;
    for (road, given, end) in line.typed.cells(dj).await {
        counts.see_in(road, &datajoint_definition::snake_case(name).unwrap(), &given, &end);
    }
}

/// The same value comes back on every road, or an error that names the table, the row, the attribute and the value.
///
/// Each value takes some of the roads; with `DATAJOINT_MATRIX=all` it takes each.
pub async fn every_value_comes_back_or_is_refused_by_name(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let mut counts = Counts::of(dj.backend());
    for (number, line) in lines().iter().enumerate() {
        if line.backends.contains(&dj.backend()) {
            cells(dj, number, line, is_whole(), &mut counts).await;
        }
    }
    println!("{}: {counts}", dj.backend());
    counts.end();
    turn.end(dj).await;
}

/// True when each value takes each road.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn is_whole() -> bool {
    std::env::var("DATAJOINT_MATRIX").is_ok_and(|wanted| wanted == "all")
}
