use std::sync::atomic::Ordering;
use std::time::Duration;

use datajoint_pipeline::{Insert, InsertOptions, Relation};
use datajoint_populate::{Error, Maker, PopulateTable, Run};
use datajoint_sql::Statement;

use crate::lab::{CALLS, Slow, SlowRow, Subject, SubjectRow, lab};

#[tokio::test]
async fn what_was_fetched_is_computed_and_inserted() {
    let dj = lab(&[(1, 4.0), (2, 9.0)]).await;
    let report = Slow.populate(&dj).workers(2).run().await.unwrap();
    assert_eq!(report.success_count, 2);
    assert_eq!(Slow.order_by("subject").column(&dj, Slow::root).await.unwrap(), [2.0, 3.0]);
}

#[tokio::test]
async fn a_result_of_rows_that_changed_meanwhile_is_not_written() {
    let dj = lab(&[(7, 4.0)]).await;
    let change = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Subject.update_one(&dj, SubjectRow { subject: 7, weight: 9.0 }).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(Slow.populate(&dj).run(), change);
    let error = outcome.unwrap_err();
    assert!(matches!(&error, Error::UpstreamChanged { upstream, .. } if *upstream == ["Subject"]), "{error}");
    assert!(!Slow.exists(&dj).await.unwrap());

    Slow.populate(&dj).run().await.unwrap();
    assert_eq!(Slow.column(&dj, Slow::root).await.unwrap(), [3.0]);
}

#[tokio::test]
async fn a_key_that_others_made_meanwhile_is_skipped() {
    let dj = lab(&[(7, 4.0)]).await;
    let other = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let row = SlowRow { subject: 7, root: 1.0 };
        let allowed = InsertOptions::new().allow_direct_insert();
        Slow.insert_with(&dj, [row], allowed).await.unwrap();
    };
    let (report, ()) = tokio::join!(Slow.populate(&dj).run(), other);
    let report = report.unwrap();
    assert_eq!((report.success_count, report.skipped, report.remaining), (0, 1, 0));
    assert_eq!(Slow.column(&dj, Slow::root).await.unwrap(), [1.0]);
}

#[tokio::test]
async fn a_panic_is_the_error_of_its_key() {
    let dj = lab(&[(8, 4.0), (9, 4.0)]).await;
    let report = Slow.populate(&dj).suppress_errors(true).run().await.unwrap();
    assert_eq!(report.success_count, 1);
    let message = "`make` of `lab.__slow` panicked for {subject: 8}: eight is too much";
    assert_eq!(report.errors[0].1.to_string(), message);
}

#[tokio::test]
async fn a_panic_outside_of_make_goes_on_in_who_waits_for_it() {
    // Each in a database of its own: of two in one, one has the key.
    let (one, other) = (lab(&[(6, 4.0)]).await, lab(&[(6, 4.0)]).await);
    let alone = async move { Slow.populate(&one).reserve_jobs(true).run().await.map(drop) };
    let among_others = async move { Run::new([Maker::of::<Slow>()]).run(&other).await.map(drop) };
    for run in [tokio::spawn(alone), tokio::spawn(among_others)] {
        let ended = tokio::time::timeout(Duration::from_secs(20), run).await.expect("it ends");
        assert!(ended.unwrap_err().is_panic());
    }
}

#[tokio::test]
async fn a_dropped_population_leaves_nothing_half_done() {
    let dj = lab(&[(7, 4.0)]).await;
    let calls = CALLS.load(Ordering::SeqCst);
    let run = tokio::time::timeout(Duration::from_millis(50), Slow.populate(&dj).run()).await;
    assert!(run.is_err());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(CALLS.load(Ordering::SeqCst) > calls);
    assert!(!Slow.exists(&dj).await.unwrap());
}

#[tokio::test]
async fn why_a_key_failed_is_told_where_its_queue_could_not_be_told() {
    let dj = lab(&[(7, 4.0)]).await;
    let change = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Subject.update_one(&dj, SubjectRow { subject: 7, weight: 9.0 }).await.unwrap();
        let slow = dj.resolve(<Slow as datajoint_pipeline::typed::Table>::spec()).unwrap();
        let jobs = datajoint_schema::jobs_table(&slow, dj.backend()).unwrap();
        let drop = format!("DROP TABLE {}", datajoint_sql::table_reference(dj.backend(), &jobs.name));
        dj.database().acquire().await.unwrap().script(&[Statement::plain(drop)]).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(Slow.populate(&dj).reserve_jobs(true).run(), change);
    let error = outcome.unwrap_err();
    let Error::Untold { source, failure } = &error else { panic!("{error}") };
    assert!(matches!(source.as_ref(), Error::UpstreamChanged { .. }), "{source}");
    let text = error.to_string();
    assert!(text.contains(&source.to_string()) && text.contains(&failure.to_string()), "{text}");
}
