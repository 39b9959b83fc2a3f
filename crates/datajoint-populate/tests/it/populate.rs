use datajoint_config::Settings;
use datajoint_pipeline::{Insert, Instance, Relation, sql};
use datajoint_populate::{Error, PopulateEvent, PopulateTable, Progress};

use crate::lab::{Digits, Product, ProductDigit, ProductKey, Subject, SubjectRow, lab};

#[tokio::test]
async fn what_was_never_used_is_activated_first() {
    let dj = Instance::connect(Settings::from_url("sqlite::memory:").unwrap()).await.unwrap();
    assert_eq!(Product.progress(&dj).await.unwrap(), Progress { remaining: 0, total: 0 });
    Subject.insert_one(&dj, SubjectRow { subject: 1, weight: 2.0 }).await.unwrap();
    assert_eq!(Digits.populate(&dj).suppress_errors(true).run().await.unwrap().remaining, 0);
}

#[tokio::test]
async fn every_missing_key_is_made_once() {
    let dj = lab(&[(1, 1.5), (2, 2.5)]).await;
    assert_eq!(Product.progress(&dj).await.unwrap(), Progress { remaining: 4, total: 4 });
    let report = Product.populate(&dj).workers(3).run().await.unwrap();
    assert_eq!((report.success_count, report.remaining), (4, 0));
    assert_eq!(
        Product.order_by("subject, method").column(&dj, Product::product).await.unwrap(),
        [3.0, 4.5, 5.0, 7.5]
    );
    assert_eq!(ProductDigit.count(&dj).await.unwrap(), 12);

    let report = Product.populate(&dj).run().await.unwrap();
    assert!(report.is_empty());
    assert_eq!(report.to_string(), "Product: nothing to do");
    assert_eq!(Product.progress(&dj).await.unwrap().to_string(), "4 of 4 keys done");
}

#[tokio::test]
async fn restrictions_and_max_calls_choose_keys_in_order() {
    let dj = lab(&[(1, 1.0), (2, 2.0), (3, 3.0)]).await;
    let report =
        Product.populate(&dj).restrict(Product::subject.ge(2)).restrict(sql("method < ?", [2])).max_calls(1);
    let report = report.run().await.unwrap();
    assert_eq!((report.success_count, report.remaining), (1, 1));
    let keys: Vec<ProductKey> = Product.fetch_as(&dj).await.unwrap();
    assert_eq!(keys, [ProductKey { subject: 2, method: 1 }]);
}

#[tokio::test]
async fn the_first_error_ends_it_and_names_table_and_key() {
    let dj = lab(&[(1, 1.0), (2, -1.0), (3, 3.0)]).await;
    let error = Product.populate(&dj).run().await.unwrap_err();
    let message = "`make` of `lab.__product` failed for {subject: 2, method: 1}: a negative weight";
    assert_eq!(error.to_string(), message);
    assert_eq!(Product.count(&dj).await.unwrap(), 2);
}

#[tokio::test]
async fn suppressed_errors_stand_in_the_report() {
    let dj = lab(&[(1, 1.0), (2, -1.0), (3, 3.0)]).await;
    let report = Product.populate(&dj).suppress_errors(true).workers(4).run().await.unwrap();
    assert_eq!((report.success_count, report.errors.len(), report.remaining), (4, 2, 2));
    let mut failed: Vec<_> = report.errors.iter().map(|(key, _)| key.clone()).collect();
    failed.sort();
    assert_eq!(failed, [ProductKey { subject: 2, method: 1 }, ProductKey { subject: 2, method: 2 }]);
    assert!(report.to_string().starts_with("Product: 4 made, 2 failed, 2 still to do in "), "{report}");
}

#[tokio::test]
async fn a_key_without_a_row_is_told_and_rows_of_other_keys_are_refused() {
    let dj = lab(&[(1, 1.0), (2, 2.0), (3, 3.0)]).await;
    Product.populate(&dj).run().await.unwrap();
    let report = Digits.populate(&dj).suppress_errors(true).run().await.unwrap();
    assert_eq!((report.success_count, report.without_row, report.errors.len()), (2, 2, 2));
    let Error::Make { source, .. } = &report.errors[0].1 else { panic!("{report}") };
    assert!(matches!(source.downcast_ref(), Some(Error::OtherKey { .. })), "{source}");
    assert_eq!(Digits.order_by("subject, method").column(&dj, Digits::digits).await.unwrap(), [3, 3]);
}

#[tokio::test]
async fn a_watcher_is_told_of_each_key_and_of_the_end() {
    let dj = lab(&[(1, 1.5), (2, 2.5)]).await;
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let list = std::sync::Arc::clone(&told);
    let watcher = move |event: PopulateEvent<'_>| list.lock().unwrap().push(format!("{event:?}"));
    let _report = Product.populate(&dj).watch(watcher.clone()).run().await.unwrap();
    let done = r#"Done { table: "Product" }"#;
    let expected =
        [r#"Begun { table: "Product", keys: 4 }"#, done, done, done, done, r#"Ended { table: "Product" }"#];
    assert_eq!(told.lock().unwrap().as_slice(), expected);

    // Without keys, nobody is told anything.
    told.lock().unwrap().clear();
    let _report = Product.populate(&dj).watch(watcher).run().await.unwrap();
    assert!(told.lock().unwrap().is_empty());
}
