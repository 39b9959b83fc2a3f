//! Operators that keep, count and unite rows.

use datajoint_sql::{Comparison, Condition, Expression, Matching, Part, Projected, Value};

use crate::qa::{
    a, aggregate, aggregate_matching, b, c, compare, compute, d, equal, extend, group_by, join, matches, not,
    project, rename, restrict, sql, top, union, unique,
};
use crate::selecting::shown;

#[test]
fn extending() {
    let text = shown(&[
        ("B.extend(A)", extend(b(), a())),
        ("B.extend(A & 'a>1')", extend(b(), restrict(a(), sql("a > 1", &[])))),
        ("B.extend(A) & x is null", restrict(extend(b(), a()), equal("x", Value::Null))),
        ("B.extend(A.proj(one='1'))", extend(b(), project(a(), &[compute("one", "1")]))),
        ("A.extend(B): many matches", extend(a(), b())),
        ("(C.extend(A)) * B", join(extend(c(), a()), b())),
        ("B * (C.extend(A))", join(b(), extend(c(), a()))),
        ("C.extend(A).extend(A.proj(a2='a'))", extend(extend(c(), a()), project(a(), &[rename("a2", "a")]))),
        (
            "A.join(D, semantic_check=False)",
            Expression::Join { left: Part::new(a()), right: Part::new(d()), matching: Matching::Name },
        ),
        ("A & D by name", restrict(a(), Condition::MatchesByName(Part::new(d())))),
        ("A - D by name", restrict(a(), not(Condition::MatchesByName(Part::new(d()))))),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn aggregation() {
    let n = &[compute("n", "count(b)")];
    let text = shown(&[
        ("A.aggr(B, n='count(b)')", aggregate(a(), b(), n)),
        ("A.aggr(B, n='count(b)', exclude_nonmatching=True)", aggregate_matching(a(), b(), n)),
        ("A.aggr(B, 'x', n=..)", aggregate(a(), b(), &[Projected::Keep("x".to_owned()), n[0].clone()])),
        (
            "(A & a>1).aggr(B & y>0)",
            aggregate(restrict(a(), sql("a > 1", &[])), restrict(b(), sql("y > 0", &[])), n),
        ),
        (
            "A.aggr(B) & n>1",
            restrict(aggregate(a(), b(), n), compare("n", Comparison::Greater, Value::Int(1))),
        ),
        ("A.aggr(B) & False", restrict(aggregate(a(), b(), n), Condition::Constant(false))),
        ("A.aggr(B) * C", join(aggregate(a(), b(), n), c())),
        ("C & A.aggr(B)", restrict(c(), matches(aggregate(a(), b(), n)))),
        ("A.aggr(B).proj()", project(aggregate(a(), b(), n), &[])),
        ("A.aggr(B).proj(m='n+1')", project(aggregate(a(), b(), n), &[compute("m", "n + 1")])),
        ("A.aggr(B) & Top(2, 'n desc')", top(aggregate(a(), b(), n), &["-n"], Some(2), 0)),
        ("A.aggr(B * C)", aggregate(a(), join(b(), c()), &[compute("n", "count(c)")])),
        (
            "A.aggr(B.proj(z='y*2'))",
            aggregate(a(), project(b(), &[compute("z", "y * 2")]), &[compute("s", "sum(z)")]),
        ),
        ("B.aggr(A): no key", aggregate(b(), a(), n)),
        ("A.aggr(B, 'q')", aggregate(a(), b(), &[Projected::Keep("q".to_owned())])),
        ("A.aggr(B, v='y')", aggregate(a(), b(), &[compute("v", "y")])),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn universal_sets() {
    let n = &[compute("n", "count(*)")];
    let text = shown(&[
        ("U('x') & A", unique(a(), &["x"])),
        ("U('x', 'a') & A", unique(a(), &["x", "a"])),
        ("U() & A", unique(a(), &[])),
        ("U('x') & (A & Top(3))", unique(top(a(), &[], Some(3), 0), &["x"])),
        ("U('q') & A", unique(a(), &["q"])),
        ("U('x').aggr(A, n)", group_by(a(), &["x"], n)),
        ("U().aggr(A, n)", group_by(a(), &[], n)),
        ("U('x', 'y').aggr(A * B, n)", group_by(join(a(), b()), &["x", "y"], n)),
        (
            "U('x').aggr(A, n) & n>1",
            restrict(group_by(a(), &["x"], n), compare("n", Comparison::Greater, Value::Int(1))),
        ),
        ("A & U().aggr(B)", restrict(a(), matches(group_by(b(), &[], n)))),
        ("U().aggr(A)", group_by(a(), &[], &[])),
        ("U('f').aggr(A.proj(f='a+1'))", group_by(project(a(), &[compute("g", "a + 1")]), &["g"], n)),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn unions() {
    let keys = |from| project(from, &[]);
    let other = || project(restrict(a(), sql("a > 5", &[])), &[compute("w", "a * 2")]);
    let text = shown(&[
        ("A.proj() + A.proj()", union(keys(a()), keys(restrict(a(), equal("a", 1))))),
        ("A.proj('x') + other", union(project(a(), &[Projected::Keep("x".to_owned())]), other())),
        ("A.proj() + other", union(keys(a()), other())),
        ("(A.proj() + other) & w>1", restrict(union(keys(a()), other()), sql("w > 1", &[]))),
        ("(A & Top(1)).proj() + A.proj()", union(keys(top(a(), &[], Some(1), 0)), keys(a()))),
        ("A + A", union(a(), a())),
        ("A + B", union(a(), b())),
        ("A.proj() + D.proj()", union(keys(a()), keys(d()))),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn functions_by_the_names_of_every_backend() {
    let shown_text = |text: &str| (text.to_owned(), project(a(), &[compute("v", text)]));
    let cases = [
        "group_concat(x)",
        "GROUP_CONCAT(distinct x order by x separator '; ')",
        "string_agg(x, '; ')",
        "curdate()",
        "year(x) + month( x )",
        "second(x)",
        "timestampdiff(minute, x, now())",
        "timestampdiff(month, x, y)",
        "if(a > 1, 'if(', ifnull(x, 'none'))",
        "sum(a > 1)",
        "sum(a)",
        "year('2020-01-01')",
        "my_year(x)",
        "doc.a.b[0]",
        "doc.a:decimal(10,2)",
        "a.b",
    ];
    let cases: Vec<(String, Expression)> = cases.into_iter().map(shown_text).collect();
    let cases: Vec<(&str, Expression)> =
        cases.iter().map(|(name, query)| (name.as_str(), query.clone())).collect();
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn places_in_json() {
    let text = shown(&[
        ("number", restrict(a(), equal("doc.a", 5))),
        ("text", restrict(a(), equal("doc.a.b[0]", "it's"))),
        ("true", restrict(a(), compare("doc.ok", Comparison::Equal, Value::Bool(true)))),
        ("null", restrict(a(), equal("doc.a", Value::Null))),
        ("not null", restrict(a(), not(Condition::IsNull("doc.a".to_owned())))),
        ("of a type", restrict(a(), compare("doc.a:unsigned", Comparison::Less, Value::Int(3)))),
        ("like", restrict(a(), compare("doc.a", Comparison::Like, Value::Text("b%".to_owned())))),
        (
            "in",
            restrict(
                a(),
                Condition::In { attribute: "doc.a".to_owned(), values: vec![Value::Int(1), Value::Int(2)] },
            ),
        ),
        ("no JSON", restrict(a(), equal("x.a", 5))),
        ("of a renamed one", restrict(project(a(), &[rename("d", "doc")]), equal("d.a", 5))),
    ]);
    insta::assert_snapshot!(text);
}
