use std::path::{Path, PathBuf};

use datajoint_codec::{Npy, Object};
use datajoint_sql::Value;
use datajoint_store::Stores;
use serde_json::{Value as Json, json};

use super::{codec, codecs, json_of, row, stores};

/// What DataJoint for Python 2.3.5 wrote with every codec, kept beside the project where there is room for it.
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/goldens");

/// The settings of the stores there, and where they lie.
fn settings() -> [(&'static str, &'static str, Json); 4] {
    [
        ("main", "store-main", json!({})),
        (
            "sub",
            "store-sub",
            json!({
                "subfolding": [2, 2], "hash_prefix": "h2", "schema_prefix": "s2", "filepath_prefix": "raw",
                "partition_pattern": "{subject_id}/{session_date}", "token_length": 12,
            }),
        ),
        ("s3", "store-s3-bucket/loc-s3", json!({})),
        (
            "s3sub",
            "store-s3-bucket/loc-s3sub",
            json!({"subfolding": [2, 2], "partition_pattern": "{subject_id}"}),
        ),
    ]
}

/// A row of `rows.json`: its key as Rust has it.
fn key_of(row: &Json) -> Vec<(String, Value)> {
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    vec![
        ("subject_id".to_owned(), Value::Text(text("subject_id"))),
        ("session_date".to_owned(), Value::Date(text("session_date").parse().unwrap())),
        ("at".to_owned(), Value::DateTime(text("at").replace(' ', "T").parse().unwrap())),
        ("k".to_owned(), Value::Int(row["k"].as_i64().unwrap())),
    ]
}

/// The JSON of a column, which some servers give as a string.
fn document(value: &Json) -> Option<Json> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(serde_json::from_str(text).unwrap()),
        other => Some(other.clone()),
    }
}

/// Python writes a string that was given for a time as it is: Rust writes the time, whatever was given.
fn with_the_time(path: &str) -> String {
    let steps = path.split('/').map(|step| match step.strip_prefix("at=") {
        Some(at) if at.contains('%') => {
            let at = at.replace("%20", "T").replace("%3A", "-");
            format!("at={}", at.split('.').next().unwrap())
        }
        _ => step.to_owned(),
    });
    steps.collect::<Vec<_>>().join("/")
}

/// The files below a path of a folder, with what is in them.
fn files(root: &Path, path: &str) -> Vec<(String, Vec<u8>)> {
    fn collect(place: &Path, within: &str, found: &mut Vec<(String, Vec<u8>)>) {
        if place.is_file() {
            found.push((within.to_owned(), std::fs::read(place).unwrap()));
        }
        for entry in std::fs::read_dir(place).into_iter().flatten() {
            let entry = entry.unwrap();
            collect(&entry.path(), &format!("{within}/{}", entry.file_name().to_str().unwrap()), found);
        }
    }
    let mut found = Vec::new();
    collect(&root.join(path), "", &mut found);
    collect(&root.join(format!("{path}.manifest.json")), ".manifest.json", &mut found);
    found.sort();
    found
}

/// The codec of each column, and what was given to Python: a file of the folder `source`, or what is in the object.
const COLUMNS: [(&str, &str, Option<&str>); 12] = [
    ("blob_out", "blob", None),
    ("attach_out", "attach", Some("notes.txt")),
    ("hash_out", "hash", None),
    ("object_raw", "object", None),
    ("object_ext", "object", None),
    ("object_file", "object", Some("notes.txt")),
    ("object_dir", "object", Some("folder")),
    ("object_stage", "object", None),
    ("npy_f4", "npy", None),
    ("npy_c8f", "npy", None),
    ("path", "filepath", None),
    ("path_dir", "filepath", None),
];

struct Golden {
    folder: PathBuf,
    stores: Stores,
}

impl Golden {
    fn open(folder: PathBuf) -> Self {
        let places: Vec<(&str, PathBuf, Json)> =
            settings().into_iter().map(|(name, place, more)| (name, folder.join(place), more)).collect();
        let named: Vec<(&str, &Path, Json)> =
            places.iter().map(|(name, place, more)| (*name, place.as_path(), more.clone())).collect();
        Self { stores: stores(&named), folder }
    }

    /// Reads a value, and writes it again: the same JSON and the same files, but for the time in a path.
    async fn replay(
        &self,
        store: &str,
        place: &str,
        more: &Json,
        given: &Json,
        (column, name, source): Column,
    ) -> bool {
        let Some(written) = document(&given[column]) else { return false };
        let codec_type = codec(name, store);
        let read = codecs("").referenced_paths(&codec_type, &written).unwrap();
        assert_eq!(read.len(), 1, "{written}");
        let path = written["path"].as_str().unwrap();
        assert_eq!((read[0].path.as_str(), read[0].store.as_deref()), (path, Some(store)));
        if path.starts_with("..") || path.starts_with('/') || path.contains("/../") {
            // Python took a path that leads out of the store: nobody reads it.
            let codecs = codecs("");
            let coder = codecs.coder(&self.stores, &codec_type, column).unwrap();
            assert!(coder.decode(None, Value::Json(Box::new(written.clone()))).await.is_err(), "{path}");
            return true;
        }
        let decoded = {
            let codecs = codecs("");
            let coder = codecs.coder(&self.stores, &codec_type, column).unwrap();
            coder.decode(None, Value::Json(Box::new(written.clone()))).await.unwrap()
        };
        let again = match (name, source) {
            ("attach" | "object", Some(source)) => {
                Value::Text(self.folder.join("source").join(source).to_str().unwrap().to_owned())
            }
            ("filepath", _) => Value::Text(path.to_owned()),
            ("object", None) => {
                Value::Bytes(Object::of_json(written.clone()).unwrap().read(&self.stores).await.unwrap())
            }
            ("npy", _) => {
                Value::Bytes(Npy::of_json(written.clone()).unwrap().read(&self.stores).await.unwrap())
            }
            _ => decoded.clone(),
        };
        if let (Value::Bytes(one), Value::Text(file)) = (&decoded, &again) {
            let other = [b"notes.txt\0".to_vec(), std::fs::read(file).unwrap()].concat();
            assert_eq!(*one, other, "{column}");
        }
        let folder = tempfile::tempdir().unwrap();
        if name == "filepath" {
            for (file, bytes) in files(&self.folder.join(place), path) {
                let file = folder.path().join(format!("{path}{file}"));
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, bytes).unwrap();
            }
        }
        let new = stores(&[(store, folder.path(), more.clone())]);
        let last = path.rsplit('/').next().unwrap();
        let token = last.strip_prefix(&format!("{column}_")).unwrap_or_default().split('.').next().unwrap();
        let codecs = codecs(token);
        let coder = codecs.coder(&new, &codec_type, column).unwrap();
        let (key, table) = (key_of(given), format!("item_{}", store.replace("s3s", "s3_s")));
        let mut expected = written.clone();
        if name == "object" || name == "npy" {
            expected["path"] = with_the_time(path).into();
        }
        let written_again = if column == "object_ext" || column == "object_stage" {
            let mut staged = coder.stage(row(&table, &key), written["ext"].as_str()).unwrap();
            let Value::Bytes(bytes) = &again else { panic!("{again:?}") };
            staged.write(bytes).await.unwrap();
            // Python writes the class where it stages, and the table everywhere else.
            let class = format!("/Item{}{}/", store[..1].to_uppercase(), store[1..].replace("3s", "3S"));
            expected["path"] = with_the_time(path).replace(&class, &format!("/{table}/")).into();
            json_of(staged.finish().await.unwrap().into_value().unwrap())
        } else {
            json_of(coder.encode(row(&table, &key), again).await.unwrap())
        };
        assert_eq!(written_again, expected, "{store} {column}");
        let there = files(&self.folder.join(place), path);
        assert!(!there.is_empty(), "{path}");
        assert_eq!(files(folder.path(), written_again["path"].as_str().unwrap()), there, "{store} {column}");
        true
    }
}

type Column = (&'static str, &'static str, Option<&'static str>);

#[tokio::test]
async fn what_python_wrote_is_read_and_written_again() {
    for backend in ["mysql-9.7", "mariadb", "postgresql"] {
        let folder = Path::new(SHARED).join(backend);
        let Ok(rows) = std::fs::read_to_string(folder.join("rows.json")) else { return };
        let rows: Json = serde_json::from_str(&rows).unwrap();
        let golden = Golden::open(folder);
        let mut values = 0;
        for (store, place, more) in settings() {
            for row in rows[store].as_array().unwrap() {
                for column in COLUMNS {
                    values += usize::from(golden.replay(store, place, &more, row, column).await);
                }
            }
        }
        println!("{backend}: {values} values read, and written as they were");
        assert!(values > 100, "{values}");
    }
}

/// One row of those, and what stands in the table and in the stores for it.
#[tokio::test]
async fn paths_and_json_are_those_of_python() {
    let (main, sub) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [_, (_, _, more), ..] = settings();
    let stores = stores(&[("main", main.path(), json!({})), ("sub", sub.path(), more)]);
    let key = key_of(&json!({
        "subject_id": "a/b ü%20:c", "session_date": "1999-12-31", "at": "1999-12-31 23:59:59.250000", "k": 7
    }));
    let steps = "subject_id=a%2Fb%20%C3%BC%2520%3Ac/session_date=1999-12-31";
    let write = async |name: &str, store: &str, column: &str, token: &str, value: Value| {
        let (codecs, codec_type) = (codecs(token), codec(name, store));
        let coder = codecs.coder(&stores, &codec_type, column).unwrap();
        json_of(coder.encode(row(&format!("item_{store}"), &key), value).await.unwrap())
    };
    assert_eq!(
        write("object", "main", "object_raw", "mKRnfdsQ", Value::Bytes(b"raw bytes".to_vec()))
            .await
            .to_string(),
        format!(
            "{{\"path\":\"_schema/golden_codecs/item_main/{steps}/at=1999-12-31T23-59-59/k=7/object_raw_mKRnfdsQ\",\
             \"store\":\"main\",\"size\":9,\"ext\":null,\"is_dir\":false,\"item_count\":null,\
             \"timestamp\":\"2026-01-02T03:04:05.678901+00:00\"}}"
        )
    );
    let array = ndarray::array![[1.0_f32, 2.0]];
    assert_eq!(
        write("npy", "sub", "npy_f4", "1_iSmggH1nMU", Npy::new(&array).unwrap().into_value()).await,
        json!({
            "path": format!("s2/{steps}/golden_codecs/item_sub/at=1999-12-31T23-59-59/k=7/npy_f4_1_iSmggH1nMU.npy"),
            "store": "sub", "dtype": "float32", "shape": [1, 2],
        })
    );
    assert_eq!(
        write("hash", "sub", "hash_out", "", Value::Bytes(b"abc".to_vec())).await.to_string(),
        "{\"hash\":\"saavbgb42jh3bvuwh56sryl7oi\",\"path\":\"h2/golden_codecs/sa/av/saavbgb42jh3bvuwh56sryl7oi\",\
         \"schema\":\"golden_codecs\",\"store\":\"sub\",\"size\":3}"
    );
    let file = main.path().join("notes.txt");
    std::fs::write(&file, "hello\n").unwrap();
    let given = Value::Text(file.to_str().unwrap().to_owned());
    assert_eq!(write("attach", "main", "attach_out", "", given).await["hash"], "lykenhkkbodsaf5o332gbjqnsa");
}
