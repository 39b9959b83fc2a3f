//! The same on the servers that the environment names.

use datajoint_config::Settings;
use datajoint_pipeline::{Error, Insert, Instance, Relation};

use crate::lab::{Lab, Session, SessionKey, Subject, SubjectRow};

#[cfg(any(feature = "mysql", feature = "postgres"))]
#[expect(clippy::disallowed_methods, reason = "which servers there are is no setting of the library")]
async fn server(variable: &str) -> Option<Instance> {
    let url = std::env::var(variable).ok()?;
    Some(Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap())
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
async fn exercise_on(variable: &str) {
    let Some(dj) = server(variable).await else { return };
    let schema = format!("pipeline_it_{}", std::process::id());
    // It may be left from an earlier run.
    let _ = dj.drop_schema(&schema).confirmed().await;
    crate::dynamic::exercise(&dj, &schema).await;
    let name = variable.to_ascii_lowercase();
    declare_at_once(&async || server(variable).await, &format!("{name}_{}_", std::process::id())).await;
}

/// Many clients declare the same tables at the same time; all of them find every table, and write to it.
async fn declare_at_once(client: &impl AsyncFn() -> Option<Instance>, prefix: &str) {
    for round in 0..3 {
        let mut clients = Vec::new();
        for _ in 0..8 {
            clients.push(client().await.unwrap().with_schema_prefix(format!("{prefix}{round}_")));
        }
        let running: Vec<_> = clients
            .iter()
            .map(|client| {
                let client = client.clone();
                tokio::spawn(async move { client.activate::<Lab>().await })
            })
            .collect();
        let mut declared = 0;
        for client in running {
            let activation = client.await.unwrap().unwrap();
            assert!(activation.different.is_empty(), "{activation}");
            declared += activation.declared.len();
        }
        assert_eq!(declared, 6);
        let dj = &clients[0];
        Subject.insert_one(dj, SubjectRow { subject: 1, sex: "F".into(), born: None }).await.unwrap();
        Session.insert(dj, (1..=500).map(|number| crate::lab::session(1, number))).await.unwrap();
        let row = (Session & SessionKey { subject: 1, session: 7 }).fetch_one(&clients[1]).await.unwrap();
        assert_eq!(row, crate::lab::session(1, 7));
        assert_eq!(((Subject * Session) & Session::session.le(3)).count(dj).await.unwrap(), 3);
        let mut transaction = dj.begin().await.unwrap();
        let error = Session.insert_one(&mut transaction, crate::lab::session(2, 1)).await.unwrap_err();
        assert!(
            matches!(&error, Error::MissingParent { key, .. } if key.to_string() == "subject = 2"),
            "{error}"
        );
        drop(transaction);
        dj.drop_schema(&dj.schema_name("lab")).confirmed().await.unwrap();
    }
}

#[tokio::test]
async fn clients_of_one_file_declare_at_once() {
    let path = std::env::temp_dir().join(format!("datajoint_pipeline_it_{}.sqlite", std::process::id()));
    let client = async || Some(Instance::connect(Settings::embedded(&path)).await.unwrap());
    declare_at_once(&client, "").await;
    std::fs::remove_file(path).unwrap();
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn dynamic_tables_work_on_postgresql() {
    exercise_on("DJ_TEST_POSTGRES_URL").await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn dynamic_tables_work_on_mariadb() {
    exercise_on("DJ_TEST_MARIADB_URL").await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn dynamic_tables_work_on_mysql() {
    exercise_on("DJ_TEST_MYSQL_URL").await;
}
