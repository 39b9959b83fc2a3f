//! What a statement is made of, as the proof that no string becomes SQL compares it.

use std::collections::BTreeSet;

use datajoint::Backend;
use datajoint_conformance::hostile::shape::Shape;

fn shapes(backend: Backend, statements: &[&str]) -> BTreeSet<Shape> {
    statements.iter().map(|sql| Shape::of(backend, sql)).collect()
}

#[test]
fn what_a_value_or_a_name_holds_makes_no_difference() {
    for (backend, meant, seen) in [
        (
            Backend::Postgresql,
            "SELECT \"a\" FROM \"s\".\"t\" WHERE \"a\" = $1",
            "SELECT \"b\"\"; --\" FROM \"s\".\"t\"  WHERE \"a\" = $1 /* text */",
        ),
        (
            Backend::Postgresql,
            "CREATE TABLE \"t\" (a int DEFAULT 'x')",
            "CREATE TABLE \"u\" (a int DEFAULT E'\\'); DROP TABLE t; --')",
        ),
        (
            Backend::Mariadb,
            "ALTER TABLE `t` COMMENT 'x'",
            "ALTER TABLE `t``; DROP` COMMENT 'a\\'; DROP TABLE t; -- '",
        ),
    ] {
        assert!(Shape::of(backend, seen).is_meant(&shapes(backend, &[meant]), false), "{seen}");
    }
}

#[test]
fn a_statement_of_somebody_else_is_none_that_was_meant() {
    let made = "CREATE TABLE t (a int DEFAULT 'x')";
    for (seen, takes_sql) in [
        ("CREATE TABLE t (a int DEFAULT 'x'); DROP TABLE canary.canary; --')", false),
        ("CREATE TABLE t (a int DEFAULT 'x') -- ')\n; DROP TABLE canary", true),
        ("CREATE TABLE t (a int DEFAULT 'x' OR true)", false),
        ("CREATE TABLE t (a int DEFAULT 'x)", false),
        ("DROP TABLE canary.canary", true),
        ("", false),
    ] {
        for backend in [Backend::Postgresql, Backend::Mariadb] {
            let shape = Shape::of(backend, seen);
            assert!(!shape.is_meant(&shapes(backend, &[made, "BEGIN"]), takes_sql), "{backend}: {seen}");
        }
    }
    let run = Shape::of(Backend::Mariadb, "SELECT 1 /*!50000 UNION SELECT 2 */");
    assert!(!run.is_meant(&shapes(Backend::Mariadb, &["SELECT 1"]), true));
}

#[test]
fn sql_of_a_user_stays_within_its_brackets() {
    let meant = shapes(Backend::Postgresql, &["SELECT * FROM t WHERE (4711 = 4711) AND b < $1"]);
    let is_meant = |expression: &str| {
        let sql = format!("SELECT * FROM t WHERE ({expression}) AND b < $1");
        Shape::of(Backend::Postgresql, &sql).is_meant(&meant, true)
    };
    for held in ["a > 1", "a IN (SELECT a FROM u)", "lower(x) = ')' OR true"] {
        assert!(is_meant(held), "{held}");
    }
    // As often as it stands there.
    let twice = shapes(Backend::Postgresql, &["SELECT 1 FROM t WHERE (4711 = 4711) AND NOT (4711 = 4711)"]);
    let sql = |first: &str, second: &str| format!("SELECT 1 FROM t WHERE ({first}) AND NOT ({second})");
    let is_meant_twice = |sql: String| Shape::of(Backend::Postgresql, &sql).is_meant(&twice, true);
    assert!(is_meant_twice(sql("a > 1", "a > 1")));
    assert!(!is_meant_twice(sql("a > 1", "a > 1) OR (true")));
    for escaped in ["a > 1) OR (true", "true; DROP TABLE t", "1 UNION SELECT 1", "a > 1 --", "a, b", "(a"] {
        assert!(!is_meant(escaped), "{escaped}");
    }
}
