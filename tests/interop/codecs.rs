//! Objects in a store that one side writes and the other reads.

use std::path::Path;

use datajoint::prelude::*;
use datajoint::store::Stores;
use datajoint::types::ndarray::{Array2, Ix2, array};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::beside::Beside;
use crate::wire::hexadecimal;

mod tables {
    use datajoint::prelude::*;

    schema!("codecs");

    #[table(Manual, types(blob_out = Vec<f64>))]
    /// subject  : varchar(20)
    /// day      : date
    /// ---
    /// blob_out = null : <blob@sub>
    /// attach_out = null : <attach@main>
    /// hash_out = null : <hash@main>
    /// object_raw = null : <object@main>
    /// object_file = null : <object@sub>
    /// object_dir = null : <object@main>
    /// npy_out = null : <npy@sub>
    /// path = null : <filepath@main>
    /// path_dir = null : <filepath@main>
    /// of_default = null : <hash@>
    pub(super) struct Item;
}

use tables::{Item, ItemRow};

/// A client with two stores that Python has too, and a folder with files to put into them.
fn with_stores(beside: &mut Beside) -> (Instance, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for made in ["main/mine/tree/deep", "sub", "source/nested", "download"] {
        std::fs::create_dir_all(folder.path().join(made)).unwrap();
    }
    let write = |path: &str, bytes: &[u8]| std::fs::write(folder.path().join(path), bytes).unwrap();
    write("main/mine/one.dat", b"one");
    write("main/mine/tree/deep/t.dat", b"two!");
    write("source/notes.txt", b"hello");
    write("source/nested/b.csv", b"x,y");
    let place = |name: &str| folder.path().join(name);
    let stores = json!({
        "default": "main",
        "main": {"protocol": "file", "location": place("main")},
        "sub": {
            "protocol": "file", "location": place("sub"), "subfolding": [2, 2], "hash_prefix": "h2",
            "schema_prefix": "s2", "partition_pattern": "{subject}", "token_length": 12,
        },
    });
    beside.python.call("use_stores", &json!({"stores": stores, "download": place("download")}));
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores.to_string())]).load();
    let stores = read.unwrap().stores;
    (beside.typed("codecs").with_settings(|settings| settings.stores = stores), folder)
}

fn day() -> datajoint::types::chrono::NaiveDate {
    "2024-01-02".parse().unwrap()
}

fn empty(subject: &str) -> ItemRow {
    ItemRow::new(subject, day())
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// Rust writes objects with every codec; Python reads all of them.
pub(crate) async fn objects_of_rust_are_read_by_python(beside: &mut Beside) {
    let (dj, folder) = with_stores(beside);
    let schema = beside.schema("codecs");
    let subject = "a/b ü";
    let row = ItemRow {
        blob_out: Some(vec![1.5, 2.5]),
        attach_out: Some(Attachment::new("att.txt", "hello")),
        hash_out: Some(b"abc".to_vec()),
        object_raw: Some(Object::bytes("raw")),
        object_file: Some(Object::file(path(&folder, "source/notes.txt"))),
        object_dir: Some(Object::file(path(&folder, "source"))),
        npy_out: Some(Npy::new(&array![[1_i16, 2], [3, 4]]).unwrap()),
        path: Some(Object::in_store("mine/one.dat")),
        path_dir: Some(Object::in_store("mine/tree")),
        of_default: Some(b"default".to_vec()),
        ..empty(subject)
    };
    Item.insert(&dj, [row, empty("none")]).await.unwrap();
    let mut fetch = |subject: &str| {
        let restriction = json!({"subject": subject});
        let arguments = json!({"schema": schema, "table": "item", "restriction": restriction});
        beside.python.call("fetch_objects", &arguments)
    };
    let found = fetch(subject);
    let hex = |bytes: &[u8]| json!({"bytes": hexadecimal(bytes)});
    let array = |dtype: &str, shape: Json, data: Json| json!({"array": {"dtype": dtype, "shape": shape, "data": data}});
    let int = |number: i32| json!({"int": number.to_string()});
    let expected = [
        ("blob_out", json!({"list": [{"float": "3ff8000000000000"}, {"float": "4004000000000000"}]})),
        ("attach_out", json!({"file": ["att.txt", hexadecimal(b"hello")]})),
        ("hash_out", hex(b"abc")),
        ("object_raw", hex(b"raw")),
        ("object_file", hex(b"hello")),
        (
            "object_dir",
            json!({"folder": {"nested/b.csv": hexadecimal(b"x,y"), "notes.txt": hexadecimal(b"hello")}}),
        ),
        ("npy_out", array("int16", json!([2, 2]), json!([int(1), int(2), int(3), int(4)]))),
        ("path", hex(b"one")),
        ("path_dir", json!({"folder": {"deep/t.dat": hexadecimal(b"two!")}})),
        ("of_default", hex(b"default")),
    ];
    for (name, value) in expected {
        let found = &found[name];
        let is_array = name == "blob_out" && found.get("array").is_some();
        assert!(*found == value || is_array, "{name}: {found} for {value}");
    }
    let none = fetch("none");
    let has_none = |name: &str| none[name].is_null();
    assert!(expected_names().into_iter().all(has_none), "{none}");
    beside.python.call(
        "delete",
        &json!({"schema": schema, "table": "item", "restriction": {"subject": {"str": subject}}}),
    );
    assert_eq!(Item.count(&dj).await.unwrap(), 1);
}

fn expected_names() -> [&'static str; 4] {
    ["blob_out", "object_dir", "npy_out", "path"]
}

/// Python writes objects with every codec, as far as it can; Rust reads all of them, and writes the same hashes.
pub(crate) async fn objects_of_python_are_read_by_rust(beside: &mut Beside) {
    let (dj, folder) = with_stores(beside);
    let schema = beside.schema("codecs");
    assert_eq!(Item.count(&dj).await.unwrap(), 0);
    let quoted = |text: String| Json::String(text).to_string();
    let file = |name: &str| quoted(path(&folder, name));
    let hashed = json!({
        "blob_out": "[1.5, 2.5]", "attach_out": file("source/notes.txt"),
    });
    let others = json!({
        "hash_out": "b\"abc\"", "object_raw": "b\"raw\"", "object_file": file("source/notes.txt"),
        "object_dir": file("source"), "npy_out": "np.array([[1, 2], [3, 4]], dtype=\"f4\", order=\"F\")",
        "path": "\"mine/one.dat\"", "path_dir": "\"mine/tree\"",
    });
    let mut insert = |subject: &str, values: &Json| {
        let mut row = json!({"subject": quoted(subject.to_owned()), "day": "datetime.date(2024, 1, 2)"});
        for (name, value) in values.as_object().unwrap() {
            row[name] = value.clone();
        }
        beside.python.try_call("insert_objects", &json!({"schema": schema, "table": "item", "row": row}))
    };
    insert("a/b ü", &others).unwrap();
    // On MariaDB it writes these objects, and can't insert the row.
    let inserted = insert("hashed", &hashed);
    let row = Item.restrict([("subject", "a/b ü")]).fetch_one(&dj).await.unwrap();
    assert_eq!(row.hash_out.as_deref(), Some(&b"abc"[..]));
    let stores: &Stores = dj.stores();
    let read = async |object: &Option<Object>| object.as_ref().unwrap().read(stores).await.unwrap();
    assert_eq!(read(&row.object_raw).await, b"raw");
    assert_eq!(read(&row.object_file).await, b"hello");
    assert_eq!(read(&row.path).await, b"one");
    let tree = row.object_dir.as_ref().unwrap();
    assert_eq!((tree.is_folder(), tree.file_count(), tree.size()), (true, Some(2), Some(8)));
    assert_eq!(tree.child("nested/b.csv").unwrap().read(&dj).await.unwrap(), b"x,y");
    tree.verify(&dj).await.unwrap();
    assert!(row.path_dir.as_ref().unwrap().is_folder());
    let npy: Array2<f32> = row.npy_out.as_ref().unwrap().load::<f32, Ix2>(&dj).await.unwrap();
    assert_eq!(npy, array![[1.0, 2.0], [3.0, 4.0]]);
    if inserted.is_ok() {
        let row = Item.restrict([("subject", "hashed")]).fetch_one(&dj).await.unwrap();
        assert_eq!(row.blob_out, Some(vec![1.5, 2.5]));
        assert_eq!(row.attach_out, Some(Attachment::new("notes.txt", "hello")));
    }
    // The same content is kept once, whoever writes it.
    let before = files(folder.path());
    let again = ItemRow { hash_out: Some(b"abc".to_vec()), ..empty("again") };
    Item.insert_one(&dj, again).await.unwrap();
    assert_eq!(files(folder.path()), before);
}

/// How many files there are.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
