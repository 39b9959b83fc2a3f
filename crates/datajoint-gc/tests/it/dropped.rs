//! Collections and erasures that nobody waits for to their end.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use datajoint_gc::Erasure;
use datajoint_pipeline::{Relation as _, attribute};
use datajoint_sql::{Statement, Value};

use crate::lab::{ABC, Lab};

/// Polls a future so often at most; gives what it gave, and how often it was polled.
async fn cut<F: Future>(future: F, most: u32) -> (Option<F::Output>, u32) {
    let (mut future, mut polls) = (Box::pin(future), 0);
    std::future::poll_fn(move |context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready((Some(output), polls)),
            Poll::Pending if polls == most => Poll::Ready((None, polls)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// After which polls of so many a future is dropped.
fn stops(polls: u32) -> impl Iterator<Item = u32> {
    (1..polls).step_by((polls as usize / 12).max(1))
}

/// A laboratory in a database that outlives the connections that end with what is dropped.
async fn filled(folder: &Path) -> Lab {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Lab::filled_in(folder.join(format!("{number}.sqlite")).to_str().unwrap()).await
}

impl Lab {
    /// The paths that rows refer to.
    async fn referred(&self) -> BTreeSet<String> {
        let sql = "SELECT raw FROM \"lab.scan\" UNION SELECT movie FROM \"lab.scan\"";
        let rows = self.dj.database().acquire().await.unwrap().fetch(&Statement::plain(sql)).await.unwrap();
        rows.into_iter()
            .flatten()
            .filter_map(|value| match value {
                Value::Text(text) => Some(serde_json::from_str::<serde_json::Value>(&text).unwrap()),
                _ => None,
            })
            .map(|document| document["path"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Fails where an object that a row refers to is not there.
    async fn has_all(&self, place: &str) {
        for path in self.referred().await {
            assert!(self.folder.path().join(&path).exists(), "{place}: {path}");
        }
    }
}

#[tokio::test]
async fn a_collection_that_is_dropped_at_any_await_is_taken_up_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    for is_later in [false, true] {
        let prepared = async || {
            let lab = filled(folder.path()).await;
            lab.delete("lab", 1).await;
            lab.delete("lab", 2).await;
            // One object is set aside, and later, with all graces over, purged, while another one is noted.
            if is_later {
                lab.collect().await;
                lab.delete("lab", 3).await;
            }
            lab
        };
        let grace = if is_later { Duration::ZERO } else { Duration::from_hours(1) };
        let whole = prepared().await;
        // What differs in age is told apart.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (plan, polls) = cut(whole.collection().grace(grace).apply(None), u32::MAX).await;
        assert_eq!(plan.unwrap().unwrap().failed().count(), 0);
        let (_, of_plan) = cut(prepared().await.collection().plan(), u32::MAX).await;
        for left in stops(of_plan) {
            let lab = prepared().await;
            let before = lab.files();
            let (plan, _) = cut(lab.collection().grace(grace).plan(), left).await;
            assert!(plan.is_none_or(|plan| plan.is_ok()));
            // The object that tells the time of the store may stay.
            let left_over = lab.files().iter().filter(|path| !before.contains(path)).count();
            assert!(left_over <= 1, "plan after {left} polls: {:?}", lab.files());
        }
        for left in stops(polls) {
            let place = format!("{is_later}, after {left} polls");
            let lab = prepared().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let (plan, _) = cut(lab.collection().grace(grace).apply(None), left).await;
            assert!(plan.is_none_or(|plan| plan.is_ok()), "{place}");
            lab.has_all(&place).await;
            // Whoever inserts the same content meanwhile has it.
            lab.insert("lab", crate::lab::row(9).with("raw", b"abc".to_vec()).unwrap()).await;
            assert!(lab.has(ABC), "{place}");
            let plan = lab.collection().grace(grace).apply(None).await.unwrap();
            assert_eq!(plan.failed().count(), 0, "{place}: {plan}");
            lab.has_all(&place).await;
            let plan = lab.collection().grace(grace).apply(None).await.unwrap();
            assert_eq!(plan.failed().count(), 0, "{place}: {plan}");
            lab.has_all(&place).await;
        }
    }
}

#[tokio::test]
async fn an_erasure_that_is_dropped_at_any_await_leaves_no_row_without_its_object() {
    let folder = tempfile::tempdir().unwrap();
    let erasure = async |lab: &Lab| {
        let scan = lab.dj.table("lab.Scan").await.unwrap();
        Erasure::of(&lab.dj, &scan.restrict(attribute("id").eq(3))).moment(Duration::ZERO)
    };
    let whole = filled(folder.path()).await;
    let erase = erasure(&whole).await;
    let (plan, of_plan) = cut(erase.plan(), u32::MAX).await;
    let hash = plan.unwrap().unwrap().hash();
    let (certificate, polls) = cut(erase.carry_out(&hash), u32::MAX).await;
    assert!(certificate.unwrap().unwrap().failed.is_empty());
    let gone = whole.files();
    for left in stops(of_plan) {
        let lab = filled(folder.path()).await;
        let before = lab.files();
        cut(erasure(&lab).await.plan(), left).await;
        assert_eq!(lab.files(), before);
        assert_eq!(lab.referred().await.len(), 2);
    }
    for left in stops(polls) {
        let place = format!("after {left} polls");
        let lab = filled(folder.path()).await;
        let erase = erasure(&lab).await;
        let hash = erase.plan().await.unwrap().hash();
        let (outcome, _) = cut(erase.carry_out(&hash), left).await;
        assert!(outcome.is_none_or(|outcome| outcome.is_ok()), "{place}");
        lab.has_all(&place).await;
        // What stays of the objects, a collection takes.
        if lab.referred().await.len() == 1 {
            lab.age();
            lab.collect().await;
            lab.collect_later().await;
            assert_eq!(lab.files().len(), gone.len(), "{place}: {:?}", lab.files());
        }
    }
}
