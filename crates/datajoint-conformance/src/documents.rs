//! Places within JSON documents: what a place means, and what it is compared with.

use datajoint::prelude::*;
use datajoint::types::rust_decimal::Decimal;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{Condition, Value, attribute};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_documents");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// doc = null : json
    pub(super) struct Note;
}

use tables::{Note, NoteRow};

static TURN: Turn = Turn::new("dj_conformance_documents");

async fn fill(dj: &Instance, documents: Vec<Option<Json>>) {
    let rows = (1..).zip(documents).map(|(id, doc)| NoteRow { id, doc });
    Note.insert(dj, rows).await.unwrap();
}

async fn found(dj: &Instance, query: datajoint::Query<NoteRow>) -> Vec<i32> {
    query.order_by("KEY").column(dj, Note::id).await.unwrap()
}

fn documents() -> Vec<Option<Json>> {
    let mut all: Vec<Option<Json>> = [
        json!({"a": 1, "A": "case"}),
        json!({"a": {"b": "x", "0": "member"}}),
        json!({"a": [10, 20, {"b": [true]}]}),
        json!({"a": null}),
        json!({"a b": "blank", "a.b": 1.5, "a": {"b": 2}}),
        json!({"": "none", "*": "star", "[0]": "bracket", "$": "dollar", "it's": "quote", "last": "end"}),
        json!([5, [6, "six"]]),
        json!("text"),
        json!({"é": false, "0": "zero", "1": {"2": 3}, "_x1": 9_007_199_254_740_993_i64}),
        json!({}),
        json!({"a": [[7]], "k": 18_446_744_073_709_551_615_u64}),
        json!({"a": {"a": {"a": {"a": "deep"}}}}),
        json!({"a": "b"}),
    ]
    .into_iter()
    .map(Some)
    .collect();
    all.push(None);
    all
}

/// Rows, and the string that is fetched of each, unless it is a matter of the database.
type Rows = &'static [(i32, Option<&'static str>)];

/// The rows in which something stands at each place.
const PLACES: &[(&str, Rows)] = &[
    ("doc.a", &[(1, Some("1")), (2, None), (3, None), (5, None), (11, None), (12, None), (13, Some("b"))]),
    ("doc.A", &[(1, Some("case"))]),
    ("doc.a.b", &[(2, Some("x")), (5, Some("2"))]),
    ("doc.a.0", &[(2, Some("member"))]),
    ("doc.a[0]", &[(3, Some("10")), (11, None)]),
    ("doc.a[1]", &[(3, Some("20"))]),
    ("doc.a[2].b", &[(3, None)]),
    ("doc.a[2].b[0]", &[(3, Some("true"))]),
    ("doc.a[0][0]", &[(11, Some("7"))]),
    ("doc.a[0][0][0]", &[]),
    ("doc.a[3]", &[]),
    ("doc.a[2147483647]", &[]),
    ("doc.a.a.a.a", &[(12, Some("deep"))]),
    ("doc.\"a b\"", &[(5, Some("blank"))]),
    ("doc.\"a.b\"", &[(5, Some("1.5"))]),
    ("doc.\"a\".\"b\"", &[(2, Some("x")), (5, Some("2"))]),
    ("doc.\"\"", &[(6, Some("none"))]),
    ("doc.\"*\"", &[(6, Some("star"))]),
    ("doc.\"[0]\"", &[(6, Some("bracket"))]),
    ("doc.\"$\"", &[(6, Some("dollar"))]),
    ("doc.\"it's\"", &[(6, Some("quote"))]),
    ("doc.last", &[(6, Some("end"))]),
    ("doc[0]", &[(7, Some("5"))]),
    ("doc[1]", &[(7, None)]),
    ("doc[1][1]", &[(7, Some("six"))]),
    ("doc[1][0]", &[(7, Some("6"))]),
    ("doc.0", &[(9, Some("zero"))]),
    ("doc.1.2", &[(9, Some("3"))]),
    ("doc.é", &[(9, Some("false"))]),
    ("doc._x1", &[(9, Some("9007199254740993"))]),
    ("doc.k", &[(11, Some("18446744073709551615"))]),
    ("doc.none", &[]),
    ("doc.a.b:char(20)", &[(2, Some("x")), (5, Some("2"))]),
    ("doc.a[1]:int", &[(3, Some("20"))]),
];

/// A place leads to a member or to an element, as it is written, whatever else stands there.
pub async fn each_place_leads_to_the_same(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, documents()).await;
    for &(place, expected) in PLACES {
        let rows: Vec<i32> = expected.iter().map(|(id, _)| *id).collect();
        assert_eq!(found(dj, Note & attribute(place).is_not_null()).await, rows, "{place}");
        let others: Vec<i32> = (1..=14).filter(|id| !rows.contains(id)).collect();
        assert_eq!(found(dj, Note & attribute(place).is_null()).await, others, "{place}");
        let fetched =
            Note.proj(compute("x", place)).order_by("KEY").column_as::<Option<String>>(dj, "x").await;
        if place.ends_with(":int") {
            continue;
        }
        for (id, string) in (1..).zip(fetched.unwrap()) {
            match expected.iter().find(|(row, _)| *row == id) {
                Some((_, Some(meant))) => assert_eq!(string.as_deref(), Some(*meant), "{place} of {id}"),
                Some((_, None)) => assert!(string.is_some(), "{place} of {id}"),
                None => assert_eq!(string, None, "{place} of {id}"),
            }
        }
    }
    let of_the_column = Note & Note::doc.path("[1][1]").eq("six") & Note::doc.path("\"a b\"").is_null();
    assert_eq!(found(dj, of_the_column).await, [7]);
    turn.end(dj).await;
}

fn values() -> Vec<Option<Json>> {
    let values = [
        json!(5),
        json!("5"),
        json!(5.5),
        json!(true),
        json!(false),
        json!(null),
        json!([5]),
        json!({"5": 5}),
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!("true"),
        json!(u64::MAX),
        json!(-9_007_199_254_740_993_i64),
        json!(0),
        json!(1),
        json!("b"),
        json!("B"),
        json!("é"),
        json!("b "),
        json!(""),
        json!(1e22),
        json!(0.1),
        json!("it's \"so\" \\ \n 🐭"),
        json!(i64::MAX),
        json!(5.0),
        json!("2024-02-03"),
    ];
    values.into_iter().map(|value| Some(json!({ "v": value }))).chain([Some(json!({})), None]).collect()
}

/// Each comparison with the rows that it finds.
fn comparisons() -> Vec<(&'static str, Condition, Vec<i32>)> {
    let v = || attribute("doc.v");
    let large = 9_007_199_254_740_993_i64;
    let numbers = vec![1, 3, 9, 10, 12, 13, 14, 15, 21, 22, 24, 25];
    let strings = vec![2, 11, 16, 17, 18, 19, 20, 23, 26];
    let without = |all: &[i32], but: &[i32]| -> Vec<i32> {
        all.iter().copied().filter(|id| !but.contains(id)).collect()
    };
    vec![
        ("= 5", v().eq(5), vec![1, 25]),
        ("= 5.0", v().eq(5.0), vec![1, 25]),
        ("= 5 as a decimal", v().eq(Decimal::new(500, 2)), vec![1, 25]),
        ("= '5'", v().eq("5"), vec![2]),
        ("= '5.0'", v().eq("5.0"), vec![]),
        ("= 5.5", v().eq(5.5), vec![3]),
        ("= 5.5 as a decimal", v().eq(Decimal::new(55, 1)), vec![3]),
        ("= 0.1", v().eq(0.1), vec![22]),
        ("= true", v().eq(true), vec![4]),
        ("= false", v().eq(false), vec![5]),
        ("= 'true'", v().eq("true"), vec![11]),
        ("= 1", v().eq(1), vec![15]),
        ("= 0", v().eq(0), vec![14]),
        ("= 2^53", v().eq(large - 1), vec![9]),
        ("= 2^53 as a float", v().eq(9_007_199_254_740_992.0), vec![9]),
        ("= 2^53 + 1", v().eq(large), vec![10]),
        ("= 2^53 + 2", v().eq(large + 1), vec![]),
        ("= -2^53 - 1", v().eq(-large), vec![13]),
        ("= 2^63 - 1", v().eq(i64::MAX), vec![24]),
        ("= 2^63", v().eq(1_u64 << 63), vec![]),
        ("= 2^64 - 1", v().eq(u64::MAX), vec![12]),
        ("= 2^64 - 2", v().eq(u64::MAX - 1), vec![]),
        ("= 1e22", v().eq(1e22), vec![21]),
        ("<> 5", v().ne(5), without(&numbers, &[1, 25])),
        ("<> 2^53 + 1", v().ne(large), without(&numbers, &[10])),
        ("<> 2^64 - 1", v().ne(u64::MAX), without(&numbers, &[12])),
        ("<> '5'", v().ne("5"), without(&strings, &[2])),
        ("<> true", v().ne(true), vec![5]),
        ("< 5.25", v().lt(5.25), vec![1, 13, 14, 15, 22, 25]),
        ("> 5", v().gt(5), vec![3, 9, 10, 12, 21, 24]),
        (">= 5", v().ge(5), vec![1, 3, 9, 10, 12, 21, 24, 25]),
        ("< 2^53 + 1", v().lt(large), vec![1, 3, 9, 13, 14, 15, 22, 25]),
        ("<= 2^53", v().le(large - 1), vec![1, 3, 9, 13, 14, 15, 22, 25]),
        ("> 2^53", v().gt(large - 1), vec![10, 12, 21, 24]),
        (">= 2^53 + 1", v().ge(large), vec![10, 12, 21, 24]),
        ("> 2^63 - 1", v().gt(i64::MAX), vec![12, 21]),
        (">= 2^64 - 1", v().ge(u64::MAX), vec![12, 21]),
        ("> 2^64 - 2", v().gt(u64::MAX - 1), vec![12, 21]),
        ("< 2^64 - 1", v().lt(u64::MAX), without(&numbers, &[12, 21])),
        ("<= 2^64 - 2", v().le(u64::MAX - 1), without(&numbers, &[12, 21])),
        ("< -2^53", v().lt(1 - large), vec![13]),
        ("> 1e21", v().gt(1e21), vec![21]),
        ("< false", v().lt(false), vec![]),
        ("< true", v().lt(true), vec![5]),
        (">= false", v().ge(false), vec![4, 5]),
        ("= 'b'", v().eq("b"), vec![16]),
        ("< 'b'", v().lt("b"), vec![2, 17, 20, 26]),
        ("> 'b'", v().gt("b"), vec![11, 18, 19, 23]),
        ("<= 'é'", v().le("é"), without(&strings, &[])),
        ("= ''", v().eq(""), vec![20]),
        ("= quotes", v().eq("it's \"so\" \\ \n 🐭"), vec![23]),
        ("like 'b%'", v().like("b%"), vec![16, 19]),
        ("like '%'", v().like("%"), strings.clone()),
        ("like '5'", v().like("5"), vec![2]),
        ("like 'B'", v().like("B"), vec![17]),
        ("in 5, 1", v().is_in([5, 1]), vec![1, 15, 25]),
        ("in '5', 'b'", v().is_in(["5", "b"]), vec![2, 16]),
        ("in none", v().is_in(Vec::<i32>::new()), vec![]),
        ("between 0 and 5", v().between(0, 5), vec![1, 14, 15, 22, 25]),
        ("between 'B' and 'b'", v().between("B", "b"), vec![16, 17]),
        ("is null", v().is_null(), vec![6, 27, 28]),
        ("= null", v().eq(None::<i32>), vec![6, 27, 28]),
        ("is not null", v().is_not_null(), (1..=28).filter(|id| ![6, 27, 28].contains(id)).collect()),
    ]
}

/// What stands at a place is compared as what the value is, and is null for it where it is of another kind.
pub async fn each_place_is_the_same_everywhere(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, values()).await;
    for (shown, condition, expected) in comparisons() {
        assert_eq!(found(dj, Note & condition.clone()).await, expected, "doc.v {shown}");
        let others: Vec<i32> = (1..=28).filter(|id| !expected.contains(id)).collect();
        assert_eq!(found(dj, Note - condition).await, others, "not doc.v {shown}");
    }
    assert_eq!(found(dj, Note & [("doc.v", "5")]).await, [2], "a mapping");
    let renamed = Note.proj(Proj::all().rename("d", "doc")) & attribute("d.v").eq(5);
    assert_eq!(renamed.count(dj).await.unwrap(), 2, "an attribute under another name");
    for nothing in [f64::NAN, f64::INFINITY] {
        let error = (Note & attribute("doc.v").lt(nothing)).fetch(dj).await.unwrap_err().to_string();
        assert!(error.contains("doc.v") && error.contains("JSON has no such number"), "{error}");
    }
    turn.end(dj).await;
}

/// A place that databases would read in ways of their own is an error before anything is sent.
pub async fn what_is_no_place_is_refused_by_name(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, documents()).await;
    for (place, named) in [
        ("doc.a[*]", "`[*]` can't stand in one"),
        ("doc[*]", "`[*]`"),
        ("doc.*", "`.*`"),
        ("doc.a.*", "`.*`"),
        ("doc.a.**", "`.**`"),
        ("doc.a**.b", "`**`"),
        ("doc.a[-1]", "`[-1]`"),
        ("doc.a[last]", "`[last]`"),
        ("doc.a[01]", "`[01]`"),
        ("doc.a[]", "`[]`"),
        ("doc.a[0", "`[0`"),
        ("doc.a[99999999999]", "`[99999999999]`"),
        ("doc.a-b", "`-b`"),
        ("doc.\"-1\"", "`.\"-1\"`"),
        ("doc.\"a\\b\"", "`.\"a\\b\"`"),
        ("doc.a..b", "`.`"),
        ("doc.a.", "`.`"),
        ("doc.\"a", "`.\"a`"),
        ("doc.a:regclass", "`regclass` is no type"),
        ("doc.a[0]:int(3)", "`int(3)` is no type"),
    ] {
        let compared = (Note & attribute(place).eq(1)).fetch(dj).await.unwrap_err().to_string();
        let mapped = (Note & [(place, 1)]).fetch(dj).await.unwrap_err().to_string();
        let computed = Note.proj(compute("x", place)).fetch_dynamic(dj).await.unwrap_err().to_string();
        for error in [compared, mapped, computed] {
            assert!(error.contains(&format!("`{place}` is no place in JSON")), "{place}: {error}");
            assert!(error.contains(named), "{place}: {error}");
        }
    }
    for place in ["dok.a", "id.a", "dok[0]"] {
        let error = (Note & attribute(place).eq(1)).fetch(dj).await.unwrap_err().to_string();
        assert!(error.contains(&format!("no attribute `{place}`")), "{error}");
    }
    let error = (Note & attribute("doc.a").eq(json!([1]))).fetch(dj).await.unwrap_err().to_string();
    assert!(error.contains("doc.a") && error.contains("no array and no object"), "{error}");
    turn.end(dj).await;
}

/// A value that is fetched of a place with a type is the value that finds its row.
pub async fn a_place_with_a_type_is_found_by_what_is_fetched_of_it(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [json!({"n": 12.345}), json!({"n": -7}), json!({"n": 0.005})].map(Some).to_vec()).await;
    for kind in ["decimal(6,2)", "decimal(9,4)", "double", "char(9)"] {
        let place = format!("doc.n:{kind}");
        for id in 1..=3 {
            let row = Note & attribute("id").eq(id);
            let fetched = row.proj(Proj::key().compute("v", place.as_str()));
            let value = fetched.fetch_one(dj).await.unwrap().get::<Value>("v").unwrap();
            let of_it = Note & attribute(place.as_str()).eq(value.clone());
            assert_eq!(found(dj, of_it).await, [id], "{place} = {value:?}");
        }
    }
    turn.end(dj).await;
}
