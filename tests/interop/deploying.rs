//! What deployments of both sides do to the same tables.

use datajoint::deploy::{Deployment, DesiredState, LockPolicy, set_replica_identity};
use datajoint_definition::{Backend, Tier};
use serde_json::json;

use crate::beside::Beside;
use crate::tables::{Side, Spec};
use crate::twins::differences;

const TABLES: [(Tier, &str, &str); 5] = [
    (Tier::Lookup, "Method", "method : varchar(8)"),
    (Tier::Manual, "Session", "session : int32\n---\nnote = \"\" : varchar(20)"),
    (Tier::Imported, "Scan", "-> Session"),
    (Tier::Computed, "Mean", "-> Scan\n-> Method\n---\nmean : float64"),
    (Tier::Part, "Mean.Top", "-> master\nn : int8"),
];

fn tables() -> Vec<Spec> {
    TABLES.iter().map(|(tier, class, definition)| Spec::new(*tier, class, definition)).collect()
}

/// The replica identity of one schema: Python's statements and ours, and what either finds after the other.
pub(crate) async fn replica_identity_is_set_as_python_sets_it(beside: &mut Beside) {
    let schema = beside.schema("identity");
    beside.declare(Side::Python, &schema, &tables()).await;
    let python = |beside: &mut Beside, mode: &str, dry_run: bool| {
        let arguments = json!({"schema": schema, "mode": mode, "dry_run": dry_run});
        beside.python.try_call("set_replica_identity", &arguments)
    };
    if beside.rust.backend() != Backend::Postgresql {
        let theirs = python(beside, "full", true).unwrap_err().to_string();
        let ours = set_replica_identity(&beside.rust, &schema, "full", true).await.unwrap_err().to_string();
        for said in ["set_replica_identity is PostgreSQL-only", "adapter does not support"] {
            assert!(theirs.contains(said) && ours.contains(said), "{theirs}\n{ours}");
        }
        return;
    }
    let theirs = python(beside, "zz", true).unwrap_err().to_string();
    let ours = set_replica_identity(&beside.rust, &schema, "zz", true).await.unwrap_err().to_string();
    for said in ["mode must be 'default'", "'full'", "got 'zz'"] {
        assert!(theirs.contains(said) && ours.contains(said), "{theirs}\n{ours}");
    }

    let sorted = |mut ddl: Vec<String>| {
        ddl.sort();
        ddl
    };
    let texts = |ddl: &serde_json::Value| -> Vec<String> {
        ddl.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let theirs = python(beside, "full", true).unwrap();
    let ours = set_replica_identity(&beside.rust, &schema, "full", true).await.unwrap();
    assert_eq!(sorted(ours.ddl()), sorted(texts(&theirs["ddl"])));
    assert_eq!(theirs["tables_analyzed"], json!(ours.tables_analyzed()));
    assert_eq!((theirs["tables_modified"].as_u64(), ours.tables_modified()), (Some(0), 0));

    // What Python has set is as wanted here, and the other way round.
    python(beside, "full", false).unwrap();
    let ours = set_replica_identity(&beside.rust, &schema, "full", true).await.unwrap();
    assert_eq!((ours.tables_analyzed(), ours.ddl().len()), (5, 0), "{ours}");
    let state = |beside: &mut Beside| beside.python.call("replica_identities", &json!({"schema": schema}));
    let by_python = state(beside);
    set_replica_identity(&beside.rust, &schema, "default", false).await.unwrap();
    let applied = set_replica_identity(&beside.rust, &schema, "FULL", false).await.unwrap();
    assert_eq!(applied.tables_modified(), 5);
    assert_eq!(state(beside), by_python);
}

/// Hidden columns that either side adds to tables of its own are the same.
pub(crate) async fn hidden_columns_are_added_alike_from_both_sides(beside: &mut Beside) {
    let (ours, theirs) = (beside.schema("r"), beside.schema("p"));
    beside.declare(Side::Rust, &ours, &tables()).await;
    beside.declare(Side::Python, &theirs, &tables()).await;
    let wanted = DesiredState {
        schemas: Some(vec![ours.clone()]),
        provenance: true,
        job_metadata: true,
        ..DesiredState::default()
    };
    let policy = LockPolicy { busy: std::time::Duration::from_mins(1), ..LockPolicy::default() };
    let applied = Deployment::new(&beside.rust, wanted).lock_policy(policy).apply(None).await.unwrap();
    assert_eq!(applied.exit_status(), 0, "{applied}");
    let added = beside.python.call("add_hidden_columns", &json!({"schema": theirs}));
    assert_eq!(added, json!({"provenance": 1, "job_metadata": 6}));
    // The journal is a table of ours alone.
    let journal = datajoint::TableName::new(&ours, "~deploy");
    let journal = datajoint_sql::table_reference(beside.rust.backend(), &journal);
    beside.python.call("execute", &json!({"statement": format!("DROP TABLE {journal}")}));
    assert_eq!(differences(beside, &ours, &theirs, 5).await.unwrap(), Vec::<String>::new());
}
