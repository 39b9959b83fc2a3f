//! Random queries over random tables give the rows that an evaluator in memory gives.

mod cells;
mod evaluate;
mod generate;
mod text;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use datajoint::{Backend, DynamicDeclaration, DynamicRow, Instance, Tier};
use datajoint_schema::Table;
use datajoint_sql::{Condition, Expression, Statement, Value, count, exists, read_value, select};

use crate::{Capabilities, Turn};
use cells::{Cell, Column, Rows};
use evaluate::World;
use generate::{Parent, Queries, Sketch, sketch};

pub(crate) use generate::Random;

const SCHEMA: &str = "dj_conformance_laws";

static TURN: Turn = Turn::new(SCHEMA);

/// Each world has so many queries.
const QUERIES_OF_A_WORLD: u64 = 500;

/// A thousand random queries; `DATAJOINT_LAWS` is another number of them, `DATAJOINT_LAWS_SEED` where they begin.
#[expect(clippy::print_stdout, reason = "who asks for many wants to know what was done")]
pub async fn random_queries_mean_what_the_reference_says(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let queries = number("DATAJOINT_LAWS").unwrap_or(1000);
    let seed = number("DATAJOINT_LAWS_SEED").unwrap_or(1);
    let mut tried = Tried::default();
    for world in 0..queries.div_ceil(QUERIES_OF_A_WORLD) {
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
        compare_letter_by_letter(dj, SCHEMA).await;
        let mut random = Random(seed.wrapping_add(world).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let (tables, rows) = populate(dj, &mut random).await;
        let left = (queries - world * QUERIES_OF_A_WORLD).min(QUERIES_OF_A_WORLD);
        for _ in 0..left {
            let depth = 1 + random.below(4);
            let query = Queries::new(&mut random, &tables).expression(depth);
            if let Err(fault) = check(dj, &rows, &query, &mut tried).await {
                report(dj, &rows, &query, fault, seed + world).await;
            }
        }
    }
    println!(
        "{}: {} queries, {} of them refused by both, {} rows",
        dj.backend(),
        tried.all,
        tried.refused,
        tried.rows
    );
    assert!(
        tried.refused * 2 < tried.all && tried.rows > tried.all / 4,
        "the queries say too little: {tried:?}"
    );
    turn.end(dj).await;
}

/// Makes the database one whose strings compare as they do elsewhere, as the guide says for MySQL and MariaDB.
pub(crate) async fn compare_letter_by_letter(dj: &Instance, schema: &str) {
    let collation = match dj.backend() {
        Backend::Mysql => "utf8mb4_0900_bin",
        Backend::Mariadb => "utf8mb4_nopad_bin",
        Backend::Postgresql | Backend::Sqlite => return,
    };
    let create = Statement::plain(format!("CREATE DATABASE {schema} COLLATE {collation}"));
    dj.database().acquire().await.unwrap().execute(&create).await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
pub(crate) fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What was tried.
#[derive(Debug, Default)]
struct Tried {
    all: u64,
    refused: u64,
    rows: u64,
}

/// Declares random tables and fills them, here and there.
async fn populate(dj: &Instance, random: &mut Random) -> (Vec<Arc<Table>>, World) {
    let mut tables: Vec<Arc<Table>> = Vec::new();
    let mut world = World::default();
    let mut keys: Vec<Vec<String>> = Vec::new();
    for place in 0..3 + random.below(3) {
        let Sketch { definition, parents } = sketch(random, place, &keys, dj.backend());
        let declared = dj
            .declare_dynamic(DynamicDeclaration {
                schema: SCHEMA,
                class_name: &format!("T{place}"),
                tier: Tier::Manual,
                definition: &definition,
                master: None,
            })
            .await;
        let declared = declared.unwrap_or_else(|error| panic!("{definition}: {error}"));
        let table = Arc::clone(declared.table());
        let rows = rows(random, &table, &parents, &tables, &world);
        let dynamic = rows.rows.iter().map(|row| {
            let pairs = rows.columns.iter().zip(row);
            pairs.map(|(column, cell)| (column.name.clone(), cell.value())).collect::<DynamicRow>()
        });
        declared.insert(dj, dynamic.collect::<Vec<_>>()).await.unwrap();
        keys.push(rows.key().into_iter().map(str::to_owned).collect());
        world.0.insert(table.name.clone(), rows);
        tables.push(table);
    }
    (tables, world)
}

/// Random rows of a table, with parents where they need them.
fn rows(
    random: &mut Random,
    table: &Table,
    parents: &[Parent],
    tables: &[Arc<Table>],
    world: &World,
) -> Rows {
    let columns: Vec<Column> = table
        .heading
        .visible()
        .map(|attribute| Column {
            name: attribute.name.clone(),
            in_key: attribute.in_key,
            lineage: attribute.lineage.clone(),
        })
        .collect();
    let mut all = Rows { columns, rows: Vec::new() };
    let mut keys: Vec<Vec<Cell>> = Vec::new();
    'rows: for _ in 0..2 + random.below(10) {
        let mut given: HashMap<&str, Cell> = HashMap::new();
        for parent in parents {
            let above = &world.0[&tables[parent.place].name];
            let chosen =
                if parent.is_nullable && random.chance(30) { None } else { random.pick(&above.rows) };
            if chosen.is_none() && !parent.is_nullable {
                continue 'rows;
            }
            for (name, old) in &parent.names {
                let cell = chosen.zip(above.place(old)).map_or(Cell::Null, |(row, place)| row[place].clone());
                // With one null a reference of several attributes refers to nothing.
                let is_left_out = parent.is_nullable && random.chance(10);
                given.insert(name, if is_left_out { Cell::Null } else { cell });
            }
        }
        let attributes: Vec<_> = table.heading.visible().collect();
        let cells: Vec<Cell> = attributes
            .iter()
            .map(|attribute| {
                let name = attribute.name.as_str();
                given.remove(name).unwrap_or_else(|| generate::cell(random, name, attribute.nullable))
            })
            .collect();
        let in_key = attributes.iter().zip(&cells).filter(|(attribute, _)| attribute.in_key);
        let key: Vec<Cell> = in_key.map(|(_, cell)| cell.clone()).collect();
        if !keys.contains(&key) {
            keys.push(key);
            all.rows.push(cells);
        }
    }
    all
}

/// Compares rows, number and presence with those of the reference.
async fn check(dj: &Instance, world: &World, query: &Expression, tried: &mut Tried) -> Result<(), String> {
    tried.all += 1;
    let expected = world.evaluate(query);
    let found = select(dj.backend(), query);
    let (expected, found) = match (expected, found) {
        (Err(_), Err(_)) => {
            tried.refused += 1;
            return Ok(());
        }
        (Ok(_), Err(error)) => return Err(format!("refused: {error}")),
        (Err(_), Ok(select)) => return Err(format!("not refused: {}", select.statement.sql)),
        (Ok(expected), Ok(found)) => (expected, found),
    };
    tried.rows += expected.rows.len() as u64;
    let said = |error: datajoint_adapters::Error| format!("{error}: {}", found.statement.sql);
    let mut connection = dj.database().acquire().await.map_err(said)?;
    let fetched = connection.fetch(&found.statement).await.map_err(said)?;
    let columns: Vec<Column> = found
        .heading
        .all()
        .iter()
        .map(|attribute| Column { name: attribute.name.clone(), in_key: attribute.in_key, lineage: None })
        .collect();
    let mut rows = Rows { rows: Vec::new(), columns };
    for row in fetched {
        // A query without attributes has a column for SQL alone.
        let cells =
            found.heading.all().iter().zip(row).map(|(attribute, value)| read_value(attribute, value));
        let cells: Result<Vec<Value>, _> = cells.collect();
        rows.rows.push(cells.map_err(|error| error.to_string())?.iter().map(Cell::of).collect());
    }
    let (wanted, given) = (expected.canonical(), rows.canonical());
    if wanted != given {
        return Err(format!("expected {wanted:?}\n   found {given:?}\n{}", found.statement.sql));
    }
    let (wanted, given) = (in_order(query, &expected), in_order(query, &rows));
    if wanted != given {
        return Err(format!("expected the order {wanted:?}\n   found {given:?}\n{}", found.statement.sql));
    }
    if tried.all.is_multiple_of(4) {
        let statement = count(dj.backend(), query).map_err(|error| error.to_string())?;
        let counted = connection.fetch(&statement).await.map_err(said)?;
        if Cell::of(&counted[0][0]) != Cell::whole(i64::try_from(expected.rows.len()).unwrap_or_default()) {
            return Err(format!("{} rows, counted {:?}: {}", expected.rows.len(), counted, statement.sql));
        }
        let statement = exists(dj.backend(), query).map_err(|error| error.to_string())?;
        let there = connection.fetch(&statement).await.map_err(said)?;
        let is_there = matches!(there[0][0], Value::Bool(true) | Value::Int(1) | Value::UInt(1));
        if is_there == expected.rows.is_empty() {
            return Err(format!("{} rows, exists {there:?}: {}", expected.rows.len(), statement.sql));
        }
    }
    Ok(())
}

/// The values by which rows of an ordered query follow each other; where some were cut off, their keys as well.
fn in_order(query: &Expression, rows: &Rows) -> Vec<Vec<Cell>> {
    let Expression::Top { order, limit, offset, .. } = query else { return Vec::new() };
    let mut names: Vec<&str> = Vec::new();
    for part in order {
        if part.attribute == "KEY" { names.extend(rows.key()) } else { names.push(&part.attribute) }
    }
    if limit.is_some() || *offset > 0 {
        names.extend(rows.key());
    }
    let places: Vec<usize> = names.iter().filter_map(|name| rows.place(name)).collect();
    rows.rows.iter().map(|row| places.iter().map(|&place| row[place].clone()).collect()).collect()
}

/// Fails with the smallest part of the query that is wrong by itself.
#[expect(clippy::panic, reason = "this is how a test fails")]
async fn report(dj: &Instance, world: &World, query: &Expression, fault: String, seed: u64) {
    let (mut query, mut fault) = (query.clone(), fault);
    'smaller: loop {
        for part in parts(&query) {
            if let Err(of_part) = check(dj, world, &part, &mut Tried { all: 3, ..Tried::default() }).await {
                (query, fault) = (part, of_part);
                continue 'smaller;
            }
        }
        let mut tables = String::new();
        for (name, rows) in &world.0 {
            let _ = writeln!(tables, "{name}: {:?}", rows.canonical());
        }
        panic!("seed {seed}: {fault}\n{tables}");
    }
}

/// Smaller queries out of which a query is made.
fn parts(query: &Expression) -> Vec<Expression> {
    match query {
        Expression::Table(_) => Vec::new(),
        Expression::Restrict { from, condition } => {
            let restricted = |condition| Expression::Restrict { from: from.clone(), condition };
            let mut parts = vec![(**from).clone()];
            match condition {
                Condition::All(all) | Condition::Any(all) => {
                    parts.extend(all.iter().cloned().map(restricted));
                }
                Condition::Not(inner) => parts.push(restricted((**inner).clone())),
                Condition::Matches(other)
                | Condition::MatchesByName(other)
                | Condition::Linked { to: other, .. } => parts.push((**other).clone()),
                _ => {}
            }
            parts
        }
        Expression::Join { left, right, .. }
        | Expression::Extend { left, right }
        | Expression::Union { left, right }
        | Expression::Aggregate { groups: left, of: right, .. } => vec![(**left).clone(), (**right).clone()],
        Expression::Project { from, .. }
        | Expression::Top { from, .. }
        | Expression::Unique { from, .. }
        | Expression::GroupBy { of: from, .. } => vec![(**from).clone()],
    }
}
