//! Objects that are set aside and put back, and those that are written again since they are old.

use std::time::{Duration, SystemTime};

use datajoint_store::{ASIDE, Placed, Store};
use serde_json::json;

use crate::{serve, spec};

/// A store in a folder, and one that speaks S3.
async fn stores(folder: &std::path::Path) -> [Store; 2] {
    for name in ["files", "buckets/lab"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let endpoint = serve(&folder.join("buckets")).await;
    let files = json!({"protocol": "file", "location": folder.join("files")});
    let bucket = json!({
        "protocol": "s3", "endpoint": endpoint, "secure": false, "bucket": "lab", "location": "main",
        "access_key": "reader", "secret_key": "right",
    });
    [files, bucket].map(|attributes| Store::open(spec(&attributes).unwrap()).unwrap())
}

#[tokio::test]
async fn what_is_set_aside_is_not_found_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()).await {
        let (path, aside) =
            ("_hash/lab/saavbgb42jh3bvuwh56sryl7oi", format!("_hash/lab/saavbgb42jh3bvuwh56sryl7oi{ASIDE}"));
        store.put_content(path, b"abc".to_vec()).await.unwrap();
        store.set_aside(path).await.unwrap();
        assert_eq!(store.head(path).await.unwrap(), None);
        assert_eq!(store.get(&aside).await.unwrap(), b"abc");
        store.set_aside(path).await.unwrap_err();
        store.put_back(path).await.unwrap();
        assert_eq!(store.get(path).await.unwrap(), b"abc");
        // The same was written again meanwhile.
        store.set_aside(path).await.unwrap();
        assert_eq!(store.put_content(path, b"abc".to_vec()).await.unwrap(), Placed::Written);
        store.put_back(path).await.unwrap();
        let paths: Vec<String> =
            store.objects_in("_hash").await.unwrap().into_iter().map(|it| it.path).collect();
        assert_eq!(paths, [path]);
    }
}

#[tokio::test]
async fn a_store_says_what_time_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()).await {
        let probe = store.probe().await.unwrap();
        let away = probe.modified.duration_since(SystemTime::now()).unwrap_or_else(|error| error.duration());
        assert!(away < Duration::from_mins(1), "{away:?}");
        store.delete(&probe.path).await.unwrap();
    }
}

#[tokio::test]
async fn content_that_is_older_than_an_hour_is_young_after_it_was_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let [store, _] = stores(folder.path()).await;
    let file = folder.path().join("files/_hash/lab/saavbgb42jh3bvuwh56sryl7oi");
    let written = async || store.put_content("_hash/lab/saavbgb42jh3bvuwh56sryl7oi", b"abc".to_vec()).await;
    assert_eq!(written().await.unwrap(), Placed::Written);
    for (minutes, is_renewed) in [(59, false), (61, true)] {
        let then = SystemTime::now() - Duration::from_mins(minutes);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(then).unwrap();
        assert_eq!(written().await.unwrap(), Placed::Found);
        let modified = store.head("_hash/lab/saavbgb42jh3bvuwh56sryl7oi").await.unwrap().unwrap().modified;
        assert_eq!(modified > then + Duration::from_mins(1), is_renewed, "{minutes} minutes");
    }
    store.put_content("_hash/lab/saavbgb42jh3bvuwh56sryl7oi", b"other".to_vec()).await.unwrap_err();
}

#[test]
fn what_belongs_to_an_object_is_known_by_its_path() {
    let spec = spec(&json!({"protocol": "file", "location": "/data", "partition_pattern": "{id}"})).unwrap();
    for (path, object) in [
        ("_schema/lab/scan/id=1/movie_abc", "_schema/lab/scan/id=1/movie_abc"),
        ("_schema/lab/scan/id=1/movie_abc.avi", "_schema/lab/scan/id=1/movie_abc.avi"),
        ("_schema/lab/scan/id=1/movie_abc/frames/x=1/1.raw", "_schema/lab/scan/id=1/movie_abc"),
        ("_schema/lab/scan/id=1/movie_abc.manifest.json", "_schema/lab/scan/id=1/movie_abc"),
        ("_schema/id=1/lab/scan/movie_abc/x", "_schema/id=1/lab/scan/movie_abc"),
        ("_schema/lab/scan", "_schema/lab/scan"),
        ("_schema", "_schema"),
        ("_hash/lab/ab/cd", "_hash/lab/ab/cd"),
        ("_hash/lab/abc.quarantined", "_hash/lab/abc"),
        ("raw/x.manifest.json", "raw/x.manifest.json"),
    ] {
        assert_eq!(spec.object_of(path), object, "{path}");
    }
    assert!(spec.goes_by_content("_hash/lab/saavbgb42jh3bvuwh56sryl7oi.quarantined"));
    for path in
        ["_hash/lab/notes.txt", "_schema/lab/saavbgb42jh3bvuwh56sryl7oi", "saavbgb42jh3bvuwh56sryl7oi"]
    {
        assert!(!spec.goes_by_content(path), "{path}");
    }
}
