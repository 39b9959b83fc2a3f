//! No string becomes SQL: whatever is written in the place of a name, a value or an expression, the statements are those
//! that were meant.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicDeclaration, DynamicTable, Tier};

use crate::{Capabilities, Turn};

mod deployed;
mod roads;
#[doc(hidden)]
pub mod shape;
mod strings;
mod takers;
mod widening;
#[doc(hidden)]
pub mod witness;

use shape::Shape;
pub use takers::Leads;
use witness::Witness;

/// The names of the roads that are gone.
pub fn road_names() -> impl Iterator<Item = &'static str> {
    roads::ROADS.iter().map(|road| road.name)
}

/// Every public function that takes a string, as in the documentation, and where that leads to.
pub fn takers() -> impl Iterator<Item = (&'static str, Leads)> {
    takers::TAKERS.iter().flat_map(|(leads, names)| names.iter().map(|name| (*name, *leads)))
}

/// The schema in which the roads work.
const SCHEMA: &str = "dj_conformance_hostile";
/// A schema that nobody has to touch.
const CANARY: &str = "dj_conformance_canary";

static TURN: Turn = Turn::new(SCHEMA);

/// What a road needs.
pub(crate) struct Lab<'a> {
    dj: &'a Instance,
    table: DynamicTable,
}

/// A way that a string takes into a statement. What comes of it does not matter, but for what the road itself says of it.
pub(crate) struct Road {
    name: &'static str,
    /// An expression may stand there, so that the statement is another one, but around it.
    takes_sql: bool,
    go: for<'a> fn(&'a Lab<'a>, &'a str) -> Going<'a>,
}

type Going<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Hostile strings along every road: nothing happens but what the road is for.
///
/// `DATAJOINT_ROADS` says how many strings take each road, beside the fixed ones. Then the server's log is read as well:
/// on MySQL and MariaDB its table, on PostgreSQL the file that `DATAJOINT_ROADS_LOG` names. Every statement there has the
/// pieces of one that the same road sends for a string that harms nobody.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub async fn no_string_becomes_sql(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let _ = dj.drop_schema(CANARY).confirmed().await;
    let canary = declare(dj, CANARY, "Canary", "id : int32\n---\nnote : varchar(20)").await.unwrap();
    canary.insert(dj, [json!({"id": 1, "note": "untouched"})]).await.unwrap();
    let table = declare(dj, SCHEMA, "Mouse", roads::MOUSE).await.unwrap();
    table.insert(dj, [json!({"a": 1, "name": "one"}), json!({"a": 2, "name": "two"})]).await.unwrap();
    let (mut witness, watched) = Witness::of(dj).await.unzip();
    let lab = Lab { dj: watched.as_ref().unwrap_or(dj), table };
    let count = strings::count();
    let (mut strings_sent, mut statements, mut others) = (0, 0, Vec::new());
    let of = |sql: &String| Shape::of(dj.backend(), sql);
    let mut of_roads: Vec<BTreeSet<Shape>> = Vec::new();
    for road in roads::ROADS {
        let mut meant = BTreeSet::new();
        if let Some(witness) = &mut witness {
            for harmless in strings::HARMLESS {
                (road.go)(&lab, harmless).await;
            }
            meant.extend(witness.statements().await.iter().map(of));
        }
        of_roads.push(meant);
    }
    // Whichever road comes to it first looks at the catalog, and ends a transaction.
    let aside = strings::ASIDE.iter().map(|sql| Shape::of(dj.backend(), sql));
    let aside: BTreeSet<Shape> =
        of_roads.iter().flatten().filter(|shape| shape.reads()).cloned().chain(aside).collect();
    for (number, (road, mut meant)) in roads::ROADS.iter().zip(of_roads).enumerate() {
        let name = road.name;
        meant.extend(aside.iter().cloned());
        for text in strings::hostile(dj.backend(), number as u64, name, count) {
            (road.go)(&lab, &text).await;
            strings_sent += 1;
            assert_untouched(dj, &lab.table, &canary, name, &text).await;
            let Some(witness) = &mut witness else { continue };
            for sql in witness.statements().await {
                statements += 1;
                if !of(&sql).is_meant(&meant, road.takes_sql) {
                    others.push(format!("{name}: {text:?} ran {sql}"));
                }
            }
        }
    }
    assert!(others.is_empty(), "nobody meant these:\n{}", others.join("\n"));
    let conditions = widening::is_nowhere(dj, &lab).await;
    assert_untouched(dj, &lab.table, &canary, "all of them", "").await;
    println!(
        "{}: {} roads, {strings_sent} strings, {statements} statements of the log looked at; {conditions} strings that widen",
        dj.backend(),
        roads::ROADS.len(),
    );
    if let (Some(witness), Some(watched)) = (witness, watched) {
        witness.end(watched).await;
    }
    dj.drop_schema(CANARY).confirmed().await.unwrap();
    turn.end(dj).await;
}

/// Hostile strings in each place of a deployment: they plan the statements that were meant.
pub async fn no_string_of_a_deployment_becomes_sql(dj: &Instance, capabilities: Capabilities) {
    deployed::no_string_becomes_sql(dj, capabilities).await;
}

async fn declare(
    dj: &Instance,
    schema: &str,
    class: &str,
    definition: &str,
) -> datajoint::Result<DynamicTable> {
    dj.declare_dynamic(DynamicDeclaration {
        schema,
        class_name: class,
        tier: Tier::Manual,
        master: None,
        definition,
    })
    .await
}

async fn assert_untouched(
    dj: &Instance,
    table: &DynamicTable,
    canary: &DynamicTable,
    road: &str,
    text: &str,
) {
    let note = |rows: Vec<DynamicRow>| rows[0].get::<String>("note").unwrap();
    let rows = canary.fetch(dj).await;
    let rows = rows.unwrap_or_else(|error| panic!("{road}: {text:?} broke the canary: {error}"));
    assert_eq!((rows.len(), note(rows).as_str()), (1, "untouched"), "{road}: {text:?}");
    let tables = dj.schema(CANARY).await.unwrap().list_tables();
    assert_eq!(tables, ["canary"], "{road}: {text:?}");
    let rows = table.order_by("a").fetch(dj).await.unwrap();
    assert_eq!(rows.len(), 2, "{road}: {text:?}");
}
