//! Restriction, antijoin, join, projection, order.

use datajoint::prelude::*;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_querying");

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
}

use tables::{A, AKey, ARow, B, BRow};

static TURN: Turn = Turn::new("dj_conformance_querying");

async fn fill(dj: &Instance) {
    let a = |a: i32, x: Option<&str>| ARow { x: x.map(str::to_owned), ..ARow::new(a, f64::from(a) / 2.0) };
    A.insert(dj, [a(1, Some("it's")), a(2, None), a(3, Some("back\\slash")), a(4, Some("100%"))])
        .await
        .unwrap();
    let b = |a, b| BRow { a, b, y: a * 10 + b };
    B.insert(dj, [b(1, 1), b(1, 2), b(3, 1)]).await.unwrap();
}

async fn keys(dj: &Instance, query: impl Relation<Row = ARow>) -> Vec<i32> {
    query.order_by("KEY").column(dj, A::a).await.unwrap()
}

/// Typed conditions, keys, lists, texts of SQL and other tables.
pub async fn restrictions_of_every_kind_choose_the_same_rows(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    assert_eq!(keys(dj, A & A::a.eq(3)).await, [3]);
    assert_eq!(keys(dj, A & AKey { a: 3 }).await, [3]);
    assert_eq!(keys(dj, A & vec![AKey { a: 3 }, AKey { a: 1 }]).await, [1, 3]);
    assert_eq!(keys(dj, A & A::f.gt(1.0) & A::a.lt(4)).await, [3]);
    assert_eq!(keys(dj, A & A::x.eq("it's")).await, [1]);
    assert_eq!(keys(dj, A & A::x.eq("back\\slash")).await, [3]);
    assert_eq!(keys(dj, A & A::x.is_null()).await, [2]);
    assert_eq!(keys(dj, A & A::a.is_in([1, 2, 9])).await, [1, 2]);
    assert_eq!(keys(dj, A & A::a.between(2, 3)).await, [2, 3]);
    assert_eq!(keys(dj, A & sql("a > ? and a < ?", [1, 4])).await, [2, 3]);
    assert_eq!(keys(dj, A & B).await, [1, 3]);
    assert_eq!(keys(dj, A & (B & B::y.eq(11))).await, [1]);
    assert_eq!(A.count(dj).await.unwrap(), 4);
    assert!((A & A::a.eq(1)).exists(dj).await.unwrap());
    assert!(!(A & A::a.eq(9)).exists(dj).await.unwrap());
    turn.end(dj).await;
}

/// Rows without a match stay, also where there are nulls.
pub async fn antijoin_keeps_what_has_no_match(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    assert_eq!(keys(dj, A - B).await, [2, 4]);
    assert_eq!(keys(dj, A - A::a.eq(1)).await, [2, 3, 4]);
    assert_eq!(keys(dj, A - A::x.eq("it's")).await, [2, 3, 4]);
    turn.end(dj).await;
}

/// The join on the key that both share.
pub async fn join_pairs_rows_that_agree(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let rows = (A * B).order_by("KEY").fetch(dj).await.unwrap();
    assert_eq!(rows.len(), 3);
    let first: Vec<&str> = rows[0].names().collect();
    assert_eq!(first, ["a", "b", "y", "x", "f"]);
    assert_eq!(rows[2].get::<i32>("y").unwrap(), 31);
    // A cut on one side is made before the join.
    let cut = (A.limit(1) * B).count(dj).await.unwrap();
    assert_eq!(cut, 2);
    turn.end(dj).await;
}

/// New names, and the key always.
pub async fn projection_renames_and_keeps_the_key(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let rows = A.proj(Proj::key().rename("half", "f")).order_by("KEY").fetch(dj).await.unwrap();
    assert_eq!(rows[1].names().collect::<Vec<_>>(), ["a", "half"]);
    assert_eq!(rows[1].get::<f64>("half").unwrap().to_bits(), 1.0_f64.to_bits());
    let error = A.proj(Proj::key().rename("half", "ff")).fetch(dj).await.unwrap_err().to_string();
    assert!(error.contains("ff"), "{error}");
    turn.end(dj).await;
}

/// The first, the last, and what lies between.
pub async fn order_limit_and_offset_cut_the_rows(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let last: Vec<i32> = A.order_by(A::a.descending()).limit(2).column(dj, A::a).await.unwrap();
    assert_eq!(last, [4, 3]);
    let middle: Vec<i32> = A.order_by("a").limit(2).offset(1).column(dj, A::a).await.unwrap();
    assert_eq!(middle, [2, 3]);
    turn.end(dj).await;
}

/// Tuples, arrays, JSON, the first and the last rows, a table for people.
pub async fn rows_are_fetched_in_every_form(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let pairs: Vec<(i32, Option<String>)> =
        A.order_by("a").columns(dj, (A::a, A::x.optional())).await.unwrap();
    assert_eq!(pairs[1], (2, None));
    let swapped: Vec<(f64, i32)> = A.tail(1).columns(dj, (A::f, A::a)).await.unwrap();
    assert_eq!(swapped, [(2.0, 4)]);
    assert_eq!(A.order_by("a").array(dj, A::a).await.unwrap().sum(), 10);
    assert_eq!(keys(dj, A.head(2)).await, [1, 2]);
    assert_eq!(A.tail(2).column(dj, A::a).await.unwrap(), [3, 4], "the last ones, in their order");
    let json = A.head(2).fetch_json(dj).await.unwrap();
    assert_eq!(json[1].to_string(), "{\"a\":2,\"x\":null,\"f\":1.0}");
    let table = (A & A::a.le(2)).preview(dj).await.unwrap();
    assert_eq!(table.to_string(), "*a x    f\n++ +--+ +-+\n1  it's 0.5\n2  NULL 1.0\n (Total: 2)", "{table}");
    assert!(table.html().contains("<th><b>a</b></th>") && table.html().contains("<td>it's</td>"));
    let short = dj.with_settings(|settings| settings.display.limit = 1);
    let table = A.order_by("a desc").preview(&short).await.unwrap();
    assert!(table.has_more && table.total == Some(4) && table.rows[0][0] == "4", "{table}");
    // Who asks for one row is told of none and of two, and for what.
    let error = (A & A::a.eq(9)).fetch_one(dj).await.unwrap_err().to_string();
    assert!(error.contains("a = 9"), "{error}");
    let error = (A & A::a.le(2)).fetch_one(dj).await.unwrap_err().to_string();
    assert!(error.contains("a <= 2"), "{error}");
    assert!(A.explain(dj).await.unwrap().to_lowercase().contains('a'));
    turn.end(dj).await;
}

/// A key is looked up by its index, and so are the rows that belong to it.
pub async fn keys_are_found_by_their_index(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let rows = |number: i32| (0..number).map(|a| ARow { x: None, ..ARow::new(a, 0.0) });
    A.insert(dj, rows(2000)).await.unwrap();
    B.insert(dj, (0..2000).map(|a| BRow { a, b: 1, y: a })).await.unwrap();
    let analysed = match dj.backend() {
        datajoint::Backend::Mysql | datajoint::Backend::Mariadb => {
            "ANALYZE TABLE dj_conformance_querying.a, dj_conformance_querying.b"
        }
        _ => "ANALYZE",
    };
    dj.database()
        .acquire()
        .await
        .unwrap()
        .script(&[datajoint_sql::Statement::plain(analysed)])
        .await
        .unwrap();
    let scans = ["Seq Scan", "SCAN", "ALL", "Table scan", "index scan"];
    let whole_table = |plan: &str| scans.iter().any(|scan| plan.contains(scan));
    for query in [
        (A & AKey { a: 7 }).proj(["x"]),
        (A & A::a.is_in([7, 8, 9])).proj(["x"]),
        (A & (B & B::a.eq(7) & B::b.eq(1))).proj(["x"]),
        (A & A::a.eq(7)) * B,
        (A & A::a.eq(7)).aggr(&B, compute("n", "count(b)")),
    ] {
        let plan = query.explain(dj).await.unwrap();
        assert!(!whole_table(&plan), "{}\n{plan}", query.to_sql(dj).await.unwrap());
    }
    let plan = (A - B).explain(dj).await.unwrap();
    assert!(whole_table(&plan), "the check can fail: {plan}");
    turn.end(dj).await;
}
