use datajoint::Backend;
use datajoint_deploy::doctor;

use crate::lab::{EVERY, Lab, lab, labs};

async fn codes(lab: &Lab) -> Vec<&'static str> {
    let findings = doctor(&lab.dj, &lab.wanted(""), &[]).await.unwrap();
    let mut codes: Vec<&'static str> = findings.iter().map(|finding| finding.code).collect();
    // Slots are the server's, and may be another's.
    codes.retain(|code| !code.starts_with("slot"));
    codes.dedup();
    codes
}

#[tokio::test]
async fn a_healthy_schema_has_nothing_and_stale_lineage_is_found() {
    for lab in labs(&EVERY, "doctor").await {
        assert_eq!(codes(&lab).await, Vec::<&str>::new(), "on {}", lab.dj.backend());
        let table = lab.table("~lineage");
        lab.run(&format!("UPDATE {table} SET lineage = 'x.y.z' WHERE table_name = 'session'")).await.unwrap();
        assert_eq!(codes(&lab).await, ["stale-lineage"]);
        lab.end().await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_postgresql_is_found() {
    let Some(lab) = lab(Backend::Postgresql, "doctor_pg").await else { return };
    lab.fill(5).await;
    lab.run("CREATE UNIQUE INDEX CONCURRENTLY note_once ON {}.session (note)").await.unwrap_err();
    lab.run("CREATE UNIQUE INDEX named ON {}.subject (name)").await.unwrap();
    lab.run("ALTER TABLE {}.subject REPLICA IDENTITY USING INDEX named; DROP INDEX {}.named").await.unwrap();
    lab.run("DROP INDEX {}.idx___spikes_method").await.unwrap();
    let mut found = codes(&lab).await;
    found.sort_unstable();
    assert_eq!(found, ["broken-identity", "invalid-index", "missing-index"]);
    lab.run("CREATE TABLE {}.swollen (id integer PRIMARY KEY, filler text)").await.unwrap();
    lab.run("INSERT INTO {}.swollen SELECT n, repeat('x', 100) FROM generate_series(1, 40000) n")
        .await
        .unwrap();
    lab.run("DELETE FROM {}.swollen WHERE id % 20 > 0").await.unwrap();
    lab.run("VACUUM ANALYZE {}.swollen").await.unwrap();
    assert!(codes(&lab).await.contains(&"bloat"));
    lab.run("DROP TABLE {}.swollen").await.unwrap();
    lab.run("CREATE TABLE {}.\"~~spikes\" (subject integer PRIMARY KEY, status text, host text, connection_id bigint)").await.unwrap();
    lab.run("INSERT INTO {}.\"~~spikes\" VALUES (1, 'reserved', 'node7', 1), (2, 'reserved', 'here', pg_backend_pid())").await.unwrap();
    let findings = doctor(&lab.dj, &lab.wanted(""), &[]).await.unwrap();
    let dead = findings.iter().find(|finding| finding.code == "dead-worker").unwrap();
    assert!(dead.message.starts_with("1 jobs") && dead.message.contains("node7"), "{}", dead.message);
    lab.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_mysql_is_found() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "doctor_my").await else { continue };
        lab.run("CREATE TABLE {}.old (id int PRIMARY KEY, bytes longblob) ENGINE=MyISAM").await.unwrap();
        lab.run("CREATE TABLE {}.latin (name varchar(40) PRIMARY KEY) CHARACTER SET latin1").await.unwrap();
        let mut found = codes(&lab).await;
        found.retain(|code| *code != "binlog");
        found.sort_unstable();
        assert_eq!(found, ["blob-without-marker", "other-charset", "other-engine", "stale-lineage"]);
        lab.end().await;
    }
}

#[tokio::test]
async fn rows_without_their_parents_are_found() {
    let Some(lab) = lab(Backend::Sqlite, "doctor_lite").await else { return };
    lab.run("PRAGMA foreign_keys = OFF; INSERT INTO \"{}.session\" (subject, session) VALUES (9, 9); PRAGMA foreign_keys = ON").await.unwrap();
    assert_eq!(codes(&lab).await, ["orphan"]);
    lab.end().await;
}

#[tokio::test]
async fn what_programs_left_in_stores_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let stores = folder.path().join("stores");
    std::fs::create_dir_all(stores.join("lab/session")).unwrap();
    let path = folder.path().join("datajoint.json");
    let location = stores.display();
    let json = format!(r#"{{"stores": {{"main": {{"protocol": "file", "location": "{location}"}}}}}}"#);
    std::fs::write(&path, json).unwrap();
    let mut settings = datajoint::Settings::load_from(&path).unwrap();
    settings.database.backend = None;
    settings.database.path = ":memory:".into();
    let dj = datajoint::Instance::connect(settings).await.unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(30);
    for (name, is_old) in
        [("whole.npy", true), ("half.npy#1", true), ("half.saving", true), ("now.npy#2", false)]
    {
        let file = std::fs::File::create(stores.join("lab/session").join(name)).unwrap();
        if is_old {
            file.set_modified(old).unwrap();
        }
    }
    let findings = doctor(&dj, &datajoint_deploy::Wanted::default(), &[]).await.unwrap();
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].code == "unfinished-upload" && findings[0].message.starts_with("2 files"),
        "{}",
        findings[0]
    );
}
