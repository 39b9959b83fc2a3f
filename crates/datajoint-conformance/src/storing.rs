//! Values of codecs whose objects lie in a store.

use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::serde_json::{self, json};
use datajoint::{DynamicRow, Error, StoredRow};
use datajoint_sql::Value;
use ndarray::array;
use tempfile::TempDir;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_storing");

    #[table(Manual, types(trace = Vec<f64>))]
    /// id : int32
    /// ---
    /// trace : <blob@main>
    /// maybe = null : <blob@>
    /// notes = null : <attach@main>
    /// raw = null : <hash@second>
    pub(super) struct Content;

    #[table(Manual)]
    /// subject : varchar(20)
    /// day : date
    /// at : datetime(3)
    /// ---
    /// movie = null : <object@main>
    /// array = null : <npy@second>
    /// file = null : <filepath@main>
    pub(super) struct Owned;

    #[table(Computed, types(sums = Vec<f64>))]
    /// -> Content
    /// ---
    /// sums : <blob@main>
    pub(super) struct Sums;

    impl PlainMake for Sums {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let ContentRow { id, trace, .. } = cx.upstream::<Content>().fetch_one().await?;
            cx.insert(SumsRow { id, sums: vec![trace.iter().sum()] }).await
        }
    }
}

use tables::{Content, ContentKey, ContentRow, Owned, OwnedKey, OwnedRow, Sums};

const SCHEMA: &str = "dj_conformance_storing";

static TURN: Turn = Turn::new(SCHEMA);

/// A client with two stores in folders: `main`, which is the default one, and `second`, which has sections of other names.
async fn with_stores(dj: &Instance) -> (Instance, TempDir, TempDir) {
    let (main, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stores = json!({
        "default": "main",
        "filepath_default": "main",
        "main": {"protocol": "file", "location": main.path()},
        "second": {
            "protocol": "file", "location": second.path(), "subfolding": [2, 2], "hash_prefix": "h2",
            "schema_prefix": "s2", "partition_pattern": "{subject}/{day}", "token_length": 12,
        },
    });
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores.to_string())]).load();
    let stores = read.unwrap().stores;
    let dj = dj.with_settings(|settings| settings.stores = stores);
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    (dj, main, second)
}

fn files(folder: &Path) -> Vec<String> {
    fn collect(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

fn content(id: i32, trace: Vec<f64>) -> ContentRow {
    ContentRow { id, trace, maybe: None, notes: None, raw: None }
}

/// Arrays, files and bytes are kept once each, are read back as they were, and what is not theirs is refused.
pub async fn objects_that_go_by_their_content_come_back(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (dj, main, second) = with_stores(dj).await;
    let full = ContentRow {
        maybe: Some(datajoint::Blob::from("ü")),
        notes: Some(Attachment::new("att.txt", "hello")),
        raw: Some(b"abc".to_vec()),
        ..content(1, vec![1.0, 2.5])
    };
    let rows = [full.clone(), content(2, vec![1.0, 2.5]), content(3, vec![])];
    Content.insert(&dj, rows.clone()).await.unwrap();
    assert_eq!(Content.order_by("id").fetch(&dj).await.unwrap(), rows);
    let (of_main, of_second) = (files(main.path()), files(second.path()));
    assert_eq!(of_main.len(), 4, "what is the same is kept once: {of_main:?}");
    assert!(of_main.contains(&format!("_hash/{SCHEMA}/iuhqmkwlkaklkg4cuftj5tlsxy")), "{of_main:?}");
    assert_eq!(of_second, [format!("h2/{SCHEMA}/sa/av/saavbgb42jh3bvuwh56sryl7oi")]);
    let stored: Vec<StoredRow> = Content.order_by("id").fetch_as(&dj).await.unwrap();
    let raw: serde_json::Value = stored[0].0.get("raw").unwrap();
    assert_eq!(
        raw,
        json!({"hash": "saavbgb42jh3bvuwh56sryl7oi", "path": of_second[0], "schema": SCHEMA, "store": "second", "size": 3})
    );
    let maybe: serde_json::Value = stored[0].0.get("maybe").unwrap();
    assert_eq!(maybe["store"], "main", "the real name of the default store");

    // The same without types, in every form of fetching.
    let dynamic = Content.restrict(ContentKey { id: 1 }).fetch_dynamic(&dj).await.unwrap().remove(0);
    assert_eq!(dynamic.blob::<Vec<f64>>("trace").unwrap(), [1.0, 2.5]);
    assert_eq!(dynamic.get::<Attachment>("notes").unwrap(), Attachment::new("att.txt", "hello"));
    assert_eq!(dynamic.value("raw").unwrap(), &Value::Bytes(b"abc".to_vec()));
    let mut rows = Content.order_by("id").stream(&dj);
    let mut streamed = Vec::new();
    while let Some(row) = rows.next().await {
        streamed.push(row.unwrap().trace);
    }
    assert_eq!(streamed, [vec![1.0, 2.5], vec![1.0, 2.5], vec![]]);
    let column: Vec<Value> = Content.order_by("id").column_as(&dj, "raw").await.unwrap();
    assert_eq!(column, [Value::Bytes(b"abc".to_vec()), Value::Null, Value::Null]);
    dj.transaction(async |transaction| {
        let found: Vec<ContentRow> = Content.order_by("id").fetch(&mut *transaction).await?;
        assert_eq!(found[0], full);
        Content.insert_one(&mut *transaction, content(4, vec![4.0])).await
    })
    .await
    .unwrap();
    let changed = ContentRow { raw: Some(b"other".to_vec()), ..content(4, vec![5.0]) };
    Content.update_one(&dj, changed.clone()).await.unwrap();
    assert_eq!(Content.restrict(ContentKey { id: 4 }).fetch_one(&dj).await.unwrap(), changed);
    let report = Sums.populate(&dj).run().await.unwrap();
    assert_eq!(report.success_count, 4);
    let sums = Sums.order_by("id").fetch(&dj).await.unwrap();
    assert_eq!(sums.into_iter().map(|row| row.sums[0]).collect::<Vec<_>>(), [3.5, 3.5, 0.0, 5.0]);

    // What stands in the table can be inserted again, and nothing that speaks of no object.
    let again = |id: i32, value: serde_json::Value| {
        DynamicRow::new().with("id", id).unwrap().with("trace", value).unwrap()
    };
    let trace: serde_json::Value = stored[0].0.get("trace").unwrap();
    let table = dj.schema(SCHEMA).await.unwrap().table("Content").unwrap();
    table.insert_one(&dj, again(5, trace.clone())).await.unwrap();
    assert_eq!(Content.restrict(ContentKey { id: 5 }).fetch_one(&dj).await.unwrap().trace, [1.0, 2.5]);
    let with = |name: &str, value: serde_json::Value| {
        let mut other = trace.clone();
        other[name] = value;
        other
    };
    for (wrong, says) in [
        (json!([1, 2]), "is not a blob"),
        (json!({"path": "x"}), "is not a blob"),
        (with("path", json!("_hash/none")), "has no object at _hash/none"),
        (with("size", json!(7)), "bytes, not 7"),
        (with("store", json!("nowhere")), "the settings have no store `nowhere`"),
        (with("store", json!("second")), "has no object at"),
        (with("path", json!("_hash/../_hash/x")), "has a step `.` or `..`"),
        (with("path", json!("/etc/passwd")), "begins with `/`"),
    ] {
        let error = table.insert_one(&dj, again(9, wrong.clone())).await.unwrap_err();
        let shown = error.to_string();
        assert!(matches!(error, Error::Encode(_)), "{wrong}: {error}");
        assert!(
            shown.contains(says) && shown.contains("id = 9") && shown.contains("`trace`"),
            "{wrong}: {shown}"
        );
    }
    let bytes = DynamicRow::new().with("id", 9).unwrap().with("trace", b"abc".to_vec()).unwrap();
    let error = table.insert_one(&dj, bytes).await.unwrap_err().to_string();
    assert!(error.contains("3 bytes is not a blob: pack it"), "{error}");

    // An object that was changed, or is gone, is told with the row.
    let path = main.path().join(trace["path"].as_str().unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let error = Content.restrict(ContentKey { id: 1 }).fetch_one(&dj).await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error}");
    assert!(
        error.to_string().contains("is not what was written") && error.to_string().contains("id = 1"),
        "{error}"
    );
    std::fs::remove_file(&path).unwrap();
    let error = Content.restrict(ContentKey { id: 1 }).fetch_one(&dj).await.unwrap_err().to_string();
    assert!(error.contains("has no object at _hash/"), "{error}");
    let error = Content.restrict(ContentKey { id: 1 }).stream(&dj).next().await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Decode(fault) if fault.row == 1), "{error}");
    turn.end(&dj).await;
}

/// A row that the database refuses leaves no reference, and an object that can't be written leaves no row.
pub async fn no_row_speaks_of_an_object_that_is_not_there(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (dj, main, second) = with_stores(dj).await;
    Content.insert_one(&dj, content(1, vec![1.0])).await.unwrap();
    let error = Content.insert(&dj, [content(2, vec![2.0]), content(1, vec![3.0])]).await.unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }), "{error}");
    assert_eq!(Content.count(&dj).await.unwrap(), 1);
    std::fs::remove_dir_all(second.path()).unwrap();
    let lost = ContentRow { raw: Some(b"lost".to_vec()), ..content(4, vec![4.0]) };
    let error = Content.insert(&dj, [content(3, vec![]), lost]).await.unwrap_err();
    assert!(error.to_string().contains("`raw`") && error.to_string().contains("id = 4"), "{error}");
    assert_eq!(Content.count(&dj).await.unwrap(), 1);
    let none = dj.with_settings(|settings| settings.stores = Settings::default().stores);
    let error = Content.insert_one(&none, content(5, vec![])).await.unwrap_err().to_string();
    assert!(error.contains("the settings have no store `main`"), "{error}");
    let maybe = ContentRow { maybe: Some(datajoint::Blob::from(1)), ..content(5, vec![]) };
    let stored: Vec<StoredRow> = Content.fetch_as(&none).await.unwrap();
    assert_eq!(stored.len(), 1, "no store is asked");
    let undefault = dj.with_settings(|settings| settings.stores.default = None);
    let error = Content.insert_one(&undefault, maybe).await.unwrap_err().to_string();
    assert!(error.contains("`stores.default` names none"), "{error}");
    drop(main);
    turn.end(&dj).await;
}

/// Files, folders and arrays go by their row, and are handles when they are fetched.
pub async fn objects_that_go_by_their_row_are_handles(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (dj, main, second) = with_stores(dj).await;
    let source = tempfile::tempdir().unwrap();
    std::fs::create_dir(source.path().join("nested")).unwrap();
    std::fs::write(source.path().join("a.bin"), [7; 16]).unwrap();
    std::fs::write(source.path().join("nested/b.csv"), "x,y\n1,2\n").unwrap();
    std::fs::create_dir(main.path().join("mine")).unwrap();
    std::fs::write(main.path().join("mine/one.dat"), "one").unwrap();
    let day = |day| datajoint::types::chrono::NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
    let row = |number, movie, array, file| OwnedRow {
        subject: "a/b c".to_owned(),
        day: day(number),
        at: day(number).and_hms_milli_opt(3, 4, 5, 678).unwrap(),
        movie,
        array,
        file,
    };
    let array = array![[1.0_f32, 2.0], [3.0, 4.0]];
    let rows = [
        row(
            1,
            Some(Object::bytes("raw")),
            Some(Npy::new(&array).unwrap()),
            Some(Object::in_store("mine/one.dat")),
        ),
        row(2, Some(Object::file(source.path().join("nested/b.csv"))), None, Some(Object::in_store("mine"))),
        row(3, Some(Object::file(source.path())), None, None),
    ];
    Owned.insert(&dj, rows).await.unwrap();
    let found = Owned.order_by("day").fetch(&dj).await.unwrap();
    let movie = |place: usize| found[place].movie.clone().unwrap();
    assert_eq!(movie(0).read(&dj).await.unwrap(), b"raw");
    let path = movie(0).path().unwrap().to_owned();
    let start =
        format!("_schema/{SCHEMA}/owned/subject=a%2Fb%20c/day=2024-01-01/at=2024-01-01T03-04-05/movie_");
    assert_eq!(path.strip_prefix(&start).map(str::len), Some(8), "{path}");
    assert_eq!((movie(1).extension(), movie(1).size()), (Some(".csv"), Some(8)));
    assert_eq!(movie(1).read_range(&dj, 4..7).await.unwrap(), b"1,2");
    assert!(movie(2).is_folder());
    assert_eq!((movie(2).size(), movie(2).file_count()), (Some(24), Some(2)));
    assert_eq!(movie(2).files(&dj).await.unwrap().len(), 2);
    assert_eq!(movie(2).child("nested/b.csv").unwrap().read(&dj).await.unwrap(), b"x,y\n1,2\n");
    for place in 0..3 {
        movie(place).verify(&dj).await.unwrap();
    }
    let copy = tempfile::tempdir().unwrap();
    assert_eq!(movie(2).download(&dj, copy.path().join("all")).await.unwrap(), 24);
    assert_eq!(std::fs::read(copy.path().join("all/nested/b.csv")).unwrap(), b"x,y\n1,2\n");
    let npy = found[0].array.clone().unwrap();
    assert_eq!((npy.dtype(), npy.shape()), (Some("float32"), Some(&[2, 2][..])));
    assert_eq!(npy.load::<f32, ndarray::Ix2>(&dj).await.unwrap(), array);
    let path = npy.path().unwrap();
    assert!(path.starts_with(&format!("s2/subject=a%2Fb%20c/day=2024-01-01/{SCHEMA}/owned/at=")), "{path}");
    assert!(
        Path::new(&path).extension().is_some_and(|extension| extension == "npy")
            && files(second.path()) == [path],
        "{path}"
    );
    assert_eq!(found[0].file.as_ref().unwrap().read(&dj).await.unwrap(), b"one");
    assert!(found[1].file.as_ref().unwrap().is_folder());

    // What is large is written first, and its row inserted after it.
    let key = OwnedKey { subject: "a/b c".to_owned(), day: day(5), at: day(5).and_hms_opt(1, 2, 3).unwrap() };
    let mut staged = Owned.stage(&dj, key.clone(), "movie", Some("txt")).await.unwrap();
    for _ in 0..20 {
        staged.write(&vec![b'x'; 1 << 20]).await.unwrap();
    }
    let large = staged.finish().await.unwrap();
    assert_eq!((large.size(), large.extension()), (Some(20 << 20), Some("txt")));
    let mut folder = Owned.stage(&dj, key.clone(), "movie", None).await.unwrap();
    folder.add("0/1", b"chunk".to_vec()).await.unwrap();
    folder.add_file("b.csv", source.path().join("nested/b.csv")).await.unwrap();
    assert!(folder.write(b"x").await.unwrap_err().to_string().contains("is a folder already"));
    assert!(folder.add("../x", Vec::new()).await.is_err(), "nothing leads out of it");
    let folder = folder.finish().await.unwrap();
    folder.verify(&dj).await.unwrap();
    let at = |number: u32, movie| OwnedRow { at: key.at, ..row(number, Some(movie), None, None) };
    Owned.insert(&dj, [at(5, large.clone()), at(6, folder)]).await.unwrap();
    let found = Owned.restrict([("day", day(5))]).fetch_one(&dj).await.unwrap();
    let mut reader = found.movie.clone().unwrap().reader(&dj).await.unwrap();
    let mut size = 0;
    while let Some(piece) = reader.next().await {
        size += piece.unwrap().len();
    }
    assert_eq!((size, reader.size()), (20 << 20, 20 << 20));
    let error = Owned.stage(&dj, key.clone(), "array", None).await.unwrap_err().to_string();
    assert!(error.contains("is staged for `<object@>`") && error.contains("`array`"), "{error}");
    let gone = Owned.stage(&dj, key, "movie", None).await.unwrap();
    gone.abort().await.unwrap();
    let found = Owned.order_by("day").fetch(&dj).await.unwrap();

    // A row of a JSON file names the file by its path.
    let json =
        json!({"subject": "json", "day": "2024-01-07", "at": "2024-01-07 00:00:00", "file": "mine/one.dat"});
    let table = dj.schema(SCHEMA).await.unwrap().table("Owned").unwrap();
    table.insert_one(&dj, json).await.unwrap();
    let found_again = Owned.restrict([("subject", "json")]).fetch_one(&dj).await.unwrap();
    assert_eq!(found_again.file.unwrap().path(), Some("mine/one.dat"));

    // What was fetched can be inserted for another row, and stays where it is.
    Owned.insert_one(&dj, OwnedRow { day: day(9), ..found[0].clone() }).await.unwrap();
    for (path, says) in [
        ("none.dat", "has no object at none.dat"),
        ("../mine/one.dat", "has a step `.` or `..`"),
        ("mine//one.dat", "has an empty step"),
        ("./_hash/x", "has a step `.` or `..`"),
        ("_HASH/x", "lies in a section"),
        ("_schema/x", "lies in a section"),
        ("/mine/one.dat", "begins with `/`"),
    ] {
        let error =
            Owned.insert_one(&dj, row(4, None, None, Some(Object::in_store(path)))).await.unwrap_err();
        assert!(error.to_string().contains(says), "{path}: {error}");
    }
    turn.end(&dj).await;
}

/// Two strings with one MD5.
fn of_one_hash() -> [Vec<u8>; 2] {
    const ONE: &str = "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b30283e488832571415a\
        085125e8f7cdc99fd91dbdf280373c5bd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0\
        e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70";
    let digit =
        |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap();
    let one: Vec<u8> = ONE.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    let mut other = one.clone();
    for place in [19, 45, 59, 83, 109, 123] {
        other[place] ^= 0x80;
    }
    [one, other]
}

/// A damaged object is written again by who has its bytes; two contents of one hash and folders without their files are told.
pub async fn what_is_damaged_is_told_or_mended(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (dj, main, second) = with_stores(dj).await;
    let raw = |id, raw: &[u8]| ContentRow { raw: Some(raw.to_vec()), ..content(id, vec![]) };
    Content.insert_one(&dj, raw(1, b"abc")).await.unwrap();
    let path = second.path().join(format!("h2/{SCHEMA}/sa/av/saavbgb42jh3bvuwh56sryl7oi"));
    for damaged in ["xyz", "longer", ""] {
        std::fs::write(&path, damaged).unwrap();
        assert!(Content.restrict(ContentKey { id: 1 }).fetch_one(&dj).await.is_err(), "{damaged:?}");
        Content.insert_with(&dj, [raw(2, b"abc")], InsertOptions::new().replace()).await.unwrap();
        assert_eq!(Content.fetch(&dj).await.unwrap().len(), 2, "{damaged:?}");
    }
    let [one, other] = of_one_hash();
    Content.insert_one(&dj, raw(3, &one)).await.unwrap();
    let error = Content.insert_one(&dj, raw(4, &other)).await.unwrap_err().to_string();
    assert!(error.contains("have the same hash") && error.contains("id = 4"), "{error}");
    assert_eq!(Content.restrict(ContentKey { id: 3 }).fetch_one(&dj).await.unwrap().raw, Some(one));

    let source = tempfile::tempdir().unwrap();
    std::fs::write(source.path().join("a.bin"), "one").unwrap();
    std::fs::write(source.path().join("b.bin"), "four").unwrap();
    let day = datajoint::types::chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = OwnedRow {
        subject: "x".to_owned(),
        day,
        at: day.and_hms_opt(0, 0, 0).unwrap(),
        movie: Some(Object::file(source.path())),
        array: Some(Npy::new(&array![1.0_f32, 2.0]).unwrap()),
        file: None,
    };
    Owned.insert_one(&dj, row).await.unwrap();
    let found = Owned.fetch_one(&dj).await.unwrap();
    let (movie, copy) = (found.movie.clone().unwrap(), tempfile::tempdir().unwrap());
    let (folder, mut number) = (main.path().join(movie.path().unwrap()), 0);
    let manifest = main.path().join(format!("{}.manifest.json", movie.path().unwrap()));
    let whole = std::fs::read(&manifest).unwrap();
    let mut is_refused = async |what: &str| {
        number += 1;
        let to = copy.path().join(number.to_string());
        assert!(movie.verify(&dj).await.is_err(), "{what}");
        assert!(movie.files(&dj).await.is_err(), "{what}");
        assert!(movie.download(&dj, &to).await.is_err() && !to.exists(), "{what}");
        let again = OwnedRow { subject: "y".to_owned(), ..found.clone() };
        assert!(Owned.insert_one(&dj, again).await.is_err(), "{what}");
    };
    for odd in ["[]", "null", "{\"files\":5}", "{\"files\":[],\"total_size\":0,\"item_count\":0", ""] {
        std::fs::write(&manifest, odd).unwrap();
        is_refused(odd).await;
    }
    for is_there in [true, false] {
        if is_there {
            std::fs::write(&manifest, &whole).unwrap();
        } else {
            std::fs::remove_file(&manifest).unwrap();
        }
        std::fs::write(folder.join("b.bin"), "longer").unwrap();
        is_refused("a file of another size").await;
        std::fs::remove_file(folder.join("b.bin")).unwrap();
        is_refused("a file that is gone").await;
        std::fs::write(folder.join("b.bin"), "four").unwrap();
        movie.verify(&dj).await.unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    is_refused("all that is gone").await;

    // Of an array the header is read first, and compared with the row.
    let (npy, other) = (found.array.unwrap(), Npy::new(&array![[1.0_f32, 2.0]]).unwrap());
    let path = second.path().join(npy.path().unwrap());
    let file = std::fs::read(&path).unwrap();
    let Value::Bytes(other) = other.into_value() else { panic!("a new array is bytes") };
    for wrong in [file[..file.len() - 3].to_vec(), other, b"nonsense".to_vec(), vec![0; 1 << 20], Vec::new()]
    {
        std::fs::write(&path, &wrong).unwrap();
        let error = npy.read(&dj).await.unwrap_err().to_string();
        assert!(error.contains("is not what was written"), "{error}");
        assert!(npy.load::<f32, ndarray::Ix1>(&dj).await.is_err());
    }
    turn.end(&dj).await;
}
