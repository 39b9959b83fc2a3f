//! Copies of rows with all that they need, to files and to another kind of database.

use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicDeclaration, Tier};
use datajoint_transfer::{Error, Export, Import, Manifest, copy};
use tempfile::TempDir;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_transfer");

    #[table(Lookup, contents = [("nose",), ("tail",)])]
    /// kind : varchar(8)
    pub(super) struct Kind;

    #[table(Manual)]
    /// subject : int32
    /// ---
    /// born : date
    /// note = '' : varchar(40)
    pub(super) struct Subject;

    #[table(Manual)]
    /// -> Subject
    /// session : int16
    /// ---
    /// -> [nullable] Kind
    /// ratio = null : float64
    /// short = null : float32
    /// price = null : decimal(8,2)
    /// code = null : uuid
    /// doc = null : json
    /// at = null : datetime(6)
    /// raw = null : bytes
    /// ok = 1 : bool
    pub(super) struct Session;

    #[part(Session)]
    /// -> master
    /// trial : int32
    /// ---
    /// -> Kind.proj(stimulus='kind')
    pub(super) struct SessionTrial;

    #[table(Manual)]
    /// comparison : int32
    /// ---
    /// -> Session.proj(left_subject='subject', left_session='session')
    pub(super) struct Comparison;
}

use tables::{
    Comparison, ComparisonRow, Session, SessionKey, SessionRow, SessionTrial, SessionTrialRow, Subject,
    SubjectRow,
};

const SCHEMA: &str = "dj_conformance_transfer";
const OTHER: &str = "dj_conformance_transfer_too";

static TURN: Turn = Turn::new(SCHEMA);

async fn fill(dj: &Instance) {
    use datajoint::types::{chrono::NaiveDate, rust_decimal::Decimal, uuid::Uuid};

    let born = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    let subjects = (1..=3).map(|subject| SubjectRow { subject, born, note: "it's\n\"ü\"".to_owned() });
    Subject.insert(dj, subjects.collect::<Vec<_>>()).await.unwrap();
    let full = SessionRow {
        kind: Some("nose".to_owned()),
        ratio: Some(0.1),
        short: Some(0.1),
        price: Some(Decimal::new(-1250, 2)),
        code: Some(Uuid::from_u128(77)),
        doc: Some(json!({"b": 1, "a": [1.5, null, "x"]})),
        at: Some(born.and_hms_micro_opt(1, 2, 3, 4500).unwrap()),
        raw: Some(vec![0, 255, 7]),
        ok: false,
        ..SessionRow::new(1, 1)
    };
    Session.insert(dj, [full, SessionRow::new(1, 2), SessionRow::new(2, 1)]).await.unwrap();
    let trial =
        |subject, session, trial| SessionTrialRow { subject, session, trial, stimulus: "tail".to_owned() };
    SessionTrial.insert(dj, [trial(1, 1, 1), trial(1, 1, 2), trial(2, 1, 1)]).await.unwrap();
    let comparison = |comparison, left_subject| ComparisonRow { comparison, left_subject, left_session: 1 };
    Comparison.insert(dj, [comparison(1, 1), comparison(2, 2)]).await.unwrap();
}

async fn embedded() -> Instance {
    Instance::connect(Settings::embedded(":memory:")).await.unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The rows of a session, with their subject, what they refer to, and their trials; and, on request, what depends on it.
pub async fn a_closed_part_comes_over_to_another_backend_and_back(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let _ = dj.drop_schema(OTHER).confirmed().await;
    fill(dj).await;
    let (embedded, folder) = (embedded().await, folder());
    let first = Session & SessionKey { subject: 1, session: 1 };
    let report = copy(dj, &first, &embedded, false).await.unwrap().to_string();
    let name = |table: &str, rows| format!("{SCHEMA}.{table}: {rows}");
    assert_eq!(
        report,
        [name("#kind", 2), name("subject", 1), name("session", 1), name("session__trial", 2)].join("\n")
    );
    let there = |on: Instance| async move { Session.order_by("KEY").fetch(&on).await.unwrap() };
    assert_eq!(there(embedded.clone()).await, first.fetch(dj).await.unwrap());
    assert_eq!(Comparison.count(&embedded).await.unwrap(), 0);

    // From there back, with what depends on it, under another name.
    let report = copy(dj, &first, &embedded, true).await.unwrap();
    assert!(report.to_string().contains(&name("comparison", 1)), "{report}");
    Export::new(&embedded, &Subject).with_descendants().to(folder.path()).await.unwrap();
    let report = Import::new(dj, folder.path()).schema(SCHEMA, OTHER).run().await.unwrap();
    assert!(report.to_string().contains(&format!("{OTHER}.session__trial: 2")), "{report}");
    let other = dj.schema(OTHER).await.unwrap();
    let sessions = other.table("Session").unwrap().fetch(dj).await.unwrap();
    assert_eq!(sessions, first.fetch_dynamic(dj).await.unwrap());
    let described = other.table("SessionTrial").unwrap().describe().unwrap();
    assert!(described.contains("-> Session\n") && described.contains("Kind.proj(stimulus"), "{described}");
    dj.drop_schema(OTHER).confirmed().await.unwrap();
    turn.end(dj).await;
}

/// The same rows again change nothing; rows that differ, files that were changed, and other folders are refused.
pub async fn an_import_is_checked_and_can_be_repeated(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let (embedded, folder) = (embedded().await, folder());
    Export::new(dj, &Session).to(folder.path()).await.unwrap();
    let error = Export::new(dj, &Session).to(folder.path()).await.unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    for _ in 0..2 {
        Import::new(&embedded, folder.path()).run().await.unwrap();
    }
    assert_eq!(Session.count(&embedded).await.unwrap(), 3);
    Import::new(dj, folder.path()).run().await.unwrap();

    // A row that is there and differs.
    let note = SubjectRow { note: "other".to_owned(), ..Subject.head(1).fetch_one(&embedded).await.unwrap() };
    Subject.update_one(&embedded, note).await.unwrap();
    let error = Import::new(&embedded, folder.path()).run().await.unwrap_err().to_string();
    assert!(error.contains("note = \"other\""), "{error}");

    // A line that was changed.
    let manifest = Manifest::read(folder.path()).unwrap();
    let trials = manifest.tables.iter().find(|table| table.table == "session__trial").unwrap();
    let path = folder.path().join(&trials.file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("tail", "nose")).unwrap();
    let fresh = self::embedded().await;
    let error = Import::new(&fresh, folder.path()).run().await.unwrap_err();
    assert!(matches!(error, Error::Format { .. }), "{error}");
    assert_eq!(Subject.count(&fresh).await.unwrap(), 0, "all or nothing");
    turn.end(dj).await;
}

/// An export of more rows than any list holds is taken in whole, and once more.
pub async fn very_many_rows_come_over(dj: &Instance, _: Capabilities) {
    const MANY: i32 = 60_000;
    let turn = TURN.take(dj).await;
    let born = datajoint::types::chrono::NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    let rows = (0..MANY).map(|subject| SubjectRow { subject, born, note: format!("n{subject}") });
    Subject.insert(dj, rows).await.unwrap();
    let folder = folder();
    Export::new(dj, &Subject).to(folder.path()).await.unwrap();
    // Most of them are there when it is taken in.
    (Subject & Subject::subject.lt(10)).delete_quick(dj).confirmed().await.unwrap();
    for _ in 0..2 {
        Import::new(dj, folder.path()).run().await.unwrap();
        assert_eq!(Subject.count(dj).await.unwrap(), u64::from(MANY.unsigned_abs()));
    }
    turn.end(dj).await;
}

/// What rows say of a store is found there, taken along, and put into the store of the other side.
pub async fn objects_in_stores_go_with_their_rows(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (here, there, export) = (folder(), folder(), folder());
    let with_store = |dj: &Instance, location: &Path| {
        let stores =
            json!({"default": "main", "main": {"protocol": "file", "location": location}}).to_string();
        let stores =
            Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap().stores;
        dj.with_settings(|settings| settings.stores = stores)
    };
    let (dj, other) = (with_store(dj, here.path()), with_store(&embedded().await, there.path()));
    let image = dj
        .declare_dynamic(DynamicDeclaration {
            schema: SCHEMA,
            class_name: "Image",
            tier: Tier::Manual,
            definition: "id : int32\n---\npixels = null : <hash@>",
            master: None,
        })
        .await
        .unwrap();
    let path = "_hash/lab/rc6nmpryz7763flgw6d4sijrce";
    std::fs::create_dir_all(here.path().join("_hash/lab")).unwrap();
    std::fs::write(here.path().join(path), b"as Python wrote it").unwrap();
    let document = json!({"hash": "rc6nmpryz7763flgw6d4sijrce", "path": path, "schema": "lab", "store": "main", "size": 18});
    let row = |id: i32, pixels| DynamicRow::new().with("id", id).unwrap().with("pixels", pixels).unwrap();
    let as_stored = InsertOptions::new().as_stored();
    let rows = [row(1, Some(document.clone())), row(2, Some(document)), row(3, None)];
    image.insert_with(&dj, rows, as_stored).await.unwrap();
    let report = Export::new(&dj, &image).to(export.path()).await.unwrap();
    assert_eq!(report.objects, 1, "two rows speak of one object");
    Import::new(&other, export.path()).run().await.unwrap();
    assert_eq!(std::fs::read(there.path().join(path)).unwrap(), b"as Python wrote it");
    let of_the_default = "_hash/lab/3h4sq7cal5zpo3fqgib77gmesa";
    std::fs::write(here.path().join(of_the_default), b"in the default store").unwrap();
    let document = json!({"hash": "3h4sq7cal5zpo3fqgib77gmesa", "path": of_the_default, "schema": "lab", "store": null, "size": 20});
    image.insert_with(&dj, [row(4, Some(document))], as_stored).await.unwrap();
    assert_eq!(copy(&dj, &image, &other, false).await.unwrap().objects, 2);
    assert_eq!(std::fs::read(there.path().join(of_the_default)).unwrap(), b"in the default store");
    let lost = dj.with_settings(|settings| settings.stores = datajoint::Settings::default().stores);
    let error = copy(&lost, &image, &other, false).await.unwrap_err();
    assert!(matches!(error, Error::NoDefaultStore { .. }), "{error}");
    let named = image.restrict(datajoint::attribute("id").eq(1));
    let error = copy(&lost, &named, &other, false).await.unwrap_err();
    assert!(matches!(error, Error::UnknownStore { .. }), "{error}");
    turn.end(&dj).await;
}
