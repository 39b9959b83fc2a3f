//! What becomes of objects, from their row to their end.

use std::time::Duration;

use datajoint_gc::Collection;
use datajoint_pipeline::Relation as _;

use crate::lab::{ABC, Lab, age, row, told};

#[tokio::test]
async fn what_rows_refer_to_stays() {
    let lab = Lab::filled().await;
    let before = lab.files();
    assert_eq!(told(&lab.collect().await), [""; 0]);
    assert_eq!(told(&lab.collect_later().await), [""; 0]);
    assert_eq!(lab.files(), before);
}

#[tokio::test]
async fn what_no_row_refers_to_is_set_aside_and_goes_when_the_grace_is_over() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    assert_eq!(told(&lab.collect().await), [""; 0], "another row has the same bytes");
    lab.delete("lab", 2).await;
    let plan = lab.collection().plan().await.unwrap();
    assert_eq!(told(&plan), ["would quarantine 1 object of 3 bytes"]);
    assert!(lab.has(ABC), "a plan changes nothing");
    assert_eq!(told(&lab.collect().await), ["quarantine 1 object of 3 bytes"]);
    assert!(!lab.has(ABC) && lab.has(&format!("{ABC}.quarantined")));
    assert_eq!(told(&lab.collect().await), ["not wait "], "the grace is a week");
    assert_eq!(told(&lab.collect_later().await), ["purge 1 object of 3 bytes"]);
    assert!(!lab.has(&format!("{ABC}.quarantined")));
    assert_eq!(told(&lab.collect_later().await), [""; 0]);
    assert_eq!(lab.files().len(), 3, "the folder and its manifest: {:?}", lab.files());
}

#[tokio::test]
async fn a_folder_stays_where_it_is_and_goes_as_a_whole() {
    let lab = Lab::filled().await;
    lab.delete("lab", 3).await;
    let before = lab.files();
    assert_eq!(told(&lab.collect().await), ["quarantine 1 object of 227 bytes"]);
    assert_eq!(lab.files(), before);
    assert_eq!(told(&lab.collect_later().await), ["purge 1 object of 227 bytes"]);
    assert_eq!(lab.files(), [ABC]);
}

#[tokio::test]
async fn a_folder_is_as_young_as_its_youngest_file() {
    let lab = Lab::filled().await;
    lab.delete("lab", 3).await;
    let about = lab.files().into_iter().find(|path| path.ends_with("about.txt")).unwrap();
    let about = lab.folder.path().join(about);
    std::fs::write(&about, b"more").unwrap();
    assert_eq!(told(&lab.collect().await), [""; 0], "it may be on its way");
    age(&about);
    assert_eq!(told(&lab.collect().await).len(), 1);
    std::fs::write(&about, b"even more").unwrap();
    let files = lab.files();
    assert_eq!(told(&lab.collect_later().await), ["return 1 object of 233 bytes"], "it was written since");
    assert_eq!(lab.files(), files);
}

#[tokio::test]
async fn the_same_bytes_are_written_anew_while_the_old_ones_are_aside() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    lab.collect().await;
    lab.insert("lab", row(4).with("raw", b"abc".to_vec()).unwrap()).await;
    assert!(lab.has(ABC));
    assert_eq!(told(&lab.collect_later().await), ["return 1 object of 3 bytes"]);
    assert!(lab.has(ABC) && !lab.has(&format!("{ABC}.quarantined")));
    lab.dj.table("lab.Scan").await.unwrap().fetch(&lab.dj).await.unwrap();
}

#[tokio::test]
async fn a_row_that_comes_after_its_object_was_set_aside_gets_it_back() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    // It looks, and the object is there; it is set aside; the row is inserted.
    lab.collect().await;
    lab.insert_described("other", 7).await;
    assert!(!lab.has(ABC));
    assert_eq!(told(&lab.collect_later().await), ["return 1 object of 3 bytes"]);
    assert!(lab.has(ABC));
    lab.dj.table("other.Scan").await.unwrap().fetch(&lab.dj).await.unwrap();
}

#[tokio::test]
async fn a_row_that_comes_in_the_moment_after_gets_it_back_at_once() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    let collection = lab.collection().moment(Duration::from_secs(1));
    let insert = async {
        while lab.has(ABC) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        lab.insert_described("lab", 7).await;
    };
    let (applied, ()) = tokio::join!(collection.apply(None), insert);
    assert_eq!(told(&applied.unwrap()), ["quarantine 1 object of 3 bytes"]);
    assert!(lab.has(ABC));
    assert_eq!(told(&lab.collect_later().await), [""; 0]);
}

#[tokio::test]
async fn an_insert_of_old_bytes_makes_their_object_young() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    lab.insert("lab", row(4).with("raw", b"abc".to_vec()).unwrap()).await;
    lab.delete("lab", 4).await;
    assert_eq!(told(&lab.collect().await), [""; 0], "another row may be on its way");
    lab.age();
    assert_eq!(told(&lab.collect().await).len(), 1);
}

#[tokio::test]
async fn objects_of_other_schemas_are_left_alone_and_their_rows_count() {
    let lab = Lab::filled().await;
    lab.insert("other", row(1).with("raw", b"other".to_vec()).unwrap()).await;
    lab.insert_described("other", 9).await;
    lab.delete("other", 1).await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    lab.age();
    let of_lab = || lab.collection().schemas(["lab"]);
    assert_eq!(told(&of_lab().apply(None).await.unwrap()), [""; 0]);
    lab.delete("other", 9).await;
    assert_eq!(told(&of_lab().apply(None).await.unwrap()), ["quarantine 1 object of 3 bytes"]);
    assert_eq!(told(&lab.collect().await), ["not wait ", "quarantine 1 object of 5 bytes"]);
}

#[tokio::test]
async fn what_is_aside_without_a_note_waits_for_a_grace_of_its_own() {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    lab.collect().await;
    // The database is an older one than the store.
    lab.sql("DELETE FROM \"lab.~quarantine\"").await;
    assert_eq!(told(&lab.collect_later().await), ["quarantine 1 object of 3 bytes"]);
    lab.sql("DELETE FROM \"lab.~quarantine\"").await;
    lab.insert_described("lab", 5).await;
    assert_eq!(told(&lab.collect_later().await), ["return 1 object of 3 bytes"]);
    assert!(lab.has(ABC));
}

#[tokio::test]
async fn young_objects_and_files_of_others_are_left_alone() {
    let lab = Lab::filled().await;
    for path in ["_hash/lab/notes.txt", "notes.txt", "_hash/lab.txt"] {
        std::fs::write(lab.folder.path().join(path), b"x").unwrap();
        age(&lab.folder.path().join(path));
    }
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    let young = Collection::of(&lab.dj).most(100).older_than(Duration::from_hours(60 * 24));
    assert_eq!(told(&young.apply(None).await.unwrap()), [""; 0]);
    assert_eq!(told(&lab.collect().await), ["quarantine 1 object of 3 bytes"]);
}
