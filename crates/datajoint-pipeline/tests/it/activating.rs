use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_pipeline::{DynamicDeclaration, Error, Insert, Instance, Relation};

use crate::lab::{self, Lab, Probe, Session, Subject, SubjectRow};

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
    assert!(matches!(&error, Error::NotDeclared { tables } if tables.len() == 6), "{error}");
}

#[tokio::test]
async fn nothing_is_declared_within_a_transaction() {
    let dj = lab::embedded().await;
    let mut transaction = dj.begin().await.unwrap();
    let row = SubjectRow { subject: 1, sex: "M".into(), born: None };
    let error = Subject.insert1(&mut transaction, row).await.unwrap_err();
    assert!(matches!(error, Error::DeclareInTransaction { .. }), "{error}");
}
