//! Who did what is noted, in the transaction of what was done.

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Clock};

use datajoint::deploy::{Deployment, DesiredState};
use datajoint::jobs::{Jobs, Refresh, Status};
use datajoint::prelude::*;
use datajoint::types::chrono::{NaiveDateTime, Utc};
use datajoint::{Condition, Stamp, source_of};
use datajoint_schema::TableName;
use datajoint_sql::{Statement, quote_identifier, table_reference};

use crate::proxy::stand_before;
use crate::verbs::Cut;
use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_auditing";

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_auditing");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// name = "" : varchar(40)
    pub(super) struct Subject;

    #[table(Manual)]
    /// -> Subject
    /// session : int16
    pub(super) struct Session;

    #[table(Computed)]
    /// -> Subject
    /// ---
    /// y : int32
    pub(super) struct Twice;

    impl PlainMake for Twice {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(TwiceRow { id, y: 2 * id }).await
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Subject, Session, Twice }
    }
}

use tables::{Pipeline, Session, SessionRow, Subject, SubjectKey, SubjectRow, Twice};

static TURN: Turn = Turn::new(SCHEMA);

/// A value that must stand in no entry.
const SECRET: &str = "Countess of Lovelace";

fn audited(dj: &Instance) -> Instance {
    dj.with_settings(|settings| settings.guard.audit = true)
}

/// Three subjects, the first with two sessions.
async fn fill(dj: &Instance) {
    dj.activate::<Pipeline>().await.unwrap();
    Subject.insert(dj, [1, 2, 3].map(|id| SubjectRow { id, name: SECRET.to_owned() })).await.unwrap();
    Session.insert(dj, [1, 2].map(|session| SessionRow { id: 1, session })).await.unwrap();
}

/// What is noted of the schema since the last time: what was done, its end, to which table, how many rows.
async fn noted(dj: &Instance, seen: &mut BTreeSet<String>) -> Vec<(String, String, String, Option<i64>)> {
    let Some(audit) = dj.audit(SCHEMA).await.unwrap() else { return Vec::new() };
    let mut new = Vec::new();
    for row in audit.fetch(dj).await.unwrap() {
        let entry: datajoint::types::uuid::Uuid = row.get("entry").unwrap();
        if !seen.insert(entry.to_string()) {
            continue;
        }
        let text = |name: &str| row.get::<String>(name).unwrap();
        for name in
            ["verb", "outcome", "object", "detail", "plan", "user", "account", "host", "program", "version"]
        {
            assert!(!text(name).contains(SECRET), "{name}: {}", text(name));
        }
        let time: NaiveDateTime = row.get("time").unwrap();
        let age = (Utc::now().naive_utc() - time).num_seconds().abs();
        assert!(age < 600, "{time} is no moment in UTC");
        assert!(!text("user").is_empty() && !text("host").is_empty() && !text("program").is_empty());
        assert_eq!(row.get::<i64>("pid").unwrap(), i64::from(std::process::id()));
        let object = text("object").replace(&format!("{SCHEMA}."), "");
        new.push((text("verb"), text("outcome"), object, row.get("row_count").unwrap()));
    }
    new.sort();
    new
}

/// An entry of something that was done.
fn done(verb: &str, object: &str, rows: impl Into<Option<i64>>) -> (String, String, String, Option<i64>) {
    (verb.to_owned(), "done".to_owned(), object.to_owned(), rows.into())
}

/// Entries of something that no transaction holds on some servers, which is noted there when it begins, too.
fn alone(
    dj: &Instance,
    entries: &[(String, String, String, Option<i64>)],
) -> Vec<(String, String, String, Option<i64>)> {
    let begun = entries.iter().cloned().map(|entry| (entry.0, "begun".to_owned(), entry.2, entry.3));
    let is_undone = dj.backend().capability().undoes_declarations;
    let mut all: Vec<_> = begun.filter(|_| !is_undone).chain(entries.iter().cloned()).collect();
    all.sort();
    all
}

/// Each verb that takes away or changes something is noted once, with its rows, whoever it is and by whatever road; what only
/// adds is not.
pub async fn each_change_is_noted_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = audited(dj);
    let mut seen = BTreeSet::new();
    fill(&dj).await;
    assert_eq!(noted(&dj, &mut seen).await, []);

    Subject.update_one(&dj, SubjectRow { id: 2, name: SECRET.to_uppercase() }).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("update", "subject", 1)]);
    let error = Subject.update_one(&dj, SubjectRow { id: 9, name: String::new() }).await.unwrap_err();
    assert!(matches!(error, datajoint::Error::NothingToUpdate { .. }), "{error}");

    let replace = InsertOptions::new().replace();
    let rows = [2, 3].map(|id| SubjectRow { id, name: SECRET.to_owned() });
    Subject.insert_with(&dj, rows, replace).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("replace", "subject", 2)]);
    Subject.insert_query(&dj, &(Subject & SubjectKey { id: 3 }), replace).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("replace", "subject", 1)]);

    let rows = Subject.query().restrict([("name", SECRET)]).restrict(SubjectKey { id: 1 });
    let plan = rows.delete(&dj).plan().await.unwrap();
    rows.delete(&dj).confirmed_plan(plan.hash()).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("delete", "session", 2), done("delete", "subject", 1)]);
    let audit = dj.audit(SCHEMA).await.unwrap().unwrap();
    let deleted = audit.restrict([("object", format!("{SCHEMA}.subject"))]).restrict([("verb", "delete")]);
    let deleted = deleted.fetch_one(&dj).await.unwrap();
    assert_eq!(deleted.get::<String>("plan").unwrap(), plan.hash());
    let detail = deleted.get::<String>("detail").unwrap();
    assert!(detail.contains("name = ?") && detail.contains("id = ?"), "{detail}");

    // What is noted stays.
    let entries = dj.audit(SCHEMA).await.unwrap().unwrap();
    let error = entries.delete(&dj).confirmed().await.unwrap_err();
    assert!(matches!(error, datajoint::Error::AuditIsKept { .. }), "{error}");
    let error = entries.delete_quick(&dj).confirmed().await.unwrap_err();
    assert!(matches!(error, datajoint::Error::AuditIsKept { .. }), "{error}");

    let rest = Subject.query().restrict(datajoint::sql(format!("name <> '{SECRET}x' and id = 3"), ()));
    rest.delete_quick(&dj).confirmed().await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("delete", "subject", 1)]);
    Subject.query().restrict(SubjectKey { id: 77 }).delete(&dj).confirmed().await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, []);

    dj.stamp(&[SCHEMA], Some(&Stamp::new("here"))).await.unwrap();
    let here = dj.with_settings(|settings| settings.environment = Some("here".to_owned()));
    assert_eq!(noted(&dj, &mut seen).await, alone(&dj, &[done("stamp", SCHEMA, None)]));
    here.stamp(&[SCHEMA], Some(&Stamp::new("here"))).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [], "it was stamped so before");
    here.stamp(&[SCHEMA], None).await.unwrap();
    noted(&dj, &mut seen).await;
    let stamps = dj.audit(SCHEMA).await.unwrap().unwrap().restrict([("verb", "stamp")]);
    let details: BTreeSet<String> =
        stamps.fetch(&dj).await.unwrap().iter().map(|row| row.get("detail").unwrap()).collect();
    let expected = ["environment: none -> here", "environment: here -> none"];
    assert_eq!(details, BTreeSet::from(expected.map(str::to_owned)));

    Session.drop(&dj).confirmed().await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, alone(&dj, &[done("drop", "session", None)]));
    turn.end(&dj).await;
}

/// What operators do to jobs is noted; what workers do is not.
pub async fn what_operators_do_to_jobs_is_noted(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = audited(dj);
    let mut seen = BTreeSet::new();
    fill(&dj).await;
    Twice.populate(&dj).reserve_jobs(true).stop_on_ctrl_c(false).run().await.unwrap();
    Subject.insert(&dj, [4, 5].map(|id| SubjectRow { id, name: String::new() })).await.unwrap();
    let table = dj.table(&format!("{SCHEMA}.Twice")).await.unwrap();
    let queue = Jobs::open(&dj, table.table()).await.unwrap();
    queue.refresh(&source_of(&dj, &table).await.unwrap(), &Refresh::default()).await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, []);
    let all = || Condition::constant(true);
    assert_eq!(queue.ignore(all()).await.unwrap(), 2);
    assert_eq!(noted(&dj, &mut seen).await, [done("ignore", "__twice", 2)]);
    assert_eq!(queue.retry(all()).await.unwrap(), 0);
    assert_eq!(queue.release(all()).await.unwrap(), 0);
    assert_eq!(noted(&dj, &mut seen).await, []);
    assert_eq!(queue.clear(datajoint::attribute("id").eq(4), &[Status::Ignore]).await.unwrap(), 1);
    assert_eq!(noted(&dj, &mut seen).await, [done("clear", "__twice", 1)]);
    turn.end(&dj).await;
}

/// A change that is undone leaves no entry, and an entry that can't be written no change.
pub async fn neither_a_change_nor_its_entry_is_there_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let dj = audited(dj);
    let mut seen = BTreeSet::new();
    let first = || Subject.query().restrict(SubjectKey { id: 1 });
    // No transaction declares the table.
    let mut transaction = dj.begin().await.unwrap();
    let error = first().delete(&mut transaction).confirmed().await.unwrap_err();
    assert!(matches!(error, datajoint::Error::DeclareInTransaction { .. }), "{error}");
    transaction.rollback().await.unwrap();

    Session.query().restrict([("session", 2)]).delete(&dj).confirmed().await.unwrap();
    assert_eq!(noted(&dj, &mut seen).await, [done("delete", "session", 1)]);
    let mut transaction = dj.begin().await.unwrap();
    first().delete(&mut transaction).confirmed().await.unwrap();
    Subject.update_one(&mut transaction, SubjectRow { id: 2, name: String::new() }).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!((noted(&dj, &mut seen).await, Subject.count(&dj).await.unwrap()), (vec![], 3));
    dj.transaction(async |transaction| {
        first().delete(&mut *transaction).confirmed().await?;
        Subject.update_one(&mut *transaction, SubjectRow { id: 2, name: String::new() }).await
    })
    .await
    .unwrap();
    let both = [done("delete", "session", 1), done("delete", "subject", 1), done("update", "subject", 1)];
    assert_eq!((noted(&dj, &mut seen).await, Subject.count(&dj).await.unwrap()), (both.to_vec(), 2));

    // Somebody makes it something else.
    let backend = dj.backend();
    let name = table_reference(backend, &TableName::audit(SCHEMA));
    let spoilt = ["DROP TABLE {}", "CREATE TABLE {} (x integer)"];
    let spoilt = spoilt.map(|sql| Statement::plain(sql.replace("{}", &name)));
    dj.database().acquire().await.unwrap().script(&spoilt).await.unwrap();
    let error = Subject.query().delete(&dj).confirmed().await.unwrap_err();
    assert!(error.to_string().contains("~audit"), "{error}");
    let error = Subject.update_one(&dj, SubjectRow { id: 2, name: "x".to_owned() }).await.unwrap_err();
    assert!(error.to_string().contains("~audit"), "{error}");
    let replace = InsertOptions::new().replace();
    let rows = [SubjectRow { id: 2, name: "x".to_owned() }];
    let error = Subject.insert_with(&dj, rows, replace).await.unwrap_err();
    assert!(error.to_string().contains("~audit"), "{error}");
    let names: Vec<String> = Subject.fetch(&dj).await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name != "x"), "{names:?}");
    turn.end(&dj).await;
}

/// Changes that are noted.
const CHANGES: [&str; 4] = ["delete", "delete_quick", "replace", "update_one"];

/// Deletes a row, or gives it another name.
async fn change(verb: &str, dj: &Instance, id: i32) -> datajoint::Result<()> {
    let row = SubjectRow { id, name: "after".to_owned() };
    let rows = || Subject.query().restrict(SubjectKey { id });
    match verb {
        "delete" => rows().delete(dj).confirmed().await.map(drop),
        "delete_quick" => rows().delete_quick(dj).confirmed().await.map(drop),
        "replace" => Subject.insert_with(dj, [row], InsertOptions::new().replace()).await.map(drop),
        _ => Subject.update_one(dj, row).await,
    }
}

/// Whether a row is not what it was, and how many entries there are.
async fn changed(dj: &Instance, id: i32) -> (bool, u64) {
    let found = (Subject & SubjectKey { id }).fetch(dj).await.unwrap();
    let entries = dj.audit(SCHEMA).await.unwrap().unwrap().count(dj).await.unwrap();
    (!found.iter().any(|row| row.name == "before"), entries)
}

/// Dropped at whichever of its awaits, a change has its entry, and what did not come to pass has none.
pub async fn a_change_that_is_dropped_has_its_entry_or_was_none(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let mut settings = audited(dj).settings().clone();
    if let Some((_, port)) = stand_before(dj).await {
        settings.database.host = Some("127.0.0.1".to_owned());
        settings.database.port = Some(port);
    }
    let client = Instance::connect(settings).await.unwrap();
    client.activate::<Pipeline>().await.unwrap();
    for verb in CHANGES {
        let mut was_dropped = 0;
        for polls in 1.. {
            let row = SubjectRow { id: 4, name: "before".to_owned() };
            Subject.insert_with(dj, [row], InsertOptions::new().replace()).await.unwrap();
            let (_, before) = changed(dj, 4).await;
            let (outcome, _) = Cut::new(change(verb, &client, 4), polls).await;
            let begin = Clock::now();
            // What was on its way may still arrive.
            let is_changed = loop {
                let (is_changed, entries) = changed(dj, 4).await;
                let agrees = entries - before == u64::from(is_changed);
                tokio::time::sleep(Duration::from_millis(10)).await;
                if agrees && changed(dj, 4).await == (is_changed, entries) {
                    break is_changed;
                }
                let place = format!("{verb} after {polls} polls");
                assert!(
                    begin.elapsed() < Duration::from_secs(5),
                    "{place}: {is_changed}, {before} {entries}"
                );
            };
            if let Some(outcome) = outcome {
                outcome.unwrap();
                assert!(is_changed, "{verb} gave Ok after {polls} polls, and is not there");
                break;
            }
            was_dropped += 1;
        }
        assert!(was_dropped > 0, "{verb} waits for nothing");
    }
    client.close().await;
    turn.end(dj).await;
}

/// A transaction in which an update found no row goes on, whether changes are noted or not; and where an activation came before,
/// it finds the table.
pub async fn a_transaction_goes_on_after_an_update_without_a_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for (dj, name) in [(dj.clone(), "off"), (audited(dj), "on")] {
        if name == "off" {
            fill(&dj).await;
        } else {
            dj.activate::<Pipeline>().await.unwrap();
        }
        let row = |id: i32| SubjectRow { id, name: name.to_owned() };
        let mut transaction = dj.begin().await.unwrap();
        Subject.update_one(&mut transaction, row(1)).await.unwrap();
        let error = Subject.update_one(&mut transaction, row(9)).await.unwrap_err();
        assert!(matches!(error, datajoint::Error::NothingToUpdate { .. }), "{name}: {error}");
        Subject.update_one(&mut transaction, row(2)).await.unwrap();
        transaction.commit().await.unwrap();
        let mut names: Vec<_> =
            Subject.fetch(&dj).await.unwrap().into_iter().map(|row| (row.id, row.name)).collect();
        names.sort();
        assert_eq!(names[..2], [1, 2].map(|id| (id, name.to_owned())));
    }
    assert_eq!(
        noted(dj, &mut BTreeSet::new()).await,
        [done("update", "subject", 1), done("update", "subject", 1)]
    );
    turn.end(dj).await;
}

/// Without the setting nothing is noted, and no table declared. Where no table may be declared, changes wait for a deployment,
/// which notes what it does.
pub async fn a_deployment_declares_what_is_needed_and_is_noted(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    Subject.query().restrict(SubjectKey { id: 1 }).delete(dj).confirmed().await.unwrap();
    assert!(dj.audit(SCHEMA).await.unwrap().is_none());

    let production = audited(dj).with_settings(|settings| settings.database.create_tables = false);
    let rest = || Subject.query().restrict(SubjectKey { id: 2 });
    // What takes nothing away is noted nowhere.
    let none = Subject.query().restrict(SubjectKey { id: 77 });
    assert_eq!(none.delete(&production).confirmed().await.unwrap().total(), 0);
    let error = rest().delete(&production).confirmed().await.unwrap_err().to_string();
    assert!(error.contains("~audit") && error.contains("`audit = true`"), "{error}");
    assert_eq!(Subject.count(dj).await.unwrap(), 2);

    let wanted: DesiredState = "audit = true".parse().unwrap();
    let wanted = DesiredState { schemas: Some(vec![SCHEMA.to_owned()]), ..wanted };
    let findings = datajoint::deploy::doctor(&production, &wanted, &[]).await.unwrap();
    let code = datajoint_guard::FindingCode::AuditNotWritten;
    assert!(findings.iter().any(|finding| finding.code == code), "{findings:?}");
    let plan = Deployment::new(&production, wanted.clone()).apply(None).await.unwrap();
    assert_eq!(plan.exit_status(), 0, "{plan}");
    let mut seen = BTreeSet::new();
    assert_eq!(noted(dj, &mut seen).await, alone(dj, &[done("deploy", "~audit", None)]));
    let again = Deployment::new(&production, wanted.clone()).plan().await.unwrap();
    assert_eq!(again.exit_status(), 0, "{again}");
    let findings = datajoint::deploy::doctor(&production, &wanted, &[]).await.unwrap();
    assert!(findings.iter().all(|finding| finding.code != code), "{findings:?}");
    assert_eq!(noted(dj, &mut seen).await, []);
    rest().delete(&production).confirmed().await.unwrap();
    assert_eq!(noted(dj, &mut seen).await, [done("delete", "subject", 1)]);

    // A table of this name that can't be written is told by the doctor.
    let name = table_reference(dj.backend(), &TableName::audit(SCHEMA));
    let column = quote_identifier(dj.backend(), "verb");
    let spoil = Statement::plain(format!("ALTER TABLE {name} DROP COLUMN {column}"));
    dj.database().acquire().await.unwrap().script(&[spoil]).await.unwrap();
    let findings = datajoint::deploy::doctor(&production, &wanted, &[]).await.unwrap();
    assert!(findings.iter().any(|finding| finding.code == code), "{findings:?}");
    turn.end(dj).await;
}
