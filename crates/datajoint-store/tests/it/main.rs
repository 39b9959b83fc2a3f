//! Stores before a real folder, and before a server that speaks S3 and checks signatures.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod quarantine;

use std::path::Path;

use datajoint_config::Settings;
use datajoint_store::{Error, Placed, Spec, Store, open_file};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn spec(attributes: &Value) -> Result<Spec, Error> {
    let settings = Settings::reader()
        .without_files()
        .environment([("DJ_STORES", json!({"main": attributes}).to_string())])
        .lenient()
        .load()
        .unwrap();
    Spec::new("main", &settings.stores.named["main"])
}

/// A server over the folders of a folder; gives its address.
async fn serve(folder: &Path) -> String {
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    service.set_auth(SimpleAuth::from_single("reader", "right"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let connection =
                    hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
                let _ = connection.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address.to_string()
}

#[tokio::test]
async fn a_bucket_is_checked_with_the_right_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lab")).unwrap();
    let endpoint = serve(folder.path()).await;
    let check = async |bucket: &str, key: &str| {
        let attributes = json!({
            "protocol": "s3", "endpoint": endpoint, "secure": false, "bucket": bucket,
            "location": "/pipelines/main/", "access_key": "reader", "secret_key": key,
        });
        Store::open(spec(&attributes).unwrap()).unwrap().check().await
    };
    check("lab", "right").await.unwrap();
    let left = std::fs::read_dir(folder.path().join("lab/pipelines/main")).unwrap().count();
    assert_eq!(left, 0, "what was written to see whether it may be is gone");

    let error = check("lab", "wrong").await.unwrap_err().to_string();
    assert!(
        error.contains("`main` at s3://lab/pipelines/main") && error.contains("failed to write"),
        "{error}"
    );
    assert!(!error.contains("wrong"), "a secret is never shown: {error}");
}

/// Nobody but Amazon is asked for the keys of a machine of Amazon's.
#[tokio::test]
async fn a_store_without_keys_says_so_and_asks_no_cloud() {
    for endpoint in ["127.0.0.1:9", "minio.lab:9000", "http://localhost:9000", "s3.amazonaws.com.evil.org"] {
        let attributes = json!({"protocol": "s3", "endpoint": endpoint, "bucket": "lab", "location": ""});
        // It is no future: where it gives an error at once, nobody was asked.
        let error = Store::open(spec(&attributes).unwrap()).unwrap_err();
        assert!(matches!(error, Error::NoKeys { .. }), "{error}");
        assert!(error.to_string().contains("set `stores.main.access_key`"), "{error}");
    }
}

/// User and password of a proxy are given to it, and shown by nobody.
#[tokio::test]
async fn no_error_of_a_store_shows_the_login_of_its_proxy() {
    for proxy in
        ["http://ada:pl4nted@127.0.0.1:9", "http://ada:pl4nted@[::1", "http://ada:pl4nted@no such host"]
    {
        let attributes = json!({
            "protocol": "s3", "endpoint": "s3.lab:9", "bucket": "lab", "location": "", "secure": false,
            "access_key": "key", "secret_key": "pl4nted-too", "proxy_server": proxy,
        });
        let error = match Store::open(spec(&attributes).unwrap()) {
            Ok(store) => store.check().await.unwrap_err(),
            Err(error) => error,
        };
        let shown = format!("{error} {error:?} {:?}", spec(&attributes).unwrap());
        assert!(!shown.contains("pl4nted"), "{shown}");
    }
}

#[tokio::test]
async fn a_folder_is_checked_and_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = |location: &Path| spec(&json!({"protocol": "file", "location": location})).unwrap();
    Store::open(at(folder.path())).unwrap().check().await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let error = Store::open(at(&folder.path().join("missing"))).unwrap_err();
    assert!(matches!(error, Error::NoFolder { .. }), "{error}");
}

#[tokio::test]
async fn objects_are_found_by_the_paths_that_rows_have() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(spec(&json!({"protocol": "file", "location": folder.path()})).unwrap()).unwrap();
    for path in ["_schema/lab/#k/d=2024-01-02/k=1.50/o_J2PFpfmE", "s2/subject_id=a%2Fb%20c/st/x y/n_-_.npy"] {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, b"python").unwrap();
        assert_eq!(store.get(path).await.unwrap(), b"python", "{path}");
        assert_eq!(store.list(path).await.unwrap(), [path]);
        let copy = format!("copy/{path}");
        store.put_new(&copy, b"rust".to_vec()).await.unwrap();
        store.put_new(&copy, b"rust".to_vec()).await.unwrap();
        for (other, size) in [("other", 5), ("ruse", 4)] {
            let error = store.put_new(&copy, other.into()).await.unwrap_err();
            assert!(matches!(error, Error::Occupied { found: 4, given, .. } if given == size), "{error}");
            assert!(error.to_string().contains(&copy), "{error}");
        }
        assert_eq!(std::fs::read(folder.path().join(&copy)).unwrap(), b"rust", "what is there stays");
    }
    let folder_object = "_schema/lab/d/id=1/o_abc";
    for (file, bytes) in [("a.bin", "1"), ("sub/b.bin", "22")] {
        let file = folder.path().join(folder_object).join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    std::fs::write(folder.path().join(format!("{folder_object}.manifest.json")), "{}").unwrap();
    let mut listed = store.list(folder_object).await.unwrap();
    listed.sort();
    let expected = ["", ".manifest.json", "/a.bin", "/sub/b.bin"].map(|end| format!("{folder_object}{end}"));
    assert_eq!(listed, expected[1..]);
    assert!(
        matches!(store.list("nothing/here").await, Err(Error::NoObject { path, .. }) if path == "nothing/here")
    );
}

#[tokio::test]
async fn what_goes_by_its_content_is_compared_and_written_again_where_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(spec(&json!({"protocol": "file", "location": folder.path()})).unwrap()).unwrap();
    let path = "_hash/lab/saavbgb42jh3bvuwh56sryl7oi";
    let put = async || store.put_content(path, b"abc".to_vec()).await;
    assert_eq!(put().await.unwrap(), Placed::Written);
    assert_eq!(put().await.unwrap(), Placed::Found);
    for damaged in ["xyz", "longer than before", "ab", ""] {
        std::fs::write(folder.path().join(path), damaged).unwrap();
        assert_eq!(put().await.unwrap(), Placed::Restored, "{damaged:?}");
        assert_eq!(store.get(path).await.unwrap(), b"abc");
    }
    let other = store.put_content(path, b"xyz".to_vec()).await.unwrap_err();
    assert!(matches!(&other, Error::Path { .. }), "{other}");
    assert_eq!(store.get(path).await.unwrap(), b"abc", "what has not the hash of its path changes nothing");
}

#[tokio::test]
async fn what_is_no_file_is_not_copied_into_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(spec(&json!({"protocol": "file", "location": folder.path()})).unwrap()).unwrap();
    for path in ["/dev/null", "/dev/zero", "/"] {
        if Path::new(path).exists() {
            assert!(open_file(Path::new(path)).is_err(), "{path}");
            let error = store.put_file("x", Path::new(path)).await.unwrap_err().to_string();
            assert!(error.contains("give the path of a file"), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_write_one_object_at_once_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(spec(&json!({"protocol": "file", "location": folder.path()})).unwrap()).unwrap();
    let store = std::sync::Arc::new(store);
    for round in 0..200 {
        let path = format!("at/once/{round}");
        let put = |bytes: &'static [u8]| {
            let (store, path) = (store.clone(), path.clone());
            tokio::spawn(async move { store.put_new(&path, bytes.to_vec()).await })
        };
        let (one, other) = (put(b"one"), put(b"other"));
        let outcomes = [one.await.unwrap(), other.await.unwrap()];
        let (winner, refused) =
            if outcomes[0].is_ok() { (&b"one"[..], &outcomes[1]) } else { (&b"other"[..], &outcomes[0]) };
        assert!(matches!(refused, Err(Error::Occupied { .. })), "{outcomes:?}");
        assert_eq!(store.get(&path).await.unwrap(), winner, "round {round}");
    }
}

#[test]
fn settings_of_a_store_are_complete_and_without_contradiction() {
    let cases = [
        (json!({"location": "/data"}), "the store `main` has no `protocol`: set `stores.main.protocol`"),
        (json!({"protocol": "ftp", "location": "/data"}), "none of file, s3, gcs and azure"),
        (json!({"protocol": "file"}), "has no `location`"),
        (json!({"protocol": "s3", "location": "", "endpoint": "host"}), "has no `bucket`"),
        (json!({"protocol": "file", "location": "/data", "bucket": "lab"}), "has no use for `bucket`"),
        (
            json!({"protocol": "s3", "location": "", "endpoint": "e", "bucket": "b", "access_key": "k"}),
            "`stores.main.access_key` is set and `secret_key` is not",
        ),
        (
            json!({"protocol": "file", "location": "/data", "hash_prefix": "a", "schema_prefix": "/a/b/"}),
            "`stores.main.hash_prefix` is `a` and `schema_prefix` is `a/b`, one within the other",
        ),
    ];
    for (attributes, says) in cases {
        let error = spec(&attributes).unwrap_err().to_string();
        assert!(error.contains(says), "{attributes}: {error}");
    }
    let beside = json!({"protocol": "FILE", "location": "/d", "hash_prefix": "ab", "schema_prefix": "a"});
    assert_eq!(spec(&beside).unwrap().url(), "file:///d");
}
