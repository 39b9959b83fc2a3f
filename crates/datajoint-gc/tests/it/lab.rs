//! Two schemas, and a store in a folder that has two names.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_gc::Collection;
use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance};
use datajoint_plan::{Plan, State};
use datajoint_sql::Statement;
use tempfile::TempDir;

/// The object with the bytes `abc`.
pub(crate) const ABC: &str = "_hash/lab/saavbgb42jh3bvuwh56sryl7oi";

pub(crate) struct Lab {
    pub(crate) dj: Instance,
    pub(crate) folder: TempDir,
}

impl Lab {
    pub(crate) async fn in_database(path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dj = connect(path, folder.path()).await;
        for schema in ["lab", "other"] {
            let definition = "id : int32\n---\nraw = null : <hash@main>\nmovie = null : <object@>\ntrace = null : <blob@again>";
            let (class_name, tier, master) = ("Scan", Tier::Manual, None);
            dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, definition, master })
                .await
                .unwrap();
        }
        Self { dj, folder }
    }

    /// Three rows of `lab`: two with the bytes `abc`, one with a folder. All objects are a month old.
    pub(crate) async fn filled() -> Self {
        Self::filled_in(":memory:").await
    }

    /// The same in a database that outlives its connections.
    pub(crate) async fn filled_in(path: &str) -> Self {
        let lab = Self::in_database(path).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("frames")).unwrap();
        std::fs::write(folder.path().join("frames/1.raw"), b"one").unwrap();
        std::fs::write(folder.path().join("about.txt"), b"two").unwrap();
        lab.insert("lab", row(1).with("raw", b"abc".to_vec()).unwrap()).await;
        lab.insert("lab", row(2).with("raw", b"abc".to_vec()).unwrap()).await;
        lab.insert("lab", row(3).with("movie", folder.path().to_str().unwrap()).unwrap()).await;
        lab.age();
        lab
    }

    pub(crate) async fn insert(&self, schema: &str, row: DynamicRow) {
        self.dj.table(&format!("{schema}.Scan")).await.unwrap().insert(&self.dj, [row]).await.unwrap();
    }

    pub(crate) async fn sql(&self, sql: impl Into<String>) {
        let mut connection = self.dj.database().acquire().await.unwrap();
        connection.execute(&Statement::plain(sql)).await.unwrap();
    }

    pub(crate) async fn delete(&self, schema: &str, id: i32) {
        self.sql(format!("DELETE FROM \"{schema}.scan\" WHERE id = {id}")).await;
    }

    /// A row with the bytes `abc` as another client inserts it that found the object there.
    pub(crate) async fn insert_described(&self, schema: &str, id: i32) {
        let described = serde_json::json!({
            "hash": "saavbgb42jh3bvuwh56sryl7oi", "path": ABC, "schema": "lab", "store": "main", "size": 3,
        });
        self.sql(format!("INSERT INTO \"{schema}.scan\" (id, raw) VALUES ({id}, '{described}')")).await;
    }

    /// Makes all objects a month old.
    pub(crate) fn age(&self) {
        for path in self.files() {
            age(&self.folder.path().join(path));
        }
    }

    /// The files in the store, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        let within =
            |path: PathBuf| path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned();
        let mut found: Vec<String> = found.into_iter().map(within).collect();
        found.sort();
        found
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.folder.path().join(path).is_file()
    }

    pub(crate) fn collection(&self) -> Collection {
        Collection::of(&self.dj).most(100).moment(Duration::ZERO)
    }

    pub(crate) async fn collect(&self) -> Plan {
        done(self.collection().apply(None).await.unwrap())
    }

    /// A collection for which every grace is over.
    pub(crate) async fn collect_later(&self) -> Plan {
        // A file is as old as the clock of the machine tells it apart, and what differs is added.
        tokio::time::sleep(Duration::from_millis(50)).await;
        done(self.collection().grace(Duration::ZERO).apply(None).await.unwrap())
    }
}

/// A client with the stores in a folder.
pub(crate) async fn connect(path: &str, folder: &Path) -> Instance {
    let store = serde_json::json!({"protocol": "file", "location": folder, "partition_pattern": "{id}"});
    let stores = serde_json::json!({"default": "main", "main": store, "again": store}).to_string();
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load();
    let dj = Instance::connect(Settings::embedded(path)).await.unwrap();
    dj.with_settings(|settings| settings.stores = read.unwrap().stores)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// Makes a file a month old.
pub(crate) fn age(path: &Path) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(30 * 24)).unwrap();
}

pub(crate) fn row(id: i32) -> DynamicRow {
    DynamicRow::new().with("id", id).unwrap()
}

/// The plan, of which nothing failed.
pub(crate) fn done(plan: Plan) -> Plan {
    assert_eq!(plan.failed().count(), 0, "{plan}");
    plan
}

/// What was done with what: `purge lab in main`.
pub(crate) fn told(plan: &Plan) -> Vec<String> {
    let state = |state: &State| match state {
        State::WouldChange => "would ",
        State::Changed => "",
        _ => "not ",
    };
    plan.items.iter().map(|item| format!("{}{} {}", state(&item.state), item.operation, item.found)).collect()
}
