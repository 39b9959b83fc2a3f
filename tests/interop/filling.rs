//! A pipeline that one side declares is filled, computed and emptied by the other.

use datajoint::prelude::*;
use serde_json::{Value as Json, json};

use crate::beside::Beside;
use crate::lab::{
    Lab, Method, Session, SessionRow, SessionTrial, Subject, SubjectSex, TOTALS, Total, TotalShare,
    fill_from_rust, lab_in_python, sessions, trials,
};
use crate::wire::float;

/// The rows that `fill_from_rust` inserts, as Python writes them.
fn rows_in_python() -> [(&'static str, Vec<Json>); 3] {
    let int = |number: i64| json!({"int": number.to_string()});
    let text = |text: &str| json!({"str": text});
    let subject = |id, name, sex| json!({"subject_id": int(id), "name": text(name), "sex": text(sex), "born": {"date": "2024-02-29"}});
    let session = |row: &SessionRow| {
        json!({
            "subject_id": int(row.subject_id.into()),
            "session": int(row.session.into()),
            "method": row.method.as_deref().map(text),
            "other": row.other.map(|other| int(other.into())),
            "weight": float(row.weight),
            "started": {"datetime": "2024-01-02 03:04:05"},
        })
    };
    let trials = trials().into_iter().map(|row| {
        json!({
            "subject_id": int(row.subject_id.into()),
            "session": int(row.session.into()),
            "trial": int(row.trial.into()),
            "score": float(row.score.into()),
            "trace": {"list": [int(row.trial.into()), text("é")]},
        })
    });
    [
        ("subject", vec![subject(1, "Ada", "F"), subject(2, "it's", "U")]),
        ("session", sessions().iter().map(session).collect()),
        ("session__trial", trials.collect()),
    ]
}

fn fetch(beside: &mut Beside, schema: &str, table: &str) -> Json {
    beside.python.call("fetch", &json!({"schema": schema, "table": table}))
}

fn count(beside: &mut Beside, schema: &str, table: &str) -> Json {
    beside.python.call("count", &json!({"schema": schema, "table": table}))
}

/// Rust declares, inserts and populates; Python reads all of it as meant, and deletes it.
pub(crate) async fn python_reads_and_deletes_what_rust_declared_and_filled(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    let activation = dj.activate::<Lab>().await.unwrap();
    assert_eq!(activation.declared.len(), 6, "{activation}");
    fill_from_rust(&dj).await;
    for (table, rows) in rows_in_python() {
        assert_eq!(fetch(beside, &schema, table), Json::Array(rows), "{table}");
    }
    assert_eq!(Total.populate(&dj).run().await.unwrap().success_count, 4);
    let totals = fetch(beside, &schema, "__total");
    assert_eq!(totals[3]["total"], float(0.4), "{totals}");
    assert_eq!(count(beside, &schema, "__total__share"), json!(12));

    let of_subject = json!({"subject_id": {"int": "2"}});
    beside.python.call("delete", &json!({"schema": schema, "table": "subject", "restriction": of_subject}));
    assert_eq!(Subject.count(&dj).await.unwrap(), 1);
    assert_eq!(Session.count(&dj).await.unwrap(), 2);
    assert_eq!(SessionTrial.count(&dj).await.unwrap(), 6);
    assert_eq!(Total.count(&dj).await.unwrap(), 2);
    assert_eq!(TotalShare.count(&dj).await.unwrap(), 6);
    assert_eq!(Method.count(&dj).await.unwrap(), 2);
}

/// Python declares, inserts and populates; Rust finds its types met, reads all of it as meant, and deletes it.
pub(crate) async fn rust_reads_and_deletes_what_python_declared_and_filled(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let activation = dj.activate::<Lab>().await.unwrap();
    assert!(activation.is_unchanged(), "{activation}");
    for (table, rows) in rows_in_python() {
        beside.python.call("insert", &json!({"schema": schema, "table": table, "rows": rows}));
    }
    let subjects = Subject.order_by("KEY").fetch(&dj).await.unwrap();
    assert_eq!((subjects[0].name.as_str(), subjects[0].sex), ("Ada", SubjectSex::F));
    assert_eq!(subjects[1].born, Some("2024-02-29".parse().unwrap()));
    assert_eq!(Session.order_by("KEY").fetch(&dj).await.unwrap(), sessions());
    assert_eq!(SessionTrial.order_by("KEY").fetch(&dj).await.unwrap(), trials());

    let made = beside.python.call("populate", &json!({"cls": "Total"}));
    assert_eq!(made, json!({"success_count": 4, "errors": 0}));
    assert_eq!(Total.populate(&dj).run().await.unwrap().success_count, 0, "all is made");
    let totals = Total.order_by("KEY").fetch(&dj).await.unwrap();
    assert_eq!(totals.iter().map(|row| row.total).collect::<Vec<_>>(), TOTALS);
    let joined = ((TotalShare * SessionTrial) & SessionTrial::score.gt(1.2)).count(&dj).await.unwrap();
    assert_eq!(joined, 12);

    let report = (Subject & Subject::subject_id.eq(2)).delete(&dj).confirmed().await.unwrap();
    assert_eq!(report.total(), 1 + 2 + 6 + 2 + 6, "{report}");
    for (table, rows) in [("subject", 1), ("session", 2), ("session__trial", 6), ("__total__share", 6)] {
        assert_eq!(count(beside, &schema, table), json!(rows), "{table}");
    }
}

/// Neither side deletes a part whose master stays.
pub(crate) async fn parts_are_not_deleted_without_their_masters(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    dj.activate::<Lab>().await.unwrap();
    fill_from_rust(&dj).await;
    let part = json!({"schema": schema, "table": "session__trial", "restriction": {"trial": {"int": "1"}}});
    let error = beside.python.try_call("delete", &part).unwrap_err().to_string();
    assert!(error.contains("before its master"), "{error}");
    let error =
        (SessionTrial & SessionTrial::trial.eq(1)).delete(&dj).confirmed().await.unwrap_err().to_string();
    assert!(error.contains("PartIntegrity"), "{error}");
    assert_eq!(SessionTrial.count(&dj).await.unwrap(), 12);
}

/// The two sides fill one computed table together: what one made, the other leaves.
pub(crate) async fn both_sides_populate_one_table(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    dj.activate::<Lab>().await.unwrap();
    fill_from_rust(&dj).await;
    let first = Total.populate(&dj).restrict(Subject & Subject::subject_id.eq(1)).run().await.unwrap();
    assert_eq!(first.success_count, 2);
    // For Python the tables are there already.
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let rest = beside.python.call("populate", &json!({"cls": "Total"}));
    assert_eq!(rest, json!({"success_count": 2, "errors": 0}));
    let totals = Total.order_by("KEY").fetch(&dj).await.unwrap();
    assert_eq!(totals.iter().map(|row| row.total).collect::<Vec<_>>(), TOTALS);
    assert_eq!(TotalShare.count(&dj).await.unwrap(), 12);
}

/// Defaults that Rust leaves to the database are those that Python gets, and the other way round.
pub(crate) async fn defaults_are_filled_alike_from_both_sides(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let subject = dj.table(&format!("{schema}.Subject")).await.unwrap();
    let session = dj.table(&format!("{schema}.Session")).await.unwrap();
    subject
        .insert_one(&dj, DynamicRow::new().with("subject_id", 1).unwrap().with("sex", "M").unwrap())
        .await
        .unwrap();
    let key = DynamicRow::new().with("subject_id", 1).unwrap();
    session.insert_one(&dj, key.with("session", 1).unwrap()).await.unwrap();
    let row = json!({"subject_id": {"int": "1"}, "session": {"int": "2"}});
    beside.python.call("insert", &json!({"schema": schema, "table": "session", "rows": [row]}));
    let rows = Session.order_by("KEY").fetch(&dj).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!((row.method.as_deref(), row.other, row.weight), (None, None, 20.5));
        let started = [&rows[0], row].map(|row| match row.started {
            OrDefault::Value(started) => started,
            OrDefault::Default => panic!("no time: {row:?}"),
        });
        assert!((started[1] - started[0]).num_seconds().abs() < 60, "{started:?}");
    }
    let subject = Subject.fetch_one(&dj).await.unwrap();
    assert_eq!((subject.name.as_str(), subject.born), ("", None));
}
