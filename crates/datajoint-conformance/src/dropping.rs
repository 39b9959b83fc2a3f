//! What goes with a table that is dropped while others write.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use datajoint::definition::Backend;
use datajoint::prelude::*;
use datajoint::{Answer, Error};
use datajoint_sql::Statement;

use crate::guarding::asking;
use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_dropping");

    #[table(Manual)]
    /// id : int32
    pub(super) struct Trial;

    #[table(Manual)]
    /// -> Trial
    /// lap : int32
    pub(super) struct Lap;
}

use tables::{Lap, LapRow, Trial, TrialRow};

const SCHEMA: &str = "dj_conformance_dropping";

static TURN: Turn = Turn::new(SCHEMA);

/// A client inserts while another one drops what it has looked at: what it was told is inserted has been confirmed, or
/// the drop fails.
pub async fn what_is_inserted_after_the_last_look_is_never_dropped(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    let writer = Instance::connect(dj.settings().clone()).await.unwrap();
    let (mut gone, mut kept) = (0, 0);
    for round in 0..14_u64 {
        Trial.insert_one(dj, TrialRow { id: 1 }).await.unwrap();
        Lap.count(dj).await.unwrap();
        let lap = writer.table(&format!("{SCHEMA}.Lap")).await.unwrap();
        let (told, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let writes = async {
            // Some rounds end their writing in time, others go on across the look.
            for lap_number in 0..round % 12 {
                let row = LapRow { id: 1, lap: i32::try_from(lap_number).unwrap() };
                let row =
                    datajoint::DynamicRow::new().with("id", row.id).unwrap().with("lap", row.lap).unwrap();
                match lap.insert_one(&writer, row).await {
                    Ok(()) => told.fetch_add(1, Ordering::SeqCst),
                    // It was dropped.
                    Err(_) => break,
                };
                tokio::time::sleep(Duration::from_millis(round % 3)).await;
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
            }
        };
        let drops = async {
            tokio::time::sleep(Duration::from_millis(2 * (round % 7))).await;
            let whole = round % 2 == 0;
            let dropping = || if whole { dj.drop_schema(SCHEMA) } else { Trial.drop(dj) };
            let plan = dropping().plan().await.unwrap();
            let outcome = dropping().confirmed_plan(plan.hash()).await;
            is_over.store(true, Ordering::SeqCst);
            outcome.map(|_| plan.rows() - 1)
        };
        let ((), dropped) = tokio::join!(writes, drops);
        match dropped {
            Ok(laps) => {
                assert_eq!(laps, told.load(Ordering::SeqCst), "all rows that went were confirmed");
                gone += 1;
            }
            Err(Error::Guard(_) | Error::ChangedMeanwhile { .. }) => {
                let fresh = dj.with_settings(|_| {});
                assert_eq!(Lap.count(&fresh).await.unwrap(), told.load(Ordering::SeqCst), "nothing went");
                kept += 1;
            }
            Err(error) => panic!("{error}"),
        }
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
    }
    assert!(gone > 0 && gone + kept == 14);
    writer.close().await;
    turn.end(dj).await;
}

/// Where a schema goes, somebody is asked, also where it has no table that a plan could count.
pub async fn a_schema_without_tables_is_not_dropped_unasked(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Trial.insert_one(dj, TrialRow { id: 1 }).await.unwrap();
    Trial.drop(dj).confirmed().await.unwrap();
    let plan = dj.drop_schema(SCHEMA).plan().await.unwrap();
    assert!(
        !plan.is_empty() && plan.to_string().contains("the schema dj_conformance_dropping itself"),
        "{plan}"
    );
    let alone = asking(dj, Answer::NobodyThere);
    let declining = asking(dj, Answer::No);
    for error in [
        alone.drop_schema(SCHEMA).await.unwrap_err(),
        declining.drop_schemas("dj_conformance_droppin").await.unwrap_err(),
        dj.drop_schema(SCHEMA).confirmed_plan("0".repeat(32)).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Guard(_)), "{error}");
    }
    assert!(dj.list_schemas().await.unwrap().contains(&SCHEMA.to_owned()));
    dj.drop_schema(SCHEMA).confirmed_plan(plan.hash()).await.unwrap();
    assert!(!dj.list_schemas().await.unwrap().contains(&SCHEMA.to_owned()));
    turn.end(dj).await;
}

/// What stands in a schema and in no plan keeps it: views and functions, and on PostgreSQL what other schemas use of it.
pub async fn a_schema_that_holds_more_than_tables_stays(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let other = "dj_conformance_dropping_other";
    let run = async |sql: String| {
        let mut connection = dj.database().acquire().await.unwrap();
        // MySQL prepares no `CREATE FUNCTION`.
        connection.script(&[Statement::plain(sql)]).await.unwrap();
    };
    Trial.insert_one(dj, TrialRow { id: 1 }).await.unwrap();
    let strangers: &[(&str, &str, &str)] = match dj.backend() {
        // Schemas are names of tables there, and hold nothing else.
        Backend::Sqlite => &[],
        Backend::Mysql | Backend::Mariadb => &[
            (
                "CREATE VIEW dj_conformance_dropping.v AS SELECT 1 AS a",
                "DROP VIEW dj_conformance_dropping.v",
                "view v",
            ),
            (
                "CREATE FUNCTION dj_conformance_dropping.f() RETURNS int DETERMINISTIC RETURN 1",
                "DROP FUNCTION dj_conformance_dropping.f",
                "function f",
            ),
        ],
        Backend::Postgresql => &[
            (
                "CREATE MATERIALIZED VIEW dj_conformance_dropping.v AS SELECT 1 AS a",
                "DROP MATERIALIZED VIEW dj_conformance_dropping.v",
                "materialized view v",
            ),
            (
                "CREATE SEQUENCE dj_conformance_dropping.s",
                "DROP SEQUENCE dj_conformance_dropping.s",
                "sequence s",
            ),
            (
                "CREATE FUNCTION dj_conformance_dropping.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "DROP FUNCTION dj_conformance_dropping.f",
                "function f",
            ),
        ],
    };
    for (create, drop, named) in strangers {
        run((*create).to_owned()).await;
        let error = dj.drop_schema(SCHEMA).confirmed().await.unwrap_err();
        assert!(matches!(error, Error::SchemaHoldsMore { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
        run((*drop).to_owned()).await;
        assert_eq!(Trial.count(&dj.with_settings(|_| {})).await.unwrap(), 1);
    }
    if dj.backend() == Backend::Postgresql {
        run(format!("CREATE SCHEMA IF NOT EXISTS {other}")).await;
        run(format!("CREATE TYPE {SCHEMA}.mood AS ENUM ('a', 'b')")).await;
        run(format!("CREATE TABLE {other}.t (id int PRIMARY KEY, m {SCHEMA}.mood)")).await;
        let error = dj.drop_schema(SCHEMA).confirmed().await.unwrap_err();
        assert!(error.to_string().contains("mood"), "{error}");
        assert_eq!(Trial.count(&dj.with_settings(|_| {})).await.unwrap(), 1);
        run(format!("DROP TABLE {other}.t")).await;
        run(format!("DROP SCHEMA {other}")).await;
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    turn.end(dj).await;
}
