//! Lists of values and of keys, short and long: each finds the rows that it names.
//!
//! `DATAJOINT_LISTS=all` tries every length with every type.

use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{DynamicDeclaration, DynamicTable, Tier, Value, attribute};

use crate::handled::read_alone;
use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_lists");

/// Around the lengths from which a list is sent in another form.
const LENGTHS: [usize; 6] = [0, 1, 999, 1_000, 1_001, 1_002];

/// More than one statement of any server binds.
const LONG: [usize; 2] = [50_000, 60_001];

/// How many rows there are.
const ROWS: i64 = 40;

/// A type, its value with a number, and whether long lists of it are tried in the short run.
type Kind = (&'static str, fn(i64) -> Json, bool);

/// Every type that a list can be of.
const KINDS: [Kind; 15] = [
    ("int8", |number| json!(number % 128), false),
    ("int16", |number| json!(number % 32_768), false),
    ("int32", |number| json!(number), true),
    ("int64", |number| json!(number << 32), false),
    ("float32", |number| json!(f64::from(i32::try_from(number).unwrap()) / 4.0), false),
    ("float64", |number| json!(f64::from(i32::try_from(number).unwrap()) / 3.0), false),
    ("decimal(9,2)", |number| json!(format!("{number}.25")), false),
    ("bool", |number| json!(number % 2 == 0), false),
    ("varchar(20)", |number| json!(format!("it's \"{number}\" ü\\")), true),
    ("char(8)", |number| json!(format!("c{number}")), false),
    ("enum('a','b','c')", |number| json!(["a", "b", "c"][usize::try_from(number % 3).unwrap()]), false),
    ("date", |number| json!(date(number)), false),
    ("datetime", |number| json!(format!("{} 01:02:03", date(number))), false),
    ("datetime(6)", |number| json!(format!("{} 01:02:03.000004", date(number))), false),
    ("uuid", |number| json!(format!("7c9e6679-7425-40de-944b-{number:012x}")), false),
];

/// A day for each number up to 90,000.
fn date(number: i64) -> String {
    format!("{:04}-{:02}-{:02}", 1700 + number / 336, 1 + number / 28 % 12, 1 + number % 28)
}

#[expect(clippy::disallowed_methods, reason = "this variable is for the proof, no setting")]
fn is_whole_run() -> bool {
    std::env::var_os("DATAJOINT_LISTS").is_some()
}

async fn declared(dj: &Instance, class_name: &str, definition: &str) -> DynamicTable {
    let schema = "dj_conformance_lists";
    let tier = Tier::Manual;
    dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, definition, master: None })
        .await
        .unwrap()
}

/// The value as users give it to a condition.
fn bound(value: &Json) -> Value {
    match value {
        Json::String(text) => Value::Text(text.clone()),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float64(number.as_f64().unwrap()), Value::Int)
        }
        _ => Value::Null,
    }
}

/// A list finds the rows that have one of its values, however long it is.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub async fn lists_of_every_type_and_length_find_their_rows(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let columns: Vec<String> =
        KINDS.iter().enumerate().map(|(place, (kind, ..))| format!("v{place} = null : {kind}")).collect();
    let table = declared(dj, "Wide", &format!("id : int32\n---\n{}", columns.join("\n"))).await;
    let row = |id: i64| {
        let cells = KINDS.iter().enumerate().map(|(place, (_, value, _))| (format!("v{place}"), value(id)));
        let id = [("id".to_owned(), json!(id))];
        Json::Object(id.into_iter().chain(cells).collect())
    };
    // The last one has nulls alone, which no value of a list equals.
    table.insert(dj, (0..ROWS).map(row).chain([json!({"id": ROWS})])).await.unwrap();
    let mut queries = 0;
    for (place, (kind, value, is_long)) in KINDS.iter().enumerate() {
        let long = if *is_long || is_whole_run() { &LONG[..] } else { &[] };
        for &length in LENGTHS.iter().chain(long) {
            // Every other row is in the list, and much that is in no row.
            let count = i64::try_from(length).unwrap();
            let listed: Vec<Json> = (0..count).map(|number| value(number * 2 + ROWS % 2)).collect();
            let meant = (0..ROWS).filter(|&id| listed.contains(&value(id))).count() as u64;
            let name = format!("v{place}");
            let list = datajoint_sql::Condition::In {
                attribute: name.clone(),
                values: listed.iter().map(bound).collect(),
            };
            let found = (&table & &Condition::from(list.clone())).count(dj).await;
            let found = found.unwrap_or_else(|error| panic!("{length} of {kind}: {error}"));
            assert_eq!(found, meant, "{length} of {kind}");
            let rest = (&table & !Condition::from(list)).count(dj).await.unwrap();
            assert_eq!(rest, ROWS.unsigned_abs() + 1 - meant, "all but {length} of {kind}");
            queries += 2;
        }
    }
    println!("{}: {queries} lists of {} types", dj.backend(), KINDS.len());
    turn.end(dj).await;
}

/// A value that its column can't hold equals no row, in a long list as in a short one.
pub async fn values_that_no_row_can_have_are_in_no_list(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = declared(dj, "Small", "id : int8\n---\nname : varchar(4)\nprice : decimal(4,1)").await;
    table.insert(dj, [json!({"id": 1, "name": "a", "price": 1.5})]).await.unwrap();
    for length in [3, 2_000] {
        let ids = attribute("id").is_in((1..=length).map(i64::from));
        let names = attribute("name")
            .is_in((0..length).map(|n| if n == 0 { "a".into() } else { format!("longer {n}") }));
        let prices = attribute("price").is_in((0..length).map(|n| 1.5 + f64::from(n) * 1000.001));
        for (what, condition) in [("id", ids), ("name", names), ("price", prices)] {
            assert_eq!((&table & condition.clone()).count(dj).await.unwrap(), 1, "{length} of {what}");
            assert_eq!((&table & !condition).count(dj).await.unwrap(), 0, "{length} of {what}");
        }
    }
    turn.end(dj).await;
}

/// A list of keys of one to four attributes takes the rows that have one of them, however long it is.
pub async fn keys_of_several_attributes_in_long_lists_find_their_rows(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "a : int32\nb : varchar(20)\nc : date\nd : enum('a','b','c')";
    let kinds: [fn(i64) -> Json; 4] = [KINDS[2].1, KINDS[8].1, KINDS[11].1, KINDS[10].1];
    let table = declared(dj, "Keyed", definition).await;
    let names = ["a", "b", "c", "d"];
    let row = |number| {
        Json::Object(
            names.iter().zip(kinds).map(|(name, value)| ((*name).to_owned(), value(number))).collect(),
        )
    };
    table.insert(dj, (0..ROWS).map(row)).await.unwrap();
    for width in 1..=names.len() {
        let long = if width == 2 || is_whole_run() { &LONG[..] } else { &[] };
        for &length in LENGTHS.iter().chain(&[334, 501]).chain(long) {
            let key = |number: i64| kinds[..width].iter().map(|value| bound(&value(number * 2))).collect();
            let keys = datajoint_sql::Condition::Keys {
                attributes: names[..width].iter().map(|&name| name.to_owned()).collect(),
                rows: (0..i64::try_from(length).unwrap()).map(key).collect(),
            };
            let found = (&table & Condition::from(keys.clone())).count(dj).await;
            let found = found.unwrap_or_else(|error| panic!("{length} keys of {width}: {error}"));
            let meant = (length as u64).min(ROWS.unsigned_abs() / 2);
            assert_eq!(found, meant, "{length} keys of {width}");
            let rest = (&table & !Condition::from(keys)).count(dj).await;
            let rest = rest.unwrap_or_else(|error| panic!("all but {length} keys of {width}: {error}"));
            assert_eq!(rest, ROWS.unsigned_abs() - meant, "all but {length} keys of {width}");
        }
    }
    turn.end(dj).await;
}

/// How many rows are there where many keys are given.
const THERE: i64 = 5_000;

/// For rows that have none of many keys a server reads each row and each key some times, and so they are found, and deleted,
/// at once: MySQL went through all keys for each row.
#[expect(clippy::print_stdout, reason = "the numbers are what the proof is run for")]
pub async fn what_has_none_of_many_keys_is_found_at_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table =
        declared(dj, "Many", "a : int32\nb : varchar(12)\nc : date\nd : int64\n---\nn = 1 : int32").await;
    let names = ["a", "b", "c", "d"];
    let cell = |place: usize, number: i64| match place {
        1 => json!(format!("k{number}")),
        2 => json!("2020-01-01"),
        _ => json!(number),
    };
    let row = |number| {
        let cells = names.iter().enumerate().map(|(place, name)| ((*name).to_owned(), cell(place, number)));
        Json::Object(cells.collect())
    };
    table.insert(dj, (0..THERE).map(row)).await.unwrap();
    let mut settings = dj.settings().clone();
    settings.database.max_connections = 1;
    let alone = Instance::connect(settings).await.unwrap();
    let long: &[i64] = if is_whole_run() { &[1_000, 10_000, 100_000] } else { &[1_001, 40_000] };
    for width in 1..=names.len() {
        for &length in long {
            // All keys but one row are there, and the rest is in no row.
            let key = |number: i64| (0..width).map(|place| bound(&cell(place, number))).collect();
            let keys = datajoint_sql::Condition::Keys {
                attributes: names[..width].iter().map(|&name| name.to_owned()).collect(),
                rows: (1..=length).map(key).collect(),
            };
            let before = read_alone(&alone).await;
            let found = (&table & Condition::from(keys.clone())).count(&alone).await.unwrap();
            let meant = (length.min(THERE - 1)).unsigned_abs();
            assert_eq!(found, meant, "{length} keys of {width}");
            let with = read_alone(&alone).await - before;
            let none = !Condition::from(keys);
            assert_eq!((&table & none.clone()).count(&alone).await.unwrap(), THERE.unsigned_abs() - meant);
            let without = read_alone(&alone).await - before - with;
            println!(
                "{}: {length} keys of {width}: {with} rows read, all but these: {without}",
                dj.backend()
            );
            let most = 10 * usize::try_from(length + THERE).unwrap();
            assert!(with < most && without < most, "{length} keys of {width}: {with}, {without} rows read");
            if length >= THERE {
                let deleted = (&table & none).delete(dj).confirmed().await.unwrap();
                assert_eq!(deleted.rows, 1);
                table.insert(dj, [row(0)]).await.unwrap();
            }
        }
    }
    alone.close().await;
    turn.end(dj).await;
}

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_lists");

    #[table(Lookup, contents = super::levels(1_001))]
    /// level : int32
    /// part : varchar(8)
    pub(super) struct Level;

    #[table(Manual)]
    /// trial : int32
    /// ---
    /// -> Level
    pub(super) struct Trial;
}

use tables::{Level, LevelRow, Trial, TrialRow};

fn levels(count: i32) -> Vec<LevelRow> {
    (0..count).map(|level| LevelRow { level, part: format!("p{}", level % 7) }).collect()
}

/// Verbs that send lists of keys do the same for many rows as for few.
pub async fn verbs_take_many_rows_as_they_take_few(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    assert_eq!(Level.count(dj).await.unwrap(), 1_001, "all contents are there");
    let trial =
        |trial: i32| TrialRow { trial, level: trial % 1_001, part: format!("p{}", trial % 1_001 % 7) };
    Trial.insert(dj, (0..20_000).map(trial)).await.unwrap();
    let same = InsertOptions::new().skip_identical();
    assert_eq!(Trial.insert_with(dj, (0..20_500).map(trial), same).await.unwrap(), 20_500);
    assert_eq!(Trial.count(dj).await.unwrap(), 20_500);

    // The parent that is missing is named among many that are there.
    let lost =
        |number| if number == 21_700 { TrialRow { level: 5_000, ..trial(number) } } else { trial(number) };
    let error = Trial.insert(dj, (20_500..23_000).map(lost)).await.unwrap_err();
    let datajoint::Error::MissingParent { key, .. } = &error else { panic!("{error}") };
    assert_eq!(key.get("level"), Some(&datajoint::Value::Int(5000)), "{key}");
    assert_eq!(Trial.count(dj).await.unwrap(), 20_500);

    let report = (Trial & Trial::trial.lt(9_000)).delete(dj).confirmed().in_chunks(3_000).await.unwrap();
    assert_eq!(report.rows, 9_000);
    assert_eq!(Trial.count(dj).await.unwrap(), 11_500);
    turn.end(dj).await;
}

/// A delete in chunks takes no more keys at a time than a statement has room for, however many are asked for.
pub async fn long_keys_go_in_chunks_that_fit(dj: &Instance, _: Capabilities) {
    const MANY: i64 = 15_000;
    let turn = TURN.take(dj).await;
    let parent = declared(dj, "Long", "a : varchar(40)\nb : varchar(40)\nc : varchar(40)\nd : int32").await;
    // Rows that go by either foreign key: the list stands in the statement twice.
    let definition = "id : int32\n---\n-> dj_conformance_lists.Long\n\
                      -> [nullable] dj_conformance_lists.Long.proj(a2='a', b2='b', c2='c', d2='d')";
    let child = declared(dj, "LongChild", definition).await;
    let name = |number: i64| format!("{number:040}");
    let row = |number: i64| json!({"a": name(number), "b": name(number), "c": name(number), "d": number});
    parent.insert(dj, (0..MANY).map(row)).await.unwrap();
    let mut referring = row(MANY - 1);
    for (key, value) in [("id", json!(1)), ("a2", json!(name(0))), ("b2", json!(name(0)))] {
        referring[key] = value;
    }
    referring["c2"] = json!(name(0));
    referring["d2"] = json!(0);
    child.insert(dj, [referring]).await.unwrap();
    let report = parent.delete(dj).confirmed().in_chunks(100_000).await.unwrap();
    assert_eq!((report.rows, report.total()), (MANY.unsigned_abs(), MANY.unsigned_abs() + 1), "{report}");
    assert_eq!(parent.count(dj).await.unwrap(), 0);
    turn.end(dj).await;
}
