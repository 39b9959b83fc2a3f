//! What users write gives the same on every backend, side by side over the same rows, or is refused, or is of a kind that the
//! guide tells of.

mod forms;
mod generate;
mod kinds;
mod value;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{Backend, DynamicTable, Error, Value, compute};
use futures_util::future::join_all;

use crate::Turn;
use crate::laws::{Random, compare_letter_by_letter, number};
use forms::{AGGREGATES, FORMS, OUTSIDE};
use generate::{Generator, Stands, Written};
use kinds::KINDS;
use value::is_same;

const SCHEMA: &str = "dj_conformance_beside";

static TURN: Turn = Turn::new(SCHEMA);

/// A column of each kind, and one of the same that may be null.
fn definition(backend: Backend) -> String {
    let natural = if backend.capability().usual_database.is_some() { "int64" } else { "bigint unsigned" };
    format!(
        "id : int32\n---\ng : int32\nn : int32\nm = null : int32\nbig : int64\nnat : {natural}\np : decimal(8,2)\n\
         q = null : decimal(15,6)\nw : float64\nv = null : float64\ns : varchar(20)\nr = null : varchar(20)\nc : char(4)\n\
         e : enum('low', 'mid', 'High')\nh = null : enum('low', 'mid', 'High')\nb : bool\no = null : bool\nd : date\n\
         a : datetime\nz = null : datetime(3)\nu : uuid\ny : bytes\nk = null : bytes\nj : json"
    )
}

fn rows() -> Vec<DynamicRow> {
    type Line =
        (i32, Option<i32>, &'static str, f64, &'static str, Option<&'static str>, &'static str, &'static str);
    const LINES: [Line; 8] = [
        (1, Some(2), "1.10", 2.5, "abc", None, "low", "2020-01-02"),
        (2, None, "2.25", 0.5, "Abc", Some("a"), "mid", "2020-02-29"),
        (3, Some(3), "-3.35", -2.5, "5", Some(""), "High", "2019-12-31"),
        (-4, Some(-1), "4.00", 0.1, "é", Some("xé"), "low", "2021-03-14"),
        (5, Some(10), "0.55", 3.0, "a b", Some(" b "), "mid", "2020-01-02"),
        (10, Some(2), "10.00", -1.5, "10", Some("9"), "High", "2000-10-10"),
        (7, None, "1.15", 1e10, "12x", Some("abc"), "mid", "1999-06-30"),
        (2, Some(9), "99999.99", 1.0 / 3.0, "caab", Some("b"), "low", "2024-12-30"),
    ];
    LINES
        .iter()
        .zip(1_i32..)
        .map(|(&(n, m, p, w, s, r, e, d), id)| {
            let said = json!({
                "id": id, "g": id % 3, "n": n, "m": m, "big": i64::from(n) * 4_000_000_000, "nat": id + 2, "p": p,
                "q": if id % 4 == 0 { Json::Null } else { json!(format!("{}.500000", 3 * id)) },
                "w": w, "v": m.map(|m| f64::from(m) / 4.0), "s": s, "r": r, "c": &s[..s.len().min(2)], "e": e,
                "h": if id == 2 { None } else { Some(if id < 5 { "High" } else { "low" }) },
                "b": id % 2 == 0, "o": m.map(|m| m > 2), "d": d, "a": format!("{d} 1{id}:04:5{id}"),
                "z": if id == 3 { None } else { Some(format!("{d} 2{}:30:00.25{id}", id % 4)) },
                "u": format!("00000000-0000-4000-8000-00000000000{id}"),
                "j": { "a": n, "b": s, "c": [id, 2] },
            });
            let mut row = DynamicRow::from_json_str(&said.to_string()).unwrap();
            // Letters of two bytes, and nothing at all; what is no string, one letter, and a null.
            let said = if id == 4 { String::new() } else { format!("é{}{id}", &s[..s.len().min(1 + usize::from(id > 4))]) };
            row.set("y", Value::Bytes(said.into_bytes()));
            row.set("k", match id {
                1 => Value::Bytes(vec![0xff]),
                2 => Value::Null,
                3 => Value::Bytes(vec![0, 0xff, 0x27]),
                4 => Value::Bytes(vec![0xc3, 0xa9]),
                _ => Value::Bytes(vec![b'a', b'A', b'0' + u8::try_from(id).unwrap()]),
            });
            row
        })
        .collect()
}

/// What one backend made of an expression.
#[derive(Debug, Clone)]
enum Outcome {
    Values(Vec<Value>),
    /// The library refused it.
    Refused(String),
    /// The server did.
    Failed(String),
}

/// A backend with its table.
struct Side<'a> {
    dj: &'a Instance,
    table: DynamicTable,
}

impl Side<'_> {
    async fn outcome(&self, written: &Written) -> Outcome {
        let text = written.text.as_str();
        let computed = || compute("x", text);
        let (rows, name) = match written.stands {
            Stands::Row => (self.table.proj(computed()).order_by("id").fetch(self.dj).await, "x"),
            Stands::Group => (U("g").aggr(&self.table, computed()).order_by("g").fetch(self.dj).await, "x"),
            Stands::Condition => {
                ((&self.table & sql(text, ())).proj(()).order_by("id").fetch(self.dj).await, "id")
            }
            Stands::Order => {
                let ordered = self.table.proj(computed()).order_by(["x", "id"]);
                (ordered.fetch(self.dj).await, "id")
            }
        };
        match rows {
            Ok(rows) => Outcome::Values(rows.iter().map(|row| row.value(name).unwrap().clone()).collect()),
            Err(Error::Sql(error)) => Outcome::Refused(error.to_string()),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }
}

/// What each backend made of it, where two of them made different things of it.
async fn difference(sides: &[Side<'_>], written: &Written, tried: &mut Tried) -> Option<Vec<Outcome>> {
    let outcomes = join_all(sides.iter().map(|side| side.outcome(written))).await;
    let values: Vec<&Vec<Value>> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Values(values) => Some(values),
            Outcome::Refused(_) | Outcome::Failed(_) => None,
        })
        .collect();
    tried.all += 1;
    tried.compared += usize::from(values.len() > 1);
    tried.everywhere += usize::from(values.len() == sides.len());
    let differ = values.windows(2).any(|pair| !is_same_column(pair[0], pair[1]));
    differ.then_some(outcomes)
}

fn is_same_column(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
}

#[derive(Debug, Default)]
struct Tried {
    all: usize,
    compared: usize,
    everywhere: usize,
}

/// The smallest part that differs by itself.
async fn smallest(sides: &[Side<'_>], written: Written, outcomes: Vec<Outcome>) -> (Written, Vec<Outcome>) {
    let (mut written, mut outcomes) = (written, outcomes);
    'smaller: loop {
        for part in written.parts.clone() {
            if part.form.is_some()
                && let Some(of_part) = difference(sides, &part, &mut Tried::default()).await
            {
                (written, outcomes) = (part, of_part);
                continue 'smaller;
            }
        }
        return (written, outcomes);
    }
}

/// A letter for each backend; those with the same letter gave the same, `-` refused, `!` failed.
fn partition(outcomes: &[Outcome]) -> String {
    let mut known: Vec<&Vec<Value>> = Vec::new();
    let mut letters = String::new();
    for outcome in outcomes {
        letters.push(match outcome {
            Outcome::Refused(_) => '-',
            Outcome::Failed(_) => '!',
            Outcome::Values(values) => {
                let place = known.iter().position(|known| is_same_column(known, values));
                let place = place.unwrap_or_else(|| {
                    known.push(values);
                    known.len() - 1
                });
                char::from(b'a' + u8::try_from(place).unwrap_or_default())
            }
        });
    }
    letters
}

/// Returns the functions that more than one backend has, no form calls and nobody left out.
pub fn functions_without_form() -> Vec<&'static str> {
    let is_shape = |name: &str| name.starts_with("st_") || name.starts_with("mbr");
    let is_left_out = |name: &str| is_shape(name) || OUTSIDE.iter().any(|names| names.contains(&name));
    let is_called = |name: &str| {
        let called = format!("{name}(");
        FORMS.iter().chain(AGGREGATES).any(|(_, form)| {
            form.match_indices(&called).any(|(at, _)| {
                !form[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
            })
        })
    };
    let mut names: Vec<&str> = Backend::ALL.into_iter().flat_map(datajoint_sql::listed_functions).collect();
    names.sort_unstable();
    let mut shared: Vec<&str> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    shared.dedup();
    shared.retain(|name| !is_left_out(name) && !is_called(name));
    shared
}

/// Fails for a kind of differences of which the guide says nothing.
fn check_guide() {
    let page = crate::meaning::sql_by_server();
    let page: Vec<&str> = page.split_whitespace().collect();
    let page = page.join(" ");
    let untold: Vec<&str> = KINDS.iter().map(|kind| kind.says).filter(|says| !page.contains(says)).collect();
    assert!(untold.is_empty(), "the guide doesn't say: {}", untold.join("; "));
}

/// Compares 300 expressions on these backends, or as many as `DATAJOINT_BESIDE` says, from `DATAJOINT_BESIDE_SEED` on; returns
/// what was tried.
pub async fn sql_means_the_same_side_by_side(instances: &[Instance]) -> String {
    check_guide();
    let Some(first) = instances.first() else { return String::new() };
    let turn = TURN.take(first).await;
    let mut sides = Vec::new();
    for dj in instances {
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
        compare_letter_by_letter(dj, SCHEMA).await;
        let table = crate::matrix::declare(dj, SCHEMA, "Thing", &definition(dj.backend())).await;
        table.insert(dj, rows()).await.unwrap();
        sides.push(Side { dj, table });
    }
    let count = usize::try_from(number("DATAJOINT_BESIDE").unwrap_or(300)).unwrap_or(usize::MAX);
    let mut random = Random(number("DATAJOINT_BESIDE_SEED").unwrap_or(1));
    let mut generator = Generator { random: &mut random };
    let mut tried = Tried::default();
    let mut told = [0_usize; KINDS.len()];
    let mut found: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for place in 0..count {
        let written = generator.numbered(place);
        let Some(outcomes) = difference(&sides, &written, &mut tried).await else { continue };
        let (written, outcomes) = smallest(&sides, written, outcomes).await;
        if let Some(kind) = KINDS.iter().position(|kind| kind.has(&written, &outcomes)) {
            told[kind] += 1;
            continue;
        }
        let mut said = format!("{} [{}]", written.text, written.kinds);
        for (side, outcome) in sides.iter().zip(&outcomes) {
            let _ = write!(said, "\n      {}: {}", side.dj.backend(), shown(outcome));
        }
        found.entry((written.form.unwrap_or_default(), partition(&outcomes))).or_default().push(said);
    }
    let mut report = String::new();
    let mut differences = 0;
    for ((form, partition), all) in &found {
        differences += all.len();
        let _ = writeln!(report, "{} × {form}  {partition}", all.len());
        let mut all = all.clone();
        all.sort_by_key(String::len);
        for one in all.iter().take(4) {
            let _ = writeln!(report, "    {one}");
        }
    }
    for dj in instances {
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
    }
    turn.end(first).await;
    let of_kinds: Vec<String> = KINDS
        .iter()
        .zip(told)
        .filter(|(_, told)| *told > 0)
        .map(|(kind, told)| format!("{told} × {}", kind.says))
        .collect();
    let of_kinds = of_kinds.join("\n");
    // Where a server gave nothing, nothing was compared. Fewer backends have fewer forms in common.
    let is_telling = sides.len() < 2 || (tried.compared * 4 > tried.all && tried.everywhere * 6 > tried.all);
    assert!(is_telling, "the expressions say too little: {tried:?}");
    assert!(
        found.is_empty(),
        "{tried:?}, {differences} differences that nobody tells of:\n{report}{of_kinds}"
    );
    format!("{tried:?}, and differences that the guide tells of:\n{of_kinds}")
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Values(values) => {
            values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ")
        }
        Outcome::Refused(said) => format!("refused: {}", said.chars().take(100).collect::<String>()),
        Outcome::Failed(said) => format!("failed: {}", said.chars().take(100).collect::<String>()),
    }
}
