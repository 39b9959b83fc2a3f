//! Strings of deployments: what `deploy.toml` may say.

use std::collections::BTreeSet;

use datajoint::deploy::{Deployment, DesiredState};
use datajoint::prelude::*;
use datajoint::types::serde_json::{self, Value as Json, json};

use super::shape::Shape;
use super::{SCHEMA, TURN, declare, roads, strings};
use crate::Capabilities;

/// A place of a desired state, and what stands there for a string.
struct Place {
    name: &'static str,
    /// A condition may stand there.
    takes_sql: bool,
    state: fn(&str) -> Json,
}

macro_rules! places {
    (@takes_sql sql) => { true };
    (@takes_sql) => { false };
    ($($name:literal $($sql:ident)?: |$text:ident| $state:tt),* $(,)?) => {
        &[$(Place { name: $name, takes_sql: places!(@takes_sql $($sql)?), state: |$text| json!($state) }),*]
    };
}

/// Each string of a desired state that reaches a plan.
const PLACES: &[Place] = places! {
    "a schema": |text| {"schemas": [text], "provenance": true},
    "a table": |text| {"table": text, "provenance": true},
    "the prefix of roles": |text| {"grants": {"prefix": text, "members": {"viewer": []}}},
    "a member": |text| {"grants": {"prefix": "dj_hostile_", "members": {"viewer": [text]}}},
    "a creator": |text| {"grants": {"prefix": "dj_hostile_", "creators": [text], "members": {"developer": []}}},
    "a host": |text| {"grants": {"prefix": "dj_hostile_", "hosts": [text], "members": {"viewer": ["ada"]}}},
    "a schema that a role writes": |text| {
        "grants": {"prefix": "dj_hostile_", "writes": {"analyst": [text]}, "members": {"analyst": []}}
    },
    "the name of a publication": |text| {"publication": {text: {}}},
    "a schema of a publication": |text| {"publication": {"dj_hostile": {"schemas": [text]}}},
    "a tier of a publication": |text| {"publication": {"dj_hostile": {"tiers": [text]}}},
    "a table of a publication": |text| {"publication": {"dj_hostile": {"tables": [text]}}},
    "a table that is not published": |text| {"publication": {"dj_hostile": {"except": [text]}}},
    "what is published": |text| {"publication": {"dj_hostile": {"publish": [text]}}},
    "rows of a publication" sql: |text| {"publication": {"dj_hostile": {"rows": {(format!("{SCHEMA}.mouse")): text}}}},
    "columns of a publication": |text| {
        "publication": {"dj_hostile": {"columns": {(format!("{SCHEMA}.mouse")): ["a", text]}}}
    },
    "a table with a replica identity": |text| {"replica_identity": {"mode": "full", "tables": {text: "nothing"}}},
    "a replica identity": |text| {"replica_identity": {"mode": text}},
    "a storage parameter": |text| {"maintenance": {"parameters": {(format!("{SCHEMA}.mouse")): {text: 1}}}},
    "the value of a storage parameter": |text| {
        "maintenance": {"parameters": {(format!("{SCHEMA}.mouse")): {"fillfactor": text}}}
    },
};

/// What harms nobody there, with a mark where SQL may stand.
const HARMLESS: [&str; 7] = ["plain", "4711 = 4711", "mouse", "toast.fillfactor", SCHEMA, "ada", "insert"];

/// Hostile strings in each place of a desired state: the statements of the plan have the pieces of those that a string
/// plans that harms nobody.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub(super) async fn no_string_becomes_sql(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    declare(dj, SCHEMA, "Mouse", roads::MOUSE).await.unwrap();
    let count = strings::count();
    let (mut planned, mut others) = (0, Vec::new());
    for (number, place) in PLACES.iter().enumerate() {
        let mut meant = BTreeSet::new();
        for harmless in HARMLESS {
            meant.extend(plan(dj, place, harmless).await.iter().map(|sql| Shape::of(dj.backend(), sql)));
        }
        for text in strings::hostile(dj.backend(), number as u64, place.name, count) {
            for sql in plan(dj, place, &text).await {
                planned += 1;
                if !Shape::of(dj.backend(), &sql).is_meant(&meant, place.takes_sql) {
                    others.push(format!("{}: {text:?} plans {sql}", place.name));
                }
            }
        }
    }
    assert!(others.is_empty(), "nobody meant these:\n{}", others.join("\n"));
    // Where there are no roles, hardly anything takes a string.
    assert!(planned > 0 || dj.backend().capability().is_embedded, "nothing was planned");
    println!("{}: {} places, {planned} statements of plans looked at", dj.backend(), PLACES.len());
    turn.end(dj).await;
}

/// The statements that are planned for a string; none where it is refused.
async fn plan(dj: &Instance, place: &Place, text: &str) -> Vec<String> {
    let mut state = (place.state)(text);
    if state.get("schemas").is_none() && state.get("table").is_none() {
        state["schemas"] = json!([SCHEMA]);
    }
    let Ok(desired) = serde_json::from_value::<DesiredState>(state) else { return Vec::new() };
    Deployment::new(dj, desired).plan().await.map(|plan| plan.ddl()).unwrap_or_default()
}
