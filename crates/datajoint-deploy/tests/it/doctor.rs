use datajoint::{Backend, DynamicDeclaration, Instance, Settings, Tier};
use datajoint_deploy::{DesiredState, doctor};
use datajoint_guard::FindingCode;

use crate::lab::{EVERY, Lab, lab, lab_with, labs};

async fn codes(lab: &Lab) -> Vec<FindingCode> {
    let findings = doctor(&lab.dj, &lab.wanted(""), &[]).await.unwrap();
    let mut codes: Vec<FindingCode> = findings.iter().map(|finding| finding.code).collect();
    // Slots are the server's, and may be another's.
    codes.retain(|code| !matches!(code, FindingCode::SlotLost | FindingCode::SlotInactive));
    codes.dedup();
    codes
}

#[tokio::test]
async fn a_healthy_schema_has_nothing_and_stale_lineage_is_found() {
    for lab in labs(&EVERY, "doctor").await {
        // Indexes of every form that the server takes.
        for (number, index) in
            ["name", "(lower(name))", "lower(name)", "name(3)", "doc.kind:char(8)"].iter().enumerate()
        {
            let definition = format!("id : int32\n---\nname : varchar(9)\ndoc : json\nindex ({index})");
            let (class, tier) = (format!("Indexed{number}"), Tier::Manual);
            let declaration = DynamicDeclaration {
                schema: &lab.schema,
                class_name: &class,
                tier,
                definition: &definition,
                master: None,
            };
            let _ = lab.dj.declare_dynamic(declaration).await;
        }
        let mut found = codes(&lab).await;
        // That of the server.
        found.retain(|code| *code != FindingCode::LooseCollation);
        assert_eq!(found, [], "on {}", lab.dj.backend());
        let table = lab.table("~lineage");
        lab.run(&format!("UPDATE {table} SET lineage = 'x.y.z' WHERE table_name = 'session'")).await.unwrap();
        assert!(codes(&lab).await.contains(&FindingCode::StaleLineage));
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
    assert_eq!(found, [FindingCode::BrokenIdentity, FindingCode::InvalidIndex, FindingCode::MissingIndex]);
    lab.run("CREATE TABLE {}.swollen (id integer PRIMARY KEY, filler text)").await.unwrap();
    lab.run("INSERT INTO {}.swollen SELECT n, repeat('x', 100) FROM generate_series(1, 40000) n")
        .await
        .unwrap();
    lab.run("DELETE FROM {}.swollen WHERE id % 20 > 0").await.unwrap();
    lab.run("VACUUM ANALYZE {}.swollen").await.unwrap();
    assert!(codes(&lab).await.contains(&FindingCode::Bloat));
    lab.run("DROP TABLE {}.swollen").await.unwrap();
    lab.run("CREATE TABLE {}.\"~~spikes\" (subject integer PRIMARY KEY, status text, host text, connection_id bigint)").await.unwrap();
    lab.run("INSERT INTO {}.\"~~spikes\" VALUES (1, 'reserved', 'node7', 1), (2, 'reserved', 'here', pg_backend_pid())").await.unwrap();
    let findings = doctor(&lab.dj, &lab.wanted(""), &[]).await.unwrap();
    let dead = findings.iter().find(|finding| finding.code == FindingCode::DeadWorker).unwrap();
    assert!(dead.message.contains(" has 1 job ") && dead.message.contains("node7"), "{}", dead.message);
    lab.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_mysql_is_found() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "doctor_my").await else { continue };
        lab.run("CREATE TABLE {}.old (id int PRIMARY KEY, bytes longblob) ENGINE=MyISAM").await.unwrap();
        lab.run("CREATE TABLE {}.latin (name varchar(40) PRIMARY KEY) CHARACTER SET latin1").await.unwrap();
        let mut found = codes(&lab).await;
        found.retain(|code| *code != FindingCode::Binlog);
        assert!(found.contains(&FindingCode::LooseCollation), "names are keys here: {found:?}");
        found.retain(|code| *code != FindingCode::LooseCollation);
        found.sort_unstable();
        assert_eq!(
            found,
            [
                FindingCode::BlobWithoutMarker,
                FindingCode::OtherCharset,
                FindingCode::OtherEngine,
                FindingCode::StaleLineage
            ]
        );
        lab.end().await;
    }
}

/// A job whose worker is gone is an error when nobody freed it in three lease times, and not before.
#[tokio::test]
async fn jobs_that_nobody_frees_are_found() {
    for lab in labs(&EVERY, "doctor_jobs").await {
        lab.fill(3).await;
        let spikes = lab.dj.table(&format!("{}.Spikes", lab.schema)).await.unwrap();
        let queue = datajoint_sql::JobQueue::new(lab.dj.backend(), spikes.table()).unwrap();
        lab.dj.declare_hidden(&queue.tables()).await.unwrap();
        let jobs = lab.table("~~spikes");
        let (ago, now) = match lab.dj.backend() {
            Backend::Sqlite => (
                "strftime('%Y-%m-%d %H:%M:%f', 'now', '-100 seconds')",
                "strftime('%Y-%m-%d %H:%M:%f', 'now')",
            ),
            _ => ("CURRENT_TIMESTAMP(3) - INTERVAL '100' SECOND", "CURRENT_TIMESTAMP(3)"),
        };
        // Dead for long, dead since a moment, alive, and of Python.
        for (session, since, connection) in [(0, ago, -1), (1, now, -2), (2, ago, -3), (3, ago, 0)] {
            let columns = "subject, session, status, priority, reserved_time, host, connection_id";
            let values = format!("1, {session}, 'reserved', 5, {since}, 'node7', {connection}");
            lab.run(&format!("INSERT INTO {jobs} ({columns}) VALUES ({values})")).await.unwrap();
        }
        let lease = queue.enrol(3, 60_000, false);
        lab.dj.database().acquire().await.unwrap().execute(&lease).await.unwrap();
        let within = async |lease: u64| {
            let dj = lab.dj.with_settings(|settings| settings.jobs.lease_timeout = lease);
            doctor(&dj, &lab.wanted(""), &[]).await.unwrap()
        };
        let findings = within(30).await;
        let lost = findings.iter().find(|finding| finding.code == FindingCode::LostJobs).unwrap();
        assert_eq!(lost.level, datajoint_guard::Level::Error);
        assert!(lost.message.starts_with("1 job of") && lost.message.contains("node7"), "{}", lost.message);
        assert!(
            within(60).await.iter().all(|finding| finding.code != FindingCode::LostJobs),
            "it may be found yet"
        );
        lab.end().await;
    }
}

#[tokio::test]
async fn foreign_keys_that_delete_by_themselves_are_found() {
    for lab in labs(&EVERY, "doctor_carried").await {
        let (parent, child) = (lab.table("owner"), lab.table("owned"));
        lab.run(&format!("CREATE TABLE {parent} (a int PRIMARY KEY)")).await.unwrap();
        let key = format!("FOREIGN KEY (a) REFERENCES {parent} (a) ON DELETE CASCADE");
        lab.run(&format!("CREATE TABLE {child} (a int PRIMARY KEY, {key})")).await.unwrap();
        let findings = doctor(&lab.dj, &lab.wanted(""), &[]).await.unwrap();
        let carried: Vec<_> =
            findings.iter().filter(|finding| finding.code == FindingCode::CarriedDelete).collect();
        let [finding] = carried.as_slice() else { panic!("{findings:?}") };
        for part in [
            &format!("(a) of `{}.owned`", lab.schema),
            "ON DELETE CASCADE",
            &format!("`{}.owner`", lab.schema),
        ] {
            assert!(finding.message.contains(part), "{}", finding.message);
        }
        lab.run(&format!("DROP TABLE {child}")).await.unwrap();
        lab.run(&format!("DROP TABLE {parent}")).await.unwrap();
        lab.end().await;
    }
}

#[tokio::test]
async fn rows_without_their_parents_are_found() {
    let Some(lab) = lab(Backend::Sqlite, "doctor_lite").await else { return };
    lab.run("PRAGMA foreign_keys = OFF; INSERT INTO \"{}.session\" (subject, session) VALUES (9, 9); PRAGMA foreign_keys = ON").await.unwrap();
    assert_eq!(codes(&lab).await, [FindingCode::Orphan]);
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
    let findings = doctor(&dj, &datajoint_deploy::DesiredState::default(), &[]).await.unwrap();
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].code == FindingCode::UnfinishedUpload && findings[0].message.contains("2 files"),
        "{}",
        findings[0]
    );
}

#[tokio::test]
async fn schemas_with_the_prefix_that_are_no_pipelines_are_left_out_and_named() {
    for backend in crate::lab::SERVERS {
        let Some(lab) = lab(backend, "strangers").await else { continue };
        let _ = lab.run("DROP SCHEMA dj_deploy_strangers_crm").await;
        let create = match backend {
            Backend::Postgresql => {
                "CREATE SCHEMA dj_deploy_strangers_crm; CREATE TABLE dj_deploy_strangers_crm.customers (id integer PRIMARY KEY)"
            }
            _ => {
                "CREATE DATABASE dj_deploy_strangers_crm; CREATE TABLE dj_deploy_strangers_crm.customers (id integer PRIMARY KEY)"
            }
        };
        let _ = lab.run("DROP TABLE dj_deploy_strangers_crm.customers").await;
        let _ = lab.run("DROP SCHEMA dj_deploy_strangers_crm").await;
        lab.run(create).await.unwrap();
        let dj = lab
            .dj
            .with_settings(|settings| settings.database.database_prefix = "dj_deploy_strangers".to_owned());
        let wanted: datajoint_deploy::DesiredState = "provenance = true\n[maintenance]".parse().unwrap();
        let plan = datajoint_deploy::Deployment::new(&dj, wanted.clone()).plan().await.unwrap();
        assert!(!plan.to_string().contains("customers") && plan.pending().count() > 0, "{plan}");
        let left_out = |findings: &[datajoint_guard::Finding]| {
            findings
                .iter()
                .any(|it| it.code == FindingCode::NoPipeline && it.message.contains("strangers_crm"))
        };
        assert!(left_out(&plan.findings), "{plan}");
        assert!(left_out(&doctor(&dj, &wanted, &[]).await.unwrap()));
        let granted: datajoint_deploy::DesiredState = "[grants]\nprefix = \"djstrangers_\"".parse().unwrap();
        let plan = datajoint_deploy::Deployment::new(&dj, granted).plan().await.unwrap();
        assert!(left_out(&plan.findings), "{plan}");
        let is_of = |schema: &str| plan.pending().filter(|item| item.schema == schema).count();
        assert!(is_of(&lab.schema) > 0, "{plan}");
        assert!(plan.items.iter().all(|item| item.schema != "dj_deploy_strangers_crm"), "{plan}");
        let statements = plan.ddl().join("\n");
        assert!(statements.contains("GRANT") && !statements.contains("crm"), "{statements}");
        lab.run("DROP TABLE dj_deploy_strangers_crm.customers").await.unwrap();
        lab.run("DROP SCHEMA dj_deploy_strangers_crm").await.unwrap();
        lab.end().await;
    }
}

mod elsewhere {
    use datajoint::prelude::*;
    schema!("dj_deploy_elsewhere");

    #[table(Manual)]
    /// id : int32
    #[derive(Debug)]
    pub struct Missing;
}

#[tokio::test]
async fn the_doctor_of_a_schema_says_nothing_of_others() {
    use datajoint::codegen::Table as _;
    for lab in labs(&EVERY, "chosen").await {
        let found = |wanted: datajoint_deploy::DesiredState| {
            // Not even what a program excepts is declared by a look.
            let dj = lab.dj.with_settings(|settings| settings.database.create_tables = false);
            let dj = dj.with_create_tables(["dj_deploy_elsewhere"]);
            async move {
                let findings = doctor(&dj, &wanted, &[elsewhere::Missing::spec()]).await.unwrap();
                let schemas = dj.list_schemas().await.unwrap();
                assert!(!schemas.iter().any(|schema| schema == "dj_deploy_elsewhere"), "{schemas:?}");
                findings.iter().any(|it| it.message.contains("dj_deploy_elsewhere"))
            }
        };
        assert!(found(datajoint_deploy::DesiredState::default()).await, "all tables of the program");
        assert!(!found(lab.wanted("")).await, "of the schema alone");
        lab.end().await;
    }
}

/// Somebody declares and drops schemas beside everything that walks over all of them: what vanishes is passed over.
#[tokio::test]
async fn what_is_dropped_beside_a_walk_over_all_schemas_is_passed_over() {
    for lab in labs(&EVERY, "vanishing").await {
        let (dj, wanted) = (lab.dj.clone(), datajoint_deploy::DesiredState::default());
        let others = async {
            for round in 0..15 {
                let schema = format!("dj_deploy_vanishing_{}", round % 3);
                let definition = "id : int32\n---\nnote : varchar(20)";
                for (class_name, definition) in [("First", definition), ("Second", "-> First\nplace : int32")]
                {
                    let declaration = datajoint::DynamicDeclaration {
                        schema: &schema,
                        class_name,
                        tier: datajoint::Tier::Manual,
                        definition,
                        master: None,
                    };
                    lab.dj.declare_dynamic(declaration).await.unwrap();
                }
                lab.dj.drop_schema(&schema).confirmed().await.unwrap();
            }
        };
        let walks = async {
            loop {
                let findings = doctor(&dj, &wanted, &[]).await.unwrap();
                let of_these = |it: &&datajoint_guard::Finding| it.message.contains("dj_deploy_vanishing_");
                // It is a fact while a schema has no table yet.
                let untrue = findings.iter().filter(of_these).find(|it| it.code == FindingCode::StaleLineage);
                assert_eq!(untrue, None);
                datajoint_deploy::verify(dj.settings(), Some(&dj), &wanted, &[], &[]).await.unwrap();
                let everything = "provenance = true\njob_metadata = true\n[maintenance]".parse().unwrap();
                datajoint_deploy::Deployment::new(&dj, everything).plan().await.unwrap();
                dj.facts().await.unwrap();
                dj.stamps().await.unwrap();
            }
        };
        tokio::select! {
            () = others => {}
            () = walks => {}
        }
        lab.end().await;
    }
}

#[tokio::test]
async fn a_table_with_the_name_of_the_journal_that_is_none_is_told_and_passed_over() {
    for lab in labs(&EVERY, "doctor_journal").await {
        let table = lab.table("~deploy");
        lab.run(&format!("CREATE TABLE {table} (id INTEGER)")).await.unwrap();
        assert!(codes(&lab).await.contains(&FindingCode::JournalNotRead), "on {}", lab.dj.backend());
        lab.end().await;
    }
}

#[tokio::test]
async fn a_damaged_file_is_found_wherever_the_damage_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.sqlite");
    let settings = || Settings::embedded(path.to_str().unwrap());
    let lab = lab_with(settings(), "doctor_damaged").await;
    lab.fill(1000).await;
    lab.dj.close().await;
    let whole = std::fs::read(&path).unwrap();
    let page = 4096;
    let mut found = 0;
    // The header of the file itself stays: without it there is no database to open.
    for place in (100..whole.len()).step_by(page).chain((page..whole.len()).step_by(page)) {
        let mut bytes = whole.clone();
        let end = (place + 200).min(bytes.len());
        bytes[place..end].fill(0xa5);
        std::fs::write(&path, &bytes).unwrap();
        let Ok(dj) = Instance::connect(settings()).await else { continue };
        let findings = doctor(&dj, &DesiredState::default(), &[])
            .await
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        let damaged = findings.iter().filter(|finding| finding.code == FindingCode::DamagedFile);
        found += usize::from(damaged.count() > 0);
        dj.close().await;
    }
    let places = whole.len() / page;
    assert!(found > places, "{found} of {}", 2 * places);
}
