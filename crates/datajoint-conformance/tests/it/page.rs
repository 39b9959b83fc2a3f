//! The pages of the guide that are printed from tables: of values, and of SQL by server.

use std::path::Path;

use datajoint_conformance::matrix::what_maps_to_what;
use datajoint_conformance::meaning::sql_by_server;

#[test]
fn the_page_of_the_guide_is_printed_from_the_table() {
    for (name, page) in [("values.md", what_maps_to_what()), ("sql.md", sql_by_server())] {
        check(name, &page);
    }
}

#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn check(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src").join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "{name}: write it anew: INSTA_UPDATE=always cargo test -p datajoint-conformance page_of_the_guide"
    );
}
