use datajoint_codec::{Error, Npy, Object};
use datajoint_sql::Value;
use serde_json::{Value as Json, json};

use super::{codec, codecs, json_of, row, stores};

/// JSON that somebody wrote into the table by hand leads nowhere but into the store.
#[tokio::test]
async fn paths_that_lead_out_are_refused_when_they_are_read() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    std::fs::create_dir_all(folder.path().join("_hash/lab")).unwrap();
    std::fs::write(folder.path().join("_hash/lab/x"), "abc").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("file")).unwrap();
    }
    let stores = stores(&[("main", folder.path(), json!({}))]);
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    let hash = datajoint_store::content_hash(b"secret");
    let paths = [
        format!("../{name}/secret"),
        format!("_hash/../../{name}/secret"),
        outside.path().join("secret").to_str().unwrap().to_owned(),
        "link/secret".to_owned(),
        "file".to_owned(),
        "./_hash/lab/x".to_owned(),
        "_hash//lab/x".to_owned(),
        "_hash/lab/x/".to_owned(),
        "_hash/lab/\0".to_owned(),
        String::new(),
    ];
    let codecs = codecs("token");
    for path in paths {
        for (name, more) in [
            ("hash", json!({"hash": hash, "schema": "lab", "size": 6})),
            ("blob", json!({"hash": hash, "schema": "lab", "size": 6})),
            ("object", json!({"size": 6, "ext": null, "is_dir": false, "item_count": null, "timestamp": ""})),
            ("object", json!({"size": 6, "ext": null, "is_dir": true, "item_count": null, "timestamp": ""})),
            ("npy", json!({"dtype": "float32", "shape": [1]})),
            ("filepath", json!({"size": 6, "is_dir": false, "timestamp": ""})),
        ] {
            let mut document = more;
            document["path"] = path.clone().into();
            document["store"] = "main".into();
            let codec_type = codec(name, "main");
            let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
            let value = Value::Json(Box::new(document.clone()));
            let decoded = coder.decode(None, value.clone()).await;
            let is_link = path == "file" || path.starts_with("link");
            if matches!(name, "object" | "npy" | "filepath") && is_link {
                // A handle reads nothing before it is asked to.
                let read = match name {
                    "npy" => Npy::of_json(document.clone()).unwrap().read(&stores).await,
                    _ if document["is_dir"] == true => {
                        let object = Object::of_json(document.clone()).unwrap();
                        object.files(&stores).await.map(|_| Vec::new())
                    }
                    _ => Object::of_json(document.clone()).unwrap().read(&stores).await,
                };
                assert!(
                    matches!(read, Err(Error::Store(datajoint_store::Error::Path { .. }))),
                    "{document}: {read:?}"
                );
            } else {
                let is_refused = matches!(decoded, Err(Error::Store(datajoint_store::Error::Path { .. })));
                assert!(is_refused, "{name} {document}: {decoded:?}");
            }
            let again = coder.encode(row("table", &[]), value).await;
            assert!(again.is_err(), "{name} {document}: {again:?}");
        }
    }
}

/// Whatever JSON stands there, nobody panics.
#[tokio::test]
async fn any_json_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores(&[("main", folder.path(), json!({}))]);
    let scalars = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!("x"),
        json!([]),
        json!({}),
    ];
    let names = ["hash", "path", "store", "size", "ext", "is_dir", "item_count", "shape", "dtype", "version"];
    let mut documents: Vec<Json> = scalars.to_vec();
    for name in names {
        for scalar in &scalars {
            let mut document = json!({
                "hash": "h", "path": "p", "store": "main", "size": 1, "ext": null, "is_dir": false,
                "item_count": null, "timestamp": "", "shape": [1], "dtype": "f", "schema": "s",
            });
            document[name] = scalar.clone();
            documents.push(document);
        }
    }
    let codecs = codecs("token");
    for document in documents {
        for name in ["hash", "blob", "attach", "object", "npy", "filepath"] {
            let codec_type = codec(name, "main");
            let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
            let value = || Value::Json(Box::new(document.clone()));
            let decoded = coder.decode(None, value()).await;
            if matches!(name, "hash" | "blob" | "attach") {
                assert!(decoded.is_err(), "{name} {document}");
            }
            assert!(coder.encode(row("t", &[]), value()).await.is_err(), "{name} {document}");
            let _ = codecs.referenced_paths(&codec_type, &document);
        }
        let (_, _) = (Object::of_json(document.clone()), Npy::of_json(document));
    }
}

/// What a later version of a codec wrote is told, and an unknown codec is named.
#[tokio::test]
async fn what_is_not_known_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores(&[("main", folder.path(), json!({}))]);
    let codecs = codecs("token");
    let codec_type = codec("hash", "main");
    let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
    let mut written = json_of(coder.encode(row("t", &[]), Value::Bytes(b"abc".to_vec())).await.unwrap());
    written["version"] = 2.into();
    let error = coder.decode(None, Value::Json(Box::new(written))).await.unwrap_err();
    assert!(matches!(error, Error::Newer { written: 2, known: 1, .. }), "{error}");
    let unknown = codec("objekt", "main");
    let error = codecs.coder(&stores, &unknown, "x").unwrap_err().to_string();
    assert!(error.contains("did you mean `object`?"), "{error}");
    assert!(codecs.referenced_paths(&unknown, &json!({})).is_err(), "nothing may be collected");
}

/// What never ends is no file, by whichever codec it would be kept.
#[cfg(unix)]
#[tokio::test]
async fn a_device_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores(&[("main", folder.path(), json!({}))]);
    let codecs = codecs("token");
    for name in ["attach", "object"] {
        for path in ["/dev/null", "/dev/zero"] {
            let codec_type = codec(name, "main");
            let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
            let error = coder.encode(row("t", &[]), Value::Text(path.to_owned())).await.unwrap_err();
            assert!(error.to_string().contains("give the path of a file"), "{name}: {error}");
        }
    }
}

/// A file whose name would lead elsewhere is attached in neither way.
#[tokio::test]
async fn an_attached_file_has_a_plain_name() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores(&[("main", folder.path(), json!({}))]);
    let (codecs, codec_type) = (codecs("token"), codec("attach", "main"));
    let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
    for name in ["../x", "a/b", "a\\b", "..", ".", ""] {
        let bytes = [name.as_bytes(), b"\0hello"].concat();
        assert!(coder.encode(row("t", &[]), Value::Bytes(bytes)).await.is_err(), "{name:?}");
        assert!(datajoint_codec::file_name_fault(name).is_some(), "{name:?}");
    }
}
