//! Values in calls of SQL that users write.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Bound, DynamicDeclaration, DynamicTable, Tier};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_calls");

/// A value, bound or written out.
#[derive(Debug, Clone, Copy)]
enum Given {
    Whole(i64),
    Float(f64),
    String(&'static str),
    Truth(bool),
}

use Given::{Float, String as Text, Truth, Whole};

impl Given {
    fn bound(self) -> Bound {
        match self {
            Whole(number) => number.into(),
            Float(number) => number.into(),
            Text(text) => text.into(),
            Truth(truth) => truth.into(),
        }
    }

    fn written(self) -> String {
        match self {
            Whole(number) => number.to_string(),
            Float(number) => format!("{number:?}"),
            Text(text) => format!("'{}'", text.replace('\'', "''")),
            Truth(truth) => truth.to_string(),
        }
    }
}

fn written(text: &str, values: &[Given]) -> String {
    let mut parts = text.split('?');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for (value, part) in values.iter().zip(parts) {
        whole.push_str(&value.written());
        whole.push_str(part);
    }
    whole
}

async fn samples(dj: &Instance) -> DynamicTable {
    let definition =
        "n : int32\n---\nx : float64\nf : float32\nprice : decimal(8,2)\nname : varchar(20)\nborn : date";
    let (schema, class_name, tier) = ("dj_conformance_calls", "Sample", Tier::Manual);
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    let table = dj.declare_dynamic(declared).await.unwrap();
    let row = |n: i32, x: f64, name: &str| json!({"n": n, "x": x, "f": 0.5, "price": "12.35", "name": name, "born": "2020-12-03"});
    table.insert(dj, [row(1, 2.25, "alpha"), row(7, -1.125, "it's")]).await.unwrap();
    table
}

/// What each row gives for a text, or why it gives nothing.
async fn given(
    dj: &Instance,
    table: &DynamicTable,
    text: &str,
    values: &[Given],
) -> Result<Vec<String>, String> {
    let bound = values.iter().map(|value| value.bound());
    let query = table.proj(Proj::key().compute_with("v", text, bound)).order_by("KEY");
    let rows = query.fetch(dj).await.map_err(|error| error.to_string())?;
    Ok(rows.iter().map(ToString::to_string).collect())
}

/// Calls that every backend has.
const EVERYWHERE: &[(&str, &[Given])] = &[
    ("abs(?)", &[Whole(-5)]),
    ("coalesce(n, ?)", &[Whole(5)]),
    ("coalesce(name, ?)", &[Text("none")]),
    ("coalesce(null, ?)", &[Whole(7)]),
    ("nullif(n, ?)", &[Whole(7)]),
    ("nullif(name, ?)", &[Text("it's")]),
    ("nullif(?, n)", &[Whole(7)]),
    ("substr(name, ?)", &[Whole(2)]),
    ("substr(name, ?, ?)", &[Whole(2), Whole(3)]),
    ("substr(?, n)", &[Text("alphabet")]),
    ("replace(name, ?, ?)", &[Text("l"), Text("r")]),
    ("upper(?)", &[Text("it's")]),
    ("length(?)", &[Text("it's")]),
    ("trim(?)", &[Text("  x ")]),
    ("concat(name, ?)", &[Text("!")]),
    ("concat(name, ?)", &[Whole(5)]),
    ("if(n > ?, ?, ?)", &[Whole(5), Text("many"), Text("few")]),
    ("if(n > ?, ?, ?)", &[Whole(5), Whole(1), Whole(0)]),
];

/// Calls of a server that knows functions by the types of their arguments.
const BY_TYPE: &[(&str, &[Given])] = &[
    ("round(x::numeric, ?)", &[Whole(1)]),
    // MySQL keeps the digits of the attribute there, and the bytes of the string here.
    ("round(price, ?)", &[Whole(1)]),
    ("coalesce(null, ?)", &[Text("none")]),
    ("round(?, ?)", &[Float(2.345), Whole(2)]),
    ("round(price * ?, 1)", &[Float(0.1)]),
    ("trunc(price, (?))", &[Whole(1)]),
    ("greatest(x, ?)", &[Float(0.5)]),
    ("greatest(f, ?)", &[Float(0.1)]),
    ("greatest(n, ?)", &[Whole(5)]),
    ("least(n, ?)", &[Float(5.0)]),
    ("coalesce(x, ?)", &[Whole(5)]),
    ("coalesce(null, ?)", &[Float(0.1)]),
    ("coalesce(null, ?)", &[Float(1e22)]),
    ("coalesce(null, ?)", &[Truth(true)]),
    ("coalesce(null, ?)", &[Whole(3_000_000_000)]),
    ("coalesce(null, ?)", &[Whole(-2_147_483_648)]),
    ("coalesce(null, ?)", &[Whole(i64::MIN)]),
    ("abs(?)", &[Float(-0.1)]),
    ("power(?, 2)", &[Whole(3)]),
    ("power(?, ?)", &[Float(1.5), Whole(2)]),
    ("mod(n, ?)", &[Whole(4)]),
    ("mod(price, ?)", &[Float(1.5)]),
    ("div(price, ?)", &[Whole(4)]),
    ("left(name, ?)", &[Whole(2)]),
    ("lpad(name, ?, ?)", &[Whole(8), Text("*")]),
    ("repeat(?, n)", &[Text("ab")]),
    ("substring(name from ? for ?)", &[Whole(2), Whole(2)]),
    ("position(? in name)", &[Text("p")]),
    ("concat(name, ?, ?, ?)", &[Text("!"), Float(5.0), Whole(7)]),
    ("concat(name, (?))", &[Text("!")]),
    ("concat(?)", &[Text("it's")]),
    ("concat(n + ?)", &[Text("5")]),
    ("concat_ws(?, name, ?)", &[Text("-"), Text("x")]),
    ("format(?, name)", &[Text("<%s>")]),
    ("format('%s %s', ?, ?)", &[Text("a"), Whole(5)]),
    ("json_build_object(?, n)", &[Text("k")]),
    ("jsonb_build_object('k', ?, 'l', ?)", &[Text("v"), Float(2.5)]),
    ("json_build_array(?, ?, ?)", &[Whole(1), Text("b"), Truth(false)]),
    ("to_json(?)", &[Whole(5)]),
    ("to_jsonb(?)", &[Float(0.1)]),
    ("num_nulls(?, n)", &[Text("x")]),
    ("width_bucket(x, ?, ?, ?)", &[Whole(0), Whole(10), Whole(5)]),
    ("make_date(?, n, ?)", &[Whole(2024), Whole(3)]),
    ("date_part(?, born)", &[Text("year")]),
    ("to_char(born, ?)", &[Text("YYYY")]),
    ("to_char(?, ?)", &[Float(0.25), Text("0.99")]),
    ("extract(day from age(born, ?))", &[Text("2020-12-01")]),
    ("cast(? as integer)", &[Float(2.5)]),
    ("cast(? as date)", &[Text("2024-01-02")]),
    ("upper(concat(?, name))", &[Text("x")]),
    ("coalesce((select max(s.n) from (values (1), (2)) as s(n) where s.n < ?), ?)", &[Whole(2), Whole(9)]),
];

/// A value in a call means what the same value means that is written out in its place.
pub async fn values_in_calls_mean_what_they_mean_written_out(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = samples(dj).await;
    let has_types = dj.backend().capability().reads_strings_by_place;
    let by_type = if has_types { BY_TYPE } else { &[] };
    let mut faults = Vec::new();
    for (text, values) in EVERYWHERE.iter().chain(by_type).copied() {
        let literal = written(text, values);
        let kind = |text: &str| format!("cast(pg_typeof({text}) as text)");
        let mut asked = vec![(text.to_owned(), literal.clone())];
        if has_types {
            asked.push((kind(text), kind(&literal)));
        }
        for (text, literal) in asked {
            let found = given(dj, &table, &text, values).await;
            let meant = given(dj, &table, &literal, &[]).await;
            if meant.is_err() || found != meant {
                faults.push(format!("{text} {values:?}: {found:?}, written out {meant:?}"));
            }
        }
        let bound: Vec<Bound> = values.iter().map(|value| value.bound()).collect();
        let found = (&table & sql(format!("({text}) is not null"), bound)).count(dj).await;
        let meant = (&table & sql(format!("({literal}) is not null"), ())).count(dj).await;
        // What only a computed value can call, neither of them can.
        if found.as_ref().ok() != meant.as_ref().ok() {
            faults.push(format!("{text} {values:?} as a condition: {found:?}, written out {meant:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // A string that is written out has no type there, and is one where it is bound.
    if has_types {
        assert_eq!(
            given(dj, &table, "to_json(?)", &[Text("a\"b")]).await.unwrap()[0],
            r#"{n: 1, v: the JSON "a\"b"}"#
        );
        let none = table.proj(Proj::key().compute_with("v", "concat(name, ?)", [None::<String>]));
        let refused = none.fetch(dj).await.unwrap_err().to_string();
        assert!(refused.contains("`concat` means another thing"), "{refused}");
    }
    turn.end(dj).await;
}

/// What a statement means with a value is the same whatever it was asked before.
pub async fn a_statement_means_the_same_whatever_was_asked_before(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    samples(dj).await;
    let client = async || {
        let mut settings = dj.settings().clone();
        settings.database.max_connections = 1;
        // A temporary file has one client alone.
        let is_embedded = dj.backend().capability().is_embedded;
        let client =
            if is_embedded { dj.with_settings(|_| {}) } else { Instance::connect(settings).await.unwrap() };
        let table = client.table("dj_conformance_calls.Sample").await.unwrap();
        (client, table)
    };
    let values: [fn() -> Bound; 7] = [
        || 7.into(),
        || "abc".into(),
        || "7".into(),
        || 2.5.into(),
        || ((1_i64 << 53) + 1).into(),
        || u64::MAX.into(),
        || true.into(),
    ];
    let texts = [
        ("concat(name, '') = ?", true),
        ("upper(name) > ?", true),
        ("name = ?", true),
        ("x < ?", true),
        ("coalesce(n, 0) = ?", true),
        ("n + 0 <> ?", true),
        ("case when n > 1 then ? end", false),
        ("coalesce(?, n)", false),
    ];
    for (text, is_condition) in texts {
        let found = async |client: &Instance, table: &DynamicTable, value: Bound| {
            let rows = if is_condition {
                (table & sql(text, [value])).proj(Proj::key()).order_by("KEY").fetch(client).await
            } else {
                let computed = table.proj(Proj::key().compute_with("v", text, [value]));
                computed.order_by("KEY").fetch(client).await
            };
            rows.map(|rows| rows.iter().map(ToString::to_string).collect::<Vec<_>>()).map_err(drop)
        };
        let mut fresh = Vec::new();
        for value in values {
            let (client, table) = client().await;
            fresh.push(found(&client, &table, value()).await);
        }
        let (client, table) = client().await;
        for (before, value) in values.iter().enumerate() {
            let _ = found(&client, &table, value()).await;
            for (then, value) in values.iter().enumerate() {
                let found = found(&client, &table, value()).await;
                assert_eq!(found, fresh[then], "{text} with value {then}, after value {before}");
            }
        }
    }
    turn.end(dj).await;
}
