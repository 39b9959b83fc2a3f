//! Files that are none of a database.

use std::path::Path;

use crate::{laboratory, run};

/// What lies at the path and is no database is told as what it is by every command, and left as it is.
#[tokio::test]
async fn a_file_that_is_no_database_is_told_by_every_command() {
    let whole = laboratory().await;
    let header = || {
        let mut bytes = std::fs::read(whole.path().join("datajoint.sqlite")).unwrap();
        // Pages of no size that there is.
        bytes[16..18].copy_from_slice(&[0, 3]);
        bytes
    };
    let table = [
        ("folder", None, "is a folder, and a database of SQLite is a file"),
        (
            "notes.txt",
            Some(b"My notes of the experiment".to_vec()),
            "is no database of SQLite, by its first bytes",
        ),
        ("cut.sqlite", Some(b"SQLite".to_vec()), "is no database of SQLite, by its first bytes"),
        ("short.sqlite", Some(b"SQLite format 3\0cut".to_vec()), "is damaged, its header is of no database"),
        ("header.sqlite", Some(header()), "is damaged, its header is of no database"),
        ("empty.sqlite", Some(Vec::new()), "holds no schemas"),
        ("none.sqlite", None, "is not there"),
    ];
    let commands: [&[&str]; 12] = [
        &["doctor"],
        &["doctor", "--json"],
        &["verify"],
        &["status"],
        &["query", "lab.Session"],
        &["fsck"],
        &["gc", "plan"],
        &["deploy", "plan"],
        &["describe", "lab.Session"],
        &["delete", "lab.Session", "--all"],
        &["schemas", "list"],
        &["stale"],
    ];
    for (name, bytes, problem) in table {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        match &bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None if name == "folder" => std::fs::create_dir(&path).unwrap(),
            None => {}
        }
        let before = names(folder.path());
        for arguments in commands {
            let (done, said) = run(folder.path(), &[("DJ_DATABASE_PATH", name)], arguments);
            assert_eq!(done, 1, "{name}: {arguments:?}: {said}");
            assert!(said.contains(problem) && said.contains(name), "{name}: {arguments:?}: {said}");
            // What to do: another path, or a copy.
            assert!(said.contains("DJ_DATABASE_PATH") || said.contains("last good copy"), "{said}");
        }
        assert_eq!(names(folder.path()), before, "{name}");
        assert_eq!(std::fs::read(&path).ok(), bytes, "{name}");
    }
}

/// What a folder holds.
fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// A file that was not written, or not to its end, is no file of no rows.
#[tokio::test]
async fn a_file_without_anything_in_it_is_no_file_of_rows() {
    let folder = laboratory().await;
    let insert = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        run(folder.path(), &[], &["insert", "lab.Session", name])
    };
    for (name, text) in [
        ("e.csv", ""),
        ("e.csv", "\n\n \n"),
        ("e.csv", "\r\n"),
        ("e.json", ""),
        ("e.json", "\n"),
        ("e.parquet", ""),
        ("e.parquet", "\n"),
    ] {
        let (status, said) = insert(name, text);
        assert!(status == 1 && said.contains(name), "{name} {text:?}: {said}");
    }
    assert_eq!(insert("e.csv", "session\n"), (0, "0 rows into lab.session\n".to_owned()));
    assert_eq!(insert("e.json", "[]"), (0, "0 rows into lab.session\n".to_owned()));
    // A line that doesn't fit is named.
    for (text, expected) in [
        ("session\n1\n2,3\n", "e.csv, line 3: 2 cells where 1 are named"),
        ("session,note\n1\n", "e.csv, line 2: 1 cell where 2 are named"),
    ] {
        let (status, said) = insert("e.csv", text);
        assert!(status == 1 && said.contains(expected), "{text:?}: {said}");
        assert!(!said.contains("record") && !said.contains("CSV error"), "{said}");
    }
}
