//! Rows and stores that agree, and every way in which they may not.
#![expect(clippy::unwrap_used, reason = "tests")]

mod dropped;
mod many;

use std::path::{Path, PathBuf};
use std::time::Duration;

use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_fsck::{Fsck, FsckReport, Problem};
use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance, Relation as _, StoredRow};
use datajoint_sql::Statement;
use tempfile::TempDir;

/// Two schemas, and a store in a folder that has two names.
struct Lab {
    dj: Instance,
    folder: TempDir,
}

impl Lab {
    async fn new() -> Self {
        Self::in_database(":memory:").await
    }

    async fn in_database(path: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            serde_json::json!({"protocol": "file", "location": folder.path(), "partition_pattern": "{id}"});
        let stores = serde_json::json!({"default": "main", "main": store, "again": store}).to_string();
        let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load();
        let dj = Instance::connect(Settings::embedded(path)).await.unwrap();
        let dj = dj.with_settings(|settings| settings.stores = read.unwrap().stores);
        for schema in ["lab", "other"] {
            let definition = "id : int32\n---\nraw = null : <hash@main>\nmovie = null : <object@>\ntrace = null : <blob@again>";
            let declaration = DynamicDeclaration {
                schema,
                class_name: "Scan",
                tier: Tier::Manual,
                definition,
                master: None,
            };
            dj.declare_dynamic(declaration).await.unwrap();
        }
        Self { dj, folder }
    }

    async fn insert(&self, schema: &str, row: DynamicRow) {
        self.dj.table(&format!("{schema}.Scan")).await.unwrap().insert(&self.dj, [row]).await.unwrap();
    }

    /// Three rows of `lab`: two with the same bytes, one with a folder.
    async fn filled() -> Self {
        Self::filled_in(":memory:").await
    }

    async fn filled_in(path: &str) -> Self {
        let lab = Self::in_database(path).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("frames")).unwrap();
        std::fs::write(folder.path().join("frames/1.raw"), b"one").unwrap();
        std::fs::write(folder.path().join("about.txt"), b"two").unwrap();
        lab.insert("lab", row(1).with("raw", b"abc".to_vec()).unwrap()).await;
        lab.insert("lab", row(2).with("raw", b"abc".to_vec()).unwrap()).await;
        lab.insert("lab", row(3).with("movie", folder.path().to_str().unwrap()).unwrap()).await;
        lab
    }

    async fn delete(&self, schema: &str, id: i32) {
        let mut connection = self.dj.database().acquire().await.unwrap();
        let sql = format!("DELETE FROM \"{schema}.scan\" WHERE id = {id}");
        connection.execute(&Statement::plain(sql)).await.unwrap();
    }

    fn fsck(&self) -> Fsck {
        Fsck::of(&self.dj).older_than(Duration::ZERO)
    }

    async fn check(&self) -> FsckReport {
        // Files are as old as the clock of the machine tells them apart.
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.fsck().run().await.unwrap()
    }

    /// The object with the bytes `abc`.
    fn object(&self) -> PathBuf {
        self.folder.path().join("_hash/lab/saavbgb42jh3bvuwh56sryl7oi")
    }
}

fn row(id: i32) -> DynamicRow {
    DynamicRow::new().with("id", id).unwrap()
}

fn told(report: &FsckReport) -> Vec<String> {
    report.faults.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_is_as_it_should_be_is_counted() {
    let lab = Lab::filled().await;
    let report = lab.check().await;
    assert_eq!((report.exit_status(), report.fault_count, report.orphan_count), (0, 0, 0), "{report}");
    // The folder has two files, and what says so.
    assert_eq!((report.references, report.objects, report.read), (3, 4, 0), "{report}");
    let report = lab.fsck().read_all().run().await.unwrap();
    assert_eq!((report.exit_status(), report.read), (0, 3), "{report}");
}

#[tokio::test]
async fn an_object_that_is_gone_or_changed_is_told_for_each_row() {
    let lab = Lab::filled().await;
    std::fs::write(lab.object(), b"xyz").unwrap();
    assert_eq!(lab.check().await.exit_status(), 0, "of the same size");
    let report = lab.fsck().read_all().run().await.unwrap();
    assert_eq!((report.exit_status(), report.fault_count), (1, 2), "{report}");
    assert!(matches!(report.faults[0].problem, Problem::Contents { .. }), "{report}");
    std::fs::write(lab.object(), b"longer").unwrap();
    let report = lab.check().await;
    assert_eq!(report.faults[0].problem, Problem::OtherSize { expected: 3, found: 6 });
    std::fs::remove_file(lab.object()).unwrap();
    let report = lab.check().await;
    assert_eq!(
        told(&report),
        [1, 2].map(|id| format!(
            "`raw` of `lab.scan` (id = {id}): the object is not there (_hash/lab/saavbgb42jh3bvuwh56sryl7oi in store `main`)"
        ))
    );
    std::fs::remove_dir_all(lab.folder.path().join("_schema")).unwrap();
    let report = lab.check().await;
    assert_eq!((report.exit_status(), report.fault_count), (1, 3), "{report}");
}

#[tokio::test]
async fn what_no_row_refers_to_is_told_when_it_is_old_enough() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    assert_eq!(lab.check().await.exit_status(), 0, "another row has the same bytes");
    lab.delete("lab", 2).await;
    let report = lab.check().await;
    assert_eq!((report.exit_status(), report.orphan_count, report.orphan_bytes), (2, 1, 3), "{report}");
    lab.delete("lab", 3).await;
    let report = lab.check().await;
    assert_eq!((report.exit_status(), report.orphan_count), (2, 4), "two files, and what says so: {report}");
    let young = Fsck::of(&lab.dj).run().await.unwrap();
    assert_eq!((young.exit_status(), young.objects), (0, 4), "a row may be on its way: {young}");
}

#[tokio::test]
async fn a_row_of_another_schema_keeps_an_object() {
    let lab = Lab::filled().await;
    let table = lab.dj.table("lab.Scan").await.unwrap();
    let stored: Vec<StoredRow> =
        table.restrict(datajoint_pipeline::attribute("id").eq(1)).fetch_as(&lab.dj).await.unwrap();
    let described: serde_json::Value = stored[0].0.get("raw").unwrap();
    lab.insert("other", row(9).with("raw", described).unwrap()).await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    let report = lab.check().await;
    assert_eq!(report.orphan_count, 0, "{report}");
    // Also where that schema is not the one that is looked at.
    let report = lab.fsck().schemas(["lab"]).run().await.unwrap();
    assert_eq!((report.orphan_count, report.references), (0, 1), "{report}");
    lab.delete("other", 9).await;
    assert_eq!(lab.fsck().schemas(["lab"]).run().await.unwrap().orphan_count, 1);
    // It is no leftover of the other one.
    assert_eq!(lab.fsck().schemas(["other"]).run().await.unwrap().orphan_count, 0);
}

#[tokio::test]
async fn an_object_is_reached_through_both_names_of_its_location() {
    let lab = Lab::new().await;
    lab.insert(
        "lab",
        row(1).with("trace", datajoint_blob::pack(&datajoint_blob::Value::from("ü")).unwrap()).unwrap(),
    )
    .await;
    let report = lab.check().await;
    assert_eq!((report.references, report.objects, report.orphan_count), (1, 1, 0), "{report}");
}

#[tokio::test]
async fn nothing_is_a_leftover_while_a_value_can_not_be_read() {
    let lab = Lab::filled().await;
    lab.delete("lab", 3).await;
    let mut connection = lab.dj.database().acquire().await.unwrap();
    for wrong in [
        "{}",
        "[]",
        "\"x\"",
        "{\"path\": \"../x\", \"hash\": \"y\", \"size\": 3, \"store\": \"main\"}",
        "{\"path\": \"x\", \"hash\": \"y\", \"size\": 3, \"store\": \"none\"}",
    ] {
        let sql = format!("UPDATE \"lab.scan\" SET raw = '{wrong}' WHERE id = 1");
        connection.execute(&Statement::plain(sql)).await.unwrap();
        let report = lab.check().await;
        assert_eq!((report.exit_status(), report.fault_count), (1, 1), "{wrong}: {report}");
        assert!(matches!(report.faults[0].problem, Problem::Unreadable { .. }), "{wrong}: {report}");
        if !wrong.contains("..") {
            assert_eq!((report.orphan_count, report.not_judged.len()), (0, 1), "{wrong}: {report}");
        }
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_is_told_and_the_others_are_looked_at() {
    let lab = Lab::filled().await;
    let dj = lab.dj.with_settings(|settings| {
        let away = serde_json::json!({"protocol": "file", "location": "/nowhere/at/all"});
        let stores = serde_json::json!({"away": away}).to_string();
        let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap();
        settings.stores.named.extend(read.stores.named);
    });
    let report = Fsck::of(&dj).run().await.unwrap();
    assert_eq!((report.exit_status(), report.references, report.not_judged.len()), (2, 3, 1), "{report}");
}

#[tokio::test]
async fn a_sample_reads_its_share_and_the_same_each_time() {
    let lab = Lab::new().await;
    for id in 0..200_i32 {
        lab.insert("lab", row(id).with("raw", id.to_string().into_bytes()).unwrap()).await;
    }
    let reads = async |share| lab.fsck().sample(share).run().await.unwrap().read;
    let half = reads(0.5).await;
    assert!((60..140).contains(&half), "{half}");
    assert_eq!(reads(0.5).await, half);
    assert_eq!((reads(0.0).await, reads(1.0).await, reads(7.0).await), (0, 200, 200));
}

#[tokio::test]
async fn links_and_files_of_others_are_nobodys_leftovers() {
    let lab = Lab::filled().await;
    std::fs::create_dir_all(lab.folder.path().join("_hash/nobody")).unwrap();
    for path in ["_hash/nobody/x", "notes.txt", "_hash/lab.txt"] {
        std::fs::write(lab.folder.path().join(path), b"x").unwrap();
    }
    std::os::unix::fs::symlink(Path::new("/etc"), lab.folder.path().join("_hash/lab/etc")).unwrap();
    let report = lab.check().await;
    assert_eq!((report.orphan_count, report.fault_count), (0, 0), "{report}");
}

/// The only folder below a folder.
fn folder_in(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.is_dir()).unwrap()
}

#[tokio::test]
async fn a_folder_that_lacks_a_file_is_told() {
    let lab = Lab::filled().await;
    let folder = folder_in(&lab.folder.path().join("_schema/id=3/lab/scan"));
    let manifest =
        folder.with_file_name(format!("{}.manifest.json", folder.file_name().unwrap().to_str().unwrap()));
    let whole = std::fs::read(&manifest).unwrap();
    let faults = async |says: &str| {
        let report = lab.check().await;
        assert_eq!((report.exit_status(), report.fault_count), (1, 1), "{says}: {report}");
        assert!(told(&report)[0].contains(says), "{says}: {report}");
        let report = lab.fsck().read_all().run().await.unwrap();
        assert_eq!((report.fault_count, report.read), (1, 2), "told once: {report}");
    };
    std::fs::write(folder.join("about.txt"), b"longer").unwrap();
    faults("6 bytes, not 3").await;
    std::fs::remove_file(folder.join("about.txt")).unwrap();
    faults("/about.txt").await;
    std::fs::remove_file(&manifest).unwrap();
    faults("it has 1 file, and the row says 2 files").await;
    std::fs::write(folder.join("about.txt"), b"two").unwrap();
    assert_eq!(lab.check().await.exit_status(), 0, "a staged insert of Python has no manifest");
    for odd in ["[]", "null", "{\"files\":5}"] {
        std::fs::write(&manifest, odd).unwrap();
        faults("is no manifest").await;
    }
    std::fs::write(&manifest, whole).unwrap();
    assert_eq!(lab.check().await.exit_status(), 0);
}

#[tokio::test]
async fn an_array_is_compared_with_its_row() {
    let lab = Lab::new().await;
    let declaration = DynamicDeclaration {
        schema: "lab",
        class_name: "Grid",
        tier: Tier::Manual,
        definition: "id : int32\n---\nall : <npy@main>",
        master: None,
    };
    let grid = lab.dj.declare_dynamic(declaration).await.unwrap();
    let array = |shape: &str, length: usize| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
        let header = format!("{header:<117}\n");
        [b"\x93NUMPY\x01\x00\x76\x00".as_slice(), header.as_bytes(), &vec![0; length]].concat()
    };
    grid.insert_one(&lab.dj, row(1).with("all", array("(2,)", 8)).unwrap()).await.unwrap();
    let report = lab.fsck().read_all().run().await.unwrap();
    assert_eq!((report.exit_status(), report.read), (0, 1), "{report}");
    let folder = lab.folder.path().join("_schema/id=1/lab/grid");
    let path = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let wrong = [array("(2,)", 5), array("(1, 2)", 8), array("(3,)", 12), b"nonsense".to_vec(), Vec::new()];
    for wrong in wrong {
        std::fs::write(&path, &wrong).unwrap();
        let report = lab.fsck().read_all().run().await.unwrap();
        assert_eq!((report.exit_status(), report.fault_count), (1, 1), "{} bytes: {report}", wrong.len());
        assert!(matches!(report.faults[0].problem, Problem::Contents { .. }), "{report}");
    }
}
