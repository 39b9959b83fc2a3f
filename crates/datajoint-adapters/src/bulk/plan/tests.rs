//! Whatever the rows and the packet: each row goes once, in order, and no packet is larger than the server takes.

use datajoint_definition::{Backend, Protocol, Tier, parse};
use datajoint_schema::{Declaration, Table, resolve};
use datajoint_sql::{InsertMode, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Form, InsertPlan};
use crate::{BulkInsert, Error};

const COLUMNS: [&str; 4] = ["id", "name", "raw", "price"];

fn table() -> Table {
    let (definition, _) =
        parse("id : int32\n---\nname = '' : varchar(60000)\nraw = null : bytes\nprice = 0.5 : decimal(9,2)");
    let (schema, class_name, tier) = ("lab", "Item", Tier::Manual);
    resolve(&Declaration { schema, class_name, tier, definition: &definition, parents: &[], master: None }).0
}

/// The bytes of a value in a packet of MySQL, its type and its bit among the nulls included.
fn wire(value: &Value) -> usize {
    let text = |length: usize| match length {
        0..=250 => 1 + length,
        251..=0xffff => 3 + length,
        _ => 4 + length,
    };
    3 + match value {
        Value::Null | Value::Default => 0,
        Value::Text(value) => text(value.len()),
        Value::Bytes(value) => text(value.len()),
        Value::Decimal(value) => text(value.to_string().len()),
        _ => 8,
    }
}

fn row(columns: usize) -> impl Strategy<Value = Vec<Value>> {
    let length = || prop_oneof![0..40_usize, 200..300_usize, 3_000..30_000_usize];
    let cells = (
        any::<i32>().prop_map(|id| Value::Int(i64::from(id))),
        prop_oneof![4 => length().prop_map(|length| Value::Text("x".repeat(length))), 1 => Just(Value::Default)],
        prop_oneof![4 => length().prop_map(|length| Value::Bytes(vec![7; length])), 1 => Just(Value::Null)],
        any::<i32>().prop_map(|cents| Value::Decimal(Decimal::new(cents.into(), 2))),
    );
    cells.prop_map(move |(id, name, raw, price)| [id, name, raw, price].into_iter().take(columns).collect())
}

fn rows() -> impl Strategy<Value = (usize, Vec<Value>)> {
    (1..=COLUMNS.len()).prop_flat_map(|columns| {
        let few = proptest::collection::vec(row(columns), 1..60);
        let many = row(columns)
            .prop_flat_map(|row| (995..2_005_usize).prop_map(move |rows| vec![row.clone(); rows]));
        prop_oneof![3 => few, 1 => many].prop_map(move |rows| (columns, rows.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, rng_seed: proptest::test_runner::RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn every_row_goes_once_in_order_and_fits(
        (width, values) in rows(),
        packet in prop_oneof![1_500..5_000_usize, 60_000..300_000_usize, Just(1 << 24)],
        backend in proptest::sample::select(Backend::ALL.to_vec()),
        mode in proptest::sample::select(vec![InsertMode::Plain, InsertMode::Replace]),
    ) {
        let (table, columns) = (table(), &COLUMNS[..width]);
        let packet = if backend.capability().protocol == Some(Protocol::Mysql) { packet } else { usize::MAX };
        let insert = BulkInsert { table: &table, columns, values: &values, mode };
        let plan = match InsertPlan::new(backend, packet, insert) {
            Ok(plan) => plan,
            Err(Error::RowTooLarge { row, bytes, limit }) => {
                // Nothing is refused that clearly fits.
                let cells = &values[row * width..(row + 1) * width];
                let size: usize = cells.iter().map(wire).sum();
                prop_assert!(limit == packet && size + 20 * width + 200 > packet, "{bytes} bytes in {packet}");
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        let mut next = 0;
        for step in &plan.steps {
            prop_assert_eq!(step.rows.start, next);
            prop_assert!(!step.rows.is_empty());
            next = step.rows.end;
            let cells = plan.values(step);
            if step.form != Form::Copy {
                prop_assert!(cells.len() <= datajoint_sql::parameter_limit(backend));
            }
            let text = match step.form {
                Form::Copy => 0,
                Form::Values => datajoint_sql::insert(backend, &table, columns, step.rows.len(), mode).unwrap().len(),
                Form::Defaults => {
                    let cells = cells.chunks(width).map(<[Value]>::to_vec).collect();
                    datajoint_sql::insert_rows(backend, &table, columns, cells, mode).unwrap().sql.len()
                }
            };
            // A command byte, a statement's number, flags, a count: 10 bytes.
            prop_assert!(10 + cells.iter().map(wire).sum::<usize>() < packet);
            prop_assert!(1 + text < packet);
        }
        prop_assert_eq!(next * width, values.len());
        prop_assert_eq!(plan.needs_transaction(), plan.steps.len() > 1);
    }
}
