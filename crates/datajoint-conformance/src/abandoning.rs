//! What a caller has given up happens no more.

use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{InsertOptions, Result, TableName, Transaction, WriteTarget};
use datajoint_adapters::Error as Adapter;
use datajoint_sql::{Access, Statement, table_reference};

use futures_util::stream::{self, Stream, StreamExt as _};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_abandoned");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// note : varchar(30)
    pub(super) struct Item;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// note : varchar(30)
    pub(super) struct Source;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// text : varchar(16000)
    pub(super) struct Page;

    pipeline! {
        pub(super) struct Pipeline { Item, Source }
    }
}

use tables::{Item, ItemRow, Page, PageRow, Pipeline, Source, SourceRow};

static TURN: Turn = Turn::new("dj_conformance_abandoned");

/// Verbs that wait for the transaction of another client, which has changed row 1 and inserted row 2.
const VERBS: [&str; 7] =
    ["update_one", "insert_one", "insert", "replace", "insert_query", "delete_quick", "delete"];

fn item(id: i32, note: &str) -> ItemRow {
    ItemRow { id, note: note.to_owned() }
}

async fn given_up(verb: &str, dj: &Instance) -> Result<()> {
    let replacing = InsertOptions::new().replace();
    match verb {
        "update_one" => Item.update_one(dj, item(1, "given up")).await,
        "insert_one" => Item.insert_one(dj, item(2, "given up")).await,
        "insert" => Item.insert(dj, [item(3, "given up"), item(2, "given up")]).await.map(drop),
        "replace" => Item.insert_with(dj, [item(1, "given up")], replacing).await.map(drop),
        "insert_query" => {
            Item.insert_query(dj, &(Source & [("id", 2)]), InsertOptions::new()).await.map(drop)
        }
        "delete_quick" => (Item & [("id", 1)]).delete_quick(dj).confirmed().await.map(drop),
        _ => (Item & [("id", 1)]).delete(dj).confirmed().await.map(drop),
    }
}

/// A verb that was dropped while it waited for another client changes nothing later, when that one has ended.
pub async fn a_verb_that_was_given_up_changes_nothing_later(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Source.insert(dj, [SourceRow { id: 2, note: "given up".to_owned() }]).await.unwrap();
    for verb in VERBS {
        for is_kept in [true, false] {
            Item.insert_one(dj, item(1, "first")).await.unwrap();
            let other = Instance::connect(dj.settings().clone()).await.unwrap();
            let mut transaction = dj.begin().await.unwrap();
            Item.update_one(&mut transaction, item(1, "final")).await.unwrap();
            Item.insert_one(&mut transaction, item(2, "final")).await.unwrap();
            let waited = tokio::time::timeout(Duration::from_millis(300), given_up(verb, &other)).await;
            assert!(waited.is_err(), "{verb} did not wait: {waited:?}");
            // It is told to the server, or, in a file, was never begun.
            tokio::time::sleep(Duration::from_millis(200)).await;
            if is_kept {
                transaction.commit().await.unwrap();
            } else {
                transaction.rollback().await.unwrap();
            }
            // The next one of the same client comes after it.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Item.insert_one(&other, item(9, "next")).await.unwrap();
            let mut found = Item.fetch(dj).await.unwrap();
            found.sort_by_key(|row| row.id);
            let found: Vec<_> = found.iter().map(|row| (row.id, row.note.as_str())).collect();
            let wanted: &[(i32, &str)] = if is_kept {
                &[(1, "final"), (2, "final"), (9, "next")]
            } else {
                &[(1, "first"), (9, "next")]
            };
            assert_eq!(found, wanted, "{verb}, {is_kept}");
            Item.delete(dj).confirmed().await.unwrap();
            other.close().await;
        }
    }
    turn.end(dj).await;
}

/// What was given up comes over nothing that was confirmed after it, whoever was in its way: here one who stands in no queue, as
/// another program does.
pub async fn a_verb_that_was_given_up_overtakes_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Source.insert(dj, [SourceRow { id: 2, note: "given up".to_owned() }]).await.unwrap();
    let backend = dj.backend();
    let table = table_reference(backend, &TableName::new("dj_conformance_abandoned", "item"));
    for verb in VERBS {
        Item.insert_one(dj, item(1, "first")).await.unwrap();
        let client = Instance::connect(dj.settings().clone()).await.unwrap();
        let mut other = dj.database().acquire().await.unwrap();
        let begin = datajoint_sql::begin(backend, Access::Write).to_owned();
        let update = format!("UPDATE {table} SET note = 'other' WHERE id = 1");
        let insert = format!("INSERT INTO {table} (id, note) VALUES (2, 'other')");
        let begun = [begin, update, insert].map(Statement::plain);
        for statement in &begun {
            other.script(std::slice::from_ref(statement)).await.unwrap();
        }
        let waited = tokio::time::timeout(Duration::from_millis(300), given_up(verb, &client)).await;
        assert!(waited.is_err(), "{verb} did not wait: {waited:?}");
        let confirmed = Item.update_one(&client, item(1, "confirmed"));
        let end = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            // A query, as far as the queue of those who write to a file is concerned.
            other.fetch(&Statement::plain("COMMIT")).await
        };
        let (confirmed, ended) = tokio::join!(confirmed, end);
        ended.unwrap();
        confirmed.unwrap_or_else(|error| panic!("after {verb}: {error}"));
        // For longer than one who waits for the other looks again.
        for pause in [0, 300] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let mut found = Item.fetch(dj).await.unwrap();
            found.sort_by_key(|row| row.id);
            let found: Vec<_> = found.iter().map(|row| (row.id, row.note.as_str())).collect();
            assert_eq!(found, [(1, "confirmed"), (2, "other")], "{verb}");
        }
        Item.delete(dj).confirmed().await.unwrap();
        client.close().await;
    }
    turn.end(dj).await;
}

/// Parts of a transaction that were undone leave nothing at the server; one is ended by its own transaction, the innermost first.
pub async fn parts_of_transactions_are_ended_by_their_own(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    // So many are more than a server keeps in mind at once.
    let parts = 300;
    let outcome = dj
        .transaction(async |transaction: &mut Transaction| {
            for id in 0..parts {
                let part = transaction
                    .savepoint(async |part: &mut Transaction| {
                        Item.insert_one(&mut *part, item(id, "undone")).await?;
                        Item.insert_one(part, item(id, "again")).await
                    })
                    .await;
                assert!(part.is_err(), "{id}");
            }
            Item.insert_one(transaction, item(1, "kept")).await
        })
        .await;
    outcome.unwrap();
    assert_eq!(Item.column(dj, Item::note).await.unwrap(), ["kept"]);

    // Below the verbs, where a program may hold a connection itself.
    let mut outer = dj.database().begin(Access::Write).await.unwrap();
    let within = outer.begin(Access::Write).await.map(drop);
    assert!(matches!(within, Err(Adapter::WithinTransaction)), "{within:?}");
    let (first, second) = (outer.savepoint().await.unwrap(), outer.savepoint().await.unwrap());
    let too_early = outer.release(first).await;
    assert!(matches!(too_early, Err(Adapter::OtherPart)), "{too_early:?}");
    assert!(outer.undo(second).await.is_err());
    assert!(matches!(outer.commit().await, Err(Adapter::TransactionOver { .. })));
    let reader = async || dj.database().begin(Access::Read).await.unwrap();
    let (mut one, mut other) = (reader().await, reader().await);
    let part = one.savepoint().await.unwrap();
    let of_other = other.undo(part).await;
    assert!(matches!(of_other, Err(Adapter::OtherPart)), "{of_other:?}");
    assert!(one.commit().await.is_err());
    other.commit().await.unwrap();
    turn.end(dj).await;
}

/// Numbers that a program puts into settings are judged like those that are read.
pub async fn settings_of_a_program_are_judged_too(dj: &Instance, _: Capabilities) {
    type Change = fn(&mut Settings);
    let changes: [(&str, Change); 4] = [
        ("database.max_connections", |settings| settings.database.max_connections = 0),
        ("database.max_connections", |settings| settings.database.max_connections = u32::MAX),
        ("connection.statement_timeout", |settings| settings.connection.statement_timeout = Some(u64::MAX)),
        ("connection.lock_timeout", |settings| settings.connection.lock_timeout = Some(u64::MAX)),
    ];
    for (name, change) in changes {
        let mut settings = dj.settings().clone();
        change(&mut settings);
        let outcome = Instance::connect(settings).await.map(drop);
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` is ")) && error.contains("whole number from"), "{error}");
    }
}

/// How a caller has inserted a part of its rows when it gives up.
#[derive(Debug, Clone, Copy)]
enum Inserting {
    /// From a stream that says nothing any more.
    Stream,
    /// Row by row.
    Buffered,
}

/// More rows than one batch takes.
fn pages() -> impl Iterator<Item = PageRow> + Send {
    let text = "x".repeat(16_000);
    (10..10 + PAGES).map(move |id| PageRow { id, text: text.clone() })
}

const PAGES: i32 = 1200;

/// A stream that says that it was asked, and has nothing to say.
fn once_asked<R>(sent: &tokio::sync::Notify) -> impl Stream<Item = R> + Send {
    stream::once(async {
        sent.notify_one();
        std::future::pending().await
    })
}

/// Inserts so many rows that some of them are sent, and then waits for ever for the next one.
async fn wait_within(
    inserting: Inserting,
    on: impl Into<WriteTarget<'_>>,
    sent: &tokio::sync::Notify,
) -> Result<()> {
    // When the stream is asked for a row that it does not have, those before were taken.
    let options = InsertOptions::new();
    match inserting {
        Inserting::Stream => {
            let rows = stream::iter(pages()).chain(once_asked(sent));
            Page.insert_stream(on, rows, options).await.map(drop)
        }
        Inserting::Buffered => {
            let mut insert = Page.buffered(on, options).await?;
            for row in pages() {
                insert.push(row).await?;
            }
            sent.notify_one();
            std::future::pending().await
        }
    }
}

/// An insert that waits for its next row, after others of its rows were sent, leaves none of them when it is dropped, and
/// in a transaction keeps it from being committed.
pub async fn an_insert_that_is_dropped_between_two_batches_leaves_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    let row = |id| PageRow { id, text: String::new() };
    Page.insert_one(dj, row(1)).await.unwrap();
    for inserting in [Inserting::Stream, Inserting::Buffered] {
        let sent = tokio::sync::Notify::new();
        tokio::select! {
            outcome = wait_within(inserting, dj, &sent) => panic!("{inserting:?} ended: {outcome:?}"),
            () = sent.notified() => {}
        }
        assert_eq!(Page.count(dj).await.unwrap(), 1, "{inserting:?}");
        let mut transaction = dj.begin().await.unwrap();
        Page.insert_one(&mut transaction, row(2)).await.unwrap();
        tokio::select! {
            outcome = wait_within(inserting, &mut transaction, &sent) => panic!("{inserting:?} ended: {outcome:?}"),
            () = sent.notified() => {}
        }
        let next = Page.count(&mut transaction).await;
        let outcome = transaction.commit().await;
        let error = outcome.expect_err(&format!("{inserting:?}: half of it was committed"));
        assert!(error.to_string().contains("nothing of it lasts"), "{inserting:?}: {error}");
        assert!(next.is_err(), "{inserting:?}: what follows was not refused");
        assert_eq!(Page.count(dj).await.unwrap(), 1, "{inserting:?} in a transaction");
    }
    turn.end(dj).await;
}
