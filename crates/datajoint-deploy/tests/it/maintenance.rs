use datajoint::Backend;
use datajoint_deploy::{OperationName, State, Upkeep, maintain};

use crate::lab::{EVERY, SERVERS, lab, labs};

#[tokio::test]
async fn statistics_are_made_where_rows_changed_and_not_again() {
    for lab in labs(&EVERY, "statistics").await {
        if lab.dj.backend().is_mysql_family() {
            // The server would do it by itself, at a time of its own.
            lab.run("ALTER TABLE {}.session STATS_AUTO_RECALC = 0").await.unwrap();
        }
        if lab.dj.backend() == Backend::Postgresql {
            lab.run("ALTER TABLE {}.session SET (autovacuum_enabled = off)").await.unwrap();
        }
        lab.fill(500).await;
        lab.settle().await;
        let object = format!("{}.session", lab.schema);
        let plan = lab.deployment("maintenance = { }").plan().await.unwrap();
        let item = plan.item(OperationName::Maintenance, &object).unwrap();
        assert_eq!((item.found.as_str(), &item.state), ("old statistics", &State::WouldChange), "{plan}");
        lab.converge("maintenance = { }").await;
        lab.end().await;
    }
}

#[tokio::test]
async fn dead_rows_are_taken_away() {
    let Some(lab) = lab(Backend::Postgresql, "dead").await else { return };
    lab.fill(500).await;
    lab.settle().await;
    lab.converge("maintenance = { }").await;
    lab.run("ALTER TABLE {}.session SET (autovacuum_enabled = off)").await.unwrap();
    // Before PostgreSQL 15 a session tells with a later statement what it changed.
    let mut connection = lab.dj.database().acquire().await.unwrap();
    for sql in [format!("UPDATE {} SET note = 'x'", lab.table("session")), "SELECT 1".to_owned()] {
        connection.script(&[datajoint_sql::Statement::plain(sql)]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    }
    drop(connection);
    let object = format!("{}.session", lab.schema);
    let plan = lab.deployment("maintenance = { }").plan().await.unwrap();
    let found = &plan.item(OperationName::Maintenance, &object).unwrap().found;
    assert!(found.contains("dead rows"), "{found}");
    lab.converge("maintenance = { }").await;
    lab.end().await;
}

#[tokio::test]
async fn who_may_not_vacuum_is_told_so() {
    let Some(lab) = lab(Backend::Postgresql, "not_owner").await else { return };
    lab.fill(500).await;
    lab.settle().await;
    let _ = lab.run("DROP OWNED BY dj_deploy_guest; DROP ROLE dj_deploy_guest").await;
    lab.run(
        "CREATE ROLE dj_deploy_guest LOGIN; GRANT USAGE, CREATE ON SCHEMA {} TO dj_deploy_guest; \
             GRANT SELECT ON ALL TABLES IN SCHEMA {} TO dj_deploy_guest",
    )
    .await
    .unwrap();
    let mut settings = crate::lab::settings(Backend::Postgresql).unwrap();
    settings.database.user = Some("dj_deploy_guest".to_owned());
    let guest = datajoint::Instance::connect(settings).await.unwrap();
    let wanted = lab.wanted("maintenance = { }\n[replica_identity]\nmode = \"full\"");
    let applied = datajoint_deploy::Deployment::new(&guest, wanted)
        .lock_policy(crate::lab::waiting())
        .apply(None)
        .await
        .unwrap();
    let item = applied.item(OperationName::Maintenance, &format!("{}.session", lab.schema)).unwrap();
    assert!(matches!(&item.state, State::Skipped { reason } if reason.contains("owner")), "{applied}");
    let item = applied.item(OperationName::ReplicaIdentity, &format!("{}.session", lab.schema)).unwrap();
    assert!(
        matches!(&item.state, State::Failed { code, hint, .. } if code.as_str() == "not-owner" && hint.contains("OWNER TO") && !hint.contains("GRANT postgres")),
        "{applied}"
    );
    guest.close().await;
    lab.run("DROP OWNED BY dj_deploy_guest; DROP ROLE dj_deploy_guest").await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn indexes_that_foreign_keys_lack_are_made_with_the_names_that_declaring_gives() {
    for backend in [Backend::Postgresql, Backend::Sqlite] {
        let Some(lab) = lab(backend, "lacking").await else { continue };
        let names = match backend {
            Backend::Postgresql => {
                "SELECT string_agg(indexname, ', ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = '{}' AND tablename = '__spikes'"
            }
            _ => {
                "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'index' AND tbl_name = '{}.__spikes' AND sql IS NOT NULL"
            }
        };
        let declared = lab.ask(names).await;
        assert!(!declared.is_empty());
        let index = declared.split(", ").find(|name| name.starts_with("idx")).unwrap();
        let place = if backend == Backend::Postgresql { "{}." } else { "" };
        lab.run(&format!("DROP INDEX {place}\"{index}\"")).await.unwrap();
        lab.converge("maintenance = { }").await;
        assert_eq!(lab.ask(names).await, declared);
        lab.end().await;
    }
}

#[tokio::test]
async fn what_failed_attempts_left_is_found_and_cleaned() {
    let Some(lab) = lab(Backend::Postgresql, "leftover").await else { return };
    lab.fill(20).await;
    // The attempt fails, and leaves an index that no query uses.
    lab.run("CREATE UNIQUE INDEX CONCURRENTLY note_once ON {}.session (note)").await.unwrap_err();
    let object = format!("index {}.note_once", lab.schema);
    let applied = lab.deployment("maintenance = { }").apply(None).await.unwrap();
    let item = applied.item(OperationName::Maintenance, &object).unwrap();
    assert!(
        matches!(&item.state, State::Failed { code, .. } if code.as_str() == "23505"),
        "it can't be made: {applied}"
    );
    // The attempt to make it again left something, too.
    lab.run("DELETE FROM {}.session WHERE session > 0").await.unwrap();
    lab.converge("maintenance = { }").await;
    let indexes = lab.ask("SELECT count(*) || ' ' || count(*) FILTER (WHERE i.indisvalid) FROM pg_index i WHERE i.indrelid = '{}.session'::regclass").await;
    assert_eq!(indexes, "2 2", "the key and note_once, both valid");
    lab.end().await;
}

#[tokio::test]
async fn parameters_are_compared_as_numbers_and_profiles_set_by_tier() {
    let Some(lab) = lab(Backend::Postgresql, "parameters").await else { return };
    lab.run("CREATE TABLE {}.\"~~spikes\" (subject integer PRIMARY KEY, status text)").await.unwrap();
    let text = "[maintenance]\nautovacuum = true\nparameters = { \"{}.Subject\" = { autovacuum_vacuum_scale_factor = 0.010, \"toast.autovacuum_enabled\" = false } }";
    let applied = lab.converge(text).await;
    let options =
        "SELECT array_to_string(reloptions, ',') FROM pg_class WHERE oid = '{}.\"TABLE\"'::regclass";
    assert!(lab.ask(&options.replace("TABLE", "~~spikes")).await.contains("fillfactor=70"));
    assert!(
        lab.ask(&options.replace("TABLE", "__spikes__unit"))
            .await
            .contains("autovacuum_vacuum_insert_scale_factor=0.05")
    );
    assert!(applied.to_string().contains("autovacuum_vacuum_scale_factor"), "{applied}");
    lab.run("ALTER TABLE {}.subject SET (autovacuum_vacuum_scale_factor = 0.01)").await.unwrap();
    let plan = lab.deployment(text).plan().await.unwrap();
    assert_eq!(plan.exit_status(), 0, "{plan}");
    let wrong = "[maintenance]\nparameters = { \"{}.Subject\" = { autovacuum_vacum = 1 } }";
    let applied = lab.deployment(wrong).apply(None).await.unwrap();
    assert!(
        matches!(&applied.failed().next().unwrap().state, State::Failed { code, .. } if code.as_str() == "22023"),
        "{applied}"
    );
    lab.end().await;
}

#[tokio::test]
async fn privileges_that_were_lost_are_named_and_the_rest_is_done() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "lost").await else { continue };
        let _ = lab.run("DROP USER dj_deploy_lost@'%'").await;
        lab.run("CREATE USER dj_deploy_lost@'%'").await.unwrap();
        lab.run("GRANT SELECT, INSERT, UPDATE, CREATE ON {}.* TO dj_deploy_lost@'%'").await.unwrap();
        lab.run("GRANT ALTER ON {}.session TO dj_deploy_lost@'%'").await.unwrap();
        let mut settings = crate::lab::settings(backend).unwrap();
        settings.database.user = Some("dj_deploy_lost".to_owned());
        let poor = datajoint::Instance::connect(settings).await.unwrap();
        let deployment = datajoint_deploy::Deployment::new(&poor, lab.wanted("provenance = true"));
        let applied = deployment.lock_policy(crate::lab::waiting()).apply(None).await.unwrap();
        let state = |table: &str| {
            applied.item(OperationName::Provenance, &format!("{}.{table}", lab.schema)).unwrap().state.clone()
        };
        assert_eq!(state("session"), State::Changed, "{applied}");
        assert!(
            matches!(state("subject"), State::Failed { code, hint, .. } if code.as_str() == "1142" && hint.contains("owner")),
            "{applied}"
        );
        poor.close().await;
        lab.converge("provenance = true").await;
        lab.run("DROP USER dj_deploy_lost@'%'").await.unwrap();
        lab.end().await;
    }
}

#[tokio::test]
async fn a_table_that_went_meanwhile_is_no_reason_to_stop() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "gone_table").await else { continue };
        let deployment = lab.deployment("provenance = true");
        lab.run(&format!("DROP TABLE {}", lab.table("__spikes__unit"))).await.unwrap();
        let applied = deployment.apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        lab.end().await;
    }
}

#[tokio::test]
async fn an_index_that_could_not_be_made_is_made_once_later() {
    let Some(lab) = lab(Backend::Postgresql, "interrupted_index").await else { return };
    lab.fill(3).await;
    lab.run("DROP INDEX {}.idx___spikes_method").await.unwrap();
    let mut other = lab.dj.database().begin(datajoint_sql::Access::Write).await.unwrap();
    let sql = format!("UPDATE {} SET trace = NULL", lab.table("__spikes"));
    other.execute(&datajoint_sql::Statement::plain(sql)).await.unwrap();
    let applied = lab.deployment("maintenance = { }").apply(None).await.unwrap();
    let failed = applied.failed().next().unwrap();
    let State::Failed { code, message, .. } = &failed.state else { unreachable!() };
    assert!(code.as_str() == "55P03" && message.contains("in 1 try: held by session"), "{applied}");
    other.rollback().await.unwrap();
    lab.converge("maintenance = { }").await;
    let indexes = lab.ask("SELECT count(*) || ' ' || count(*) FILTER (WHERE i.indisvalid) FROM pg_index i WHERE i.indrelid = '{}.__spikes'::regclass").await;
    assert_eq!(indexes, "2 2", "the key, and the one index");
    lab.end().await;
}

#[tokio::test]
async fn tables_that_are_mostly_free_are_written_anew_once() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "optimize").await else { continue };
        lab.run("CREATE TABLE {}.big (id int PRIMARY KEY, filler longblob)").await.unwrap();
        // 130 MiB that are free again.
        lab.run("INSERT INTO {}.big SELECT n, repeat('x', 1048576) FROM (WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 130) SELECT n FROM c) AS all_of_them").await.unwrap();
        lab.run("DELETE FROM {}.big").await.unwrap();
        let text = "maintenance = { optimize = true }";
        let mut found = String::new();
        for _ in 0..200 {
            // What was deleted is taken away by and by.
            let plan = lab.deployment(text).plan().await.unwrap();
            found.clone_from(
                &plan.item(OperationName::Maintenance, &format!("{}.big", lab.schema)).unwrap().found,
            );
            if found == "much is free" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(found, "much is free");
        lab.converge(text).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn tables_are_vacuumed_analyzed_and_reindexed_when_somebody_asks() {
    for lab in labs(&EVERY, "asked").await {
        lab.fill(20).await;
        for upkeep in [Upkeep::Vacuum, Upkeep::Analyze, Upkeep::Reindex] {
            let planned = maintain(&lab.dj, &lab.schema, upkeep, true).await.unwrap();
            assert!(planned.pending().count() > 0 && planned.tables_modified() == 0, "{planned}");
            for _ in 0..2 {
                let done = maintain(&lab.dj, &lab.schema, upkeep, false).await.unwrap();
                assert_eq!(done.exit_status(), 0, "{done}");
                // The journal of deploys comes to be on the way.
                assert!(done.tables_modified() >= planned.pending().count(), "{done}");
            }
        }
        let one = format!("{}.Session", lab.schema);
        let done = maintain(&lab.dj, &one, Upkeep::Analyze, false).await.unwrap();
        assert_eq!((done.tables_modified(), done.ddl().len()), (1, 1), "{done}");
        lab.end().await;
    }
}

#[tokio::test]
async fn partitioned_tables_are_analyzed_and_their_partitions_get_parameters() {
    let Some(lab) = lab(Backend::Postgresql, "parted").await else { return };
    lab.run(
        "CREATE TABLE {}.scan (id integer PRIMARY KEY) PARTITION BY RANGE (id); \
         CREATE TABLE {}.scan_low PARTITION OF {}.scan FOR VALUES FROM (0) TO (1000)",
    )
    .await
    .unwrap();
    lab.run("INSERT INTO {}.scan SELECT generate_series(0, 999)").await.unwrap();
    lab.settle().await;
    let text = "[maintenance]\nparameters = { \"{}.scan\" = { autovacuum_analyze_scale_factor = 0.02 } }";
    let applied = lab.converge(text).await;
    let analyzed = format!("ANALYZE \"{}\".\"scan\"", lab.schema);
    assert!(applied.ddl().contains(&analyzed), "{applied}");
    let item =
        applied.item(OperationName::Maintenance, &format!("parameters of {}.scan_low", lab.schema)).unwrap();
    assert_eq!(item.state, State::Changed, "{applied}");
    lab.end().await;
}
