//! SQL of users means the same on every backend, is refused, or differs as the guide says.

mod mistakes;
mod page;
mod table;

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Backend, DynamicTable, Error, Value};

use crate::{Capabilities, Turn};
use mistakes::MISTAKES;
use table::LINES;

pub use page::sql_by_server;

const SCHEMA: &str = "dj_conformance_meaning";

static TURN: Turn = Turn::new(SCHEMA);

/// What is found where the library refuses the SQL, and where the server does.
const REFUSED: &str = "refused";
const ERROR: &str = "error";

/// Bytes of each row: a letter of two, nothing, and what is no string.
const RAW: [&[u8]; 4] = [&[0xc3, 0xa9], &[], &[0xff], &[0, 0xff, 0x27]];

/// Four rows of each kind of value.
async fn animals(dj: &Instance) -> DynamicTable {
    let definition = "id : int32\n---\nn : int32\nname : varchar(9)\nnote = null : varchar(9)\nweight : float64\n\
                      price : decimal(8,2)\nborn : date\nat : datetime\nlevel : enum('low', 'high')\n\
                      truth : bool\nfine : datetime(3)\nmark : uuid\nraw : bytes";
    let table = crate::matrix::declare(dj, SCHEMA, "Animal", definition).await;
    let row = |id: i32, n: i32, name: &str, note: Option<&str>, weight: f64, price: &str, level: &str| {
        json!({
            "id": id, "n": n, "name": name, "note": note, "weight": weight, "price": price, "level": level,
            "born": format!("2020-01-0{}", id + 1), "at": format!("2020-01-0{} 03:04:05", id + 1),
            "fine": format!("2020-01-0{} 03:04:05.000", id + 1), "truth": n == 1 || n == 3,
            "mark": "00000000-0000-4000-8000-000000000000",
        })
    };
    let rows = [
        row(1, 1, "abc", None, 2.5, "1.10", "low"),
        row(2, 2, "é", Some("x"), 3.0, "2.00", "high"),
        row(3, 3, "5", Some(""), -2.5, "3.33", "high"),
        row(4, -4, "Ä", Some("y"), 4.0, "4.40", "high"),
    ];
    let rows = rows.iter().zip(RAW).map(|(said, raw)| {
        let mut row = DynamicRow::from_json_str(&said.to_string()).unwrap();
        row.set("raw", Value::Bytes(raw.to_vec()));
        row
    });
    table.insert(dj, rows).await.unwrap();
    table
}

/// The place of a backend in a line of the table: the file, the servers whose schemas are databases, and the other one.
pub(crate) fn place(backend: Backend) -> usize {
    let capability = backend.capability();
    match capability.usual_database {
        _ if capability.is_embedded => 0,
        None => 1,
        Some(_) => 2,
    }
}

/// Each condition, and the same where it is computed, gives what its line says.
pub async fn a_condition_means_the_same_everywhere_or_is_listed(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = animals(dj).await;
    let mut wrong = Vec::new();
    for line in LINES {
        let expected = line.found[place(dj.backend())];
        for is_computed in [false, true] {
            let from = if is_computed {
                let computed = format!("case when {} then 1 else 0 end", line.text);
                table.proj(Proj::key().compute("x", computed)) & sql("x = 1", ())
            } else {
                &table & sql(line.text, ())
            };
            let found = match from.order_by("KEY").column_as::<i32>(dj, "id").await {
                Ok(rows) => rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                Err(Error::Sql(_)) => REFUSED.to_owned(),
                Err(error) if error.of_database().is_some() => ERROR.to_owned(),
                Err(error) => error.to_string(),
            };
            if found != expected {
                wrong.push(format!("{} (computed: {is_computed}): {found:?}, not {expected:?}", line.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", dj.backend(), wrong.join("\n"));
    turn.end(dj).await;
}

/// What is computed of all four animals, and its string; `None` where it is refused, by the library or by the server.
const OF_ALL: [(&str, [Option<&str>; 3]); 9] = [
    ("group_concat(distinct n * 10 order by n * 10)", [Some("-40,10,20,30"); 3]),
    (
        "group_concat(distinct n * 10 order by n * 10 desc separator '; ')",
        [None, Some("30; 20; 10; -40"), Some("30; 20; 10; -40")],
    ),
    ("group_concat(distinct born order by born)", [Some("2020-01-02,2020-01-03,2020-01-04,2020-01-05"); 3]),
    ("group_concat(distinct nullif(n, n) order by nullif(n, n))", [None; 3]),
    ("group_concat(n > 1 order by id)", [Some("0,1,1,0"), Some("0,1,1,0"), None]),
    ("group_concat(distinct level order by level)", [None, Some("low,high"), None]),
    ("group_concat(mark)", [None, None, None]),
    ("json_arrayagg(mark)", [None, None, None]),
    ("concat(count(distinct level, truth), '')", [None, Some("3"), None]),
];

/// Each gives what its line says.
pub async fn a_value_of_many_rows_means_the_same_everywhere(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = animals(dj).await;
    let mut wrong = Vec::new();
    for (text, expected) in OF_ALL {
        let expected = expected[place(dj.backend())];
        let of_all = U(()).aggr(&table, compute("x", text)).fetch_one(dj).await;
        let found = match of_all {
            Ok(row) => row.get::<Option<String>>("x").unwrap(),
            Err(error) if matches!(error, Error::Sql(_)) || error.of_database().is_some() => None,
            Err(error) => Some(error.to_string()),
        };
        if found.as_deref() != expected {
            wrong.push(format!("{text}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", dj.backend(), wrong.join("\n"));
    turn.end(dj).await;
}

/// What a server refuses in SQL of a user is of a kind, and says what to do next.
pub async fn a_mistake_in_sql_is_told_with_the_next_step(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = animals(dj).await;
    let mut wrong = Vec::new();
    for text in MISTAKES {
        let Err(error) = (&table & sql(text, ())).fetch(dj).await else { continue };
        let said = error.to_string();
        let Some(refusal) = error.of_database() else { continue };
        let kind = refusal.kind();
        if kind.is_none_or(|kind| kind == datajoint::error::DatabaseErrorKind::Other) || !said.contains("; ")
        {
            wrong.push(format!("{text}: {kind:?} {:?} {said}", refusal.code()));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", dj.backend(), wrong.join("\n"));
    turn.end(dj).await;
}
