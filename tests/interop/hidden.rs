//! Columns and tables that are kept from users.

use datajoint::prelude::*;
use datajoint_definition::Tier;
use serde_json::json;

use crate::beside::Beside;
use crate::lab::{Lab, Session, Total, fill_from_rust, lab_in_python, sessions};
use crate::tables::{Side, Spec, declare_in_rust};
use crate::twins::differences;

/// The columns that tell how a row was made, as declared by both sides and filled by Rust.
pub(crate) async fn job_metadata_is_the_same_from_both_sides(beside: &mut Beside) {
    let (ours, theirs) = (beside.schema("r"), beside.schema("p"));
    let mut settings = beside.rust.settings().clone();
    settings.jobs.add_job_metadata = true;
    let dj = Instance::connect(settings).await.unwrap();
    beside.python.call("configure", &json!({"name": "jobs.add_job_metadata", "value": true}));
    let tables = [
        Spec::new(Tier::Manual, "Session", "session : int32"),
        Spec::new(Tier::Imported, "Scan", "-> Session"),
        Spec::new(Tier::Computed, "Mean", "-> Scan\n---\nmean : float64"),
        Spec::new(Tier::Part, "Mean.Top", "-> master\nn : int8"),
    ];
    declare_in_rust(&dj, &ours, &tables).await.unwrap();
    beside.declare(Side::Python, &theirs, &tables).await;
    assert_eq!(differences(beside, &ours, &theirs, 4).await.unwrap(), Vec::<String>::new());
    let catalog = beside.python.call("catalog", &json!({"schema": ours})).to_string();
    assert_eq!(catalog.matches("code version").count(), 2, "{catalog}");
}

/// Rust fills the hidden columns of a table that Python declared with them.
pub(crate) async fn rust_fills_the_job_metadata_of_a_table_of_python(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    beside.python.call("configure", &json!({"name": "jobs.add_job_metadata", "value": true}));
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    fill_from_rust(&dj).await;
    assert_eq!(Total.populate(&dj).run().await.unwrap().success_count, 4);
    let columns = ["_job_start_time", "_job_duration", "_job_version"];
    let hidden =
        beside.python.call("hidden", &json!({"schema": schema, "table": "__total", "columns": columns}));
    for row in hidden.as_array().unwrap() {
        assert!(row[0]["datetime"].is_string() && row[1]["float"].is_string(), "{row}");
        assert!(row[2]["str"].is_string(), "{row}");
    }
    assert_eq!(hidden.as_array().map(Vec::len), Some(4));
}

/// A table of Python that keeps where its rows came from is used by Rust without that column.
pub(crate) async fn rust_leaves_the_provenance_of_python_alone(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    beside.python.call("configure", &json!({"name": "provenance.capture", "value": true}));
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let catalog = beside.python.call("catalog", &json!({"schema": schema})).to_string();
    assert_eq!(catalog.matches("extrinsic provenance").count(), 2, "{catalog}");
    let activation = dj.activate::<Lab>().await.unwrap();
    assert!(activation.is_unchanged(), "{activation}");
    fill_from_rust(&dj).await;
    assert_eq!(Session.order_by("KEY").fetch(&dj).await.unwrap(), sessions());
    let found = dj.table(&format!("{schema}.Session")).await.unwrap();
    let row = found.fetch(&dj).await.unwrap().remove(0);
    assert!(row.value("_prov").is_err(), "{row}");
}

/// The jobs that Python keeps for a table of Rust are no table of the schema, and go with their table.
pub(crate) async fn jobs_of_python_go_with_a_table_of_rust(beside: &mut Beside) {
    let (schema, dj) = (beside.schema("lab"), beside.typed("lab"));
    dj.activate::<Lab>().await.unwrap();
    fill_from_rust(&dj).await;
    beside.declare_in_python(&schema, &lab_in_python(), &[]).unwrap();
    let made = beside.python.call("populate", &json!({"cls": "Total", "reserve_jobs": true}));
    assert_eq!(made, json!({"success_count": 4, "errors": 0}));
    let catalog = beside.python.call("catalog", &json!({"schema": schema}));
    assert!(catalog["~~total"].is_array(), "{catalog}");
    assert_eq!(beside.open(&schema).await.list_tables().len(), 6);
    Total.drop(&dj).confirmed().await.unwrap();
    let catalog = beside.python.call("catalog", &json!({"schema": schema}));
    assert!(catalog["~~total"].is_null() && catalog["__total"].is_null(), "{catalog}");
    let lineage = beside.python.call("lineage", &json!({"schema": schema})).to_string();
    assert!(!lineage.contains("total") && lineage.contains("session__trial"), "{lineage}");
}

/// Each side drops what the other declared, and leaves nothing.
pub(crate) async fn each_side_drops_schemas_of_the_other(beside: &mut Beside) {
    let (ours, theirs) = (beside.schema("r"), beside.schema("p"));
    let tables = [
        Spec::new(Tier::Manual, "Session", "session : int32\n---\nside : enum('a', 'b')"),
        Spec::new(Tier::Computed, "Mean", "-> Session"),
        Spec::new(Tier::Part, "Mean.Top", "-> master\nn : int8"),
    ];
    beside.declare(Side::Rust, &ours, &tables).await;
    beside.declare(Side::Python, &theirs, &tables).await;
    let there = |schemas: &[String]| [&ours, &theirs].map(|schema| schemas.contains(schema));
    assert_eq!(there(&beside.rust.list_schemas().await.unwrap()), [true, true]);
    beside.python.call("drop_schema", &json!({"schema": ours}));
    assert_eq!(
        beside.rust.drop_schema(&theirs).confirmed().await.unwrap().len(),
        4,
        "three tables and lineage"
    );
    assert_eq!(there(&beside.rust.list_schemas().await.unwrap()), [false, false]);
}

/// A table that refers to itself is declared by neither.
pub(crate) async fn a_table_that_refers_to_itself_is_refused_by_both_sides(beside: &mut Beside) {
    let (ours, theirs) = (beside.schema("r"), beside.schema("p"));
    let tables =
        [Spec::new(Tier::Manual, "Node", "node : int32\n---\n-> [nullable] Node.proj(above='node')")];
    beside.declare(Side::Rust, &ours, &[Spec::new(Tier::Manual, "Other", "id : int32")]).await;
    let (rust, python) = beside.declare_on_both(&ours, &theirs, &tables).await;
    let (rust, python) = (rust.unwrap_err(), python.unwrap_err());
    assert!(rust.contains("Node") && python.contains("Node"), "{rust}\n{python}");
}
