use datajoint::{Backend, Instance, Settings};
use datajoint_deploy::{Deployment, DesiredState, OperationName, State};
use datajoint_guard::FindingCode;

use crate::lab::{Lab, lab, settings, waiting};

async fn publications(name: &str) -> Option<Lab> {
    let lab = lab(Backend::Postgresql, name).await?;
    lab.run(&format!("DROP PUBLICATION IF EXISTS dj_deploy_{name}")).await.unwrap();
    Some(lab)
}

async fn end(lab: Lab, name: &str) {
    lab.run(&format!("DROP PUBLICATION IF EXISTS dj_deploy_{name}")).await.unwrap();
    lab.end().await;
}

/// What the server says that a publication has.
async fn members(lab: &Lab, name: &str) -> String {
    let rows = if lab.is_from(15) { "rowfilter" } else { "NULL" };
    lab.ask(&format!(
        "SELECT string_agg(tablename || coalesce(' where ' || {rows}, ''), ', ' ORDER BY tablename) \
         FROM pg_publication_tables WHERE pubname = 'dj_deploy_{name}'"
    ))
    .await
}

#[tokio::test]
async fn members_are_chosen_by_tier_and_table_and_changed_one_by_one() {
    let Some(lab) = publications("members").await else { return };
    lab.converge("[publication.dj_deploy_members]\ntiers = [\"manual\", \"computed\"]").await;
    assert_eq!(members(&lab, "members").await, "__spikes, session, subject");
    let text = "[publication.dj_deploy_members]\nexcept = [\"{}.Session\"]";
    let plan = lab.deployment(text).plan().await.unwrap();
    let name = |table: &str| format!("\"{}\".\"{table}\"", lab.schema);
    assert_eq!(
        plan.ddl(),
        [
            format!("ALTER PUBLICATION \"dj_deploy_members\" DROP TABLE {}", name("session")),
            format!(
                "ALTER PUBLICATION \"dj_deploy_members\" ADD TABLE {}, {}",
                name("#method"),
                name("__spikes__unit")
            ),
        ]
    );
    lab.converge(text).await;
    assert_eq!(members(&lab, "members").await, "#method, __spikes, __spikes__unit, subject");
    let text = "[publication.dj_deploy_members]\ntables = [\"{}.SpikesUnit\"]\npublish = [\"insert\"]\nvia_root = true";
    lab.converge(text).await;
    assert_eq!(members(&lab, "members").await, "__spikes__unit");
    end(lab, "members").await;
}

#[tokio::test]
async fn conditions_and_columns_are_kept_and_noticed_when_others_change_them() {
    let Some(lab) = publications("rows").await else { return };
    if !lab.is_from(15) {
        return end(lab, "rows").await;
    }
    let text = |condition: &str| {
        format!(
            "[publication.dj_deploy_rows]\ntables = [\"{{}}.Session\", \"{{}}.Subject\"]\n\
             rows = {{ \"{{}}.Session\" = \"{condition}\" }}\ncolumns = {{ \"{{}}.Subject\" = [\"subject\"] }}"
        )
    };
    // Forms that the server writes in another way: nothing is left to do all the same.
    for condition in ["session > 0", "session IN (1, 2) AND subject BETWEEN 1 AND 9", "session > 0"] {
        let applied = lab.converge(&text(condition)).await;
        assert_eq!(applied.tables_modified(), 1, "{applied}");
    }
    assert_eq!(members(&lab, "rows").await, "session where (session > 0), subject");
    lab.run(
        "ALTER PUBLICATION dj_deploy_rows SET TABLE {}.session WHERE (session > 5), {}.subject (subject)",
    )
    .await
    .unwrap();
    let applied = lab.converge(&text("session > 0")).await;
    assert_eq!(applied.tables_modified(), 1);
    assert!(!applied.ddl().join(";").contains("subject\" ("), "what did not change stays: {applied}");
    end(lab, "rows").await;
}

#[tokio::test]
async fn what_would_make_writes_of_users_fail_is_refused_and_they_go_on() {
    let Some(lab) = publications("refused").await else { return };
    if !lab.is_from(15) {
        return end(lab, "refused").await;
    }
    lab.fill(3).await;
    let update = "UPDATE {}.session SET note = 'second' WHERE session = 1";
    for (text, code) in [
        ("rows = { \"{}.Session\" = \"kind = 'a'\" }", "filter-outside-identity"),
        ("columns = { \"{}.Session\" = [\"subject\", \"note\"] }", "columns-without-identity"),
        ("columns = { \"{}.Session\" = [\"subject\", \"sesion\"] }", "no-such-column"),
        (
            "publish = [\"INSERT\", \"UPDATE\"]\nrows = { \"{}.Session\" = \"KIND = 'a'\" }",
            "filter-outside-identity",
        ),
    ] {
        let text = format!("[publication.dj_deploy_refused]\ntables = [\"{{}}.Session\"]\n{text}");
        let applied = lab.deployment(&text).apply(None).await.unwrap();
        let item = applied.item(OperationName::Publication, "publication dj_deploy_refused").unwrap();
        assert!(
            matches!(&item.state, State::Failed { code: found, .. } if found.as_str() == code),
            "{code}: {applied}"
        );
        lab.run(update).await.unwrap();
    }
    // The same condition is fine with the whole old row, which the same deployment sees to.
    for filter in
        ["kind = 'a'", "subject > 0", "session = 1 OR kind IS NULL", "lower(kind) = 'a' OR session = 1"]
    {
        let text = format!(
            "[replica_identity]\nmode = \"full\"\n[publication.dj_deploy_refused]\ntables = [\"{{}}.Session\"]\n\
             rows = {{ \"{{}}.Session\" = \"{filter}\" }}"
        );
        lab.converge(&text).await;
        lab.run(update).await.unwrap();
        lab.run("DELETE FROM {}.session WHERE session = 2").await.unwrap();
    }
    lab.run("DROP PUBLICATION dj_deploy_refused").await.unwrap();
    lab.converge("[replica_identity]\nmode = \"nothing\"").await;
    let plan = lab.deployment("[publication.dj_deploy_refused]").plan().await.unwrap();
    let failed = plan.failed().next().unwrap();
    assert!(matches!(&failed.state, State::Failed { code, .. } if code.as_str() == "no-identity"), "{plan}");
    end(lab, "refused").await;
}

#[tokio::test]
async fn an_older_server_has_no_conditions() {
    let Some(lab) = publications("older").await else { return };
    let text = "[publication.dj_deploy_older]\nrows = { \"{}.Session\" = \"session > 0\" }";
    let plan = lab.deployment(text).plan().await.unwrap();
    let is_refused = plan
        .failed()
        .any(|item| matches!(&item.state, State::Failed { code, .. } if code.as_str() == "old-server"));
    assert_eq!(is_refused, !lab.is_from(15), "{plan}");
    end(lab, "older").await;
}

#[tokio::test]
async fn all_tables_are_not_taken_back_in_silence() {
    let Some(lab) = publications("all").await else { return };
    lab.run("CREATE PUBLICATION dj_deploy_all FOR ALL TABLES").await.unwrap();
    let plan = lab.deployment("[publication.dj_deploy_all]").plan().await.unwrap();
    assert!(
        matches!(&plan.failed().next().unwrap().state, State::Failed { code, .. } if code.as_str() == "all-tables"),
        "{plan}"
    );
    end(lab, "all").await;
}

/// A subscriber in another database of the same server receives whole old rows after `full`.
#[tokio::test]
async fn a_subscriber_receives_what_is_published() {
    let Some(lab) = publications("subscriber").await else { return };
    if !lab.is_from(15) {
        return end(lab, "subscriber").await;
    }
    if lab.ask("SELECT current_setting('wal_level')").await != "logical" {
        println!("passed over: wal_level is not logical on this server");
        return end(lab, "subscriber").await;
    }
    lab.fill(3).await;
    let slot = |plugin: &str| {
        format!("SELECT pg_create_logical_replication_slot('dj_deploy_subscriber', '{plugin}')::text")
    };
    let _ = lab.run("SELECT pg_drop_replication_slot('dj_deploy_subscriber')").await;
    lab.converge("[replica_identity]\nmode = \"full\"\n[publication.dj_deploy_subscriber]\nrows = { \"{}.Session\" = \"note = 'first'\" }").await;

    // What the server decodes of an update and a delete: every attribute of the old row.
    lab.ask(&slot("test_decoding")).await;
    lab.run("UPDATE {}.session SET kind = 'late' WHERE session = 1").await.unwrap();
    lab.run("DELETE FROM {}.session WHERE session = 2").await.unwrap();
    let decoded = "SELECT string_agg(data, E'\\n') FROM pg_logical_slot_peek_changes('dj_deploy_subscriber', NULL, NULL) \
                   WHERE data LIKE '%dj_deploy_subscriber%'";
    let mut changes = String::new();
    for _ in 0..200 {
        // What is not on disk yet is not decoded.
        changes = lab.ask(decoded).await;
        if changes.contains("DELETE") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(
        changes.contains("UPDATE: old-key:") && changes.contains("note[character varying]:'first'"),
        "{changes}"
    );
    lab.run("SELECT pg_drop_replication_slot('dj_deploy_subscriber')").await.unwrap();

    // A subscription, with the rows of the condition alone.
    lab.run("DROP DATABASE IF EXISTS dj_deploy_subscriber").await.unwrap();
    lab.run("CREATE DATABASE dj_deploy_subscriber").await.unwrap();
    let mut there: Settings = settings(Backend::Postgresql).unwrap();
    let home = lab.ask("SELECT current_database()::text").await;
    there.database.name = Some("dj_deploy_subscriber".to_owned());
    let other = Lab { dj: Instance::connect(there.clone()).await.unwrap(), schema: lab.schema.clone() };
    other.declare("Method", datajoint::Tier::Lookup, "method : varchar(8)\n---\nspeed : int32", None).await;
    other.declare("Subject", datajoint::Tier::Manual, "subject : int32\n---\nname : varchar(20)", None).await;
    other
        .declare(
            "Session",
            datajoint::Tier::Manual,
            "-> Subject\nsession : int16\n---\nkind = null : varchar(8)\nnote = null : varchar(20)",
            None,
        )
        .await;
    other
        .declare(
            "Spikes",
            datajoint::Tier::Computed,
            "-> Session\n---\n-> [nullable] Method\ntrace = null : <blob>",
            None,
        )
        .await;
    other
        .declare(
            "Unit",
            datajoint::Tier::Part,
            "-> Spikes\nunit : int32\n---\nrate : float64",
            Some("Spikes"),
        )
        .await;
    lab.ask(&slot("pgoutput")).await;
    let (host, port) = (there.database.host.clone().unwrap_or_default(), there.database.port.unwrap_or(5432));
    let user = lab.ask("SELECT current_user::text").await;
    other
        .run(&format!(
            "CREATE SUBSCRIPTION dj_deploy_subscriber CONNECTION 'host={host} port={port} user={user} dbname={home}' \
             PUBLICATION dj_deploy_subscriber WITH (create_slot = false, slot_name = 'dj_deploy_subscriber')"
        ))
        .await
        .unwrap();
    lab.run("UPDATE {}.session SET note = 'second' WHERE session = 0").await.unwrap();
    let count = "SELECT count(*) FROM {}.session";
    let mut found = String::new();
    for _ in 0..600 {
        found = other.ask(count).await;
        if found == "1" && other.ask("SELECT kind FROM {}.session").await == "late" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(found, "1", "session 1 alone has its first note still");
    other.run("ALTER SUBSCRIPTION dj_deploy_subscriber DISABLE").await.unwrap();
    other.run("ALTER SUBSCRIPTION dj_deploy_subscriber SET (slot_name = NONE)").await.unwrap();
    other.run("DROP SUBSCRIPTION dj_deploy_subscriber").await.unwrap();
    other.dj.close().await;

    // Nobody reads the slot now, which is reported.
    let plan = lab
        .deployment("[publication.dj_deploy_subscriber]\nrows = { \"{}.Session\" = \"note = 'first'\" }")
        .plan()
        .await
        .unwrap();
    assert!(plan.findings.iter().any(|finding| finding.code == FindingCode::SlotInactive), "{plan}");
    for _ in 0..100 {
        if lab.run("SELECT pg_drop_replication_slot('dj_deploy_subscriber')").await.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    lab.run("DROP DATABASE dj_deploy_subscriber WITH (FORCE)").await.unwrap();
    end(lab, "subscriber").await;
}

#[tokio::test]
async fn an_identity_that_would_make_writes_of_users_fail_is_not_set() {
    let Some(lab) = publications("narrowed").await else { return };
    if !lab.is_from(15) {
        return end(lab, "narrowed").await;
    }
    lab.fill(3).await;
    let update = "UPDATE {}.session SET note = 'second' WHERE session = 1";
    let (with, without) = (
        "[publication.dj_deploy_narrowed]\ntables = [\"{}.Session\"]\nrows = { \"{}.Session\" = \"kind = 'a'\" }",
        "[publication.dj_deploy_narrowed]\ntables = [\"{}.Session\"]",
    );
    lab.converge(&format!("[replica_identity]\nmode = \"full\"\n{with}")).await;
    // The condition needs more than the key.
    for mode in ["default", "nothing"] {
        let applied =
            lab.deployment(&format!("[replica_identity]\nmode = \"{mode}\"")).apply(None).await.unwrap();
        let item = applied.item(OperationName::ReplicaIdentity, &format!("{}.session", lab.schema)).unwrap();
        assert!(
            matches!(&item.state, State::Failed { code, .. } if code.as_str() == "42P10" || code.as_str() == "55000"),
            "{applied}"
        );
        lab.run(update).await.unwrap();
        lab.run("DELETE FROM {}.session WHERE session = 99").await.unwrap();
    }
    // Together with the condition, it goes.
    lab.converge(&format!("[replica_identity]\nmode = \"default\"\n{without}")).await;
    lab.run(update).await.unwrap();

    // With a list of columns, the whole row is too much.
    lab.converge("[publication.dj_deploy_narrowed]\ntables = [\"{}.Session\"]\ncolumns = { \"{}.Session\" = [\"subject\", \"session\"] }").await;
    let applied = lab.deployment("[replica_identity]\nmode = \"full\"").apply(None).await.unwrap();
    assert_eq!(applied.failed().count(), 1, "{applied}");
    lab.run(update).await.unwrap();
    end(lab, "narrowed").await;
}

#[tokio::test]
async fn partitions_are_looked_at_before_they_are_published() {
    let Some(lab) = publications("parts").await else { return };
    if !lab.is_from(15) {
        return end(lab, "parts").await;
    }
    lab.run(
        "CREATE TABLE {}.scan (id integer PRIMARY KEY, kind text) PARTITION BY RANGE (id); \
         CREATE TABLE {}.scan_low PARTITION OF {}.scan FOR VALUES FROM (0) TO (10); \
         ALTER TABLE {}.scan REPLICA IDENTITY FULL; INSERT INTO {}.scan VALUES (1, 'a')",
    )
    .await
    .unwrap();
    let text = "[publication.dj_deploy_parts]\ntables = [\"{}.scan\"]\nvia_root = true\nrows = { \"{}.scan\" = \"kind = 'a'\" }";
    let applied = lab.deployment(text).apply(None).await.unwrap();
    assert!(
        matches!(&applied.failed().next().unwrap().state, State::Failed { code, .. } if code.as_str() == "42P10"),
        "{applied}"
    );
    lab.run("UPDATE {}.scan SET kind = 'b'").await.unwrap();
    lab.converge(&format!("[replica_identity]\nmode = \"full\"\n{text}")).await;
    lab.run("UPDATE {}.scan SET kind = 'c'").await.unwrap();
    end(lab, "parts").await;
}

#[tokio::test]
async fn one_table_alone_leaves_the_other_members_be() {
    let Some(lab) = publications("one").await else { return };
    let text = "[publication.dj_deploy_one]\ntiers = [\"manual\"]";
    lab.converge(text).await;
    lab.converge(&format!("table = \"{}.Subject\"\n{text}", lab.schema)).await;
    assert_eq!(members(&lab, "one").await, "session, subject");
    end(lab, "one").await;
}

#[tokio::test]
async fn whole_schemas_of_others_stay_in_a_publication() {
    let Some(lab) = publications("whole").await else { return };
    if !lab.is_from(15) {
        return end(lab, "whole").await;
    }
    lab.run("CREATE SCHEMA dj_deploy_whole_other").await.unwrap();
    lab.run("CREATE TABLE dj_deploy_whole_other.theirs (id integer PRIMARY KEY)").await.unwrap();
    lab.run("CREATE PUBLICATION dj_deploy_whole FOR TABLES IN SCHEMA dj_deploy_whole_other, {}")
        .await
        .unwrap();
    let text = "[publication.dj_deploy_whole]\ntiers = [\"manual\"]";
    let item = lab.deployment(text).plan().await.unwrap().to_string();
    assert!(item.contains("all of dj_deploy_whole_other"), "{item}");
    lab.converge(text).await;
    assert_eq!(members(&lab, "whole").await, "session, subject, theirs");
    lab.run("DROP SCHEMA dj_deploy_whole_other CASCADE").await.unwrap();
    end(lab, "whole").await;
}

#[tokio::test]
async fn a_table_that_is_not_logged_keeps_no_other_from_being_published() {
    let Some(lab) = publications("unlogged").await else { return };
    lab.run("CREATE UNLOGGED TABLE {}.cache (id integer PRIMARY KEY)").await.unwrap();
    let applied = lab.converge("[publication.dj_deploy_unlogged]").await;
    let object = format!("{}.cache in publication dj_deploy_unlogged", lab.schema);
    let item = applied.item(OperationName::Publication, &object).unwrap();
    assert!(matches!(&item.state, State::Skipped { reason } if reason.contains("not logged")), "{applied}");
    assert_eq!(members(&lab, "unlogged").await, "#method, __spikes, __spikes__unit, session, subject");
    end(lab, "unlogged").await;
}

#[tokio::test]
async fn a_schema_that_is_not_deployed_is_an_error_and_empties_no_publication() {
    let Some(lab) = publications("misspelt").await else { return };
    lab.converge("[publication.dj_deploy_misspelt]\nschemas = [\"{}\"]").await;
    let members = "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'dj_deploy_misspelt'";
    assert_eq!(lab.ask(members).await, "5");
    // A program has no file that was looked at; with a prefix, nobody says which schemas are deployed.
    let prefixed =
        lab.dj.with_settings(|settings| settings.database.database_prefix = "dj_deploy_mis".to_owned());
    let scoped = Some(vec![lab.schema.clone()]);
    for (dj, schemas, name) in [(&lab.dj, scoped, "dj_deploy_mispelt"), (&prefixed, None, "pelt")] {
        let text = format!("[publication.dj_deploy_misspelt]\nschemas = [{name:?}]");
        let wanted = DesiredState { schemas, ..text.parse().unwrap() };
        let error = Deployment::new(dj, wanted).lock_policy(waiting()).apply(None).await.unwrap_err();
        let error = error.to_string();
        assert!(error.contains(&format!("[publication.dj_deploy_misspelt] schemas: `{name}`")), "{error}");
        assert!(error.contains("did you mean `dj_deploy_misspelt`?"), "{error}");
    }
    assert_eq!(lab.ask(members).await, "5");
    end(lab, "misspelt").await;
}
