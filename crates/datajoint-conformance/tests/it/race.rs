//! Processes that declare the same tables at the same moment.

use std::collections::BTreeSet;

use datajoint::prelude::*;

use crate::processes::{self, Process};

const PROCESSES: usize = 16;
const ROUNDS: usize = 20;

mod tables {
    use datajoint::prelude::*;

    schema!("race");

    #[table(Lookup, contents = [("fast", 1), ("slow", 2)])]
    /// method : varchar(8)
    /// ---
    /// speed  : int16
    pub(super) struct Method;

    #[table(Manual)]
    /// lab : uuid
    /// ---
    /// name = "" : varchar(20)
    pub(super) struct Lab;

    #[table(Manual)]
    /// subject : int32
    /// ---
    /// -> [nullable] Lab
    /// sex : enum('M', 'F', 'U')
    pub(super) struct Subject;

    #[table(Manual)]
    /// -> Subject
    /// session : int16
    /// ---
    /// -> [nullable] Subject.proj(companion='subject')
    /// at = CURRENT_TIMESTAMP : datetime
    /// index (at)
    pub(super) struct Session;

    #[part(Session)]
    /// -> master
    /// trial : int16
    pub(super) struct SessionTrial;

    #[table(Imported, external_make)]
    /// -> Session
    /// ---
    /// image : <blob>
    pub(super) struct Scan;

    #[table(Computed, external_make)]
    /// -> Scan
    /// -> Method
    pub(super) struct Regions;

    #[part(Regions)]
    /// -> master
    /// region : int32
    /// ---
    /// weight : float64
    pub(super) struct RegionsRegion;

    #[table(Computed, external_make)]
    /// -> Regions.Region
    /// ---
    /// trace : <blob>
    pub(super) struct Trace;

    #[table(Manual)]
    /// -> Trace
    /// ---
    /// -> [nullable, unique] SessionTrial.proj(shown='trial')
    /// note = null : varchar(255)
    pub(super) struct Remark;

    pipeline! {
        pub(super) struct Pipeline {
            Method, Lab, Subject, Session, SessionTrial, Scan, Regions, RegionsRegion, Trace, Remark,
        }
    }
}

/// The other side: declares in each schema that it is asked for, and says how many tables it declared.
#[tokio::test]
async fn one_process_of_the_race() {
    let Some(url) = processes::url() else { return };
    let dj = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    processes::serve(async |prefix| {
        match dj.with_schema_prefix(prefix).activate::<tables::Pipeline>().await {
            Ok(report) if report.different.is_empty() => format!("{}", report.declared.len()),
            Ok(report) => format!("tables differ: {report:?}"),
            Err(error) => format!("failed: {error}"),
        }
    })
    .await;
}

/// Every attribute of a schema with its lineage, and every reference, without the prefix.
async fn content(dj: &Instance, prefix: &str) -> BTreeSet<String> {
    let mut content = BTreeSet::new();
    for table in dj.schema(&format!("{prefix}race")).await.unwrap().tables() {
        let table = table.table();
        for attribute in table.heading.all() {
            let lineage = attribute.lineage.as_ref().map(ToString::to_string).unwrap_or_default();
            content.insert(format!("{} {} {lineage}", table.name, attribute.name).replace(prefix, ""));
        }
        for foreign_key in &table.foreign_keys {
            content.insert(format!("{} {foreign_key:?}", table.name).replace(prefix, ""));
        }
        for index in &table.indexes {
            content.insert(format!("{} {index:?}", table.name));
        }
    }
    content.into_iter().map(|line| line.replace(prefix, "")).collect()
}

/// Lets the processes declare in one schema after the other; they take turns in the servers.
pub(crate) async fn race(urls: &[&str]) {
    let url = urls[0];
    let dj = Instance::connect(Settings::from_url(url).unwrap()).await.unwrap();
    let prefix = |round: &str| format!("dj{}_{round}_", std::process::id());
    let alone = prefix("alone");
    let _ = dj.with_schema_prefix(&alone).activate::<tables::Pipeline>().await.unwrap();
    let expected = content(&dj, &alone).await;
    assert!(
        expected.iter().any(|line| line == "race.remark shown race.session__trial.trial"),
        "{expected:#?}"
    );
    dj.drop_schema(&format!("{alone}race")).confirmed().await.unwrap();

    let start = |url: &&str| Process::start("race::one_process_of_the_race", url);
    let mut racers: Vec<Process> = urls.iter().cycle().take(PROCESSES).map(start).collect();
    for round in 0..ROUNDS {
        let prefix = prefix(&round.to_string());
        for racer in &mut racers {
            racer.ask(&prefix);
        }
        let answers: Vec<String> = racers.iter_mut().map(Process::answer).collect();
        let declared: Option<usize> = answers.iter().map(|answer| answer.parse::<usize>().ok()).sum();
        assert_eq!(declared, Some(10), "round {round}: {answers:?}");
        assert_eq!(content(&dj, &prefix).await, expected, "round {round}");
        assert_eq!(tables::Method.count(&dj.with_schema_prefix(&prefix)).await.unwrap(), 2);
        dj.drop_schema(&format!("{prefix}race")).confirmed().await.unwrap();
    }
    for racer in racers {
        racer.end();
    }
}

/// The same on a server that a variable names.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
async fn race_on(variable: &str) {
    match std::env::var(variable) {
        Ok(url) => race(&[&url]).await,
        Err(_) => println!("this backend is not here"),
    }
}

#[tokio::test]
async fn processes_declare_at_once_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    race(&[&format!("sqlite:{}", folder.path().join("race.sqlite").display())]).await;
}

#[tokio::test]
async fn processes_declare_at_once_on_mysql() {
    race_on("DJ_TEST_MYSQL_URL").await;
}

#[tokio::test]
async fn processes_declare_at_once_on_mariadb() {
    race_on("DJ_TEST_MARIADB_URL").await;
}

#[tokio::test]
async fn processes_declare_at_once_on_postgresql() {
    race_on("DJ_TEST_POSTGRES_URL").await;
}
