use datajoint::{Backend, Settings};
use datajoint_deploy::{Error, Operation, State, set_replica_identity};

use crate::lab::{SERVERS, lab, labs};

#[tokio::test]
async fn every_user_table_of_a_schema_gets_it_and_no_other() {
    let Some(lab) = lab(Backend::Postgresql, "identity").await else { return };
    let plan = set_replica_identity(&lab.dj, &lab.schema, "FULL", true).await.unwrap();
    assert_eq!((plan.tables_analyzed(), plan.pending().count(), plan.tables_modified()), (5, 5, 0), "{plan}");
    let codes: Vec<&str> = plan.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"full-with-blobs"), "__spikes has one: {plan}");
    let level = lab.ask("SELECT current_setting('wal_level')").await;
    assert_eq!(codes.contains(&"wal-level"), level != "logical");
    assert_eq!(plan.ddl()[0], format!("ALTER TABLE \"{}\".\"#method\" REPLICA IDENTITY FULL", lab.schema));
    let applied = set_replica_identity(&lab.dj, &lab.schema, "full", false).await.unwrap();
    assert_eq!(applied.tables_modified(), 5);
    let hidden = "SELECT string_agg(relreplident::text, '') FROM pg_class WHERE relnamespace = '{}'::regnamespace AND relkind = 'r' AND relname LIKE '~%'";
    assert!(!lab.ask(hidden).await.contains('f'));
    let again = set_replica_identity(&lab.dj, &lab.schema, "full", false).await.unwrap();
    assert_eq!((again.tables_analyzed(), again.tables_modified(), again.ddl().len()), (5, 0, 0));
    let one = format!("{}.Subject", lab.schema);
    let applied = set_replica_identity(&lab.dj, &one, "Default", false).await.unwrap();
    assert_eq!((applied.tables_analyzed(), applied.tables_modified()), (1, 1), "{applied}");
    lab.end().await;
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_an_error_that_says_so() {
    for lab in labs(&SERVERS, "identity_errors").await {
        let ask = |target: String, mode: &'static str| {
            let dj = lab.dj.clone();
            async move { set_replica_identity(&dj, &target, mode, true).await.unwrap_err().to_string() }
        };
        let error = ask(lab.schema.clone(), "zz").await;
        assert!(error.starts_with("mode must be 'default', 'full'") && error.contains("got 'zz'"), "{error}");
        if lab.dj.backend() == Backend::Postgresql {
            let error = ask("dj_deploy_identity_error".to_owned(), "full").await;
            assert!(
                error.contains("no schema") && error.contains("is it `dj_deploy_identity_errors`?"),
                "{error}"
            );
            let error = ask(format!("{}.Subjekt", lab.schema), "full").await;
            assert!(error.contains("no table"), "{error}");
        } else {
            let error = ask(lab.schema.clone(), "full").await;
            assert!(error.contains("PostgreSQL-only") && error.contains("does not support"), "{error}");
            assert!(error.contains("binlog_row_image"), "{error}");
        }
        lab.end().await;
    }
    let dj = datajoint::Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    let error = set_replica_identity(&dj, "lab", "full", true).await.unwrap_err();
    assert!(matches!(error, Error::Unknown { .. } | Error::Unsupported { .. }), "{error}");
}

#[tokio::test]
async fn an_index_is_used_where_it_tells_rows_apart_and_a_dropped_one_is_drift() {
    let Some(lab) = lab(Backend::Postgresql, "identity_index").await else { return };
    lab.declare("Named", datajoint::Tier::Manual, "id : int32\n---\nname : varchar(8)\nalias=null : varchar(8)\nunique index (name)\nunique index (alias)", None).await;
    let text = |attributes: &str| {
        format!(
            "[replica_identity]\nmode = \"default\"\ntables = {{ \"{{}}.Named\" = \"index({attributes})\" }}"
        )
    };
    let applied = lab.converge(&text("name")).await;
    assert_eq!(applied.tables_modified(), 1, "{applied}");
    for (attributes, why) in [("alias", "may be null"), ("id, name", "no index of (id, name)")] {
        let plan = lab.deployment(&text(attributes)).plan().await.unwrap();
        let item = plan.item(Operation::ReplicaIdentity, &format!("{}.named", lab.schema)).unwrap();
        assert!(matches!(&item.state, State::Failed { message, .. } if message.contains(why)), "{plan}");
    }
    let index = lab.ask("SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = '{}.named'::regclass AND i.indisreplident").await;
    lab.run(&format!("DROP INDEX {index}")).await.unwrap();
    let plan = lab.deployment("[replica_identity]\nmode = \"default\"").plan().await.unwrap();
    let item = plan.item(Operation::ReplicaIdentity, &format!("{}.named", lab.schema)).unwrap();
    assert_eq!((item.found.as_str(), &item.state), ("an index that was dropped", &State::WouldChange));
    lab.converge("[replica_identity]\nmode = \"default\"").await;
    lab.end().await;
}

#[tokio::test]
async fn partitions_get_it_each_and_what_is_not_logged_is_passed_over() {
    let Some(lab) = lab(Backend::Postgresql, "identity_parts").await else { return };
    lab.run(
        "CREATE TABLE {}.scan (id integer PRIMARY KEY) PARTITION BY RANGE (id); \
         CREATE TABLE {}.scan_low PARTITION OF {}.scan FOR VALUES FROM (0) TO (10); \
         CREATE UNLOGGED TABLE {}.cache (id integer PRIMARY KEY)",
    )
    .await
    .unwrap();
    let applied = lab.converge("[replica_identity]\nmode = \"nothing\"").await;
    for table in ["scan", "scan_low"] {
        let item = applied.item(Operation::ReplicaIdentity, &format!("{}.{table}", lab.schema)).unwrap();
        assert_eq!(item.state, State::Changed, "{applied}");
    }
    let cache = applied.item(Operation::ReplicaIdentity, &format!("{}.cache", lab.schema)).unwrap();
    assert!(matches!(cache.state, State::Skipped { .. }));
    lab.end().await;
}

#[tokio::test]
async fn new_tables_get_it_where_that_was_asked_for() {
    let Some(lab) = lab(Backend::Postgresql, "identity_policy").await else { return };
    let identity = "SELECT relreplident::text FROM pg_class WHERE oid = '{}.later'::regclass";
    lab.converge("[replica_identity]\nmode = \"full\"").await;
    lab.declare("Later", datajoint::Tier::Manual, "id : int32", None).await;
    assert_eq!(lab.ask(identity).await, "d", "only if asked for");
    let plan = lab.deployment("[replica_identity]\nmode = \"full\"").plan().await.unwrap();
    assert_eq!(plan.pending().count(), 1, "the command converges on it: {plan}");
    lab.run("DROP TABLE {}.later").await.unwrap();
    let plan =
        lab.deployment("[replica_identity]\nmode = \"index(name)\"\nnew_tables = true").plan().await.unwrap();
    let policy = plan.item(Operation::ReplicaIdentity, &format!("new tables of {}", lab.schema)).unwrap();
    assert!(matches!(&policy.state, State::Failed { code, .. } if code == "no-such-policy"), "{plan}");

    lab.converge("[replica_identity]\nmode = \"full\"\nnew_tables = true").await;
    // What others say of the schema stays beside it.
    let stamp = datajoint::Stamp::new("lab");
    lab.dj.stamp(&[&lab.schema], Some(&stamp)).await.unwrap();
    let home = lab.dj.with_settings(|settings| settings.environment = Some("lab".to_owned()));
    let declaration = datajoint::DynamicDeclaration {
        schema: &lab.schema,
        class_name: "Later",
        tier: datajoint::Tier::Manual,
        definition: "id : int32",
        master: None,
    };
    home.declare_dynamic(declaration).await.unwrap();
    assert_eq!(lab.ask(identity).await, "f");
    home.stamp(&[&lab.schema], None).await.unwrap();
    assert_eq!(home.stamps().await.unwrap()[&lab.schema].replica_identity.as_deref(), Some("full"));
    lab.converge("[replica_identity]\nmode = \"full\"").await;
    lab.end().await;
}
