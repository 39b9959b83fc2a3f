//! What the engine does in its second round, of sessions that end, and of stamps that come meanwhile: with an undertaking that says what it finds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use datajoint::{AuditVerb, Backend, Instance, Stamp};
use datajoint_guard::{Action, FindingCode};
use datajoint_plan::{
    Activity, Engine, Error, Item, LockPolicy, Plan, Result, Scope, Snapshot, State, Step, Undertaking,
};
use datajoint_sql::{Access, Statement, Value};

use crate::lab::{EVERY, Lab, SERVERS, lab, labs, waiting};

/// What each look at the database finds, the first two of which come before anything is done.
struct Script {
    dj: Instance,
    schema: String,
    looks: Vec<Vec<Item>>,
    /// What happens at the third.
    stamped: Option<&'static str>,
    look: AtomicUsize,
}

const ACTIVITY: Activity = Activity {
    noun: "script",
    journal: "~script",
    lock: "datajoint script",
    interrupted: FindingCode::InterruptedDeploy,
    action: Action::Deploy,
    verb: AuditVerb::Deploy,
};

impl Undertaking for Script {
    const ACTIVITY: &'static Activity = &ACTIVITY;

    type Error = Error;

    fn instance(&self) -> &Instance {
        &self.dj
    }

    fn scope(&self) -> Scope {
        Scope { schemas: Some(vec![self.schema.clone()]), table: None }
    }

    fn asked(&self) -> Vec<u8> {
        Vec::new()
    }

    async fn items(&self, _: &mut Snapshot) -> Result<Vec<Item>> {
        let look = self.look.fetch_add(1, Ordering::SeqCst);
        if let Some(environment) = self.stamped.filter(|_| look == 2) {
            self.dj.stamp(&[&self.schema], Some(&Stamp::new(environment))).await?;
        }
        Ok(self.looks[look.saturating_sub(1).min(self.looks.len() - 1)].clone())
    }
}

impl Script {
    fn new(lab: &Lab, looks: Vec<Vec<Item>>) -> Self {
        Self {
            dj: lab.dj.clone(),
            schema: lab.schema.clone(),
            looks,
            stamped: None,
            look: AtomicUsize::new(0),
        }
    }

    async fn apply(&self) -> Plan {
        self.apply_with(LockPolicy { tries: 1, ..waiting() }).await
    }

    async fn apply_with(&self, policy: LockPolicy) -> Plan {
        Engine::new(self, policy, &|_| ()).apply(None).await.unwrap()
    }
}

/// An object with the steps that make it as wanted.
fn object(lab: &Lab, name: &str, steps: Vec<Step>) -> Item {
    let found = if steps.is_empty() { "there" } else { "missing" };
    Item::new((&lab.schema, name), found, "there", steps).by("script")
}

/// One whose step adds a method of its name.
fn item(lab: &Lab, name: &str) -> Item {
    let sql = format!("INSERT INTO {} VALUES ('{name}', 1)", lab.table("#method"));
    object(lab, name, vec![Step::new(sql)])
}

/// What ends the session in which it is run.
fn end_of_session(lab: &Lab) -> Step {
    Step::new(match lab.dj.backend() {
        Backend::Postgresql => "SELECT pg_terminate_backend(pg_backend_pid())",
        _ => "KILL CONNECTION_ID()",
    })
}

/// One that is as wanted.
fn done(lab: &Lab, name: &str) -> Item {
    object(lab, name, Vec::new())
}

async fn methods(lab: &Lab) -> String {
    lab.ask(&format!("SELECT count(*) FROM {}", lab.table("#method"))).await
}

fn state<'p>(plan: &'p Plan, object: &str) -> &'p State {
    &plan.item("script", object).unwrap().state
}

#[tokio::test]
async fn what_is_found_on_the_way_is_carried_out_in_a_second_round() {
    for lab in labs(&EVERY, "rounds").await {
        let [one, two] = ["one", "two"].map(|object| item(&lab, object));
        let all = ["one", "two"].map(|object| done(&lab, object)).to_vec();
        let script = Script::new(&lab, vec![vec![one], vec![done(&lab, "one"), two], all]);
        let applied = script.apply().await;
        assert_eq!((applied.tables_modified(), methods(&lab).await.as_str()), (2, "2"), "{applied}");
        lab.end().await;
    }
}

#[tokio::test]
async fn a_stamp_that_comes_before_the_second_round_forbids_all_of_it() {
    for lab in labs(&EVERY, "rounds_stamped").await {
        let again = object(&lab, "one", item(&lab, "again").statements);
        let looks = vec![vec![item(&lab, "one")], vec![again, item(&lab, "two")]];
        let script = Script { stamped: Some("production"), ..Script::new(&lab, looks) };
        let applied = script.apply().await;
        for object in ["one", "two"] {
            let State::Failed { code, message, .. } = state(&applied, object) else { panic!("{applied}") };
            assert_eq!(code.as_str(), "not-permitted", "{applied}");
            assert!(message.contains("stamped `production`"), "{message}");
        }
        assert_eq!(methods(&lab).await, "1", "the one of the first round");
        let home = lab.dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
        home.stamp(&[&lab.schema], None).await.unwrap();
        lab.end().await;
    }
}

/// Stamps the schema for production once the journal says so of a step, while another one holds what the step waits for.
async fn stamp_when(lab: &Lab, state: &str) {
    let quote = |name| datajoint_sql::quote_identifier(lab.dj.backend(), name);
    let sql = format!("SELECT count(*) FROM {} WHERE {} = '{state}'", lab.table("~script"), quote("state"));
    let statement = Statement::plain(sql);
    for _ in 0..2400 {
        // The journal is made on the way.
        let rows = lab.dj.database().acquire().await.unwrap().fetch(&statement).await;
        if rows.is_ok_and(|rows| rows[0][0] == Value::Int(1)) {
            lab.dj.stamp(&[&lab.schema], Some(&Stamp::new("production"))).await.unwrap();
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no step is noted as {state}");
}

#[tokio::test]
async fn a_stamp_that_comes_while_a_step_waits_for_its_lock_forbids_it() {
    // Between two tries of many, while the lock is held to the end; and in the midst of one, which gets its lock then.
    let (lock_timeout, longest_pause) = (Duration::from_secs(1), Duration::from_millis(50));
    let many = LockPolicy { lock_timeout, longest_pause, tries: 30, ..waiting() };
    let one = LockPolicy { lock_timeout: Duration::from_mins(1), tries: 1, ..waiting() };
    for (policy, state_of_step, is_held) in [(many, "failed", true), (one, "begun", false)] {
        for lab in labs(&SERVERS, "rounds_waiting").await {
            let script = Script::new(&lab, vec![vec![item(&lab, "one")]]);
            let mut other = lab.dj.database().begin(Access::Write).await.unwrap();
            let same = format!("INSERT INTO {} VALUES ('one', 2)", lab.table("#method"));
            other.execute(&Statement::plain(same)).await.unwrap();
            let stamped = async {
                stamp_when(&lab, state_of_step).await;
                if is_held {
                    return Some(other);
                }
                other.rollback().await.unwrap();
                None
            };
            let (applied, held) = tokio::join!(script.apply_with(policy), stamped);
            let State::Failed { code, message, .. } = state(&applied, "one") else { panic!("{applied}") };
            assert_eq!(code.as_str(), "not-permitted", "{applied}");
            assert!(message.contains("stamped `production`"), "{message}");
            if let Some(held) = held {
                held.rollback().await.unwrap();
            }
            assert_eq!(methods(&lab).await, "0", "nothing was done");
            let home = lab.dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
            home.stamp(&[&lab.schema], None).await.unwrap();
            lab.end().await;
        }
    }
}

#[tokio::test]
async fn nothing_is_carried_out_any_more_where_the_session_ended_in_the_second_round() {
    for lab in labs(&SERVERS, "rounds_ended").await {
        let objects = ["one", "three"].map(|object| item(&lab, object));
        let [one, three] = objects.clone();
        let two = object(&lab, "two", vec![end_of_session(&lab)]);
        let looks = vec![objects.to_vec(), vec![two, one, three, item(&lab, "four")]];
        let applied = Script::new(&lab, looks).apply().await;
        assert!(matches!(state(&applied, "two"), State::Failed { .. }), "{applied}");
        for object in ["one", "three"] {
            let State::Failed { code, .. } = state(&applied, object) else { panic!("{applied}") };
            assert_eq!(code.as_str(), "not-as-wanted", "it was done, and found so all the same: {applied}");
        }
        assert_eq!(*state(&applied, "four"), State::WouldChange, "{applied}");
        assert_eq!(methods(&lab).await, "2", "those of the first round");
        lab.end().await;
    }
}

#[tokio::test]
async fn what_ended_a_session_is_told_where_others_write_meanwhile() {
    let Some(lab) = lab(Backend::Postgresql, "rounds_concurrent").await else { return };
    let one = object(&lab, "one", vec![end_of_session(&lab).concurrent()]);
    let applied = Script::new(&lab, vec![vec![one]]).apply().await;
    let State::Failed { message, .. } = state(&applied, "one") else { panic!("{applied}") };
    assert!(message.contains("terminating connection"), "{applied}");
    lab.end().await;
}
