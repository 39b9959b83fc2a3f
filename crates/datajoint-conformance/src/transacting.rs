//! Transactions: parts, retries, cancellation, lost connections.

use std::collections::BTreeSet;
use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{Backend, Error, TableName, Transaction, Value};
use datajoint_sql::Statement;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_transacting");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// n : int32
    pub(super) struct Account;
}

use tables::{Account, AccountKey, AccountRow};

static TURN: Turn = Turn::new("dj_conformance_transacting");

async fn fill(dj: &Instance) {
    Account.insert(dj, (1..=3).map(|id| AccountRow { id, n: 0 })).await.unwrap();
}

async fn sum(dj: &Instance) -> i64 {
    U(()).aggr(&Account, compute("n", "sum(n)")).fetch_one(dj).await.unwrap().get("n").unwrap()
}

/// A part that fails is undone; the rest lasts.
pub async fn a_part_of_a_transaction_is_undone_by_itself(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    dj.transaction(async |transaction: &mut Transaction| {
        Account.insert_one(&mut *transaction, AccountRow { id: 4, n: 4 }).await?;
        let failed = transaction
            .savepoint(async |part: &mut Transaction| {
                Account.insert_one(&mut *part, AccountRow { id: 5, n: 5 }).await?;
                part.savepoint(async |inner| Account.insert_one(inner, AccountRow { id: 6, n: 6 }).await)
                    .await?;
                Account.insert_one(&mut *part, AccountRow { id: 1, n: 1 }).await
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(Account.count(&mut *transaction).await?, 4, "the transaction goes on");
        transaction.savepoint(async |part| Account.insert_one(part, AccountRow { id: 7, n: 7 }).await).await
    })
    .await
    .unwrap();
    assert_eq!(Account.order_by("id").column(dj, Account::id).await.unwrap(), [1, 2, 3, 4, 7]);
    turn.end(dj).await;
}

/// A dropped future undoes what it did; a cancelled part makes the whole transaction fail.
pub async fn what_is_cancelled_is_undone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let slow = dj.transaction(async |transaction: &mut Transaction| {
        Account.insert_one(&mut *transaction, AccountRow { id: 4, n: 4 }).await?;
        std::future::pending::<Result<(), Error>>().await
    });
    assert!(tokio::time::timeout(Duration::from_millis(300), slow).await.is_err());
    let mut transaction = dj.begin().await.unwrap();
    let part = transaction.savepoint(async |part: &mut Transaction| {
        Account.insert_one(&mut *part, AccountRow { id: 5, n: 5 }).await?;
        std::future::pending::<Result<(), Error>>().await
    });
    assert!(tokio::time::timeout(Duration::from_millis(300), part).await.is_err());
    assert!(matches!(transaction.commit().await, Err(Error::TransactionOver(_))));
    assert_eq!(Account.count(dj).await.unwrap(), 3);
    turn.end(dj).await;
}

/// A verb that is handed the instance within a transaction is not of it. Where one client writes at a time, it would wait
/// for what waits for it, and is told so at once.
pub async fn a_verb_beside_its_own_transaction_does_not_wait_for_it(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let start = std::time::Instant::now();
    let beside = dj
        .retry_transaction(async |transaction: &mut Transaction| {
            Account.insert_one(&mut *transaction, AccountRow { id: 4, n: 4 }).await?;
            transaction
                .savepoint(async |_: &mut Transaction| {
                    Account.insert_one(dj, AccountRow { id: 5, n: 5 }).await
                })
                .await
        })
        .await;
    let count = Account.count(dj).await.unwrap();
    if dj.backend() == Backend::Sqlite {
        let text = beside.unwrap_err().to_string();
        let place = "a transaction (crates/datajoint-conformance/src/transacting.rs:";
        assert!(text.contains(place) && text.contains("hand the transaction to each verb"), "{text}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(count, 3);
    } else {
        beside.unwrap();
        assert_eq!(count, 5);
    }
    turn.end(dj).await;
}

/// Many who read and then write the same row: each is tried again until it counts.
pub async fn transactions_that_collide_are_tried_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let add = async |id: i32| {
        dj.retry_transaction(async |transaction: &mut Transaction| {
            let key = AccountKey { id };
            let n = (Account & key).column(&mut *transaction, Account::n).await?[0];
            tokio::time::sleep(Duration::from_millis(2)).await;
            Account.update_one(&mut *transaction, AccountRow { id, n: n + 1 }).await
        })
        .await
    };
    // Two at a time collide each time, and more of them would have to wait longer than a test may.
    let mut expected = 0;
    for _ in 0..3 {
        let (one, other) = tokio::join!(add(1), add(1));
        expected += i64::from(one.is_ok()) + i64::from(other.is_ok());
        one.unwrap();
        other.unwrap();
    }
    assert_eq!(expected, 6);
    assert_eq!(sum(dj).await, 6, "so much was added as there were transactions");
    turn.end(dj).await;
}

/// A row that others changed, deleted or made since a transaction began is not updated in it without their work being seen.
pub async fn what_others_changed_since_a_transaction_began_is_not_overwritten(
    dj: &Instance,
    _: Capabilities,
) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    // One who writes to a file keeps the others from it.
    if dj.backend().capability().is_embedded {
        return turn.end(dj).await;
    }
    let row = |id, n| AccountRow { id, n };
    for id in [1, 2] {
        let mut transaction = dj.begin().await.unwrap();
        let before = (Account & AccountKey { id }).column(&mut transaction, Account::n).await.unwrap();
        assert_eq!(before, [0]);
        // Changes of its own are none of others.
        Account.update_one(&mut transaction, row(3, 1)).await.unwrap();
        Account.update_one(&mut transaction, row(3, 2)).await.unwrap();
        match id {
            1 => Account.update_one(dj, row(1, 5)).await.unwrap(),
            _ => drop((Account & [("id", 2)]).delete(dj).confirmed().await.unwrap()),
        }
        let error = Account.update_one(&mut transaction, row(id, 1)).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert!(error.to_string().contains("try again"), "{error}");
        assert!(transaction.commit().await.is_err(), "nothing of it lasts");
    }
    assert_eq!(Account.order_by("id").column(dj, Account::n).await.unwrap(), [5, 0]);
    turn.end(dj).await;
}

/// A delete whose commit is refused in favour of others is done again, as one is of which a statement was refused.
pub async fn a_delete_that_is_refused_when_it_is_committed_is_done_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    // Elsewhere only a cluster refuses a commit.
    if dj.backend() != Backend::Postgresql {
        return turn.end(dj).await;
    }
    let schema = "dj_conformance_transacting";
    let table = dj.schema(schema).await.unwrap().table("Account").unwrap().table().name.clone();
    let table = datajoint_sql::table_reference(dj.backend(), &table);
    let script = async |statements: &[String]| {
        let statements: Vec<Statement> = statements.iter().map(Statement::plain).collect();
        dj.database().acquire().await.unwrap().script(&statements).await.unwrap();
    };
    script(&[
        format!("CREATE SEQUENCE {schema}.tries"),
        format!(
            "CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN IF nextval(''{schema}.tries'') = 1 THEN RAISE EXCEPTION ''others'' USING ERRCODE = ''40001''; END IF; \
             RETURN NULL; END'"
        ),
        format!(
            "CREATE CONSTRAINT TRIGGER late AFTER DELETE ON {table} DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION {schema}.refuse()"
        ),
    ])
    .await;
    let deleted = (Account & [("id", 1)]).delete(dj).confirmed().await;
    script(&[
        format!("DROP TRIGGER late ON {table}"),
        format!("DROP FUNCTION {schema}.refuse()"),
        format!("DROP SEQUENCE {schema}.tries"),
    ])
    .await;
    assert_eq!(deleted.unwrap().rows, 1);
    assert_eq!(Account.count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}

/// A table that is altered after a transaction began is there still: where the server refuses to read it, trying again
/// is the remedy.
pub async fn a_table_that_others_altered_is_not_gone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    if dj.backend().capability().is_embedded {
        return turn.end(dj).await;
    }
    let table = dj.schema("dj_conformance_transacting").await.unwrap().table("Account").unwrap().clone();
    let name = datajoint_sql::table_reference(dj.backend(), &table.table().name);
    let mut altered = false;
    let count = dj
        .retry_transaction(async |transaction: &mut Transaction| {
            if !std::mem::replace(&mut altered, true) {
                let anew = match dj.backend() {
                    Backend::Mysql | Backend::Mariadb => ", ALGORITHM=COPY",
                    Backend::Postgresql | Backend::Sqlite => "",
                };
                let alter = Statement::plain(format!("ALTER TABLE {name} ADD COLUMN note int{anew}"));
                dj.database().acquire().await?.execute(&alter).await?;
            }
            let count = Account.count(&mut *transaction).await;
            if let Err(error) = &count {
                assert!(!error.is_gone(), "{error}");
            }
            count
        })
        .await;
    assert_eq!(count.unwrap(), 3);
    turn.end(dj).await;
}

/// Queries go on when the server ended their connection; transactions say so.
pub async fn a_lost_connection_is_made_again_for_a_query(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let (who, kill) = match dj.backend() {
        Backend::Sqlite => return turn.end(dj).await,
        // The sessions are everybody's.
        Backend::Postgresql if dj.database().shares_sessions() => return turn.end(dj).await,
        Backend::Postgresql => ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend"),
        _ => ("SELECT connection_id()", "KILL "),
    };
    let mut connection = dj.database().acquire().await.unwrap();
    let me = connection.fetch(&Statement::plain(who)).await.unwrap();
    drop(connection);
    let id = match me[0][0] {
        datajoint::Value::Int(id) => id,
        ref other => panic!("{other:?}"),
    };
    let end = async |id: i64| {
        let other = dj.with_settings(|_| {});
        let other = Instance::connect(other.settings().clone()).await.unwrap();
        let statement = Statement::plain(
            format!("{kill}({id})")
                .replace("KILL (", "KILL ")
                .replace(')', if kill == "KILL " { "" } else { ")" }),
        );
        other.database().acquire().await.unwrap().script(&[statement]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    end(id).await;
    // The connection that was ended waits to be used next.
    assert_eq!(Account.count(dj).await.unwrap(), 3);
    assert_eq!(Account.fetch(dj).await.unwrap().len(), 3);
    let rigid = dj.with_settings(|settings| settings.database.reconnect = false);
    assert_eq!(Account.count(&rigid).await.unwrap(), 3);
    // What changes rows is not sent twice: it works, or says what happened, and the next one works.
    let mut connection = dj.database().acquire().await.unwrap();
    let me = connection.fetch(&Statement::plain(who)).await.unwrap();
    drop(connection);
    let datajoint::Value::Int(id) = me[0][0] else { panic!("{me:?}") };
    end(id).await;
    match Account.insert_one(dj, AccountRow { id: 4, n: 0 }).await {
        Ok(()) => assert_eq!(Account.count(dj).await.unwrap(), 4),
        Err(error) => assert!(matches!(error, Error::CommitUnknown(_)), "{error:?}"),
    }
    Account.insert_one(dj, AccountRow { id: 5, n: 0 }).await.unwrap();
    // All of them at once, one within a stream.
    let mut rows = Account.stream(dj);
    assert!(rows.next().await.unwrap().is_ok());
    let mut sessions = Vec::new();
    let mut connections = Vec::new();
    for _ in 0..3 {
        let mut connection = dj.database().acquire().await.unwrap();
        let me = connection.fetch(&Statement::plain(who)).await.unwrap();
        let datajoint::Value::Int(id) = me[0][0] else { panic!("{me:?}") };
        sessions.push(id);
        connections.push(connection);
    }
    drop(connections);
    for id in sessions {
        end(id).await;
    }
    assert_eq!(Account.fetch(dj).await.unwrap().len() as u64, Account.count(dj).await.unwrap());
    Account.update_one(dj, AccountRow { id: 5, n: 1 }).await.unwrap();
    turn.end(dj).await;
}

/// A query that somebody ends, or that ends its server, is sent once more at most, and never after a connection that had just been
/// asked whether it is there.
pub async fn a_query_that_is_ended_is_sent_once_more_at_most(dj: &Instance, _: Capabilities) {
    let waiting = match dj.backend() {
        Backend::Sqlite => return,
        Backend::Postgresql if dj.database().shares_sessions() => return,
        Backend::Postgresql => {
            "SELECT pid FROM pg_catalog.pg_locks WHERE NOT granted AND relation = 'dj_conformance_transacting.account'::regclass"
        }
        _ => {
            "SELECT id FROM information_schema.processlist WHERE info LIKE '%dj_conformance_transacting%' \
             AND state LIKE 'Waiting for table%'"
        }
    };
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let client = Instance::connect(dj.settings().clone()).await.unwrap();
    let table = TableName::new("dj_conformance_transacting", "account");
    for (pause, most) in [(0, 2), (1500, 1)] {
        assert_eq!(Account.fetch(&client).await.unwrap().len(), 3);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let mut other = dj.database().acquire().await.unwrap();
        other.end_on_drop();
        if dj.backend() == Backend::Postgresql {
            other.script(&[Statement::plain("BEGIN")]).await.unwrap();
        }
        other.script(&datajoint_sql::lock_tables(dj.backend(), std::slice::from_ref(&table))).await.unwrap();
        let mut ended = BTreeSet::new();
        let ending = async {
            loop {
                let mut connection = dj.database().acquire().await.unwrap();
                for row in connection.fetch(&Statement::plain(waiting)).await.unwrap() {
                    let number = match row[..] {
                        [Value::Int(number)] => number,
                        [Value::UInt(number)] => i64::try_from(number).unwrap(),
                        _ => panic!("{row:?}"),
                    };
                    let kill = match dj.backend() {
                        Backend::Postgresql => format!("SELECT pg_terminate_backend({number})"),
                        _ => format!("KILL {number}"),
                    };
                    ended.insert(number);
                    // It may be on its way to its end.
                    let _ = connection.script(&[Statement::plain(kill)]).await;
                }
                drop(connection);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let outcome = tokio::select! {
            outcome = Account.fetch(&client) => outcome,
            () = ending => unreachable!("it goes on"),
        };
        assert!(outcome.is_err_and(|error| error.is_retryable()), "it was not ended");
        assert!((1..=most).contains(&ended.len()), "it was sent {} times", ended.len());
    }
    turn.end(dj).await;
}

/// Whatever writes is refused in a transaction that was begun to read, which goes on.
pub async fn a_transaction_that_reads_writes_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj).await;
    let row = |id| AccountRow { id, n: 7 };
    let table = dj.schema("dj_conformance_transacting").await.unwrap().table("Account").unwrap().clone();
    let replace = InsertOptions::new().replace();
    let skip = InsertOptions::new().skip_duplicates();
    let mut reader = dj.begin_read().await.unwrap();
    assert!(matches!(Account.insert_one(&mut reader, row(4)).await, Err(Error::ReadingTransaction)));
    let outcomes = [
        Account.insert(&mut reader, (4..6_000).map(row)).await.map(drop),
        Account.insert_with(&mut reader, [row(1)], replace).await.map(drop),
        Account.insert_with(&mut reader, [row(1), row(4)], skip).await.map(drop),
        Account.insert_query(&mut reader, &Account, skip).await.map(drop),
        Account.update_one(&mut reader, row(1)).await,
        (Account & [("id", 1)]).delete(&mut reader).confirmed().await.map(drop),
        (Account & [("id", 1)]).delete_quick(&mut reader).confirmed().await.map(drop),
        table.insert_one(&mut reader, DynamicRow::new().with("id", 4).unwrap().with("n", 1).unwrap()).await,
        async {
            let mut rows = Account.buffered(&mut reader, InsertOptions::new()).await?;
            rows.push(row(4)).await?;
            rows.finish().await.map(drop)
        }
        .await,
    ];
    for (place, outcome) in outcomes.into_iter().enumerate() {
        assert!(matches!(outcome, Err(Error::ReadingTransaction)), "{place}: {outcome:?}");
    }
    assert_eq!(Account.count(&mut reader).await.unwrap(), 3);
    reader.commit().await.unwrap();
    assert_eq!((Account.count(dj).await.unwrap(), sum(dj).await), (3, 0));
    turn.end(dj).await;
}
