//! Whatever the state is that it begins with: after a deploy nothing is left to do.

use datajoint::Backend;
use datajoint_deploy::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::lab::{Lab, lab};

/// What somebody may have done to a table before, on PostgreSQL.
fn disorder(backend: Backend, table: usize, what: usize) -> String {
    let tables = ["subject", "session", "#method", "__spikes", "__spikes__unit"];
    let name = tables[table % tables.len()];
    let viewer = match backend {
        Backend::Mysql => "'dj_deploy_states_viewer'@'%'",
        _ => "dj_deploy_states_viewer",
    };
    match backend {
        Backend::Postgresql => match what % 14 {
            0 => format!("ALTER TABLE {{}}.\"{name}\" REPLICA IDENTITY FULL"),
            1 => format!("ALTER TABLE {{}}.\"{name}\" REPLICA IDENTITY NOTHING"),
            2 => format!("CREATE PUBLICATION dj_deploy_states FOR TABLE {{}}.\"{name}\""),
            3 => format!("ALTER PUBLICATION dj_deploy_states ADD TABLE {{}}.\"{name}\""),
            4 => "ALTER PUBLICATION dj_deploy_states SET (publish = 'insert')".to_owned(),
            5 => format!("GRANT INSERT, TRUNCATE ON {{}}.\"{name}\" TO {viewer}"),
            6 => format!("REVOKE ALL ON {{}}.\"{name}\" FROM {viewer}"),
            7 => format!("GRANT CREATE ON SCHEMA {{}} TO {viewer}"),
            8 => format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {{}} GRANT UPDATE ON TABLES TO {viewer}"),
            9 => format!("ALTER TABLE {{}}.\"{name}\" SET (autovacuum_analyze_scale_factor = 0.5)"),
            10 => "ALTER TABLE {}.subject ADD COLUMN _prov jsonb".to_owned(),
            11 => "DROP INDEX {}.idx___spikes_method".to_owned(),
            12 => format!("DROP OWNED BY {viewer}; DROP ROLE {viewer}"),
            _ => "CREATE UNIQUE INDEX named ON {}.subject (name); ALTER TABLE {}.subject REPLICA IDENTITY USING INDEX named; DROP INDEX {}.named".to_owned(),
        },
        Backend::Mysql | Backend::Mariadb => match what % 6 {
            0 => format!("GRANT INSERT ON {{}}.`{name}` TO {viewer}"),
            1 => format!("GRANT DELETE ON `dj\\_deploy\\_states`.* TO {viewer}"),
            2 => format!("GRANT SELECT ON `dj%states`.* TO {viewer}"),
            3 => format!("REVOKE SELECT ON `dj\\_deploy\\_states`.* FROM {viewer}"),
            4 => "ALTER TABLE {}.subject ADD COLUMN _prov json".to_owned(),
            _ => format!("DROP ROLE {viewer}"),
        },
        Backend::Sqlite => match what % 3 {
            0 => "DROP INDEX \"idx_{}.__spikes_1\"".to_owned(),
            1 => "ALTER TABLE \"{}.subject\" ADD COLUMN _prov TEXT".to_owned(),
            _ => "ANALYZE".to_owned(),
        },
    }
}

fn wanted(backend: Backend) -> &'static str {
    match backend {
        Backend::Postgresql => {
            "provenance = true\njob_metadata = true\n[replica_identity]\nmode = \"full\"\n\
             tables = { \"{}.Method\" = \"default\" }\n[publication.dj_deploy_states]\ntiers = [\"manual\", \"part\"]\n\
             rows = { \"{}.Session\" = \"session IN (1, 2)\" }\n[grants]\nprefix = \"dj_deploy_states_\"\n\
             [maintenance]\nautovacuum = true"
        }
        Backend::Mysql | Backend::Mariadb => {
            "provenance = true\njob_metadata = true\n[grants]\nprefix = \"dj_deploy_states_\"\n[maintenance]"
        }
        Backend::Sqlite => "provenance = true\njob_metadata = true\n[maintenance]",
    }
}

async fn clean(lab: &Lab) {
    for role in Role::ALL {
        let role = format!("dj_deploy_states_{role}");
        let sql = match lab.dj.backend() {
            Backend::Postgresql => format!("DROP OWNED BY {role}; DROP ROLE {role}"),
            _ => format!("DROP ROLE {role}"),
        };
        let _ = lab.run(&sql).await;
        let _ = lab.run(&format!("DROP USER {role}@'%'")).await;
    }
    let _ = lab.run("DROP PUBLICATION IF EXISTS dj_deploy_states").await;
}

async fn check(backend: Backend, mut disorders: Vec<(usize, usize)>, fill: bool, first: bool) {
    if backend.is_mysql_family() {
        // MariaDB takes a grant to a role that is gone for a new account, which is somebody's.
        disorders.sort_by_key(|(_, what)| what % 6);
    }
    let Some(lab) = lab(backend, "states").await else { return };
    clean(&lab).await;
    if fill {
        lab.fill(200).await;
        lab.settle().await;
    }
    let mut wanted = wanted(backend).to_owned();
    if backend == Backend::Postgresql && !lab.is_from(15) {
        wanted = wanted.replace("rows = { \"{}.Session\" = \"session IN (1, 2)\" }\n", "");
    }
    if first {
        lab.converge(&wanted).await;
    }
    if backend == Backend::Mariadb {
        let _ = lab.run("CREATE ROLE dj_deploy_states_viewer").await;
    }
    for (table, what) in disorders {
        // Some of it can't be done in every state; that is a state, too.
        let _ = lab.run(&disorder(backend, table, what)).await;
    }
    lab.converge(&wanted).await;
    clean(&lab).await;
    lab.end().await;
}

fn every_state(backend: Backend, cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let states = (prop::collection::vec((0..5_usize, 0..100_usize), 0..8), any::<bool>(), any::<bool>());
    TestRunner::new_with_rng(config, random)
        .run(&states, |(disorders, fill, first)| {
            runtime.block_on(check(backend, disorders, fill, first));
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_state_of_sqlite_becomes_what_is_wanted() {
    every_state(Backend::Sqlite, 16);
}

#[test]
fn every_state_of_mysql_becomes_what_is_wanted() {
    every_state(Backend::Mysql, 8);
}

#[test]
fn every_state_of_mariadb_becomes_what_is_wanted() {
    every_state(Backend::Mariadb, 8);
}

#[test]
fn every_state_of_postgresql_becomes_what_is_wanted() {
    every_state(Backend::Postgresql, 16);
}
