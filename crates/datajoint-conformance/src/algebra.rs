//! Extend, aggregation, union, universal sets, places in JSON, functions of dates and texts.

use datajoint::prelude::*;
use datajoint::types::{chrono::NaiveDate, serde_json::json};
use datajoint::{Error, attribute};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_algebra");

    #[table(Manual)]
    /// a : int32
    /// ---
    /// x = null : varchar(10)
    /// f : float64
    pub(super) struct A;

    #[table(Manual)]
    /// -> A
    /// b : int32
    /// ---
    /// y : int32
    pub(super) struct B;

    #[table(Manual)]
    /// c : int32
    /// ---
    /// -> [nullable] A
    /// doc = null : json
    /// at : datetime
    pub(super) struct C;

    #[table(Manual)]
    /// a : int32
    /// ---
    /// z : int32
    pub(super) struct D;

    #[table(Lookup, contents = [(7,)])]
    /// ---
    /// n : int32
    pub(super) struct Single;
}

use tables::{A, AKey, ARow, B, BRow, C, CRow, D, DRow, Single};

static TURN: Turn = Turn::new("dj_conformance_algebra");

/// Four of `A`; three of `B`, for the first and the third; three of `C`, one without an `A`; two of `D`.
async fn fill(dj: &Instance) {
    let a = |a: i32, x: Option<&str>| ARow { x: x.map(str::to_owned), ..ARow::new(a, f64::from(a) / 2.0) };
    A.insert(dj, [a(1, Some("u")), a(2, None), a(3, Some("v")), a(4, Some("u"))]).await.unwrap();
    B.insert(dj, [(1, 1), (1, 2), (3, 1)].map(|(a, b)| BRow { a, b, y: a * 10 + b })).await.unwrap();
    let at = |day| NaiveDate::from_ymd_opt(2024, 2, day).unwrap().and_hms_opt(10, 30, 15).unwrap();
    let c = |c: i32, a: Option<i32>, doc| CRow { a, doc, ..CRow::new(c, at(c.unsigned_abs())) };
    let first = json!({"rate": 5, "kind": "it's", "deep": {"list": [1, 2]}, "ok": true});
    let second = json!({"rate": "5", "kind": "back\\slash", "ok": false});
    C.insert(dj, [c(1, Some(1), Some(first)), c(2, None, Some(second)), c(3, Some(3), None)]).await.unwrap();
    D.insert(dj, [(1, 100), (9, 900)].map(|(a, z)| DRow { a, z })).await.unwrap();
}

/// The rows in the order of their keys, each as text.
async fn shown(dj: &Instance, query: impl Relation) -> Vec<String> {
    let rows = query.order_by("KEY").fetch_dynamic(dj).await.unwrap();
    rows.iter().map(ToString::to_string).collect()
}

async fn refused(dj: &Instance, query: impl Relation) -> String {
    query.fetch_dynamic(dj).await.unwrap_err().to_string()
}

/// Every row once, with its match or with nulls; what restricts the other side takes no rows away.
pub async fn extend_keeps_every_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let c = C.proj(["a"]);
    assert_eq!(
        shown(dj, c.extend(&A)).await,
        [
            "{c: 1, a: 1, x: \"u\", f: 0.5}",
            "{c: 2, a: null, x: null, f: null}",
            "{c: 3, a: 3, x: \"v\", f: 1.5}"
        ]
    );
    let restricted = c.extend(&(A & A::a.eq(3)).proj(["x"]));
    assert_eq!(
        shown(dj, &restricted).await,
        ["{c: 1, a: 1, x: null}", "{c: 2, a: null, x: null}", "{c: 3, a: 3, x: \"v\"}"]
    );
    assert_eq!((&restricted & attribute("x").is_null()).count(dj).await.unwrap(), 2);
    // What the other side computes is null too where nothing matches.
    let constant = c.extend(&(A & A::a.eq(3)).proj(compute("one", "1")));
    assert_eq!((&constant & attribute("one").is_not_null()).count(dj).await.unwrap(), 1);
    assert_eq!(
        shown(dj, (restricted * B).proj(())).await,
        ["{c: 1, a: 1, b: 1}", "{c: 1, a: 1, b: 2}", "{c: 3, a: 3, b: 1}"]
    );
    let error = refused(dj, A.extend(&B)).await;
    assert!(error.contains("`b`") && error.contains("many matches"), "{error}");
    turn.end(dj).await;
}

/// Values over the rows that match, with and without the rows that nothing matches.
pub async fn aggregation_computes_over_what_matches(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let n = || compute("n", "count(b)");
    assert_eq!(
        shown(dj, A.aggr(&B, n())).await,
        ["{a: 1, n: 2}", "{a: 2, n: 0}", "{a: 3, n: 1}", "{a: 4, n: 0}"]
    );
    assert_eq!(shown(dj, A.aggr_matching(&B, n())).await, ["{a: 1, n: 2}", "{a: 3, n: 1}"]);
    // What restricts the aggregated side takes no rows away.
    let restricted = (A & A::a.le(2)).aggr(&(B & B::b.eq(2)), Proj::keep(["x"]).compute("n", "count(b)"));
    assert_eq!(shown(dj, &restricted).await, ["{a: 1, x: \"u\", n: 1}", "{a: 2, x: null, n: 0}"]);
    let many = A.aggr(&B, n()) & attribute("n").gt(1);
    assert_eq!(shown(dj, &many).await, ["{a: 1, n: 2}"]);
    assert_eq!((A.aggr(&B, n()) & false).count(dj).await.unwrap(), 0);
    assert_eq!(shown(dj, A.aggr(&B, n()) & Top::new(1).by("n desc")).await, ["{a: 1, n: 2}"]);
    assert_eq!(A.aggr(&B, n()).count(dj).await.unwrap(), 4);
    assert_eq!((A - many).count(dj).await.unwrap(), 3);
    let computed = A.aggr(&B.proj(compute("twice", "y * 2")), compute("m", "max(twice)"));
    assert_eq!((computed & attribute("m").eq(62)).count(dj).await.unwrap(), 1);
    let sevens = A.proj(compute("c", "7")) & attribute("c").eq(7) & A::a.eq(1);
    let least = A.proj(()).aggr(&sevens, compute("m", "min(c)")) & attribute("m").is_not_null();
    assert_eq!(least.count(dj).await.unwrap(), 1, "a constant is null where nothing matches");
    let error = refused(dj, B.aggr(&A, n())).await;
    assert!(error.contains("`b`"), "{error}");
    let error = refused(dj, A.aggr(&B, Proj::keep(["xx"]))).await;
    assert!(error.contains("`xx`") && error.contains("`x`"), "{error}");
    turn.end(dj).await;
}

/// A value that each row has is none of many: it is refused in our own words, also where a server would give each row one.
pub async fn a_value_over_no_match_is_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let computed = |text: &str| compute("v", text);
    for text in
        ["x", "upper(x)", "f + 1", "x = 'u'", "max(f) + f", "sum(f) over ()", "case when a > 1 then f end"]
    {
        let over_all = U(()).aggr(&A, computed(text));
        let error = refused(dj, &over_all).await;
        assert!(
            error.contains("can't be had from many rows") && error.contains("has a value in each"),
            "{text}: {error}"
        );
        assert!(over_all.count(dj).await.is_err() && over_all.exists(dj).await.is_err(), "{text}");
        assert!(U(()).aggr(&(A & false), computed(text)).fetch(dj).await.is_err(), "{text}");
    }
    for text in ["1", "'one'", "1 + 1", "upper('one')"] {
        let error = refused(dj, U(()).aggr(&A, computed(text))).await;
        assert!(error.contains("computed over none of them"), "{text}: {error}");
    }
    for query in
        [U("x").aggr(&A, computed("f")), A.aggr(&B, computed("y")), A.aggr(&B, computed("upper(x) || y"))]
    {
        let error = query.fetch(dj).await.unwrap_err();
        assert!(error.to_string().contains("can't be had from many rows"), "{error}");
        assert!(query.exists(dj).await.is_err() && query.count(dj).await.is_err());
    }
    // What is the same in all rows of a group is one value, and a constant beside a value of all is one, too.
    assert_eq!(
        shown(dj, U("x").aggr(&(A & A::a.le(3)), compute("v", "concat(coalesce(x, '-'), count(*))")))
            .await
            .len(),
        3
    );
    let named = A.aggr(&B, compute("v", "concat(coalesce(x, '-'), count(b))"));
    assert_eq!(
        shown(dj, named).await,
        ["{a: 1, v: \"u2\"}", "{a: 2, v: \"-0\"}", "{a: 3, v: \"v1\"}", "{a: 4, v: \"u0\"}"]
    );
    assert_eq!(shown(dj, A.aggr(&B, compute("one", "1"))).await.len(), 4);
    let beside = U(()).aggr(&A, compute("one", "1").compute("n", "count(*)"));
    assert_eq!(shown(dj, beside).await, ["{one: 1, n: 4}"]);
    assert_eq!(shown(dj, U(()).aggr(&A, compute("n", "count(distinct x) + max(a)"))).await, ["{n: 6}"]);
    turn.end(dj).await;
}

/// A query in brackets reads from a table by its schema and name, and names its columns by them.
pub async fn a_query_in_brackets_reads_from_tables_of_schemas(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    for text in [
        "a in (select a from dj_conformance_algebra.b)",
        "a in (select t.a from dj_conformance_algebra.b t where t.y > 0)",
        "a in (select b.a from dj_conformance_algebra.b where b.y > 0)",
        "a in (select dj_conformance_algebra.b.a from dj_conformance_algebra.b where dj_conformance_algebra.b.y > 0)",
        "a in (select t.a from dj_conformance_algebra.a as t join dj_conformance_algebra.b on b.a = t.a)",
        "a in (select t.a from dj_conformance_algebra.a as t, dj_conformance_algebra.b where b.a = t.a)",
        "exists (select 1 from dj_conformance_algebra.b as t where t.a = dj_conformance_algebra.a.a)",
    ] {
        let found = (A & datajoint::sql(text, ())).order_by("KEY").column_as::<i32>(dj, "a").await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{text}: {error}")), [1, 3], "{text}");
    }
    turn.end(dj).await;
}

/// The rows of either side, one for each key.
pub async fn union_has_the_rows_of_either_side(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let few = A & A::a.le(2);
    let others = A & A::a.ge(2);
    assert_eq!((few.proj(()) + others.proj(())).count(dj).await.unwrap(), 4);
    let both = few.proj(["x"]) + (others & A::a.le(3)).proj(["f"]);
    assert_eq!(
        shown(dj, &both).await,
        ["{a: 1, x: \"u\", f: null}", "{a: 2, x: null, f: 1.0}", "{a: 3, x: null, f: 1.5}"]
    );
    assert_eq!(shown(dj, &both & attribute("f").gt(1.0)).await, ["{a: 3, x: null, f: 1.5}"]);
    assert_eq!((both * B).count(dj).await.unwrap(), 3);
    let error = refused(dj, A + A).await;
    assert!(error.contains("`x`, `f`"), "{error}");
    let error = refused(dj, A + B).await;
    assert!(error.contains("same primary key") && error.contains("`b`"), "{error}");
    let error = refused(dj, A.proj(()) + D.proj(())).await;
    assert!(error.contains("means different things"), "{error}");
    turn.end(dj).await;
}

/// The different values of any attributes, and groups by them.
pub async fn universal_sets_make_keys_of_any_attributes(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    assert_eq!((U("x") & A).count(dj).await.unwrap(), 3);
    assert_eq!(shown(dj, U("x") & (A & A::x.is_not_null())).await, ["{x: \"u\"}", "{x: \"v\"}"]);
    assert_eq!((U((A::x, A::a)) & A).count(dj).await.unwrap(), 4);
    assert_eq!((U(()) & A).count(dj).await.unwrap(), 1);
    assert!(!(U(()) & (A & false)).exists(dj).await.unwrap());
    assert_eq!((A & U("x")).count(dj).await.unwrap(), 4);
    let rooms = U("x").aggr(&(A & A::x.is_not_null()), compute("n", "count(*)"));
    assert_eq!(shown(dj, &rooms).await, ["{x: \"u\", n: 2}", "{x: \"v\", n: 1}"]);
    assert_eq!(shown(dj, rooms & attribute("n").eq(2)).await, ["{x: \"u\", n: 2}"]);
    let all = U(()).aggr(&(A & false), compute("n", "count(*)")).fetch_one(dj).await.unwrap();
    assert_eq!(all.get::<i64>("n").unwrap(), 0, "there is one group, also of nothing");
    assert!(U(()).aggr(&(A & false), compute("n", "count(*)")).exists(dj).await.unwrap());
    assert_eq!(U("x").aggr(&(A * B), compute("n", "count(*)")).count(dj).await.unwrap(), 2);
    let error = refused(dj, U("xx") & A).await;
    assert!(error.contains("`xx`"), "{error}");
    assert!(refused(dj, U(()).aggr(&A, ())).await.contains("at least one value"));
    turn.end(dj).await;
}

/// What stands in a document is compared as what it is.
pub async fn places_in_json_restrict_and_are_fetched(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let keys = async |query: datajoint::Query<CRow>| query.order_by("KEY").column(dj, C::c).await.unwrap();
    assert_eq!(keys(C & C::doc.path("rate").eq(5)).await, [1], "a number is no text");
    assert_eq!(keys(C & C::doc.path("rate").eq("5")).await, [2], "a string is no number");
    assert_eq!(keys(C & C::doc.path("rate").gt(4.5)).await, [1]);
    assert_eq!(keys(C & C::doc.path("kind").eq("it's")).await, [1]);
    assert_eq!(keys(C & C::doc.path("kind").eq("back\\slash")).await, [2]);
    assert_eq!(keys(C & C::doc.path("kind").like("back%")).await, [2]);
    assert_eq!(keys(C & C::doc.path("deep.list[1]").eq(2)).await, [1]);
    assert_eq!(keys(C & C::doc.path("ok").eq(true)).await, [1]);
    assert_eq!(keys(C & C::doc.path("deep").is_null()).await, [2, 3]);
    assert_eq!(keys(C - C::doc.path("rate").eq(5)).await, [2, 3]);
    assert_eq!(keys(C & [("doc.rate", 5)]).await, [1]);
    assert_eq!(keys(C & C::doc.path("rate").is_in([4, 5])).await, [1]);
    let kinds =
        C.proj(compute("kind", "doc.kind")).order_by("c").column_as::<Option<String>>(dj, "kind").await;
    assert_eq!(kinds.unwrap(), [Some("it's".to_owned()), Some("back\\slash".to_owned()), None]);
    let typed = (C & C::c.eq(1)).proj(compute("rate", "doc.rate:decimal(6,2)")) & attribute("rate").gt(4);
    assert_eq!(typed.count(dj).await.unwrap(), 1);
    assert!(refused(dj, C & attribute("dok.rate").eq(1)).await.contains("`dok.rate`"));
    turn.end(dj).await;
}

/// Functions of dates and texts by whatever backend's name.
pub async fn functions_mean_the_same_by_every_name(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let value = async |text: &str| {
        let query = (C & C::c.eq(2)).proj(compute("v", text));
        query.fetch_one(dj).await.unwrap().get::<i64>("v").unwrap()
    };
    for (text, expected) in [
        ("year(at)", 2024),
        ("month(at)", 2),
        ("day(at) + hour(at)", 12),
        ("minute(at)", 30),
        ("second(at)", 15),
        ("timestampdiff(day, '2024-01-31 10:30:16', at)", 1),
        ("timestampdiff(hour, at, '2024-02-02 08:30:16')", -1),
        ("timestampdiff(month, '2023-11-03 00:00:00', at)", 2),
        ("timestampdiff(year, '2020-02-02 10:30:15', at)", 4),
        ("if(c > 1, 7, 8)", 7),
        ("ifnull(a, -1)", -1),
    ] {
        assert_eq!(value(text).await, expected, "{text}");
    }
    let groups = async |text: &str| {
        let all = U(()).aggr(&A, compute("v", text)).fetch_one(dj).await.unwrap();
        all.get::<String>("v").unwrap()
    };
    assert_eq!(groups("group_concat(x order by x separator '; ')").await, "u; u; v");
    assert_eq!(groups("string_agg(x, '; ' order by x)").await, "u; u; v");
    assert_eq!(groups("group_concat(distinct x order by x)").await, "u,v");
    let many = U(()).aggr(&A, compute("v", "sum(a > 2)")).fetch_one(dj).await.unwrap();
    assert_eq!(many.get::<i64>("v").unwrap(), 2);
    turn.end(dj).await;
}

/// Attributes of one name and another meaning match on request alone.
pub async fn other_meanings_match_on_request_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    for error in [refused(dj, A * D).await, refused(dj, A & D).await, refused(dj, A - D).await] {
        assert!(error.contains("`a` means different things") && error.contains("rename"), "{error}");
    }
    assert_eq!(shown(dj, A.proj(()).join_by_name(&D)).await, ["{a: 1, z: 100}"]);
    assert_eq!(A.restrict_by_name(&D).count(dj).await.unwrap(), 1);
    assert_eq!(A.antijoin_by_name(&D).count(dj).await.unwrap(), 3);
    let renamed = A.proj(()) * D.proj(Proj::keep(["z"]).rename("d", "a"));
    assert_eq!(renamed.count(dj).await.unwrap(), 8);
    turn.end(dj).await;
}

/// What DataJoint for Python 2.3.5 is known to get wrong.
pub async fn known_defects_of_python_are_none_here(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    // 06: the length of a table with an empty key.
    assert_eq!(Single.count(dj).await.unwrap(), 1);
    // 20: a backslash in a text of a condition.
    A.update_one(dj, ARow { x: Some("b\\s".to_owned()), ..ARow::new(4, 2.0) }).await.unwrap();
    assert_eq!((A & sql("x = ?", ["b\\s"])).count(dj).await.unwrap(), 1);
    assert_eq!((A & [("x", "b\\s")]).count(dj).await.unwrap(), 1);
    // 21: an antijoin with a query that has a null.
    assert_eq!(shown(dj, A.proj(()) - C.proj(["a"])).await, ["{a: 2}", "{a: 4}"]);
    // 22: a new name for what is not there.
    assert!(refused(dj, A.proj(Proj::key().rename("new", "old"))).await.contains("`old`"));
    // 23: the key a second time.
    let twice = A.proj(Proj::keep(["a"]).rename("again", "a"));
    assert_eq!(twice.count(dj).await.unwrap(), 4);
    // 24: a new name after a join.
    assert_eq!((A * B).proj(Proj::key().rename("w", "y")).count(dj).await.unwrap(), 3);
    // 26: a cut on one side of a join.
    assert_eq!(((A & Top::new(1)) * B).count(dj).await.unwrap(), 2);
    assert_eq!((B & (A & Top::new(1).by("a desc"))).count(dj).await.unwrap(), 0);
    // 37: an update with the key alone changes nothing, and says so.
    assert!(matches!(A.update_one(dj, AKey { a: 1 }).await, Err(Error::EmptyUpdate { .. })));
    assert!(matches!((A & Top::new(1)).fetch_one(dj).await, Ok(ARow { a: 1, .. })));
    // 42: tables that were not used before are joined as any others.
    let fresh = dj.with_settings(|_| {});
    assert_eq!((A * B).count(&fresh).await.unwrap(), 3);
    // A cut is no alternative.
    assert!(matches!((A & [Top::new(1)]).fetch(dj).await, Err(Error::Value(_))));
    turn.end(dj).await;
}
