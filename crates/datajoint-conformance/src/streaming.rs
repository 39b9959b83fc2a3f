//! Streams, and queries in transactions, end with their last row or with an error.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datajoint::arrow::FetchColumns as _;
use datajoint::prelude::*;
use datajoint::{Backend, Error, Value, ValueError};
use datajoint_sql::{Statement, table_reference};
use futures_util::{FutureExt as _, StreamExt as _};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_streaming");

    #[table(Manual)]
    /// id : int32
    pub(super) struct Number;

    #[table(Manual)]
    /// page : int32
    /// ---
    /// text : varchar(4000)
    pub(super) struct Page;
}

use tables::{Number, NumberRow, Page, PageRow};

static TURN: Turn = Turn::new("dj_conformance_streaming");

const ROWS: i32 = 2000;

/// Reads every row up to the 249th.
struct Fragile<const PANICS: bool>;

impl<const PANICS: bool> datajoint::QueryRow for Fragile<PANICS> {
    fn attributes() -> Option<&'static [&'static str]> {
        Some(&["id"])
    }

    fn read(_: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        match values {
            [Value::Int(249)] if PANICS => panic!("a row that nobody can read"),
            [value @ Value::Int(249)] => String::from_value(std::mem::take(value)).map(|_| Self),
            _ => Ok(Self),
        }
    }
}

/// How many rows a stream gives, and how it ends.
async fn count<const PANICS: bool>(dj: &Instance) -> (usize, Option<Error>) {
    let mut rows = Number.order_by("id").stream_as::<Fragile<PANICS>>(dj);
    let mut number = 0;
    while let Some(row) = rows.next().await {
        match row {
            Ok(_) => number += 1,
            Err(error) => {
                assert!(rows.next().await.is_none(), "nothing comes after an error");
                return (number, Some(error));
            }
        }
    }
    (number, None)
}

/// A row that can't be read, and one that makes the reader panic, never pass for the last one.
pub async fn a_stream_ends_with_its_last_row_or_an_error(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Number.insert(dj, (0..ROWS).map(|id| NumberRow { id })).await.unwrap();
    for _ in 0..3 {
        let (rows, end) = count::<false>(dj).await;
        assert!(matches!(end, Some(Error::Read { row: 250, .. })), "{rows} rows, then {end:?}");
        assert_eq!(rows, 249);
        let panicked = AssertUnwindSafe(count::<true>(dj)).catch_unwind().await;
        assert!(panicked.is_err(), "the stream ended after {:?} rows", panicked.map(|(rows, _)| rows));
        let panicked = AssertUnwindSafe(Number.fetch_as::<Fragile<true>>(dj)).catch_unwind().await;
        assert!(panicked.is_err());
    }
    // One that is left early does no harm to what comes next.
    for rows in [0, 1, 100, 1500] {
        let left: Vec<_> = Number.stream(dj).take(rows).collect().await;
        assert_eq!(left.len(), rows);
        assert_eq!(Number.count(dj).await.unwrap(), ROWS as u64);
    }
    assert_eq!(Number.fetch_arrow(dj).await.unwrap().num_rows(), ROWS as usize);
    turn.end(dj).await;
}

/// In a transaction, a row that can't be read ends the query: where few rows are left, or the database leaves a query at once, the
/// transaction goes on; where millions are left, they are not read, and it is over and says why.
pub async fn a_row_that_is_refused_in_a_transaction_ends_its_query(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Number.insert(dj, (0..ROWS).map(|id| NumberRow { id })).await.unwrap();
    let table = dj.resolve(<Number as datajoint::Table>::spec()).unwrap();
    let from = table_reference(dj.backend(), &table.name);
    let of = |sides: &[&str]| {
        let sides: Vec<_> = sides.iter().map(|side| format!("{from} {side}")).collect();
        Statement::plain(format!("SELECT a.id FROM {}", sides.join(", ")))
    };
    let many = if dj.backend().capability().is_embedded {
        // Nobody would live to see the last one.
        (of(&["a", "b", "c", "d", "e"]), true)
    } else {
        (of(&["a", "b"]), false)
    };
    for (query, goes_on) in [(of(&["a"]), true), many] {
        let mut transaction = dj.begin().await.unwrap();
        let mut read = 0;
        let mut refuse = |_: &mut Vec<Value>| {
            read += 1;
            if read < 3 { Ok(()) } else { Err(None::<datajoint_adapters::Error>) }
        };
        // Only one that has no bound is ever so late.
        let outcome = tokio::time::timeout(
            Duration::from_mins(2),
            transaction.connection().for_each(&query, &mut refuse),
        );
        let outcome = outcome.await.expect("the rows that are left are read to their end");
        assert!(matches!(outcome, Err(None)), "{outcome:?}");
        assert_eq!(read, 3);
        let next = Number.insert_one(&mut transaction, NumberRow { id: ROWS }).await;
        if goes_on {
            next.unwrap();
            let refused = Number.order_by("id").fetch_as::<Fragile<false>>(&mut transaction).await;
            assert!(matches!(refused, Err(Error::Read { row: 250, .. })));
            transaction.commit().await.unwrap();
            (Number & [("id", ROWS)]).delete(dj).confirmed().await.unwrap();
        } else {
            let next = next.unwrap_err();
            assert!(matches!(next, Error::TransactionOver(_)) && !next.is_retryable(), "{next}");
            assert!(next.to_string().contains("rows of a query in it were left"), "{next}");
            assert!(matches!(transaction.commit().await, Err(Error::TransactionOver(_))));
        }
        assert_eq!(Number.count(dj).await.unwrap(), ROWS as u64);
    }
    turn.end(dj).await;
}

/// Rows that no server and no client holds ready: what is not read yet was not sent.
async fn fill_more_than_fits(dj: &Instance) -> u64 {
    Number.insert(dj, (0..ROWS).map(|id| NumberRow { id })).await.unwrap();
    let text = "x".repeat(4000);
    Page.insert(dj, (0..10).map(|page| PageRow { page, text: text.clone() })).await.unwrap();
    10 * ROWS as u64
}

/// A stream whose session the server ends says so where it is read on: the rows that had come by then are not all there are.
pub async fn a_stream_whose_session_was_ended_is_no_shorter_result(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let who = match dj.backend() {
        Backend::Sqlite => return turn.end(dj).await,
        // The sessions are everybody's.
        Backend::Postgresql if dj.database().shares_sessions() => return turn.end(dj).await,
        Backend::Postgresql => "SELECT pg_backend_pid()",
        Backend::Mysql | Backend::Mariadb => "SELECT connection_id()",
    };
    let all = fill_more_than_fits(dj).await;
    for is_of_batches in [false, true] {
        let mut settings = dj.settings().clone();
        // So that the stream has the session that is asked for its number.
        settings.database.max_connections = 1;
        let reader = Instance::connect(settings).await.unwrap();
        reader.table_of(&Number).await.unwrap();
        let query = Page * Number;
        assert!(query.exists(&reader).await.unwrap());
        let session = reader.database().acquire().await.unwrap().fetch(&Statement::plain(who)).await.unwrap();
        let Value::Int(session) = session[0][0] else { panic!("{session:?}") };
        let kill = match dj.backend() {
            Backend::Postgresql => format!("SELECT pg_terminate_backend({session})"),
            _ => format!("KILL {session}"),
        };
        let end = async || {
            let mut connection = dj.database().acquire().await.unwrap();
            connection.script(&[Statement::plain(kill.clone())]).await.unwrap();
        };
        let (mut read, mut outcome) = (0, Ok(()));
        if is_of_batches {
            let mut batches = query.record_batches(&reader).await.unwrap();
            read += batches.next().await.unwrap().unwrap().num_rows() as u64;
            end().await;
            while let Some(batch) = batches.next().await {
                match batch {
                    Ok(batch) => read += batch.num_rows() as u64,
                    Err(error) => outcome = Err(error.to_string()),
                }
            }
        } else {
            let mut rows = query.stream(&reader);
            rows.next().await.unwrap().unwrap();
            read += 1;
            end().await;
            while let Some(row) = rows.next().await {
                match row {
                    Ok(_) => read += 1,
                    Err(error) => outcome = Err(error.to_string()),
                }
            }
        }
        let error = outcome.expect_err(&format!("{read} rows of {all} pass for all of them"));
        assert!(read < all, "{read} rows of {all}, then {error}");
        assert_eq!(Number.count(&reader).await.unwrap(), ROWS as u64, "the client goes on");
    }
    turn.end(dj).await;
}
