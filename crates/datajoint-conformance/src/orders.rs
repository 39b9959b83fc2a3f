//! One order of values, and one meaning of equality, on every backend.

use datajoint::attribute;
use datajoint::prelude::*;
use datajoint::types::rust_decimal::Decimal;
use datajoint::types::serde_json::{Value as Json, json};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_orders");

    #[table(Manual)]
    /// level : enum('low', 'mid', 'High')
    /// n : int32
    /// ---
    /// tie : int32
    /// price : decimal(8, 2)
    /// name : varchar(20)
    pub(super) struct Dose;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// s : varchar(3000)
    pub(super) struct Long;

    #[table(Manual)]
    /// code : char(4)
    /// ---
    /// extra : json
    pub(super) struct Coded;
}

use tables::{Coded, CodedRow, Dose, DoseLevel, DoseRow, Long, LongRow};

static TURN: Turn = Turn::new("dj_conformance_orders");

fn dose(level: DoseLevel, n: i32) -> DoseRow {
    DoseRow { level, n, tie: n % 7, price: Decimal::new(i64::from(n) * 10, 2), name: format!("dose {n}") }
}

/// Pages of an order with ties have each row once, and all of them.
pub async fn pages_of_an_order_have_each_row_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Dose.insert(dj, (0..300).map(|n| dose(DoseLevel::Low, n))).await.unwrap();
    let mut pages = Vec::new();
    for page in 0..30 {
        // Other rows come first in another table's order.
        Dose.insert_one(dj, dose(DoseLevel::High, 1000 - page)).await.unwrap();
        let low = Dose & Dose::level.eq(DoseLevel::Low);
        let rows = low.order_by("tie").offset(10 * u64::try_from(page).unwrap()).limit(10);
        pages.extend(rows.column(dj, Dose::n).await.unwrap());
    }
    pages.sort_unstable();
    assert_eq!(pages, (0..300).collect::<Vec<_>>());
    turn.end(dj).await;
}

/// Members of an enum come in the order of their declaration, wherever order counts.
pub async fn enums_come_as_they_are_declared(dj: &Instance, _: Capabilities) {
    use DoseLevel::{High, Low, Mid};
    let turn = TURN.take(dj).await;
    Dose.insert(dj, [dose(High, 1), dose(Low, 1), dose(Mid, 1)]).await.unwrap();
    let levels = async |query: datajoint::Query<DoseRow>| query.column(dj, Dose::level).await.unwrap();
    assert_eq!(levels(Dose.order_by("level")).await, [Low, Mid, High]);
    assert_eq!(levels(Dose.order_by("level desc")).await, [High, Mid, Low]);
    assert_eq!(levels(Dose.limit(2)).await, [Low, Mid]);
    assert_eq!(levels((Dose & Dose::level.lt(High)).order_by("KEY")).await, [Low, Mid]);
    assert_eq!(levels((Dose & Dose::level.between(Mid, High)).order_by("KEY")).await, [Mid, High]);
    let renamed = Dose.proj(Proj::key().rename("grade", "level")).order_by("grade");
    assert_eq!(renamed.column_as::<String>(dj, "grade").await.unwrap(), ["low", "mid", "High"]);
    let ends = U("n").aggr(&Dose, compute("first", "min(level)").compute("last", "max(level)"));
    let row = ends.fetch_one(dj).await.unwrap();
    assert_eq!((row.get("first"), row.get("last")), (Ok("low".to_owned()), Ok("High".to_owned())));
    assert_eq!((&ends & attribute("last").gt("mid")).count(dj).await.unwrap(), 1);
    Dose.limit(1).delete(dj).confirmed().await.unwrap();
    assert_eq!(levels(Dose.order_by("KEY")).await, [Mid, High]);
    turn.end(dj).await;
}

/// `like` looks at each letter; the blanks that fill up `char(n)` are no part of it.
pub async fn strings_are_looked_at_letter_for_letter(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let named = |n: i32, name: &str| DoseRow { name: name.to_owned(), ..dose(DoseLevel::Low, n) };
    Dose.insert(dj, [named(1, "Visual"), named(2, "visual"), named(3, "vïsual"), named(4, "visual ")])
        .await
        .unwrap();
    for (pattern, expected) in
        [("%isual", vec![1, 2]), ("V%", vec![1]), ("v_sual", vec![2, 3]), ("visual_", vec![4])]
    {
        let found = (Dose & Dose::name.like(pattern)).order_by("KEY").column(dj, Dose::n).await.unwrap();
        assert_eq!(found, expected, "{pattern}");
    }
    let coded = |code: &str| CodedRow { code: code.to_owned(), extra: json!({}) };
    Coded.insert(dj, [coded("ab "), coded("a b")]).await.unwrap();
    assert!(Coded.insert_one(dj, coded("ab")).await.is_err(), "it is there");
    assert_eq!((Coded & Coded::code.eq("ab")).count(dj).await.unwrap(), 1);
    assert_eq!((Coded & Coded::code.eq("ab   ")).count(dj).await.unwrap(), 1);
    assert_eq!((Coded & Coded::code.like("ab")).count(dj).await.unwrap(), 1);
    assert_eq!(Coded.order_by("KEY").column(dj, Coded::code).await.unwrap(), ["a b", "ab"]);
    turn.end(dj).await;
}

/// Strings are ordered to their end, however long they are alike, and what comes first is what a delete takes.
pub async fn strings_that_begin_alike_are_ordered_to_their_end(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let begin = "a".repeat(1500);
    let row = |id: i32| LongRow { id, s: format!("{begin}{}", 9 - id) };
    Long.insert(dj, (0..9).map(row)).await.unwrap();
    let down: Vec<i32> = (0..9).rev().collect();
    assert_eq!(Long.order_by("s").column(dj, Long::id).await.unwrap(), down);
    assert_eq!(Long.order_by("s desc").limit(2).column(dj, Long::id).await.unwrap(), [0, 1]);
    let first = Long & Long.order_by("s").limit(1).proj(());
    first.delete(dj).confirmed().await.unwrap();
    assert_eq!(Long.order_by("s").limit(2).column(dj, Long::id).await.unwrap(), [7, 6]);
    turn.end(dj).await;
}

/// Sums and extremes have the type of their attribute, and all digits.
pub async fn decimals_are_summed_exactly(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let priced = |n: i32, price: i64| DoseRow { price: Decimal::new(price, 2), ..dose(DoseLevel::Low, n) };
    Dose.insert(dj, [priced(1, 10), priced(2, 20), priced(3, 99_999_997)]).await.unwrap();
    let all = U("level").aggr(
        &Dose,
        compute("total", "sum(price)").compute("least", "min(price)").compute("most", "max(price)"),
    );
    let row = all.fetch_one(dj).await.unwrap();
    for (name, expected) in [("total", 100_000_027), ("least", 10), ("most", 99_999_997)] {
        assert_eq!(row.get::<Decimal>(name).unwrap(), Decimal::new(expected, 2), "{name}");
    }
    assert_eq!((&all & attribute("total").gt(Decimal::new(100_000_026, 2))).count(dj).await.unwrap(), 1);
    turn.end(dj).await;
}

/// A place in a document is fetched as a string; its integers have all their digits.
pub async fn places_in_json_are_fetched_as_strings(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let coded = |code: &str, n: Json| CodedRow { code: code.to_owned(), extra: json!({ "n": n }) };
    let large = 9_223_372_036_854_775_808_u64;
    Coded
        .insert(dj, [coded("a", json!(5)), coded("b", json!("five")), coded("c", json!(large))])
        .await
        .unwrap();
    let places = Coded.proj(compute("n", "extra.n")).order_by("KEY");
    let found = places.column_as::<String>(dj, "n").await.unwrap();
    assert_eq!(found, ["5", "five", "9223372036854775808"]);
    let is_large = Coded & Coded::extra.path("n").eq(large);
    assert_eq!(is_large.column(dj, Coded::code).await.unwrap(), ["c"]);
    turn.end(dj).await;
}
