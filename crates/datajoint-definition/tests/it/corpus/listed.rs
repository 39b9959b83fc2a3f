//! Lists of differences with their reasons.

use std::collections::BTreeSet;

/// Holds a list against what was found: each difference is listed with a reason, and each of the list occurs.
///
/// A line `kind: reason` begins a group; the lines after it hold the ids of its records. `#` is a comment.
pub(super) fn assert_listed(list: &str, found: &BTreeSet<(String, String)>) {
    let mut listed = BTreeSet::new();
    let mut kind = None;
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((word, reason)) = line.split_once(": ") {
            assert!(!reason.trim().is_empty(), "a group without a reason: {line}");
            kind = Some(word.to_owned());
            continue;
        }
        for id in line.split_whitespace() {
            let kind = kind.clone().expect("the list begins with a group");
            assert!(listed.insert((kind, id.to_owned())), "{id} is listed twice");
        }
    }
    let missing: Vec<_> = found.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(found).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "not listed: {missing:?}\nlisted, but no longer so: {stale:?}"
    );
}
