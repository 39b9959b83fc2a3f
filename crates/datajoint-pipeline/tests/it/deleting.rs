use datajoint_pipeline::{Delete, DropTable, Error, PartIntegrity, Relation};

use crate::lab::{self, Comparison, Lab, Probe, Session, SessionKey, Spikes, Subject, SubjectKey, Unit};

#[tokio::test]
async fn a_delete_takes_all_that_depends_on_the_rows() {
    let dj = lab::filled().await;
    let report = (Subject & SubjectKey { subject: 1 }).delete(&dj).confirmed().await.unwrap();
    let rows: Vec<(&str, u64)> =
        report.tables.iter().map(|(name, rows)| (name.table.as_str(), *rows)).collect();
    assert_eq!(report.rows, 1);
    assert_eq!(report.total(), 1 + 2 + 1 + 3 + 1);
    assert_eq!(rows.last(), Some(&("subject", 1)));
    assert!(rows.contains(&("comparison", 1)) && rows.contains(&("__spikes__unit", 3)), "{rows:?}");
    assert_eq!(Session.count(&dj).await.unwrap(), 4);
    assert_eq!(Unit.count(&dj).await.unwrap(), 6);
}

#[tokio::test]
async fn either_of_two_renamed_references_takes_the_row() {
    for number in [1, 2] {
        let dj = lab::filled().await;
        (Session & SessionKey { subject: 1, session: number }).delete(&dj).confirmed().await.unwrap();
        assert_eq!(Comparison.count(&dj).await.unwrap(), 0);
    }
    let dj = lab::filled().await;
    (Session & SessionKey { subject: 2, session: 1 }).delete(&dj).confirmed().await.unwrap();
    assert_eq!(Comparison.count(&dj).await.unwrap(), 1);
}

#[tokio::test]
async fn a_delete_by_what_it_deletes_works_on_the_rows_there_were() {
    let dj = lab::filled().await;
    let report = (Session & (Spikes & Spikes::count.ge(20))).delete(&dj).confirmed().await.unwrap();
    assert_eq!(report.rows, 2);
    let report = Subject.order_by("subject desc").limit(1).delete(&dj).confirmed().await.unwrap();
    assert_eq!(report.rows, 1);
    assert_eq!(Subject.column(&dj, Subject::subject).await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn parts_stay_with_their_master() {
    let dj = lab::filled().await;
    let error = (Unit & Unit::unit.eq(1)).delete(&dj).confirmed().await.unwrap_err();
    assert!(matches!(error, Error::PartWithoutMaster { .. }), "{error}");
    assert_eq!(Unit.count(&dj).await.unwrap(), 9);
    let _ = (Unit & Unit::unit.eq(1))
        .delete(&dj)
        .part_integrity(PartIntegrity::Ignore)
        .confirmed()
        .await
        .unwrap();
    assert_eq!(Unit.count(&dj).await.unwrap(), 6);
    let one = Unit & Unit::unit.eq(2) & SubjectKey { subject: 1 };
    let report = one.delete(&dj).part_integrity(PartIntegrity::Cascade).confirmed().await.unwrap();
    assert_eq!(report.total(), 3);
    assert_eq!(Spikes.count(&dj).await.unwrap(), 2);
    assert_eq!(Unit.count(&dj).await.unwrap(), 4);
}

#[tokio::test]
async fn a_quick_delete_cascades_nowhere() {
    let dj = lab::filled().await;
    assert!((Session & SessionKey { subject: 1, session: 1 }).delete_quick(&dj).confirmed().await.is_err());
    let report =
        (Session & SessionKey { subject: 3, session: 2 }).delete_quick(&dj).confirmed().await.unwrap();
    assert_eq!(report.rows, 1);
    let error = (Session * Subject).delete(&dj).confirmed().await.unwrap_err();
    assert!(matches!(error, Error::NotATable { .. }), "{error}");
}

#[tokio::test]
async fn a_drop_takes_the_tables_below() {
    let dj = lab::filled().await;
    let error = DropTable::drop(&Unit, &dj).await.unwrap_err();
    assert!(matches!(error, Error::PartWithoutMaster { .. }), "{error}");
    let dropped = Session.drop(&dj).confirmed().await.unwrap();
    let names: Vec<&str> = dropped.iter().map(|name| name.table.as_str()).collect();
    assert_eq!(names, ["comparison", "__spikes__unit", "__spikes", "session"]);
    assert_eq!(Probe.count(&dj).await.unwrap(), 2);
    // What was dropped is declared again when it is used again.
    assert_eq!(Session.count(&dj).await.unwrap(), 0);
    let activation = dj.activate::<Lab>().await.unwrap();
    assert_eq!(activation.declared.len(), 3);
}

#[tokio::test]
async fn a_schema_is_dropped_with_all_in_it() {
    let dj = lab::filled().await;
    let dropped = dj.drop_schema("lab").confirmed().await.unwrap();
    assert!(dropped.len() >= 6, "{dropped:?}");
    assert!(matches!(dj.schema("lab").await, Err(Error::UnknownSchema { .. })));
    assert!(matches!(dj.drop_schema("lab").confirmed().await, Err(Error::UnknownSchema { .. })));
    assert!(dj.drop_schemas("lab").confirmed().await.unwrap().is_empty());
    assert!(matches!(dj.drop_schemas("").confirmed().await, Err(Error::EmptyPrefix)));
    assert_eq!(dj.activate::<Lab>().await.unwrap().declared.len(), 6);
}
