//! Exports that say what is not so.

use datajoint::Stamp;
use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint_transfer::{Export, Import};

use crate::{
    OBJECT, SECRET, declared, document, image, imported, imported_by, instance, speak_of, write_rows,
};

/// Fails unless an import is refused for this reason, with nothing declared and nothing in the store.
async fn refused(reason: &str, change: impl FnOnce(&std::path::Path, &mut Json)) {
    let there = tempfile::tempdir().unwrap();
    let other = instance(there.path()).await;
    let (error, found) =
        imported_by(&other, there.path(), |folder, _, manifest| change(folder, manifest)).await;
    assert!(error.contains(reason), "{reason}: {error}");
    assert_eq!(found, [""; 0], "{reason}: nothing is in the store");
    let schemas = other.list_schemas().await.unwrap();
    assert!(!schemas.contains(&"lab".to_owned()), "{reason}: nothing was declared");
}

/// Puts an object of this content beside an export.
fn add(folder: &std::path::Path, manifest: &mut Json, path: &str, content: &str) {
    let place = folder.join("objects/main").join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, content).unwrap();
    let object = json!({"store": "main", "path": path, "size": content.len()});
    manifest["objects"].as_array_mut().unwrap().push(object);
}

#[tokio::test]
async fn an_object_that_no_row_speaks_of_is_refused() {
    refused("no row of the export speaks of the object _hash/production/x", |folder, manifest| {
        add(folder, manifest, "_hash/production/x", "stray");
    })
    .await;
    refused("no row of the export speaks of the object _hash/lab/abcd", |folder, manifest| {
        add(folder, manifest, "_hash/lab/abcd", "beside it");
    })
    .await;
    // Without a table there is no schema whose stamp could be asked.
    refused("no row of the export speaks of the object _hash/lab/abc", |_, manifest| {
        manifest["tables"] = json!([]);
    })
    .await;
    refused("of the default store", |_, manifest| manifest["objects"][0]["store"] = Json::Null).await;
}

#[tokio::test]
async fn a_row_that_speaks_of_no_object_of_the_export_is_refused() {
    refused("`pixels` of a row of `lab.image` speaks of the object _hash/lab/abc", |_, manifest| {
        manifest["objects"] = json!([]);
    })
    .await;
    refused("which names no object in a store", |folder, manifest| {
        write_rows(folder, manifest, &[json!([1, {"json": {"path": 7}}]).to_string()]);
    })
    .await;
}

#[tokio::test]
async fn what_lies_in_a_folder_that_a_row_speaks_of_goes_with_it() {
    let (error, found) = imported(|folder, _, manifest| {
        write_rows(
            folder,
            manifest,
            &[json!([1, {"json": document("_schema/lab/image/id=1/a")}]).to_string()],
        );
        manifest["objects"] = json!([]);
        add(folder, manifest, "_schema/lab/image/id=1/a/one", "1");
        add(folder, manifest, "_schema/lab/image/id=1/a/deep/two", "2");
        add(folder, manifest, "_schema/lab/image/id=1/a.manifest.json", "{}");
    })
    .await;
    assert_eq!((error.as_str(), found.len()), ("", 3));
}

#[tokio::test]
async fn stamps_are_heeded_before_an_object_is_written() {
    for (stamped, path) in
        [("lab", OBJECT), ("production", "_hash/production/abc"), ("production", "_HASH/production/abc")]
    {
        let there = tempfile::tempdir().unwrap();
        let other = instance(there.path()).await;
        declared(&other, stamped, "Sample", "id : int32").await;
        other
            .with_settings(|settings| settings.environment = Some("production".to_owned()))
            .stamp(&[stamped], Some(&Stamp::new("production")))
            .await
            .unwrap();
        let stranger = other.with_settings(|settings| settings.environment = Some("staging".to_owned()));
        let (error, found) = imported_by(&stranger, there.path(), |folder, _, manifest| {
            let from = folder.join("objects/main").join(OBJECT);
            let to = folder.join("objects/main").join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::rename(from, to).unwrap();
            speak_of(folder, manifest, path);
        })
        .await;
        assert!(error.contains("production") && error.contains("staging"), "{path}: {error}");
        assert_eq!(found, [""; 0], "{path}");
        assert!(other.table("lab.Image").await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn content_under_the_hash_of_another_is_refused() {
    let (path, content) = ("_hash/lab/saavbgb42jh3bvuwh56sryl7oi", "abc");
    for (content, is_it) in [(content, true), ("abd", false)] {
        let (error, found) = imported(|folder, _, manifest| {
            speak_of(folder, manifest, path);
            manifest["objects"] = json!([]);
            add(folder, manifest, path, content);
        })
        .await;
        assert_eq!(error.is_empty(), is_it, "{error}");
        assert!(is_it || error.contains("is not what was written"), "{error}");
        assert_eq!(found.len(), usize::from(is_it));
    }
}

#[tokio::test]
async fn no_export_is_made_of_a_damaged_object() {
    let (store, export) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dj = instance(store.path()).await;
    let image = image(&dj, store.path()).await;
    let path = "_hash/lab/saavbgb42jh3bvuwh56sryl7oi";
    std::fs::write(store.path().join(path), "abd").unwrap();
    let rows = [json!({"id": 2, "pixels": document(path)})];
    image.insert_with(&dj, rows, InsertOptions::new().as_stored()).await.unwrap();
    let error = Export::new(&dj, &image).to(export.path()).await.unwrap_err().to_string();
    assert!(error.contains("is not what was written"), "{error}");
}

#[tokio::test]
async fn what_stands_there_twice_is_refused() {
    refused("stands there twice", |_, manifest| {
        let object = manifest["objects"][0].clone();
        manifest["objects"].as_array_mut().unwrap().push(object);
    })
    .await;
    refused("`lab.image` stands there twice", |_, manifest| {
        let table = manifest["tables"][0].clone();
        manifest["tables"].as_array_mut().unwrap().push(table);
    })
    .await;
    let line = |cell: &str| vec![format!("[1,{cell}]")];
    for cell in [r#"{"json":null,"json":null}"#, r#"{"json":{"path":"a","path":"b"}}"#] {
        refused("line 1:", |folder, manifest| write_rows(folder, manifest, &line(cell))).await;
    }
}

#[tokio::test]
async fn numbers_that_lie_are_refused() {
    for rows in [0, 2, u64::MAX] {
        refused("and the manifest says", |_, manifest| manifest["tables"][0]["rows"] = rows.into()).await;
    }
    for size in [0, SECRET.len() as u64 + 1, u64::MAX] {
        refused("and the manifest says", |_, manifest| manifest["objects"][0]["size"] = size.into()).await;
    }
    refused("line 2: it has 1 value, and the table has 2 attributes", |folder, manifest| {
        write_rows(folder, manifest, &["[1,null]".to_owned(), "[2]".to_owned()]);
    })
    .await;
    refused("line 2: {\"int\":1} is no value of `pixels`", |folder, manifest| {
        write_rows(folder, manifest, &["[1,null]".to_owned(), r#"[2,{"int":1}]"#.to_owned()]);
    })
    .await;
}

#[tokio::test]
async fn a_table_that_keeps_its_objects_otherwise_takes_no_rows() {
    let there = tempfile::tempdir().unwrap();
    let other = instance(there.path()).await;
    declared(&other, "lab", "Image", "id : int32\n---\npixels = null : <hash@main>").await;
    let (error, found) = imported_by(&other, there.path(), |folder, _, manifest| {
        manifest["tables"][0]["definition"] = "id : int32\n---\npixels = null : json".into();
        manifest["objects"] = json!([]);
        write_rows(folder, manifest, &[json!([1, {"json": document("_hash/production/x")}]).to_string()]);
    })
    .await;
    assert!(error.contains("`pixels` by the codec <hash@>, and the export has it by none"), "{error}");
    assert_eq!(found, [""; 0]);
    assert_eq!(other.table("lab.Image").await.unwrap().count(&other).await.unwrap(), 0);
}

/// A fault in the middle of the rows: nothing is kept, the error names it, and the next import goes through.
#[tokio::test]
async fn an_import_that_fails_in_the_middle_leaves_no_row() {
    let folder = || tempfile::tempdir().unwrap();
    let (here, there, export) = (folder(), folder(), folder());
    let (dj, other) = (instance(here.path()).await, instance(there.path()).await);
    let subject = declared(&dj, "lab", "Subject", "id : int32\n---\nweight : int16").await;
    let definition = "-> lab.Subject\nn : int32\n---\nnote : varchar(9)";
    let session = declared(&dj, "lab", "Session", definition).await;
    subject.insert(&dj, (0..9).map(|id| json!({"id": id, "weight": id}))).await.unwrap();
    session.insert(&dj, (0..9).map(|id| json!({"id": id, "n": 1, "note": "x"}))).await.unwrap();
    Export::new(&dj, &session).to(export.path()).await.unwrap();
    let path = export.path().join("manifest.json");
    let good = std::fs::read(&path).unwrap();
    let of_sessions = std::fs::read_to_string(export.path().join("002.jsonl")).unwrap();
    let faults: [(&str, &[&str]); 4] = [
        (r#"[6,1,"much too long"]"#, &["row 7 ", "`lab.session`", "`note`"]),
        (r#"[6,4000000000,"x"]"#, &["row 7 ", "`lab.session`", "`n`"]),
        (r#"[77,1,"x"]"#, &["`lab.session`", "77"]),
        (r#"[6,1,{"date":"2020-02-30"}]"#, &["002.jsonl", "line 7", "`note`"]),
    ];
    for (line, said) in faults {
        let mut lines: Vec<String> = of_sessions.lines().map(str::to_owned).collect();
        line.clone_into(&mut lines[6]);
        let mut manifest: Json = datajoint::types::serde_json::from_slice(&good).unwrap();
        let mut of_one = json!({"tables": [manifest["tables"][1].clone()]});
        let first = std::fs::read(export.path().join("001.jsonl")).unwrap();
        write_rows(export.path(), &mut of_one, &lines);
        std::fs::rename(export.path().join("001.jsonl"), export.path().join("002.jsonl")).unwrap();
        std::fs::write(export.path().join("001.jsonl"), first).unwrap();
        manifest["tables"][1] = of_one["tables"][0].clone();
        std::fs::write(&path, manifest.to_string()).unwrap();
        let error = Import::new(&other, export.path()).run().await.unwrap_err().to_string();
        for part in said {
            assert!(error.contains(part), "{line}: {error}");
        }
        for class in ["Subject", "Session"] {
            if let Ok(table) = other.table(&format!("lab.{class}")).await {
                assert_eq!(table.count(&other).await.unwrap(), 0, "{line}");
            }
        }
    }
    std::fs::write(&path, &good).unwrap();
    std::fs::write(export.path().join("002.jsonl"), &of_sessions).unwrap();
    Import::new(&other, export.path()).run().await.unwrap();
    assert_eq!(other.table("lab.Session").await.unwrap().count(&other).await.unwrap(), 9);
}
