//! Times that a server whose zone is not UTC gives to both sides.

use std::sync::atomic::{AtomicUsize, Ordering};

use datajoint::Instance;
use datajoint::prelude::*;
use datajoint::types::chrono::{NaiveDateTime, Utc};
use datajoint_sql::{Statement, Value};
use serde_json::{Value as Json, json};

use crate::beside::Beside;
use crate::python::Python;
use crate::tables::{Spec, declare_in_rust};

const ZONE: &str = "America/Los_Angeles";

/// The last second of daylight saving time in 2024, the first after it, and the same hours of the clock an hour before
/// and after.
const MOMENTS: [i64; 4] = [1_730_620_799, 1_730_624_399, 1_730_624_400, 1_730_628_000];

/// Runs a statement of the server's own.
async fn execute(dj: &Instance, sql: String) {
    dj.database().acquire().await.unwrap().execute(&Statement::plain(sql)).await.unwrap();
}

async fn first(dj: &Instance, sql: &str) -> Value {
    let mut rows = dj.database().acquire().await.unwrap().fetch(&Statement::plain(sql)).await.unwrap();
    rows.swap_remove(0).swap_remove(0)
}

/// Both sides as clients that ask for no time zone of a server that has one.
pub(crate) async fn in_zone(beside: &Beside) -> (Instance, Python) {
    let mut settings = datajoint::Settings::from_url(&beside.server.url().unwrap()).unwrap();
    let connect = async |settings: &datajoint::Settings| {
        let python = Python::start(beside.server.environment(settings));
        (Instance::connect(settings.clone()).await.unwrap(), python)
    };
    if beside.server.is_postgres() {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let role = format!("dji_zone_{}_{number}", std::process::id());
        execute(&beside.rust, format!("CREATE ROLE {role} LOGIN SUPERUSER")).await;
        execute(&beside.rust, format!("ALTER ROLE {role} SET TimeZone = '{ZONE}'")).await;
        settings.database.user = Some(role);
        return connect(&settings).await;
    }
    let known = first(&beside.rust, &format!("SELECT CONVERT_TZ('2024-01-01', 'UTC', '{ZONE}')")).await;
    let zone = if known == Value::Null { "-08:00" } else { ZONE };
    let before = first(&beside.rust, "SELECT @@GLOBAL.time_zone").await;
    let Value::Text(before) = before else { panic!("{before:?}") };
    execute(&beside.rust, format!("SET GLOBAL time_zone = '{zone}'")).await;
    let (rust, mut python) = connect(&settings).await;
    python.call("ask", &json!({"statement": "SELECT 1"}));
    execute(&beside.rust, format!("SET GLOBAL time_zone = '{before}'")).await;
    (rust, python)
}

fn moment(json: &Json) -> NaiveDateTime {
    json["datetime"].as_str().unwrap().replacen(' ', "T", 1).parse().unwrap()
}

/// What the column's default stores is the same time of the same clock, whoever inserts the row.
pub(crate) async fn stamps_are_the_same_on_a_server_of_any_time_zone(beside: &mut Beside) {
    let schema = beside.schema("zone");
    let (rust, mut python) = in_zone(beside).await;
    let table = Spec::new(
        datajoint::Tier::Manual,
        "Stamp",
        "id : int32\n---\nat = CURRENT_TIMESTAMP : datetime\nfine = CURRENT_TIMESTAMP(3) : datetime(3)",
    );
    declare_in_rust(&rust, &schema, &[table]).await.unwrap();
    let stamp = rust.table(&format!("{schema}.Stamp")).await.unwrap();
    stamp.insert_one(&rust, DynamicRow::new().with("id", 1).unwrap()).await.unwrap();
    python.call("insert", &json!({"schema": schema, "table": "stamp", "rows": [{"id": {"int": "2"}}]}));

    let theirs = python.call("fetch", &json!({"schema": schema, "table": "stamp"}));
    let ours = stamp.order_by("KEY").fetch_dynamic(&rust).await.unwrap();
    let utc = Utc::now().naive_utc();
    for (row, theirs) in ours.iter().zip(theirs.as_array().unwrap()) {
        for name in ["at", "fine"] {
            let ours: NaiveDateTime = row.get(name).unwrap();
            assert_eq!(ours, moment(&theirs[name]), "{row} {theirs}");
            let behind = (utc - ours).num_minutes();
            assert!((7 * 60 - 5..=8 * 60 + 5).contains(&behind), "{row} is {behind} minutes behind {utc}");
        }
    }
    assert_eq!((ours.len(), theirs.as_array().unwrap().len()), (2, 2));

    for seconds in MOMENTS {
        let sql = if beside.server.is_postgres() {
            format!("SELECT to_timestamp({seconds})::timestamp")
        } else {
            format!("SELECT FROM_UNIXTIME({seconds})")
        };
        let (ours, theirs) = (first(&rust, &sql).await, python.call("ask", &json!({"statement": sql})));
        assert_eq!(ours, Value::DateTime(moment(&theirs[0][0])), "{sql}");
    }
    leave_zone(beside, &schema, rust, python).await;
}

/// Ends these clients, and what was made for them.
pub(crate) async fn leave_zone(beside: &Beside, schema: &str, rust: Instance, python: Python) {
    if beside.server.is_postgres() {
        let role = first(&rust, "SELECT current_user::text").await;
        let Value::Text(role) = role else { panic!("{role:?}") };
        execute(&rust, format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
        drop((rust, python));
        execute(&beside.rust, format!("DROP ROLE {role}")).await;
    }
}
