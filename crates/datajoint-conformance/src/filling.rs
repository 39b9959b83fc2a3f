//! Insert, update and delete.

use datajoint::prelude::*;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_filling");

    #[table(Manual)]
    /// subject_id : int32
    /// ---
    /// name : varchar(20)
    pub(super) struct Subject;

    #[table(Manual)]
    /// -> Subject
    /// session : int16
    /// ---
    /// weight = null : float64
    pub(super) struct Session;

    #[table(Manual)]
    /// pair : int32
    /// ---
    /// -> Subject.proj(left_id='subject_id')
    pub(super) struct Pair;
}

use tables::{Pair, PairRow, Session, SessionKey, SessionRow, Subject, SubjectKey, SubjectRow};

static TURN: Turn = Turn::new("dj_conformance_filling");

fn subject(subject_id: i32, name: &str) -> SubjectRow {
    SubjectRow { subject_id, name: name.to_owned() }
}

async fn fill(dj: &Instance) {
    Subject.insert(dj, [subject(1, "one"), subject(2, "two"), subject(3, "three")]).await.unwrap();
    let session = |subject_id, session| SessionRow {
        weight: Some(f64::from(session)),
        ..SessionRow::new(subject_id, session)
    };
    Session.insert(dj, [session(1, 1), session(1, 2), session(2, 1)]).await.unwrap();
    Pair.insert(dj, [PairRow { pair: 1, left_id: 1 }, PairRow { pair: 2, left_id: 3 }]).await.unwrap();
}

/// What goes in comes out, null included.
pub async fn rows_come_back_as_they_were_inserted(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let rows = Session.order_by("KEY").fetch(dj).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1], SessionRow { subject_id: 1, session: 2, weight: Some(2.0) });
    Session.insert_one(dj, SessionRow::new(3, 1)).await.unwrap();
    let row = (Session & SessionKey { subject_id: 3, session: 1 }).fetch_one(dj).await.unwrap();
    assert_eq!(row.weight, None);
    turn.end(dj).await;
}

/// A key that is there is an error, unless it is to be passed over.
pub async fn a_row_that_is_there_is_refused_or_passed_over(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let error = Subject.insert_one(dj, subject(1, "again")).await.unwrap_err();
    assert!(error.to_string().contains("subject"), "{error}");
    let skip = InsertOptions::new().skip_duplicates();
    Subject.insert_with(dj, [subject(1, "again"), subject(4, "four")], skip).await.unwrap();
    assert_eq!(Subject.count(dj).await.unwrap(), 4);
    let kept = (Subject & SubjectKey { subject_id: 1 }).fetch_one(dj).await.unwrap();
    assert_eq!(kept.name, "one");
    turn.end(dj).await;
}

/// The error of a missing parent names child and parent.
pub async fn a_row_without_its_parent_is_refused_with_the_parent_named(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let error = Session.insert_one(dj, SessionRow::new(9, 1)).await.unwrap_err().to_string();
    assert!(error.contains("session") && error.contains("subject"), "{error}");
    turn.end(dj).await;
}

/// One row changes, and a row that is not there is an error.
pub async fn update_changes_one_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    Subject.update_one(dj, subject(2, "zwei")).await.unwrap();
    let names: Vec<String> = Subject.order_by("KEY").column(dj, Subject::name).await.unwrap();
    assert_eq!(names, ["one", "zwei", "three"]);
    assert!(Subject.update_one(dj, subject(7, "seven")).await.is_err());
    turn.end(dj).await;
}

/// Sessions and pairs of a subject go with it, through renamed references too; the others stay.
pub async fn delete_takes_what_depends_on_it_first(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let report = (Subject & SubjectKey { subject_id: 1 }).delete(dj).confirmed().await.unwrap();
    assert_eq!(report.total(), 4, "{report:?}");
    assert_eq!(Subject.count(dj).await.unwrap(), 2);
    assert_eq!(Session.count(dj).await.unwrap(), 1);
    assert_eq!(Pair.fetch(dj).await.unwrap(), [PairRow { pair: 2, left_id: 3 }]);
    turn.end(dj).await;
}

/// One bad row in thousands leaves the table as it was.
pub async fn rows_are_inserted_all_or_none(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let mut rows: Vec<SubjectRow> = (0..3000).map(|id| subject(id, "x")).collect();
    rows.push(subject(0, "twice"));
    assert!(Subject.insert(dj, rows).await.is_err());
    assert_eq!(Subject.count(dj).await.unwrap(), 0);
    let long = [subject(1, "short"), subject(2, "far too long for an attribute of twenty")];
    let error = Subject.insert(dj, long).await.unwrap_err().to_string();
    assert!(error.contains("name"), "{error}");
    assert_eq!(Subject.count(dj).await.unwrap(), 0);
    turn.end(dj).await;
}
