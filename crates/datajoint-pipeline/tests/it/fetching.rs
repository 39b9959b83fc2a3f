use std::collections::BTreeMap;

use datajoint_pipeline::{Condition, Error, Proj, Relation, sql};
use datajoint_sql::Value;

use crate::lab::{self, Probe, Session, SessionKey, Spikes, SpikesKey, Subject, SubjectKey, Unit, rows};

#[tokio::test]
async fn restrictions_of_every_kind_keep_the_rows_they_should() {
    let dj = lab::filled().await;
    let count = async |query: datajoint_pipeline::Query<_>| query.count(&dj).await.unwrap();
    assert_eq!(count(Session & Session::weight.gt(2.0)).await, 4);
    assert_eq!(count(Session & Session::session.eq(1) & Session::weight.le(2.5)).await, 2);
    assert_eq!(count(Session & (Session::session.eq(1) | Session::subject.eq(3))).await, 4);
    assert_eq!(count(Session & !Session::session.eq(1)).await, 3);
    assert_eq!(count(Session & Session::subject.is_in([1, 2])).await, 4);
    assert_eq!(count(Session & Session::subject.between(2, 3)).await, 4);
    assert_eq!(count(Session & Session::note.is_null()).await, 6);
    assert_eq!(count(Session & SessionKey { subject: 1, session: 2 }).await, 1);
    assert_eq!(count(Session & SubjectKey { subject: 1 }).await, 2);
    assert_eq!(count(Session & [SubjectKey { subject: 1 }, SubjectKey { subject: 3 }]).await, 4);
    assert_eq!(count(Session & Vec::<SubjectKey>::new()).await, 0);
    assert_eq!(count(Session & [("session", 2)]).await, 3);
    assert_eq!(count(Session & BTreeMap::from([("session".to_owned(), Value::Int(2))])).await, 3);
    assert_eq!(count(Session & sql("weight > ? and session = ?", [2, 1])).await, 2);
    assert_eq!(count(Session & true).await, 6);
    assert_eq!(count(Session & false).await, 0);
    assert_eq!(count(Session & Spikes).await, 3);
    assert_eq!(count(Session - Spikes).await, 3);
    assert_eq!(count(Session & (Spikes & Spikes::count.ge(20))).await, 2);
    assert_eq!(count(Session - Session::session.eq(1)).await, 3);
    let condition: Condition = Session::session.eq(1);
    assert_eq!(count(Session & &condition & condition.clone()).await, 3);
}

#[tokio::test]
async fn a_restriction_that_does_not_fit_is_an_error_that_names_it() {
    let dj = lab::filled().await;
    let error = (Session & [("sesion", 1)]).fetch(&dj).await.unwrap_err().to_string();
    assert!(error.contains("`sesion`") && error.contains("did you mean `session`"), "{error}");
    let error = (Subject & lab::ProbeKey { probe: "A".into() }).fetch(&dj).await.unwrap_err();
    assert!(matches!(error, Error::NothingInCommon { .. }), "{error}");
    let error = (Subject & Session::weight.gt(1.0)).fetch(&dj).await.unwrap_err().to_string();
    assert!(error.contains("weight"), "{error}");
}

#[tokio::test]
async fn a_join_has_the_attributes_of_both_sides() {
    rows!(Row { subject: i32, channels: i32, count: i64, weight: f64 });
    let dj = lab::filled().await;
    let query = (Spikes * Probe * Session) & Spikes::count.gt(10);
    let rows: Vec<Row> = query.order_by("subject desc").fetch_as(&dj).await.unwrap();
    let expected = [3, 2].map(|subject| Row {
        subject,
        channels: 4,
        count: 10 * i64::from(subject),
        weight: f64::from(subject) + 0.5,
    });
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_projection_renames_computes_and_leaves_out() {
    let dj = lab::filled().await;
    let query =
        Session.proj(Proj::keep(["weight"]).rename("number", "session").compute("double", "weight * 2"));
    let row = (query & [("number", 2)]).order_by("subject").limit(1).fetch_one(&dj).await.unwrap();
    assert_eq!(row.to_string(), "{subject: 1, number: 2, weight: 1.5, double: 3.0}");
    let names: Vec<String> =
        Session.proj(()).heading(&dj).await.unwrap().visible().map(|a| a.name.clone()).collect();
    assert_eq!(names, ["subject", "session"]);
    let most = Session.proj(Proj::all().drop("note")).limit(1).fetch_one(&dj).await.unwrap();
    assert_eq!(most.names().collect::<Vec<_>>(), ["subject", "session", "weight"]);
    assert_eq!(Session.proj(Session::weight).limit(1).fetch_one(&dj).await.unwrap().values().len(), 3);
}

#[tokio::test]
async fn rows_are_cut_in_an_order() {
    let dj = lab::filled().await;
    let rows = Session
        .order_by((Session::weight.descending(), "session"))
        .offset(1)
        .limit(2)
        .fetch(&dj)
        .await
        .unwrap();
    let keys: Vec<(i32, i32)> = rows.iter().map(|row| (row.subject, row.session)).collect();
    assert_eq!(keys, [(3, 2), (2, 1)]);
}

#[tokio::test]
async fn one_row_is_one_row() {
    let dj = lab::filled().await;
    let row = (Session & SessionKey { subject: 2, session: 1 }).fetch_one(&dj).await.unwrap();
    assert_eq!(row, lab::session(2, 1));
    let error =
        (Session & SessionKey { subject: 2, session: 7 }).fetch_one(&dj).await.unwrap_err().to_string();
    assert!(error.contains("`Session & (subject = 2 and session = 7)` has no row"), "{error}");
    let error = (Session & Session::subject.eq(2)).fetch_one(&dj).await.unwrap_err();
    assert!(matches!(&error, Error::ManyRows { .. }), "{error}");
    assert_eq!((Session & Session::subject.eq(9)).fetch_optional(&dj).await.unwrap(), None);
}

#[tokio::test]
async fn keys_and_columns_come_by_themselves() {
    let dj = lab::filled().await;
    let keys: Vec<SpikesKey> = Spikes.order_by("subject").fetch_as(&dj).await.unwrap();
    assert_eq!(keys[2], SpikesKey { subject: 3, session: 1, probe: "A".into() });
    assert_eq!(Spikes.keys(&dj).await.unwrap().len(), 3);
    assert_eq!(Spikes.order_by("subject").column(&dj, Spikes::count).await.unwrap(), [10, 20, 30]);
    assert_eq!(Session.column_as::<Option<String>>(&dj, "note").await.unwrap(), vec![None; 6]);
    let error = Session.column(&dj, Session::note).await.unwrap_err().to_string();
    assert!(error.contains("note") && error.contains("Option"), "{error}");
    assert!(Unit.exists(&dj).await.unwrap());
    assert!(!(Unit & false).exists(&dj).await.unwrap());
}

#[tokio::test]
async fn a_stream_gives_every_row() {
    let dj = lab::filled().await;
    let mut rows = Unit.order_by(["subject", "unit"]).stream(&dj);
    let mut units = Vec::new();
    while let Some(row) = rows.next().await {
        units.push(row.unwrap().unit);
    }
    assert_eq!(units, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    let mut transaction = dj.begin_read().await.unwrap();
    let mut rows = Unit.stream(&mut transaction);
    assert!(rows.next().await.unwrap().is_ok());
}

#[tokio::test]
async fn a_missing_attribute_of_the_row_type_is_named() {
    rows!(Row { subject: i32, counts: i64 });
    let dj = lab::filled().await;
    let error = Spikes.fetch_as::<Row>(&dj).await.unwrap_err().to_string();
    assert!(error.contains("`counts` is not an attribute of `Spikes`; did you mean `count`"), "{error}");
}

#[tokio::test]
async fn the_statement_can_be_read() {
    let dj = lab::filled().await;
    let text = (Session & Session::weight.gt(2.0)).to_sql(&dj).await.unwrap();
    assert!(text.starts_with("SELECT") && text.ends_with("-- 2.0"), "{text}");
}
