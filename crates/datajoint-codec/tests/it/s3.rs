//! The codecs before a server that speaks S3: `DJ_TEST_S3_URL=http://KEY:SECRET@HOST:PORT/BUCKET`.

use datajoint_codec::{Error, Npy, Object};
use datajoint_config::Settings;
use datajoint_sql::Value;
use datajoint_store::{Placed, Stores};
use serde_json::json;

use super::{codec, codecs, json_of, row};

/// A store in a new folder of the bucket; `None` where the server is not here.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not settings")]
fn stores(folder: &str) -> Option<Stores> {
    let url = std::env::var("DJ_TEST_S3_URL").ok().filter(|url| !url.is_empty())?;
    let rest = url.strip_prefix("http://").unwrap();
    let (login, place) = rest.split_once('@').unwrap();
    let ((key, secret), (endpoint, bucket)) =
        (login.split_once(':').unwrap(), place.split_once('/').unwrap());
    let location = format!("{folder}-{}", uuid::Uuid::new_v4());
    let all = json!({"default": "main", "filepath_default": "main", "main": {
        "protocol": "s3", "endpoint": endpoint, "bucket": bucket, "secure": false, "location": location,
        "access_key": key, "secret_key": secret,
    }});
    let reader = Settings::reader().without_files().environment([("DJ_STORES", all.to_string())]);
    Some(Stores::new(&reader.load().unwrap().stores))
}

#[tokio::test]
async fn objects_of_every_codec_come_back_from_s3() {
    let Some(stores) = stores("codecs") else {
        println!("this server is not here");
        return;
    };
    let key = [("subject".to_owned(), Value::Text("a/b ü%20:c #1+".to_owned()))];
    let write = async |name: &str, token: &str, value: Value| {
        let (codecs, codec_type) = (codecs(token), codec(name, "main"));
        let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
        let written = json_of(coder.encode(row("#t", &key), value).await.unwrap());
        let again = coder.encode(row("#t", &key), Value::Json(Box::new(written.clone()))).await.unwrap();
        assert_eq!(json_of(again), written, "what is there stands for itself");
        (written.clone(), coder.decode(None, Value::Json(Box::new(written))).await.unwrap())
    };
    let bytes = Value::Bytes(b"abc".to_vec());
    for _ in 0..2 {
        let (written, read) = write("hash", "", bytes.clone()).await;
        assert_eq!(
            (&written["path"], &read),
            (&json!("_hash/golden_codecs/saavbgb42jh3bvuwh56sryl7oi"), &bytes)
        );
    }
    let store = stores.get(None).unwrap();
    let again = store.put_content("_hash/golden_codecs/saavbgb42jh3bvuwh56sryl7oi", b"abc".to_vec()).await;
    assert_eq!(again.unwrap(), Placed::Found);
    let other = store.put_content("_hash/golden_codecs/saavbgb42jh3bvuwh56sryl7oi", b"other".to_vec()).await;
    assert!(matches!(other, Err(datajoint_store::Error::Path { .. })), "{other:?}");
    let blob = Value::Bytes(datajoint_blob::pack(&vec![1.5_f64; 100_000]).unwrap());
    assert_eq!(write("blob", "", blob.clone()).await.1, blob);

    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("nested")).unwrap();
    std::fs::write(folder.path().join("a.bin"), [7; 16]).unwrap();
    std::fs::write(folder.path().join("nested/b c#1.csv"), "x,y").unwrap();
    let (written, _) =
        write("object", "folder", Value::Text(folder.path().to_str().unwrap().to_owned())).await;
    let object = Object::of_json(written).unwrap();
    object.verify(&stores).await.unwrap();
    assert_eq!(object.child("nested/b c#1.csv").unwrap().read(&stores).await.unwrap(), b"x,y");
    let copy = folder.path().join("copy");
    assert_eq!(object.download(&stores, &copy).await.unwrap(), 19);
    assert_eq!(std::fs::read(copy.join("a.bin")).unwrap(), [7; 16]);
    let array = ndarray::array![[1.0_f32, 2.0]];
    let (written, _) = write("npy", "array", Npy::new(&array).unwrap().into_value()).await;
    let npy = Npy::of_json(written).unwrap();
    assert_eq!(npy.load::<f32, ndarray::Ix2>(&stores).await.unwrap(), array);
    store.put_new("mine/one.dat", b"one".to_vec()).await.unwrap();
    for path in ["mine/one.dat", "mine"] {
        let (written, _) = write("filepath", "", Value::Text(path.to_owned())).await;
        assert_eq!((&written["path"], &written["is_dir"]), (&json!(path), &json!(path == "mine")));
    }
}

/// A large object goes in pieces, is read in pieces, and its parts alone where only these are asked for.
#[tokio::test]
async fn large_objects_go_to_s3_in_pieces() {
    let Some(stores) = stores("large") else {
        println!("this server is not here");
        return;
    };
    let (codecs, codec_type) = (codecs("large"), codec("object", "main"));
    let coder = codecs.coder(&stores, &codec_type, "x").unwrap();
    let mut staged = coder.stage(row("t", &[]), Some(".bin")).unwrap();
    let piece: Vec<u8> = (0..3 << 20).map(|place: u32| place.to_le_bytes()[0]).collect();
    for _ in 0..11 {
        staged.write(&piece).await.unwrap();
    }
    let object = staged.finish().await.unwrap();
    object.verify(&stores).await.unwrap();
    let mut reader = object.reader(&stores).await.unwrap();
    let mut all = Vec::new();
    while let Some(piece) = reader.next().await {
        all.extend(piece.unwrap());
    }
    assert!(all == piece.repeat(11));
    assert_eq!(object.read_range(&stores, (3 << 20) - 1..(3 << 20) + 2).await.unwrap(), [255, 0, 1]);
    let gone = Object::of_json(json!({"path": "_schema/none", "store": "main", "size": 1})).unwrap();
    let error = gone.read(&stores).await.unwrap_err();
    assert!(matches!(error, Error::Store(datajoint_store::Error::NoObject { .. })), "{error}");
}
