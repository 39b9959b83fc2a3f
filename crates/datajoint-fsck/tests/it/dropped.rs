//! A comparison that nobody waits for to its end.

use std::path::Path;
use std::task::Poll;

use crate::{Lab, told};

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

/// Everything below a folder, with its bytes.
fn contents(folder: &Path, found: &mut Vec<(std::path::PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            contents(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
}

#[tokio::test]
async fn a_comparison_that_is_dropped_at_any_await_leaves_everything_as_it_was() {
    let database = tempfile::tempdir().unwrap();
    // It outlives the connections that end with what is dropped.
    let lab = Lab::filled_in(database.path().join("lab.sqlite").to_str().unwrap()).await;
    let stored = || {
        let mut found = Vec::new();
        contents(lab.folder.path(), &mut found);
        found
    };
    let before = stored();
    let (whole, polls) = cut(lab.fsck().read_all().run(), u32::MAX).await;
    let whole = whole.unwrap().unwrap();
    assert_eq!(whole.exit_status(), 0, "{:?}", told(&whole));
    for left in (1..polls).step_by((polls as usize / 40).max(1)) {
        cut(lab.fsck().read_all().run(), left).await;
        assert_eq!(stored(), before, "after {left} polls");
        // The same client goes on.
        assert_eq!(lab.fsck().read_all().run().await.unwrap(), whole, "after {left} polls");
    }
}
