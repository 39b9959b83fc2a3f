//! What a schema says of itself, while it is deployed.

use std::time::Duration;

use datajoint::{Backend, Instance, Stamp};
use datajoint_deploy::{Deployment, LockPolicy, OperationName, Plan, State};
use datajoint_guard::ENVIRONMENT_TABLE;
use datajoint_sql::{Access, Statement};

use crate::lab::{Lab, lab, waiting};

const WANTED: &str = "[replica_identity]\nmode = \"full\"\nnew_tables = true";

/// The laboratory, with a client of its environment.
async fn at_home(name: &str) -> Option<(Lab, Instance)> {
    let lab = lab(Backend::Postgresql, name).await?;
    let home = lab.dj.with_settings(|settings| settings.environment = Some("lab".to_owned()));
    Some((lab, home))
}

fn patient(lab: &Lab, home: &Instance) -> Deployment {
    let policy = LockPolicy { lock_timeout: Duration::from_mins(1), ..waiting() };
    Deployment::new(home, lab.wanted(WANTED)).lock_policy(policy)
}

/// Waits until a step has begun that begins so.
async fn begun(lab: &Lab, step: &str) {
    let sql = format!("SELECT 1 FROM {} WHERE state = 'begun' AND statement LIKE $1", lab.table("~deploy"));
    let parameters = vec![datajoint_sql::Value::Text(format!("{step}%"))];
    let statement = Statement { sql, parameters, ..Statement::default() };
    for _ in 0..2400 {
        let rows = lab.dj.database().acquire().await.unwrap().fetch(&statement).await;
        if rows.is_ok_and(|rows| !rows.is_empty()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no step begins with {step}");
}

/// The state of what the schema is to say of new tables.
fn of_new_tables(plan: &Plan, lab: &Lab) -> State {
    let object = format!("new tables of {}", lab.schema);
    plan.item(OperationName::ReplicaIdentity, &object).unwrap().state.clone()
}

#[tokio::test]
async fn what_others_record_between_a_plan_and_its_turn_stays() {
    let Some((lab, home)) = at_home("stamp_kept").await else { return };
    let deployment = patient(&lab, &home);
    let plan = deployment.plan().await.unwrap();
    let listed = plan.ddl().pop().unwrap();
    assert_eq!(listed, format!("-- the stamp of {:?} says replica identity of new tables: full", lab.schema));
    let mark = Stamp::new("lab").minimum_client("0.0.1");
    home.stamp(&[&lab.schema], Some(&mark)).await.unwrap();
    assert_eq!(deployment.plan().await.unwrap().hash(), plan.hash(), "it is about one field");
    let mut reader = lab.dj.database().begin(Access::Write).await.unwrap();
    reader.fetch(&Statement::plain(format!("SELECT * FROM {}", lab.table("subject")))).await.unwrap();
    let hash = plan.hash();
    let applied = tokio::spawn(async move { deployment.apply(Some(&hash)).await });
    begun(&lab, &format!("ALTER TABLE {}", lab.table("subject"))).await;
    home.record_versions(&[(&lab.schema, "1.2.0")]).await.unwrap();
    reader.rollback().await.unwrap();
    let applied = applied.await.unwrap().unwrap();
    assert_eq!((applied.exit_status(), of_new_tables(&applied, &lab)), (0, State::Changed), "{applied}");
    let all = mark.version("1.2.0").replica_identity(Some("full".to_owned()));
    assert_eq!(home.stamps().await.unwrap()[&lab.schema], all);
    home.stamp(&[&lab.schema], None).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn a_stamp_that_is_written_while_the_step_waits_for_its_lock_is_heeded() {
    let Some((lab, home)) = at_home("stamp_heeded").await else { return };
    let schemas = [lab.schema.clone()].into();
    for (mark, is_changed) in [(Stamp::new("lab").version("3.0.0"), true), (Stamp::new("production"), false)]
    {
        lab.run(&format!("DROP TABLE IF EXISTS {}", lab.table(ENVIRONMENT_TABLE))).await.unwrap();
        let mut other = lab.dj.database().change(&schemas, Duration::from_secs(30)).await.unwrap();
        let deployment = patient(&lab, &home);
        let applied = tokio::spawn(async move { deployment.apply(None).await });
        begun(&lab, "-- the stamp of").await;
        let table = datajoint::TableName::new(&lab.schema, ENVIRONMENT_TABLE);
        let stamp = datajoint_sql::write_stamp(lab.dj.backend(), &table, &mark.to_comment());
        let written = other.script(&stamp).await;
        other.end(written).await.unwrap();
        let applied = applied.await.unwrap().unwrap();
        let found = lab.dj.stamps().await.unwrap().remove(&lab.schema).unwrap();
        match of_new_tables(&applied, &lab) {
            State::Changed => {
                assert!(is_changed, "{applied}");
                assert_eq!(found, mark.replica_identity(Some("full".to_owned())));
            }
            State::Failed { code, message, .. } => {
                assert_eq!((code.as_str(), is_changed), ("not-permitted", false), "{applied}");
                assert!(message.contains("stamped `production`"), "{message}");
                assert_eq!(found, mark);
            }
            state => panic!("{state:?}: {applied}"),
        }
    }
    lab.dj.unstamp_regardless(&[&lab.schema]).await.unwrap_err();
    let production = lab.dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    production.stamp(&[&lab.schema], None).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn who_changes_the_schema_for_too_long_is_named() {
    let Some((lab, _)) = at_home("stamp_locked").await else { return };
    let schemas = [lab.schema.clone()].into();
    let other = lab.dj.database().change(&schemas, Duration::from_secs(30)).await.unwrap();
    let applied = lab.deployment(WANTED).apply(None).await.unwrap();
    let State::Failed { code, message, hint, .. } = of_new_tables(&applied, &lab) else {
        panic!("{applied}")
    };
    assert_eq!((code.as_str(), applied.tables_modified()), ("locked", 5), "{applied}");
    assert!(message.contains("is held by session") && hint.contains("apply again"), "{applied}");
    other.end(Ok::<(), datajoint_adapters::Error>(())).await.unwrap();
    lab.converge(WANTED).await;
    lab.end().await;
}
