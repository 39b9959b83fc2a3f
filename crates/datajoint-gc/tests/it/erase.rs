//! A subject's rows and objects go together.

use std::time::Duration;

use datajoint_gc::{Erasure, Error};
use datajoint_pipeline::{Relation as _, attribute};

use crate::lab::{ABC, Lab};

async fn erasure(lab: &Lab, id: i32) -> Erasure {
    let scan = lab.dj.table("lab.Scan").await.unwrap();
    Erasure::of(&lab.dj, &scan.restrict(attribute("id").eq(id))).moment(Duration::ZERO)
}

#[tokio::test]
async fn the_rows_go_and_their_objects_at_once() {
    let lab = Lab::filled().await;
    let movie = erasure(&lab, 3).await;
    let plan = movie.plan().await.unwrap();
    assert_eq!((plan.rows(), plan.tables[0].objects), (1, 1), "{plan}");
    let certificate = movie.carry_out(&plan.hash()).await.unwrap();
    assert_eq!(certificate.plan, plan.hash());
    assert_eq!(
        certificate.rows.iter().map(|(table, rows)| (table.as_str(), *rows)).collect::<Vec<_>>(),
        [("lab.scan", 1)]
    );
    assert_eq!(
        (certificate.objects.len(), certificate.objects[0].files, certificate.objects[0].bytes),
        (1, 3, 227)
    );
    assert_eq!(lab.files(), [ABC]);
}

/// What became of rows and objects is noted, and no value of them.
#[tokio::test]
async fn an_erasure_is_noted() {
    let lab = Lab::filled().await;
    let audited = lab.dj.with_settings(|settings| settings.guard.audit = true);
    let scan = audited.table("lab.Scan").await.unwrap();
    let movie = Erasure::of(&audited, &scan.restrict(attribute("id").eq(3))).moment(Duration::ZERO);
    let plan = movie.plan().await.unwrap();
    let certificate = movie.carry_out(&plan.hash()).await.unwrap();
    assert_eq!(certificate.failed, [""; 0]);
    let audit = lab.dj.audit("lab").await.unwrap().unwrap();
    let mut noted = Vec::new();
    for row in audit.fetch(&lab.dj).await.unwrap() {
        let text = |name: &str| row.get::<String>(name).unwrap();
        assert_eq!((text("verb").as_str(), text("object").as_str()), ("erase", "lab.scan"));
        assert_eq!(text("plan"), plan.hash());
        noted.push((row.get::<Option<i64>>("row_count").unwrap(), text("detail")));
    }
    noted.sort();
    let [(None, objects), (Some(1), rows)] = noted.as_slice() else { panic!("{noted:?}") };
    assert_eq!(objects, "objects: 1 erased, 0 kept, 0 failed");
    assert!(rows.contains("id = ?") && !rows.contains('3'), "{rows}");
}

#[tokio::test]
async fn what_other_rows_refer_to_stays_and_is_named() {
    let lab = Lab::filled().await;
    let one = erasure(&lab, 1).await;
    let certificate = one.carry_out(&one.plan().await.unwrap().hash()).await.unwrap();
    assert_eq!((certificate.objects.len(), certificate.kept.len()), (0, 1));
    assert!(lab.has(ABC));
    let other = erasure(&lab, 2).await;
    let certificate = other.carry_out(&other.plan().await.unwrap().hash()).await.unwrap();
    assert_eq!(certificate.kept.len(), 0);
    assert_eq!(certificate.objects[0].path, ABC);
    assert_eq!(
        certificate.objects[0].sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert!(!lab.has(ABC) && !lab.has(&format!("{ABC}.quarantined")));
}

#[tokio::test]
async fn nothing_goes_by_another_plan_or_when_not_everything_can_be_told() {
    let lab = Lab::filled().await;
    let before = lab.files();
    erasure(&lab, 1).await.carry_out("0123").await.unwrap_err();
    lab.sql("INSERT INTO \"other.scan\" (id, raw) VALUES (1, '{}')").await;
    let one = erasure(&lab, 1).await;
    let error = one.carry_out(&one.plan().await.unwrap().hash()).await.unwrap_err();
    assert!(matches!(error, Error::Untold { .. }), "{error}");
    assert_eq!(lab.files(), before);
    assert_eq!(lab.dj.table("lab.Scan").await.unwrap().count(&lab.dj).await.unwrap(), 3);
}

#[tokio::test]
async fn what_fails_after_the_rows_are_gone_stands_in_the_certificate() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    let other = erasure(&lab, 2).await.moment(Duration::from_millis(600));
    let plan = other.plan().await.unwrap().hash();
    let unreadable = async {
        while !lab.has(&format!("{ABC}.quarantined")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        lab.sql("INSERT INTO \"other.scan\" (id, raw) VALUES (1, '{}')").await;
    };
    let (certificate, ()) = tokio::join!(other.carry_out(&plan), unreadable);
    let certificate = certificate.unwrap();
    assert_eq!(certificate.rows["lab.scan"], 1);
    assert!(certificate.objects.is_empty());
    assert!(certificate.failed.iter().any(|why| why.contains(ABC)), "{:?}", certificate.failed);
}
