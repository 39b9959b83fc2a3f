//! The guide's page on what maps to what is the one that is printed from the table of values.

use std::path::Path;

use datajoint_conformance::matrix::what_maps_to_what;

#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn the_page_of_the_guide_is_printed_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src/values.md");
    let page = what_maps_to_what();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "write it anew: INSTA_UPDATE=always cargo test -p datajoint-conformance page_of_the_guide"
    );
}
