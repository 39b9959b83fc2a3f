//! Schemas of one side below those of the other.

use datajoint::Value;
use datajoint::prelude::*;
use datajoint_definition::Tier;
use serde_json::json;

use crate::beside::Beside;
use crate::lab::{Lab, Subject, fill_from_rust, lab_in_python};
use crate::tables::{Side, Spec};
use crate::wire::float;

const MAKE_MEAN: &str = "
def make(self, key):
    scores = (Session.Trial & key).to_arrays('score')
    self.insert1(dict(key, mean=float(np.mean(scores)), scores=scores))
    self.Top.insert1(dict(key, trial=int(np.argmax(scores)) + 1))
";

/// A table that Python computes in a schema of its own from tables of Rust; Rust reads it, and deletes through it.
pub(crate) async fn python_populates_below_tables_of_rust(beside: &mut Beside) {
    let (above, below, dj) = (beside.schema("lab"), beside.schema("below"), beside.typed("lab"));
    dj.activate::<Lab>().await.unwrap();
    fill_from_rust(&dj).await;
    let mut mean = Spec::new(Tier::Computed, "Mean", "-> Session\n---\nmean : float64\nscores : <blob>");
    mean.make = Some(MAKE_MEAN);
    let top = Spec::new(Tier::Part, "Mean.Top", "-> master\n---\n-> [unique] Session.Trial");
    beside.declare_in_python(&below, &[mean, top], &[&above]).unwrap();
    let made = beside.python.call("populate", &json!({"cls": "Mean"}));
    assert_eq!(made, json!({"success_count": 4, "errors": 0}));

    let mean = dj.table(&format!("{below}.Mean")).await.unwrap();
    assert_eq!(mean.table().foreign_keys[0].parent.to_string(), format!("{above}.session"));
    let rows = (&mean & Subject).order_by("KEY").fetch(&dj).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].value("mean").unwrap(), &Value::Float64(1.0));
    assert_eq!(rows[0].blob::<Vec<f64>>("scores").unwrap(), [0.5, 1.0, 1.5]);
    let top = dj.table(&format!("{below}.Mean.Top")).await.unwrap();
    assert_eq!(top.column_as::<i16>(&dj, "trial").await.unwrap(), [3; 4]);

    let report = (Subject & Subject::subject_id.eq(1)).delete(&dj).confirmed().await.unwrap();
    // A session of the other subject refers to this one too.
    assert_eq!(report.total(), 1 + 3 + 9 + 3 + 3, "{report}");
    assert_eq!(beside.python.call("count", &json!({"schema": below, "table": "__mean"})), json!(1));
    assert_eq!(beside.python.call("count", &json!({"schema": below, "table": "__mean__top"})), json!(1));
}

/// A table that Rust declares in a schema of its own below tables of Python; Python deletes through it.
pub(crate) async fn rust_fills_below_tables_of_python(beside: &mut Beside) {
    let (above, below, dj) = (beside.schema("lab"), beside.schema("below"), beside.typed("lab"));
    beside.declare_in_python(&above, &lab_in_python(), &[]).unwrap();
    fill_from_rust(&dj).await;
    let definition = format!(
        "-> {above}.Session\n---\n-> [nullable] {above}.Session.Trial.proj(best='trial')\nv : float64"
    );
    beside.declare(Side::Rust, &below, &[Spec::new(Tier::Manual, "Remark", &definition)]).await;
    let remark = dj.table(&format!("{below}.Remark")).await.unwrap();
    let row = |subject: i32, best: Option<i16>| {
        let row = DynamicRow::new().with("subject_id", subject).and_then(|row| row.with("session", 1));
        row.and_then(|row| row.with("best", best)).and_then(|row| row.with("v", 0.5)).unwrap()
    };
    remark.insert(&dj, [row(1, None), row(2, Some(3))]).await.unwrap();
    let fetched = beside.python.call("fetch", &json!({"schema": below, "table": "remark"}));
    assert_eq!(fetched[1]["best"], json!({"int": "3"}));
    assert_eq!(fetched[1]["v"], float(0.5));
    let view = beside.python.call("tables", &json!({"schema": below}));
    let lineage: Vec<_> = view["remark"]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| attribute["lineage"].clone())
        .collect();
    let expected = [
        json!(format!("{above}.subject.subject_id")),
        json!(format!("{above}.session.session")),
        json!(format!("{above}.session__trial.trial")),
        json!(null),
    ];
    assert_eq!(lineage, expected);

    let restriction = json!({"subject_id": {"int": "2"}});
    beside.python.call("delete", &json!({"schema": above, "table": "subject", "restriction": restriction}));
    assert_eq!(remark.count(&dj).await.unwrap(), 1);
}

/// Tables are joined by what they mean, whichever side declared them; what means different things is refused.
pub(crate) async fn both_sides_join_by_lineage(beside: &mut Beside) {
    let (ours, theirs) = (beside.schema("r"), beside.schema("p"));
    let unlike = Spec::new(Tier::Manual, "Unlike", "a : int32");
    let parent = Spec::new(Tier::Manual, "Parent", "a : int32");
    beside.declare(Side::Rust, &ours, &[parent]).await;
    let child = Spec::new(Tier::Manual, "Child", "-> Parent\nb : int8");
    beside.declare_in_python(&theirs, &[child, unlike], &[&ours]).unwrap();
    let mut insert = |schema: &str, table: &str, row: serde_json::Value| {
        beside.python.call("insert", &json!({"schema": schema, "table": table, "rows": [row]}));
    };
    insert(&ours, "parent", json!({"a": {"int": "1"}}));
    insert(&ours, "parent", json!({"a": {"int": "2"}}));
    insert(&theirs, "child", json!({"a": {"int": "2"}, "b": {"int": "1"}}));
    insert(&theirs, "unlike", json!({"a": {"int": "2"}}));

    let dj = beside.rust.clone();
    let parent = beside.open(&ours).await.table("Parent").unwrap();
    let found = beside.open(&theirs).await;
    let (child, unlike) = (found.table("Child").unwrap(), found.table("Unlike").unwrap());
    assert_eq!((&parent * &child).count(&dj).await.unwrap(), 1);
    assert_eq!((&parent - &child).count(&dj).await.unwrap(), 1);
    let error = (&parent * &unlike).count(&dj).await.unwrap_err().to_string();
    assert!(error.contains('a'), "{error}");
    let pair = |table: &str| json!({"left": [ours, "parent"], "right": [theirs, table]});
    assert_eq!(beside.python.call("join", &pair("child")), json!(1));
    let error = beside.python.try_call("join", &pair("unlike")).unwrap_err().to_string();
    assert!(error.contains("different lineages"), "{error}");
}
