//! The log of a server, as the proof that no string becomes SQL reads it.

use std::collections::BTreeSet;

use datajoint::Backend;
use datajoint_conformance::hostile::shape::Shape;
use datajoint_conformance::hostile::witness::said;

/// As PostgreSQL writes it, with another client between.
const HARMLESS: &str = "\
dj_roads LOG:  statement: BEGIN
postgres LOG:  statement: DROP TABLE others
dj_roads LOG:  execute sqlx_s_1: CREATE TABLE \"lab\".\"mouse\" (
\t  \"a\" int DEFAULT 'one')
dj_roads DETAIL:  parameters: $1 = 'a
\tdj_roads LOG:  statement: nothing'
LOG:  checkpoint starting: time
dj_roads LOG:  statement: COMMIT
";

#[test]
fn the_statements_of_one_user_are_read_whole() {
    assert_eq!(
        said(HARMLESS),
        ["BEGIN", "CREATE TABLE \"lab\".\"mouse\" (\n  \"a\" int DEFAULT 'one')", "COMMIT"]
    );
}

#[test]
fn a_planted_statement_is_found() {
    let shapes = |log: &str| -> Vec<Shape> {
        said(log).iter().map(|sql| Shape::of(Backend::Postgresql, sql)).collect()
    };
    let meant: BTreeSet<Shape> = shapes(HARMLESS).into_iter().collect();
    let other_value = HARMLESS.replace("one", "x; DROP TABLE canary; --");
    assert!(shapes(&other_value).iter().all(|shape| shape.is_meant(&meant, false)));
    for planted in [
        HARMLESS.replace("'one')", "'one'); DROP TABLE canary; --')"),
        HARMLESS.replace("'one')", "'one' OR true)"),
        format!("{HARMLESS}dj_roads LOG:  statement: DROP TABLE canary\n"),
        format!("{HARMLESS}dj_roads LOG:  execute <unnamed>: BEGIN\n\t; DROP TABLE canary\n"),
        format!("{HARMLESS}dj_roads ERROR:  syntax error\ndj_roads STATEMENT:  COMMIT; DROP\n"),
    ] {
        assert!(!shapes(&planted).iter().all(|shape| shape.is_meant(&meant, false)), "{planted}");
    }
}
