//! Rows that belong together: cascades, traces, what depends on all of several; deletes in chunks and among writers.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use datajoint::prelude::*;
use datajoint::{Backend, Error, Subset};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_subsets");

    #[table(Manual)]
    /// subject : int32
    pub(super) struct Subject;

    #[table(Manual)]
    /// rig : int32
    pub(super) struct Rig;

    #[table(Manual)]
    /// -> Subject
    /// session : int32
    /// ---
    /// -> Rig
    pub(super) struct Session;

    #[part(Session)]
    /// -> master
    /// trial : int32
    pub(super) struct SessionTrial;

    #[table(Manual)]
    /// comparison : int32
    /// ---
    /// -> Session.proj(left_subject='subject', left_session='session')
    /// -> Session.proj(right_subject='subject', right_session='session')
    pub(super) struct Comparison;
}

use tables::{
    Comparison, ComparisonRow, Rig, RigKey, RigRow, Session, SessionKey, SessionRow, SessionTrial,
    SessionTrialRow, Subject, SubjectKey, SubjectRow,
};

static TURN: Turn = Turn::new("dj_conformance_subsets");

/// Two subjects, two rigs, three sessions with two trials each, and one comparison of the first with the last.
async fn fill(dj: &Instance) {
    Subject.insert(dj, [1, 2].map(|subject| SubjectRow { subject })).await.unwrap();
    Rig.insert(dj, [1, 2].map(|rig| RigRow { rig })).await.unwrap();
    let sessions = [(1, 1, 1), (1, 2, 2), (2, 1, 1)];
    Session
        .insert(dj, sessions.map(|(subject, session, rig)| SessionRow { subject, session, rig }))
        .await
        .unwrap();
    let trials = sessions
        .iter()
        .flat_map(|&(subject, session, _)| [1, 2].map(|trial| SessionTrialRow { subject, session, trial }));
    SessionTrial.insert(dj, trials.collect::<Vec<_>>()).await.unwrap();
    let comparison =
        ComparisonRow { comparison: 1, left_subject: 1, left_session: 1, right_subject: 2, right_session: 1 };
    Comparison.insert_one(dj, comparison).await.unwrap();
}

async fn counts(subset: &Subset) -> Vec<String> {
    let counts = subset.counts().await.unwrap();
    let mut counts: Vec<String> =
        counts.into_iter().map(|(table, rows)| format!("{}: {rows}", table.table)).collect();
    counts.sort();
    counts
}

/// Downstream by any parent, upstream to every parent, and downstream by all parents.
pub async fn rows_that_belong_together_are_found(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let below = dj.cascade(&(Subject & SubjectKey { subject: 2 })).await.unwrap();
    assert_eq!(counts(&below).await, ["comparison: 1", "session: 1", "session__trial: 2", "subject: 1"]);
    assert_eq!(below.rows_of::<Session>().unwrap().fetch(dj).await.unwrap()[0].subject, 2);

    let above = dj.trace(&(Comparison & Comparison::comparison.eq(1))).await.unwrap();
    assert_eq!(counts(&above).await, ["comparison: 1", "rig: 1", "session: 2", "subject: 2"]);
    let none = dj.trace(&(Comparison & Comparison::comparison.eq(9))).await.unwrap();
    assert_eq!(none.prune().await.unwrap().tables().len(), 0);

    let both = dj
        .restrict_all([(Subject & SubjectKey { subject: 1 }).proj(()), (Rig & RigKey { rig: 1 }).proj(())])
        .await;
    assert!(both.is_err(), "a projection is no table");
    let seeds = [Subject & SubjectKey { subject: 1 }];
    let one = dj.restrict_all(seeds).await.unwrap();
    assert_eq!(counts(&one).await, ["comparison: 0", "session: 2", "session__trial: 4", "subject: 1"]);
    let session = dj.schema("dj_conformance_subsets").await.unwrap();
    let subject = session.table("Subject").unwrap() & [("subject", 1)];
    let rig = session.table("Rig").unwrap() & [("rig", 1)];
    let both = dj.restrict_all([subject, rig]).await.unwrap();
    assert_eq!(
        counts(&both).await,
        ["comparison: 0", "rig: 1", "session: 1", "session__trial: 2", "subject: 1"]
    );
    let pruned = both.prune().await.unwrap();
    assert_eq!(counts(&pruned).await, ["rig: 1", "session: 1", "session__trial: 2", "subject: 1"]);
    let error = pruned.rows_of::<Comparison>().unwrap_err().to_string();
    assert!(error.contains("comparison"), "{error}");
    turn.end(dj).await;
}

/// A delete in chunks takes all, and can be run again where it was interrupted.
pub async fn deletes_in_chunks_take_all_and_go_on(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Rig.insert_one(dj, RigRow { rig: 1 }).await.unwrap();
    Subject.insert(dj, (0..50).map(|subject| SubjectRow { subject })).await.unwrap();
    let sessions = (0..50).map(|subject| SessionRow { subject, session: 1, rig: 1 });
    Session.insert(dj, sessions.collect::<Vec<_>>()).await.unwrap();
    let trials = (0..50).map(|subject| SessionTrialRow { subject, session: 1, trial: 1 });
    SessionTrial.insert(dj, trials.collect::<Vec<_>>()).await.unwrap();
    let old = Subject & Subject::subject.lt(45);
    // What an interruption leaves is whole.
    let interrupted = async {
        (old.limit(7)).delete(dj).confirmed().await.unwrap();
        std::future::pending::<()>().await;
    };
    assert!(tokio::time::timeout(std::time::Duration::from_millis(700), interrupted).await.is_err());
    assert_eq!(Subject.count(dj).await.unwrap(), SessionTrial.count(dj).await.unwrap());
    let left = old.count(dj).await.unwrap();
    let report = old.delete(dj).confirmed().in_chunks(10).await.unwrap();
    assert_eq!((report.rows, report.total()), (left, left * 3), "{report}");
    assert_eq!((Subject.count(dj).await.unwrap(), SessionTrial.count(dj).await.unwrap()), (5, 5));
    // Chunks of no row at all are chunks of one.
    let report = (Subject & Subject::subject.eq(45)).delete(dj).confirmed().in_chunks(0).await.unwrap();
    assert_eq!((report.rows, report.total()), (1, 3), "{report}");
    Subject.insert_one(dj, SubjectRow { subject: 45 }).await.unwrap();
    Session.insert_one(dj, SessionRow { subject: 45, session: 1, rig: 1 }).await.unwrap();
    SessionTrial.insert_one(dj, SessionTrialRow { subject: 45, session: 1, trial: 1 }).await.unwrap();
    assert_eq!((Subject.count(dj).await.unwrap(), SessionTrial.count(dj).await.unwrap()), (5, 5));
    // The first rows are the first of all, not of those that each chunk leaves.
    let report = Subject.limit(3).delete(dj).confirmed().in_chunks(1).await.unwrap();
    assert_eq!((report.rows, Subject.count(dj).await.unwrap()), (3, 2));
    // Which rows another table chooses is looked up once.
    let comparison = ComparisonRow {
        comparison: 1,
        left_subject: 48,
        left_session: 1,
        right_subject: 49,
        right_session: 1,
    };
    Comparison.insert_one(dj, comparison).await.unwrap();
    let compared = Session
        & Comparison.proj(Proj::key().rename("subject", "left_subject").rename("session", "left_session"));
    let report = compared.delete(dj).confirmed().in_chunks(1).await.unwrap();
    assert_eq!((report.rows, Session.count(dj).await.unwrap()), (1, 1));
    // Confirmed was what was there.
    let plan = Subject.delete(dj).plan().await.unwrap();
    Subject.insert_one(dj, SubjectRow { subject: 100 }).await.unwrap();
    assert!(Subject.delete(dj).confirmed_plan(plan.hash()).in_chunks(1).await.is_err());
    assert_eq!(Subject.count(dj).await.unwrap(), 3);
    turn.end(dj).await;
}

/// A condition that may give something else each time it is asked, by chance here and by a clock elsewhere, chooses the
/// rows once: those that go are whole.
pub async fn a_delete_by_chance_leaves_no_half(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let chance = if dj.backend().is_mysql_family() { "rand() < 0.5" } else { "random() % 2 = 0" };
    let chance = if dj.backend() == Backend::Postgresql { "random() < 0.5" } else { chance };
    for _ in 0..12 {
        fill(dj).await;
        let report = (Session & sql(chance, ())).delete(dj).confirmed().await.unwrap();
        let left = Session.count(dj).await.unwrap();
        assert_eq!((report.rows, SessionTrial.count(dj).await.unwrap()), (3 - left, left * 2), "{report}");
        Subject.delete(dj).confirmed().await.unwrap();
        Rig.delete(dj).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}

/// Whoever adds to what is being deleted is either deleted too, or refused, or makes the delete wait: nothing is left
/// without its parent, and the delete ends.
pub async fn rows_added_to_what_goes_do_not_slip_through(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let (is_done, added) = (AtomicBool::new(false), AtomicU32::new(0));
    let add = async |start: i32| {
        let mut trial = start;
        while !is_done.load(Ordering::SeqCst) {
            trial += 1;
            match SessionTrial.insert_one(dj, SessionTrialRow { subject: 1, session: 1, trial }).await {
                Ok(()) => {
                    added.fetch_add(1, Ordering::SeqCst);
                }
                Err(Error::MissingParent { .. }) => break,
                // Two who wait for each other.
                Err(error) if error.is_retryable() => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let delete = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let session = Session & SessionKey { subject: 1, session: 1 };
        let report = session.delete(dj).confirmed().await;
        is_done.store(true, Ordering::SeqCst);
        report
    };
    let (report, (), ()) = tokio::join!(delete, add(100), add(100_000));
    let report = report.unwrap();
    assert!(added.load(Ordering::SeqCst) > 0, "somebody was there to slip through");
    let gone = report.tables.iter().find(|(table, _)| table.table == "session__trial").unwrap().1;
    assert_eq!(gone, u64::from(added.load(Ordering::SeqCst)) + 2, "every trial that was added is gone");
    assert_eq!(SessionTrial.count(dj).await.unwrap(), 4);
    turn.end(dj).await;
}
