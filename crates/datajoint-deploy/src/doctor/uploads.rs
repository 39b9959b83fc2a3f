use datajoint_plan::Snapshot;

use std::time::Duration;

use datajoint_definition::count;
use datajoint_guard::{Finding, FindingCode};
use datajoint_store::{Spec, Store};

/// An upload that has taken longer than this is over.
const LONG: Duration = Duration::from_hours(24);

/// Files that programs left in stores when they ended while they wrote. Stores that are no folders don't show theirs.
pub(super) async fn check(snapshot: &mut Snapshot) {
    for (name, attributes) in &snapshot.dj.settings().stores.named {
        // A store that can't be opened is a finding of verify.
        let Ok(store) = Spec::new(name, attributes).and_then(Store::open) else { continue };
        let left = store.unfinished(LONG).await.unwrap_or_default();
        if let Some(first) = left.first() {
            snapshot.findings.push(Finding::warning(
                FindingCode::UnfinishedUpload,
                format!(
                    "the store `{name}` has {} begun more than a day ago and not finished, such as {}",
                    count(left.len(), "file"),
                    first.display()
                ),
                "nothing refers to them: delete them, and look whether the rows that they were for are there",
            ));
        }
    }
}
