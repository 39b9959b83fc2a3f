use datajoint::{Backend, Settings};
use datajoint_deploy::{Error, OperationName, PlanError, State, set_replica_identity};
use datajoint_guard::FindingCode;

use crate::lab::{SERVERS, lab, labs};

#[tokio::test]
async fn every_user_table_of_a_schema_gets_it_and_no_other() {
    let Some(lab) = lab(Backend::Postgresql, "identity").await else { return };
    let plan = set_replica_identity(&lab.dj, &lab.schema, "FULL", true).await.unwrap();
    assert_eq!((plan.tables_analyzed(), plan.pending().count(), plan.tables_modified()), (5, 5, 0), "{plan}");
    let codes: Vec<FindingCode> = plan.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&FindingCode::FullWithBlobs), "__spikes has one: {plan}");
    let level = lab.ask("SELECT current_setting('wal_level')").await;
    assert_eq!(codes.contains(&FindingCode::WalLevel), level != "logical");
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
    assert!(matches!(error, Error::Plan(PlanError::Unknown { .. }) | Error::Unsupported { .. }), "{error}");
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
        let item = plan.item(OperationName::ReplicaIdentity, &format!("{}.named", lab.schema)).unwrap();
        assert!(matches!(&item.state, State::Failed { message, .. } if message.contains(why)), "{plan}");
    }
    let index = lab.ask("SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = '{}.named'::regclass AND i.indisreplident").await;
    lab.run(&format!("DROP INDEX {index}")).await.unwrap();
    let plan = lab.deployment("[replica_identity]\nmode = \"default\"").plan().await.unwrap();
    let item = plan.item(OperationName::ReplicaIdentity, &format!("{}.named", lab.schema)).unwrap();
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
        let item = applied.item(OperationName::ReplicaIdentity, &format!("{}.{table}", lab.schema)).unwrap();
        assert_eq!(item.state, State::Changed, "{applied}");
    }
    let cache = applied.item(OperationName::ReplicaIdentity, &format!("{}.cache", lab.schema)).unwrap();
    assert!(matches!(cache.state, State::Skipped { .. }));
    lab.end().await;
}

#[tokio::test]
async fn without_a_mode_the_tables_that_are_named_change_alone() {
    let Some(lab) = lab(Backend::Postgresql, "identity_named").await else { return };
    let identities = "SELECT string_agg(relname || ' ' || relreplident::text, ', ' ORDER BY relname) FROM pg_class \
                      WHERE relnamespace = '{}'::regnamespace AND relkind = 'r' AND relreplident <> 'd'";
    let applied = lab
        .converge("[replica_identity]\ntables = { \"{}.Subject\" = \"nothing\" }\nnew_tables = true")
        .await;
    let objects: Vec<&str> = applied.items.iter().map(|item| item.object.as_str()).collect();
    assert_eq!(objects, [format!("{}.subject", lab.schema), format!("new tables of {}", lab.schema)]);
    lab.declare("Later", datajoint::Tier::Manual, "id : int32", None).await;
    assert_eq!(lab.ask(identities).await, "later f, subject n");
    lab.converge("[replica_identity]\ntables = { \"{}.Session\" = \"full\" }").await;
    assert_eq!(lab.ask(identities).await, "later f, session f, subject n");
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
    let policy = plan.item(OperationName::ReplicaIdentity, &format!("new tables of {}", lab.schema)).unwrap();
    assert!(
        matches!(&policy.state, State::Failed { code, .. } if code.as_str() == "no-such-policy"),
        "{plan}"
    );

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
    // One schema, one call: the policy is nothing to it, and neither is it counted.
    let again = set_replica_identity(&home, &lab.schema, "full", false).await.unwrap();
    assert_eq!((again.tables_modified(), again.ddl().len()), (0, 0), "{again}");
    assert!(again.items.iter().all(|item| item.table.is_some()), "{again}");
    lab.converge("[replica_identity]\nmode = \"full\"").await;
    assert_eq!(home.stamps().await.unwrap()[&lab.schema].replica_identity.as_deref(), Some("full"));
    lab.converge("[replica_identity]\nmode = \"full\"\nnew_tables = false").await;
    let left = home.stamps().await.unwrap().remove(&lab.schema);
    assert_eq!(left.and_then(|stamp| stamp.replica_identity), None);
    lab.end().await;
}

/// What is written in place of `schema!` and `#[table]` is the same: a type is a target.
mod identity_typed {
    use datajoint::prelude::*;
    schema!("dj_deploy_identity_touch");

    #[table(Manual)]
    /// subject : int32
    /// ---
    /// name    : varchar(20)
    #[derive(Debug)]
    pub struct Subject;
}

#[tokio::test]
async fn no_trigger_fires_and_the_target_may_be_a_type() {
    let Some(lab) = lab(Backend::Postgresql, "identity_touch").await else { return };
    // A schema that holds a function is not dropped with its tables.
    let drop = "DROP FUNCTION IF EXISTS {}.never() CASCADE";
    lab.run(drop).await.unwrap();
    lab.run(
        "CREATE FUNCTION {}.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''touched''; END'; \
         CREATE TRIGGER never BEFORE UPDATE OR DELETE ON {}.subject FOR EACH STATEMENT EXECUTE FUNCTION {}.never()",
    )
    .await
    .unwrap();
    let applied = set_replica_identity(&lab.dj, identity_typed::Subject, "full", false).await.unwrap();
    assert_eq!((applied.exit_status(), applied.tables_modified()), (0, 1), "{applied}");
    assert_eq!(applied.ddl(), [format!("ALTER TABLE \"{}\".\"subject\" REPLICA IDENTITY FULL", lab.schema)]);
    let schema = lab.dj.schema(&lab.schema).await.unwrap();
    let plan = set_replica_identity(&lab.dj, &schema, "full", true).await.unwrap();
    assert_eq!((plan.tables_analyzed(), plan.pending().count()), (5, 4), "{plan}");
    let table = schema.table("Session").unwrap();
    let plan = set_replica_identity(&lab.dj, &table, "full", true).await.unwrap();
    assert_eq!(plan.tables_analyzed(), 1, "{plan}");
    lab.run(drop).await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn what_a_publication_makes_the_server_refuse_is_told_by_the_plan() {
    let Some(lab) = lab(Backend::Postgresql, "identity_refused").await else { return };
    let _ = lab.run("DROP PUBLICATION dj_deploy_identity_refused").await;
    let filter = if lab.is_from(15) { " WHERE (note IS NULL)" } else { "" };
    lab.run(&format!(
        "ALTER TABLE {{}}.session REPLICA IDENTITY FULL; CREATE PUBLICATION dj_deploy_identity_refused \
         FOR TABLE {{}}.session{filter}, {{}}.subject"
    ))
    .await
    .unwrap();
    let plan = set_replica_identity(&lab.dj, &lab.schema, "nothing", true).await.unwrap();
    let codes = |plan: &datajoint_deploy::Plan| {
        plan.failed().map(|item| format!("{} {:?}", item.object, item.state)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(plan.failed().count(), 2, "{plan}");
    assert!(codes(&plan).contains("55000"), "{plan}");
    let plan = set_replica_identity(&lab.dj, &lab.schema, "default", true).await.unwrap();
    if lab.is_from(15) {
        assert!(codes(&plan).contains("42P10") && codes(&plan).contains("reads note"), "{plan}");
    }
    // The rest is done, and what is told is what the server says.
    let applied = set_replica_identity(&lab.dj, &lab.schema, "default", false).await.unwrap();
    assert_eq!(applied.tables_modified(), 0, "{applied}");
    lab.run("ALTER TABLE {}.session REPLICA IDENTITY DEFAULT").await.unwrap();
    let refused = lab.run("UPDATE {}.session SET note = 'x' WHERE false").await;
    assert_eq!(refused.is_err(), lab.is_from(15));
    lab.run("DROP PUBLICATION dj_deploy_identity_refused").await.unwrap();
    lab.end().await;
}
