//! Values of every core type.

use datajoint::prelude::*;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_values");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// tiny : int8
    /// short : int16
    /// long : int64
    /// single : float32
    /// double : float64
    /// flag : bool
    /// tag : uuid
    /// document : json
    /// raw : bytes
    /// day : date
    /// moment : datetime(6)
    /// code : char(4)
    /// text : varchar(40)
    /// side : enum('left', 'right')
    /// price : decimal(8,3)
    /// trace : <blob>
    pub(super) struct Everything;
}

use tables::{Everything, EverythingRow, EverythingSide};

static TURN: Turn = Turn::new("dj_conformance_values");

fn row(id: i32) -> EverythingRow {
    EverythingRow {
        id,
        tiny: i8::MIN,
        short: i16::MAX,
        long: i64::MIN,
        single: 0.1,
        double: 1e300,
        flag: true,
        tag: "12345678-1234-5678-1234-567812345678".parse().unwrap(),
        document: serde_json::json!({"b": 1, "a": [1, null, "é"]}),
        raw: vec![0, 255, 7],
        day: "2024-02-29".parse().unwrap(),
        moment: "2024-01-02T03:04:05.678901".parse().unwrap(),
        code: "ab".to_owned(),
        text: "it's \\ naïve \" %".to_owned(),
        side: EverythingSide::Right,
        price: "1.500".parse().unwrap(),
        trace: Blob::List(vec![Blob::of(&1_i64).unwrap(), Blob::of("a").unwrap()]),
    }
}

/// Ends of ranges, quotes, blobs and all.
pub async fn every_core_type_comes_back_as_it_was(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Everything.insert1(dj, row(1)).await.unwrap();
    assert_eq!(Everything.fetch_one(dj).await.unwrap(), row(1));
    // In bulk they travel another way.
    Everything.insert(dj, (2..200).map(row)).await.unwrap();
    let rows = Everything.order_by("KEY").fetch(dj).await.unwrap();
    assert_eq!(rows.len(), 199);
    assert_eq!(rows[150], row(151));
    let side = (Everything & Everything::side.eq(EverythingSide::Right)).count(dj).await.unwrap();
    assert_eq!(side, 199);
    turn.end(dj).await;
}

/// What is out of range or too long never reaches the database.
pub async fn values_that_do_not_fit_are_refused_by_name(dj: &Instance, capabilities: Capabilities) {
    let turn = TURN.take(dj).await;
    for (name, wrong) in [
        ("text", EverythingRow { text: "x".repeat(41), ..row(1) }),
        ("code", EverythingRow { code: "abcde".to_owned(), ..row(1) }),
        ("price", EverythingRow { price: "1.2345".parse().unwrap(), ..row(1) }),
    ] {
        let error = Everything.insert1(dj, wrong).await.unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let nan = Everything.insert1(dj, EverythingRow { double: f64::NAN, ..row(1) }).await;
    assert_eq!(nan.is_ok(), capabilities.keeps_nan, "{nan:?}");
    turn.end(dj).await;
}
