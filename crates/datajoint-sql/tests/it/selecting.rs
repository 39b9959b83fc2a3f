use std::fmt::Write as _;

use datajoint_definition::Backend;
use datajoint_sql::{Comparison, Condition, Expression, Projected, Value, count, exists, heading, select};

use crate::qa::{
    a, b, c, compare, compute, d, equal, join, matches, not, project, r, rename, restrict, sql, top, unique,
};
use crate::show::statement;

const BACKENDS: [Backend; 3] = [Backend::Mysql, Backend::Postgresql, Backend::Sqlite];

/// Each query with its attributes (key attributes with a star) and its text on each backend.
pub(crate) fn shown(cases: &[(&str, Expression)]) -> String {
    let mut text = String::new();
    for (name, expression) in cases {
        let _ = writeln!(text, "# {name}");
        match heading(expression) {
            Ok(heading) => {
                let names: Vec<String> = heading
                    .visible()
                    .map(|attribute| format!("{}{}", attribute.name, if attribute.in_key { "*" } else { "" }))
                    .collect();
                let _ = writeln!(text, "= {}", names.join(", "));
            }
            Err(error) => {
                let _ = writeln!(text, "! {error}");
                continue;
            }
        }
        for backend in BACKENDS {
            let line = match select(backend, expression) {
                Ok(select) => {
                    assert_eq!(Ok(select.heading), heading(expression), "{name}");
                    statement(&select.statement)
                }
                Err(error) => format!("! {error}"),
            };
            let _ = writeln!(text, "{:<10} {line}", backend.name());
        }
    }
    text
}

#[test]
fn restrictions() {
    let word = |text: &str| Value::Text(text.to_owned());
    let ints = |numbers: &[i64]| numbers.iter().map(|number| Value::Int(*number)).collect::<Vec<_>>();
    let text = shown(&[
        ("A", a()),
        ("A & a=1", restrict(a(), equal("a", 1))),
        ("A & {a: 1, x: b}", restrict(a(), Condition::All(vec![equal("a", 1), equal("x", "b")]))),
        ("A & x=None", restrict(a(), equal("x", Value::Null))),
        ("A & f=0.5", restrict(a(), equal("f", Value::Float64(0.5)))),
        ("A & sex=F", restrict(a(), equal("sex", "F"))),
        ("A & x like", restrict(a(), compare("x", Comparison::Like, word("a%")))),
        ("A & sex like", restrict(a(), compare("sex", Comparison::Like, word("F%")))),
        ("A & 'a>1'", restrict(a(), sql("a > 1", &[]))),
        (
            "A & text with values",
            restrict(a(), sql("a > ? AND x <> '?' OR x = ?", &[Value::Int(1), word("y")])),
        ),
        ("A & ['a=1', {'a': 2}]", restrict(a(), Condition::Any(vec![sql("a = 1", &[]), equal("a", 2)]))),
        ("A & []", restrict(a(), Condition::Any(vec![]))),
        ("A & AndList([])", restrict(a(), Condition::All(vec![]))),
        ("A - 'a=1'", restrict(a(), not(sql("a = 1", &[])))),
        ("A - {a: 1}", restrict(a(), not(equal("a", 1)))),
        ("A - {f: 1}", restrict(a(), not(equal("f", Value::Float64(1.0))))),
        ("A - - {f: 1}", restrict(a(), not(not(equal("f", Value::Float64(1.0)))))),
        ("A - False", restrict(a(), not(Condition::Constant(false)))),
        ("A & in", restrict(a(), Condition::In { attribute: "a".to_owned(), values: ints(&[1, 2]) })),
        (
            "A & in with null",
            restrict(
                a(),
                Condition::In { attribute: "f".to_owned(), values: vec![Value::Int(1), Value::Null] },
            ),
        ),
        (
            "A & between",
            restrict(
                a(),
                Condition::Between { attribute: "a".to_owned(), low: Value::Int(1), high: Value::Int(5) },
            ),
        ),
        (
            "B & keys",
            restrict(
                b(),
                Condition::Keys {
                    attributes: vec!["a".to_owned(), "b".to_owned()],
                    rows: vec![ints(&[1, 2]), ints(&[3, 4])],
                },
            ),
        ),
        (
            "B & many keys",
            restrict(
                b(),
                Condition::Keys {
                    attributes: vec!["a".to_owned(), "b".to_owned()],
                    rows: (0..1000).map(|number| ints(&[number, 1])).collect(),
                },
            ),
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn matches_of_other_queries() {
    let text = shown(&[
        ("A & B", restrict(a(), matches(b()))),
        ("A - B", restrict(a(), not(matches(b())))),
        ("A & (B & 'y>0')", restrict(a(), matches(restrict(b(), sql("y > 0", &[]))))),
        ("A & [B, C]", restrict(a(), Condition::Any(vec![matches(b()), matches(c())]))),
        (
            "(A & 'a>0') - (B & b=1)",
            restrict(restrict(a(), sql("a > 0", &[])), not(matches(restrict(b(), equal("b", 1))))),
        ),
        ("A - (A & a=1).proj()", restrict(a(), not(matches(project(restrict(a(), equal("a", 1)), &[]))))),
        ("A & C.proj(other='a')", restrict(a(), matches(project(c(), &[rename("other", "a")])))),
        ("B & (A & Top(1))", restrict(b(), matches(top(a(), &[], Some(1), 0)))),
        (
            "A & (U('a', 'y') & B & Top(1)): what makes rows differ stays",
            restrict(a(), matches(top(unique(b(), &["a", "y"]), &["y"], Some(1), 0))),
        ),
        ("B - (A & Top(1))", restrict(b(), not(matches(top(a(), &[], Some(1), 0))))),
        ("A & D", restrict(a(), matches(d()))),
        ("A & A", restrict(a(), matches(a()))),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn joins() {
    let text = shown(&[
        ("A * B", join(a(), b())),
        ("B * A", join(b(), a())),
        ("A * C", join(a(), c())),
        ("C * B", join(c(), b())),
        ("A * B * C", join(join(a(), b()), c())),
        ("A * (B * C)", join(a(), join(b(), c()))),
        ("(A & 'a>0') * (B & b=1)", join(restrict(a(), sql("a > 0", &[])), restrict(b(), equal("b", 1)))),
        ("A.proj() * D.proj(d='a')", join(project(a(), &[]), project(d(), &[rename("d", "a")]))),
        ("A.proj(w='x') * B", join(project(a(), &[rename("w", "x")]), b())),
        ("A.proj(aa='a') * B", join(project(a(), &[rename("aa", "a")]), b())),
        ("A.proj(q='a+1') * B", join(project(a(), &[compute("q", "a+1")]), b())),
        ("A * A.proj()", join(a(), project(a(), &[]))),
        ("(A & Top(2)) * B", join(top(a(), &[], Some(2), 0), b())),
        ("A * D", join(a(), d())),
        ("A * A", join(a(), a())),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn projections() {
    let keep = |name: &str| Projected::Keep(name.to_owned());
    let drop = |name: &str| Projected::Drop(name.to_owned());
    let text = shown(&[
        ("A.proj()", project(a(), &[])),
        ("A.proj('x')", project(a(), &[keep("x")])),
        ("A.proj(...)", project(a(), &[Projected::All])),
        ("A.proj(..., '-x')", project(a(), &[Projected::All, drop("x")])),
        ("A.proj(aa='a')", project(a(), &[rename("aa", "a")])),
        ("A.proj(..., aa='a')", project(a(), &[Projected::All, rename("aa", "a")])),
        ("A.proj(s='a+1')", project(a(), &[compute("s", "a+1")])),
        ("A.proj(x='a')", project(a(), &[rename("x", "a")])),
        ("A.proj(q='nope')", project(a(), &[rename("q", "nope")])),
        ("A.proj('sec')", project(a(), &[keep("sec")])),
        ("A.proj('-a')", project(a(), &[Projected::All, drop("a")])),
        ("A.proj('x', x='a')", project(a(), &[keep("x"), rename("x", "a")])),
        ("A.proj(s='a+1') & 's>1'", restrict(project(a(), &[compute("s", "a+1")]), sql("s > 1", &[]))),
        ("A.proj(aa='a') & 'aa>1'", restrict(project(a(), &[rename("aa", "a")]), sql("aa > 1", &[]))),
        ("A.proj(aa='a') & aa=1", restrict(project(a(), &[rename("aa", "a")]), equal("aa", 1))),
        ("(A & 'a>1').proj(aa='a')", project(restrict(a(), sql("a > 1", &[])), &[rename("aa", "a")])),
        (
            "A.proj(s='a+1').proj(t='s+1')",
            project(project(a(), &[compute("s", "a+1")]), &[compute("t", "s+1")]),
        ),
        ("R.proj(a1='a2', a2='a1')", project(r(), &[rename("a1", "a2"), rename("a2", "a1")])),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn tops() {
    let text = shown(&[
        ("A & Top()", top(a(), &[], Some(1), 0)),
        ("A & Top(2, 'x desc')", top(a(), &["-x"], Some(2), 0)),
        ("A & Top(2, ['x', 'a desc'], offset=1)", top(a(), &["x", "-a"], Some(2), 1)),
        ("A & Top(None, 'x')", top(a(), &["x"], None, 0)),
        ("A & Top(None, 'x', offset=1)", top(a(), &["x"], None, 1)),
        ("A & Top(3) & Top(2, offset=2)", top(top(a(), &[], Some(3), 0), &[], Some(2), 2)),
        ("A & Top(3, 'x') & Top(2, 'x desc')", top(top(a(), &["x"], Some(3), 0), &["-x"], Some(2), 0)),
        ("A & Top(3) & 'a>1'", restrict(top(a(), &[], Some(3), 0), sql("a > 1", &[]))),
        ("A & 'a>0' & Top(1)", top(restrict(a(), sql("a > 0", &[])), &[], Some(1), 0)),
        ("(A & Top(1, 'x')).proj(x='a')", project(top(a(), &["x"], Some(1), 0), &[rename("x", "a")])),
        ("(A & Top(1, 'x')).proj(y='x')", project(top(a(), &["x"], Some(1), 0), &[rename("y", "x")])),
        ("A & Top(1, 'nope')", top(a(), &["nope"], Some(1), 0)),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn counts_and_existence() {
    let mut text = String::new();
    let cases = [
        ("A * B & b=1", restrict(join(a(), b()), equal("b", 1))),
        ("A & Top(2)", top(a(), &["x"], Some(2), 0)),
        ("A.proj(s='a+1') & s=1", restrict(project(a(), &[compute("s", "a+1")]), sql("s = 1", &[]))),
    ];
    for (name, expression) in cases {
        for backend in BACKENDS {
            let both = [count(backend, &expression), exists(backend, &expression)];
            for made in both {
                let _ = writeln!(text, "{name}: {}", statement(&made.expect("it is a query")));
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn faults_name_what_is_wrong_and_what_there_is() {
    let keep = |name: &str| Projected::Keep(name.to_owned());
    let faults = [
        select(Backend::Mysql, &restrict(a(), equal("sec", 1))),
        select(Backend::Mysql, &restrict(join(a(), b()), equal("nope", 1))),
        select(Backend::Mysql, &top(a(), &["sec"], None, 0)),
        select(Backend::Mysql, &project(a(), &[keep("sec")])),
        select(Backend::Mysql, &project(project(a(), &[keep("sex")]), &[keep("doc")])),
        select(Backend::Mysql, &project(join(a(), b()), &[keep("nope")])),
        select(Backend::Mysql, &unique(a(), &["sec"])),
        select(Backend::Mysql, &restrict(a(), equal("a", "one"))),
        select(Backend::Mysql, &restrict(a(), equal("sex", "f"))),
        select(Backend::Mysql, &restrict(a(), equal("f", Value::Float64(f64::NAN)))),
        select(Backend::Mysql, &restrict(a(), sql("a = ?", &[]))),
    ]
    .map(|result| result.expect_err("it is no query").to_string());
    let text = faults.join("\n");
    insta::assert_snapshot!(text);
}
