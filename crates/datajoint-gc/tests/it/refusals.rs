//! A scan that did not see everything collects nothing.

use std::time::Duration;

use datajoint_config::Settings;
use datajoint_gc::Error;

use crate::lab::{ABC, Lab};

/// No row refers to the object with the bytes `abc`.
async fn orphaned() -> Lab {
    let lab = Lab::filled().await;
    lab.delete("lab", 1).await;
    lab.delete("lab", 2).await;
    lab
}

#[tokio::test]
async fn a_value_that_can_not_be_read_stops_it() {
    let lab = orphaned().await;
    for wrong in [
        "{}",
        "[]",
        "\"x\"",
        "{\"path\": \"../x\", \"hash\": \"y\", \"size\": 3, \"store\": \"main\"}",
        "{\"path\": \"a//x\", \"hash\": \"y\", \"size\": 3, \"store\": \"main\"}",
        "{\"path\": \"x\", \"hash\": \"y\", \"size\": 3, \"store\": \"none\"}",
    ] {
        lab.sql(format!("INSERT INTO \"other.scan\" (id, raw) VALUES (1, '{wrong}')")).await;
        let error = lab.collection().plan().await.unwrap_err();
        assert!(matches!(&error, Error::Untold { .. }), "{wrong}: {error}");
        assert!(error.to_string().contains("`raw` of `other.scan`"), "{error}");
        lab.delete("other", 1).await;
    }
    assert!(lab.has(ABC));
}

#[tokio::test]
async fn a_codec_that_is_not_known_stops_it() {
    let lab = orphaned().await;
    // As a client with a codec of its own declares it.
    lab.sql("CREATE TABLE \"other.strange\" (id INTEGER PRIMARY KEY, what TEXT)").await;
    let declared = lab.collection().plan().await;
    assert!(declared.is_ok(), "a column without a marker is none of a codec");
}

#[tokio::test]
async fn a_store_that_does_not_answer_stops_it() {
    let lab = orphaned().await;
    let dj = lab.dj.with_settings(|settings| {
        let away = serde_json::json!({"protocol": "file", "location": "/nowhere/at/all"});
        let stores = serde_json::json!({"away": away}).to_string();
        let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load().unwrap();
        settings.stores.named.extend(read.stores.named);
    });
    let error = datajoint_gc::Collection::of(&dj).plan().await.unwrap_err();
    assert!(matches!(&error, Error::Inventory(_)), "{error}");
    assert!(error.to_string().contains("not everything was seen"), "{error}");
}

#[tokio::test]
async fn more_candidates_than_expected_stop_it() {
    let lab = orphaned().await;
    let error = lab.collection().most(49).plan().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing is collected: no row refers to 1 of 2 objects of `lab` in the store `again`, more than the 49 % that are \
         expected; look at them with `dj fsck lab`, and expect more (`--most`) when they are right"
    );
    assert!(lab.collection().most(50).plan().await.is_ok());
}

#[tokio::test]
async fn an_age_that_writers_do_not_count_on_stops_it() {
    let lab = orphaned().await;
    let error = lab.collection().older_than(Duration::from_mins(119)).plan().await.unwrap_err();
    assert!(matches!(error, Error::TooYoung));
}

#[tokio::test]
async fn another_plan_than_the_one_that_was_approved_is_not_carried_out() {
    let lab = orphaned().await;
    let approved = lab.collection().plan().await.unwrap().hash();
    lab.delete("lab", 3).await;
    let error = lab.collection().apply(Some(&approved)).await.unwrap_err();
    assert!(matches!(error, Error::Plan(datajoint_plan::Error::OtherPlan { .. })), "{error}");
    assert!(lab.has(ABC));
    let approved = lab.collection().plan().await.unwrap().hash();
    lab.collection().apply(Some(&approved)).await.unwrap();
    assert!(!lab.has(ABC));
}
