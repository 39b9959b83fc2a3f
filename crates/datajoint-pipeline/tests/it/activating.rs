use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_pipeline::{Delete, DynamicDeclaration, Error, Insert, Instance, Relation};

use crate::lab::{self, Lab, Probe, ProbeRow, Session, Subject, SubjectRow};

#[tokio::test]
async fn activation_declares_parents_first_and_fills_lookups_once() {
    let dj = lab::embedded().await;
    let activation = dj.activate::<Lab>().await.unwrap();
    let names: Vec<&str> = activation.declared.iter().map(|name| name.table.as_str()).collect();
    assert_eq!(names, ["subject", "session", "#probe", "__spikes", "__spikes__unit", "comparison"]);
    assert_eq!(activation.filled.len(), 1);
    assert_eq!(Probe.count(&dj).await.unwrap(), 2);

    let again = dj.activate::<Lab>().await.unwrap();
    assert!(again.is_unchanged(), "{again}");
}

#[tokio::test]
async fn a_table_is_activated_with_its_ancestors_when_it_is_used_first() {
    let dj = lab::embedded().await;
    assert_eq!(Session.count(&dj).await.unwrap(), 0);
    assert_eq!(dj.schema("lab").await.unwrap().list_tables(), ["subject", "session"]);
}

#[tokio::test]
async fn a_table_that_differs_is_reported_and_left_alone() {
    let dj = lab::embedded().await;
    dj.declare_dynamic(DynamicDeclaration {
        schema: "lab",
        class_name: "Subject",
        tier: Tier::Manual,
        master: None,
        definition: "subject : int32\n---\nsex = 'U' : enum('M', 'F', 'U')\nborn = null : date\nextra = null : int32",
    })
    .await
    .unwrap();
    let activation =
        dj.activate_specs(&[<Subject as datajoint_pipeline::typed::Table>::spec()]).await.unwrap();
    assert!(activation.declared.is_empty());
    let report = activation.to_string();
    assert!(report.contains("lab.subject differs") && report.contains("extra"), "{report}");
}

#[tokio::test]
async fn nothing_is_declared_where_the_settings_forbid_it() {
    let mut settings = Settings::from_url("sqlite::memory:").unwrap();
    settings.database.create_tables = false;
    let dj = Instance::connect(settings).await.unwrap();
    let error = dj.activate::<Lab>().await.unwrap_err();
    assert!(matches!(&error, Error::NotDeclared { tables, .. } if tables.len() == 6), "{error}");
    let text = error.to_string();
    assert!(text.contains("lab.subject") && text.contains("from the program"), "{text}");
    // Nothing is left behind by the attempt, and no other way of use declares either.
    assert_eq!(dj.list_schemas().await.unwrap(), [""; 0]);
    let row = SubjectRow { subject: 1, sex: "M".into(), born: None };
    assert!(matches!(Subject.insert_one(&dj, row).await.unwrap_err(), Error::NotDeclared { .. }));
    assert!(matches!(Subject.count(&dj).await.unwrap_err(), Error::NotDeclared { .. }));
    assert!(dj.with_create_tables(["other"]).activate::<Lab>().await.is_err());
    assert_eq!(dj.list_schemas().await.unwrap(), [""; 0]);
    // One schema may be excepted.
    let _ = dj.with_create_tables(["lab"]).activate::<Lab>().await.unwrap();
    let activation = dj.activate::<Lab>().await.unwrap();
    assert!(activation.is_unchanged(), "{activation}");
}

#[tokio::test]
async fn the_prefix_of_the_settings_stands_before_every_schema_once() {
    let mut settings = Settings::from_url("sqlite::memory:").unwrap();
    settings.database.database_prefix = "project_".to_owned();
    let dj = Instance::connect(settings).await.unwrap();
    dj.activate::<Lab>().await.unwrap();
    assert_eq!(dj.list_schemas().await.unwrap(), ["project_lab"]);
    assert_eq!(
        (dj.schema_name("lab"), dj.schema_name("project_lab")),
        ("project_lab".into(), "project_lab".into())
    );
    for table in dj.schema("project_lab").await.unwrap().tables() {
        assert!(table.table().foreign_keys.iter().all(|key| key.parent.schema == "project_lab"));
    }
}

#[tokio::test]
async fn contents_that_are_missing_are_inserted_though_the_table_has_other_rows() {
    let dj = lab::embedded().await;
    dj.activate::<Lab>().await.unwrap();
    let all = Probe.fetch(&dj).await.unwrap();
    let gone = all[0].clone();
    (Probe & [("probe", gone.probe.as_str())]).delete(&dj).confirmed().await.unwrap();
    Probe.insert_one(&dj, ProbeRow { probe: "of our own".into(), channels: 1 }).await.unwrap();
    // Another program.
    let dj = dj.with_schema_prefix("");
    let activation = dj.activate::<Lab>().await.unwrap();
    assert_eq!(activation.filled.len(), 1, "{activation}");
    let rows = Probe.fetch(&dj).await.unwrap();
    assert!(rows.len() == all.len() + 1 && rows.contains(&gone), "{rows:?}");
    assert!(dj.with_schema_prefix("").activate::<Lab>().await.unwrap().is_unchanged());
}

#[tokio::test]
async fn a_prefix_of_a_sandbox_always_stands_before_the_name() {
    let dj = lab::embedded().await;
    assert_eq!(dj.with_schema_prefix("l").schema_name("lab"), "llab");
}

#[tokio::test]
async fn nothing_is_declared_within_a_transaction() {
    let dj = lab::embedded().await;
    let mut transaction = dj.begin().await.unwrap();
    let row = SubjectRow { subject: 1, sex: "M".into(), born: None };
    let error = Subject.insert_one(&mut transaction, row).await.unwrap_err();
    assert!(matches!(error, Error::DeclareInTransaction { .. }), "{error}");
}
