use datajoint_pipeline::{Error, Insert, InsertOptions, Relation};

use crate::lab::{
    self, Probe, Session, SessionKey, SessionRow, Spikes, SpikesRow, Subject, SubjectRow, rows,
};

fn subject(subject: i32) -> SubjectRow {
    SubjectRow { subject, sex: "F".into(), born: chrono::NaiveDate::from_ymd_opt(2024, 2, 29) }
}

#[tokio::test]
async fn rows_come_back_as_they_went_in() {
    let dj = lab::embedded().await;
    Subject.insert_one(&dj, subject(7)).await.unwrap();
    assert_eq!(Subject.fetch_one(&dj).await.unwrap(), subject(7));
}

#[tokio::test]
async fn many_rows_are_inserted_or_none() {
    let dj = lab::embedded().await;
    Subject.insert(&dj, (0..30_000).map(subject)).await.unwrap();
    assert_eq!(Subject.count(&dj).await.unwrap(), 30_000);
    let error = Subject.insert(&dj, (40_000..80_000).chain([12]).map(subject)).await.unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }), "{error}");
    assert_eq!(Subject.count(&dj).await.unwrap(), 30_000);
}

#[tokio::test]
async fn a_duplicate_names_the_key_and_the_way_out() {
    let dj = lab::embedded().await;
    Subject.insert(&dj, [subject(1), subject(2)]).await.unwrap();
    let error = Subject.insert(&dj, [subject(3), subject(2)]).await.unwrap_err().to_string();
    assert!(error.contains("`lab.subject` already has a row with this key (subject = 2)"), "{error}");
    assert!(error.contains("skip_duplicates"), "{error}");
    Subject.insert_with(&dj, [subject(3), subject(2)], InsertOptions::new().skip_duplicates()).await.unwrap();
    assert_eq!(Subject.count(&dj).await.unwrap(), 3);
}

#[tokio::test]
async fn replacing_puts_the_new_row_in_the_place_of_the_old() {
    let dj = lab::embedded().await;
    Subject.insert_one(&dj, subject(1)).await.unwrap();
    let other = SubjectRow { sex: "M".into(), ..subject(1) };
    Subject.insert_with(&dj, [other.clone()], InsertOptions::new().replace()).await.unwrap();
    assert_eq!(Subject.fetch(&dj).await.unwrap(), [other]);
}

#[tokio::test]
async fn a_missing_parent_is_named_with_its_key() {
    let dj = lab::embedded().await;
    Subject.insert_one(&dj, subject(1)).await.unwrap();
    let error = Session.insert(&dj, [lab::session(1, 1), lab::session(9, 1)]).await.unwrap_err().to_string();
    assert!(
        error.contains("`lab.session` refers to `lab.subject`, which has no row with subject = 9"),
        "{error}"
    );
    assert_eq!(Session.count(&dj).await.unwrap(), 0);
}

#[tokio::test]
async fn values_are_checked_before_they_are_sent() {
    let dj = lab::embedded().await;
    let wrong = SubjectRow { sex: "X".into(), ..subject(2) };
    let error = Subject.insert(&dj, [subject(1), wrong]).await.unwrap_err().to_string();
    assert!(
        error.starts_with("row 2 for `lab.subject`") && error.contains("sex") && error.contains('X'),
        "{error}"
    );
    let long = SessionRow { note: Some("x".repeat(21)), ..lab::session(1, 1) };
    Subject.insert_one(&dj, subject(1)).await.unwrap();
    let error = Session.insert_one(&dj, long).await.unwrap_err().to_string();
    assert!(error.contains("note"), "{error}");
    let not_a_number = SessionRow { weight: f64::NAN, ..lab::session(1, 1) };
    let error = Session.insert_one(&dj, not_a_number).await.unwrap_err().to_string();
    assert!(error.contains("weight"), "{error}");
}

#[tokio::test]
async fn a_row_of_another_type_needs_every_required_attribute() {
    rows!(Light { subject: i32, session: i32 });
    rows!(Heavy { subject: i32, session: i32, weight: f64 });
    rows!(Strange { subject: i32, session: i32, weight: f64, wieght: f64 });
    let dj = lab::embedded().await;
    Subject.insert_one(&dj, subject(1)).await.unwrap();
    let error = Session.insert_one(&dj, Light { subject: 1, session: 1 }).await.unwrap_err();
    assert!(matches!(&error, Error::MissingAttribute { attribute, .. } if attribute == "weight"), "{error}");
    let strange = Strange { subject: 1, session: 1, weight: 1.0, wieght: 1.0 };
    let error = Session.insert_one(&dj, strange).await.unwrap_err().to_string();
    assert!(error.contains("`wieght`") && error.contains("did you mean `weight`"), "{error}");
    Session.insert_one(&dj, Heavy { subject: 1, session: 1, weight: 2.0 }).await.unwrap();
    assert_eq!(Session.fetch_one(&dj).await.unwrap().note, None);
}

#[tokio::test]
async fn tables_that_populate_fills_refuse_rows_unless_allowed() {
    let dj = lab::filled().await;
    let row = SpikesRow { subject: 1, session: 2, probe: "B".into(), count: 1 };
    let error = Spikes.insert_one(&dj, row.clone()).await.unwrap_err();
    assert!(matches!(error, Error::AutoPopulated { .. }), "{error}");
    let unit = lab::UnitRow { subject: 1, session: 1, probe: "A".into(), unit: 9, rate: 0.0 };
    let error = lab::Unit.insert_one(&dj, unit).await.unwrap_err();
    assert!(matches!(error, Error::AutoPopulated { .. }), "{error}");
    Spikes.insert_with(&dj, [row], InsertOptions::new().allow_direct_insert()).await.unwrap();
    Probe.insert_one(&dj, lab::ProbeRow { probe: "C".into(), channels: 1 }).await.unwrap();
}

#[tokio::test]
async fn a_stream_of_rows_is_inserted() {
    let dj = lab::embedded().await;
    let rows = futures_util::stream::iter((0..5000).map(subject));
    Subject.insert_stream(&dj, rows, InsertOptions::new()).await.unwrap();
    assert_eq!(Subject.count(&dj).await.unwrap(), 5000);
}

#[tokio::test]
async fn the_rows_of_a_query_are_inserted() {
    let dj = lab::filled().await;
    let next = Session.proj(datajoint_pipeline::Proj::keep(["weight"]).compute("number", "session + 2"));
    let next =
        (next & [("session", 2)]).proj(datajoint_pipeline::Proj::keep(["weight"]).rename("old", "session"));
    assert!(Session.insert_query(&dj, &next, InsertOptions::new()).await.is_err());
    let same = Session & Session::subject.eq(1);
    assert!(Session.insert_query(&dj, &same, InsertOptions::new()).await.is_err());
    Session.insert_query(&dj, &same, InsertOptions::new().skip_duplicates()).await.unwrap();
    assert_eq!(Session.count(&dj).await.unwrap(), 6);
}

#[tokio::test]
async fn an_update_changes_exactly_one_row() {
    rows!(Remark { subject: i32, session: i32, note: Option<String> });
    let dj = lab::filled().await;
    Session.update_one(&dj, Remark { subject: 1, session: 2, note: Some("calm".into()) }).await.unwrap();
    let notes = (Session & Session::note.is_not_null()).fetch(&dj).await.unwrap();
    assert_eq!(notes, [SessionRow { note: Some("calm".into()), ..lab::session(1, 2) }]);
    // The same once more is no error.
    Session.update_one(&dj, Remark { subject: 1, session: 2, note: Some("calm".into()) }).await.unwrap();
    let error = Session.update_one(&dj, Remark { subject: 9, session: 2, note: None }).await.unwrap_err();
    assert!(
        matches!(&error, Error::NothingToUpdate { key, .. } if key.to_string() == "subject = 9 and session = 2"),
        "{error}"
    );
    let error = Session.update_one(&dj, SessionKey { subject: 1, session: 1 }).await.unwrap_err();
    assert!(matches!(error, Error::EmptyUpdate { .. }), "{error}");
}

#[tokio::test]
async fn a_transaction_lasts_as_a_whole_or_not_at_all() {
    let dj = lab::filled().await;
    let result: Result<(), Error> = dj
        .transaction(async |transaction| {
            Subject.insert_one(&mut *transaction, subject(10)).await?;
            assert_eq!(Subject.count(&mut *transaction).await?, 4);
            Subject.insert_one(transaction, subject(10)).await
        })
        .await;
    assert!(matches!(result, Err(Error::Duplicate { .. })));
    assert_eq!(Subject.count(&dj).await.unwrap(), 3);
    dj.transaction(async |transaction| Subject.insert_one(transaction, subject(10)).await).await.unwrap();
    assert_eq!(Subject.count(&dj).await.unwrap(), 4);
}
