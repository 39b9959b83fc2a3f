//! What is told as committed is committed: one meaning of what fails within a transaction.

use std::time::Duration;

use datajoint::jobs::Jobs;
use datajoint::prelude::*;
use datajoint::{Backend, Error, Result, Transaction, Value, sql};
use datajoint_sql::Statement;

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_committing");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// n : int32
    pub(super) struct Account;

    #[table(Manual)]
    /// -> Account
    /// entry : int32
    pub(super) struct Entry;

    #[table(Computed)]
    /// -> Account
    /// ---
    /// n : int32
    pub(super) struct Total;

    impl PlainMake for Total {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(TotalRow { id, n: 0 }).await?;
            // A clash that is handled, as if it did no harm.
            let _ = cx.insert(TotalRow { id, n: 1 }).await;
            Ok(())
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Account, Entry, Total }
    }
}

use tables::{Account, AccountRow, Entry, EntryRow, Pipeline, Total};

static TURN: Turn = Turn::new("dj_conformance_committing");

fn account(id: i32) -> AccountRow {
    AccountRow { id, n: 0 }
}

/// How many ways there are to fail within a transaction.
const WAYS: u8 = 7;

/// Ways to fail within a transaction, each of which the database refuses.
async fn refused(way: u8, transaction: &mut Transaction) -> Result<()> {
    match way {
        0 => Account.insert_one(transaction, account(1)).await,
        1 => Entry.insert_one(transaction, EntryRow { id: 99, entry: 1 }).await,
        2 => (Account & sql("nosuch > ?", [1])).fetch(transaction).await.map(drop),
        3 => (Account & sql("nosuch > ?", [1])).count(transaction).await.map(drop),
        4 => (Account & sql("nosuch > ?", [1])).exists(transaction).await.map(drop),
        5 => (Account & sql("nosuch > ?", [1])).delete(transaction).confirmed().await.map(drop),
        _ => Account.insert(transaction, [account(20), account(21), account(1)]).await.map(drop),
    }
}

/// After a failure that was handled nothing goes on, and `commit` says what failed first.
pub async fn a_transaction_in_which_something_failed_is_not_committed(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Account.insert_one(dj, account(1)).await.unwrap();
    for way in 0..WAYS {
        let outcome = dj
            .transaction(async |transaction: &mut Transaction| {
                Account.insert_one(&mut *transaction, account(2)).await?;
                let first = refused(way, transaction).await.unwrap_err();
                // What failed is told, and one next step, not that of the first.
                let said = first.to_string();
                let fact = ["; ", ": pass over", ": insert it"]
                    .into_iter()
                    .fold(said.as_str(), |said, next_step| said.split(next_step).next().unwrap_or(said));
                for _ in 0..2 {
                    let next = Account.insert_one(&mut *transaction, account(3)).await.unwrap_err();
                    assert!(matches!(next, Error::TransactionFailed(_)), "{way}: {next}");
                    assert!(next.to_string().contains(fact), "{next} does not tell of {first}");
                    assert!(!next.to_string().contains("pass over"), "{next}");
                    let next = Account.fetch(&mut *transaction).await.unwrap_err();
                    assert!(matches!(next, Error::TransactionFailed(_)), "{way}: {next}");
                }
                Ok::<_, Error>(())
            })
            .await;
        assert!(matches!(outcome, Err(Error::TransactionFailed(_))), "{way}: {outcome:?}");

        let mut transaction = dj.begin().await.unwrap();
        Account.insert_one(&mut transaction, account(2)).await.unwrap();
        assert!(refused(way, &mut transaction).await.is_err());
        let outcome = transaction.commit().await;
        assert!(matches!(outcome, Err(Error::TransactionFailed(_))), "{way}: {outcome:?}");

        let mut transaction = dj.begin().await.unwrap();
        assert!(refused(way, &mut transaction).await.is_err());
        transaction.rollback().await.unwrap();
        assert_eq!(Account.column(dj, Account::id).await.unwrap(), [1], "{way}");
        Account.insert_one(dj, account(4)).await.unwrap();
        (Account & [("id", 4)]).delete(dj).confirmed().await.unwrap();
    }
    let mut reader = dj.begin_read().await.unwrap();
    assert!(refused(2, &mut reader).await.is_err());
    assert!(matches!(reader.commit().await, Err(Error::TransactionFailed(_))));
    turn.end(dj).await;
}

/// What is found wrong before anything is sent does not spoil a transaction.
pub async fn what_fails_before_it_is_sent_spoils_no_transaction(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    let accounts = dj.table("dj_conformance_committing.account").await.unwrap();
    dj.transaction(async |transaction: &mut Transaction| {
        Account.insert_one(&mut *transaction, account(1)).await?;
        let bad = DynamicRow::new().with("id", 2)?.with("n", "much")?;
        assert!(accounts.insert_one(&mut *transaction, bad).await.is_err());
        assert!(accounts.insert_one(&mut *transaction, DynamicRow::new().with("id", 2)?).await.is_err());
        let rows =
            accounts.update_one(&mut *transaction, DynamicRow::new().with("id", 7)?.with("n", 1)?).await;
        assert!(matches!(rows, Err(Error::NothingToUpdate { .. })), "{rows:?}");
        // The answer is whole, and a part of it can't be read.
        assert!((Account & [("id", 5)]).fetch_one(&mut *transaction).await.is_err());
        Account.insert_one(&mut *transaction, account(3)).await
    })
    .await
    .unwrap();
    assert_eq!(Account.order_by("id").column(dj, Account::id).await.unwrap(), [1, 3]);
    turn.end(dj).await;
}

/// A part in which a failure was handled fails, and is undone; the rest lasts.
pub async fn a_part_in_which_something_failed_is_undone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Account.insert_one(dj, account(1)).await.unwrap();
    dj.transaction(async |transaction: &mut Transaction| {
        for way in 0..WAYS {
            let part = transaction
                .savepoint(async |part: &mut Transaction| {
                    Account.insert_one(&mut *part, account(50)).await?;
                    assert!(refused(way, part).await.is_err());
                    Ok::<_, Error>(())
                })
                .await;
            assert!(matches!(part, Err(Error::TransactionFailed(_))), "{way}: {part:?}");
            assert_eq!((Account & [("id", 50)]).count(&mut *transaction).await?, 0);
            let part = transaction.savepoint(async |part: &mut Transaction| refused(way, part).await).await;
            assert!(part.is_err() && !matches!(part, Err(Error::TransactionFailed(_))), "{way}: {part:?}");
            Account.insert_one(&mut *transaction, account(10 + i32::from(way))).await?;
        }
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    assert_eq!(
        Account.order_by("id").column(dj, Account::id).await.unwrap(),
        [1, 10, 11, 12, 13, 14, 15, 16]
    );
    turn.end(dj).await;
}

/// A verb that fails after it has sent rows leaves a transaction that can't be committed.
pub async fn a_verb_that_fails_half_way_spoils_its_transaction(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    let accounts = dj.table("dj_conformance_committing.account").await.unwrap();
    let good = (0..140_000).map(|id| DynamicRow::new().with("id", id).unwrap().with("n", 0).unwrap());
    let bad = DynamicRow::new().with("id", 200_000).unwrap().with("n", "much").unwrap();
    let outcome = dj
        .transaction(async |transaction: &mut Transaction| {
            let many = accounts.insert(&mut *transaction, good.chain([bad])).await;
            assert!(many.is_err());
            Ok::<_, Error>(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionFailed(_))), "{outcome:?}");
    assert_eq!(Account.count(dj).await.unwrap(), 0);
    turn.end(dj).await;
}

/// `make` that handles a failure and says that all is well is an error for its key.
pub async fn a_make_that_hides_a_failure_is_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Account.insert(dj, (1..=3).map(account)).await.unwrap();
    let table = "dj_conformance_committing.__total";
    for reserves in [false, false, true] {
        let populate = Total.populate(dj).reserve_jobs(reserves).suppress_errors(true);
        let report = populate.run().await.unwrap();
        assert_eq!((report.success_count, report.errors.len()), (0, 3), "{report}");
        let mut told: Vec<String> = report.errors.iter().map(|(_, error)| error.to_string()).collect();
        if reserves {
            let jobs = Jobs::open(dj, dj.table(table).await.unwrap().table()).await.unwrap();
            let queued = jobs.query().proj(["error_message"]).fetch_json(dj).await.unwrap();
            assert_eq!(queued.len(), 3);
            told.extend(queued.iter().map(|job| job["error_message"].as_str().unwrap().to_owned()));
        }
        assert!(told.iter().all(|error| error.contains("failed in this transaction")), "{told:?}");
        for id in 1..=3 {
            let of_key = format!("`make` of `{table}` failed for {{id: {id}}}: ");
            let found = told.iter().filter(|error| error.starts_with(&of_key)).count();
            assert_eq!(found, told.len() / 3, "{of_key}: {told:?}");
        }
        assert_eq!(Total.count(dj).await.unwrap(), 0);
    }
    turn.end(dj).await;
}

/// Of two transactions that wait for each other one is undone: what it goes on with is refused, and it can be tried again.
pub async fn a_transaction_that_the_database_undid_goes_on_no_more(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Account.insert(dj, [account(1), account(2)]).await.unwrap();
    // Writers of an embedded database come one after the other.
    if dj.backend() != Backend::Sqlite {
        let meet = tokio::sync::Barrier::new(2);
        let side = async |mine: i32, other: i32| {
            dj.transaction(async |transaction: &mut Transaction| {
                Account.update_one(&mut *transaction, AccountRow { id: mine, n: mine }).await?;
                meet.wait().await;
                // The one that is undone goes on as if nothing had been.
                let second = Account.update_one(&mut *transaction, AccountRow { id: other, n: mine }).await;
                let third = Account.insert_one(&mut *transaction, account(10 + mine)).await;
                assert_eq!(second.is_ok(), third.is_ok(), "{second:?} {third:?}");
                Ok::<_, Error>(())
            })
            .await
        };
        let (one, two) = tokio::join!(side(1, 2), side(2, 1));
        let undone = [&one, &two].into_iter().find_map(|side| side.as_ref().err()).unwrap();
        assert!(matches!(undone, Error::TransactionOver(_) | Error::TransactionFailed(_)), "{undone:?}");
        assert!(undone.is_retryable(), "{undone}");
        assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
        let winner = if one.is_ok() { 1 } else { 2 };
        let left = Account.order_by("id").column(dj, Account::id).await.unwrap();
        assert_eq!(left, [1, 2, 10 + winner]);
    }
    turn.end(dj).await;
}

/// A transaction whose session was ended is undone, and done in another one by whoever asked for that.
pub async fn a_transaction_whose_session_was_ended_is_tried_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    let (who, kill) = match dj.backend() {
        Backend::Sqlite => return turn.end(dj).await,
        Backend::Postgresql => ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend($)"),
        _ => ("SELECT connection_id()", "KILL $"),
    };
    let mut attempts = 0;
    dj.retry_transaction(async |transaction: &mut Transaction| {
        attempts += 1;
        Account.insert_one(&mut *transaction, account(1)).await?;
        if attempts == 1 {
            let me = transaction.connection().fetch(&Statement::plain(who)).await.unwrap();
            let Value::Int(id) = me[0][0] else { panic!("{me:?}") };
            let kill = Statement::plain(kill.replace('$', &id.to_string()));
            dj.database().acquire().await.unwrap().script(&[kill]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Account.insert_one(&mut *transaction, account(2)).await
    })
    .await
    .unwrap();
    assert_eq!((attempts, Account.count(dj).await.unwrap()), (2, 2));
    turn.end(dj).await;
}

/// The session of a transaction is ended: everything after says so, and nothing of it lasts.
pub async fn a_transaction_whose_session_was_ended_is_over(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    let (who, kill) = match dj.backend() {
        Backend::Sqlite => return turn.end(dj).await,
        Backend::Postgresql => ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend($)"),
        _ => ("SELECT connection_id()", "KILL $"),
    };
    for ends_in in ["insert", "savepoint", "commit"] {
        let mut transaction = dj.begin().await.unwrap();
        Account.insert_one(&mut transaction, account(1)).await.unwrap();
        let me = transaction.connection().fetch(&Statement::plain(who)).await.unwrap();
        let Value::Int(id) = me[0][0] else { panic!("{me:?}") };
        let kill = Statement::plain(kill.replace('$', &id.to_string()));
        dj.database().acquire().await.unwrap().script(&[kill]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        match ends_in {
            "insert" => {
                let lost = Account.insert_one(&mut transaction, account(2)).await.unwrap_err();
                assert!(matches!(lost, Error::TransactionOver(_)) && lost.is_retryable(), "{lost}");
                assert!(!lost.to_string().contains("try again"), "{lost}");
                let next = Account.insert_one(&mut transaction, account(3)).await;
                assert!(matches!(next, Err(Error::TransactionOver(_))), "{next:?}");
                assert!(matches!(transaction.commit().await, Err(Error::TransactionOver(_))));
            }
            "savepoint" => {
                let part = transaction
                    .savepoint(async |part: &mut Transaction| Account.insert_one(part, account(2)).await)
                    .await;
                assert!(part.is_err());
                assert!(matches!(transaction.commit().await, Err(Error::TransactionOver(_))));
            }
            _ => {
                let outcome = transaction.commit().await.unwrap_err();
                assert!(matches!(outcome, Error::CommitUnknown(_)), "{outcome:?}");
                assert!(!outcome.is_retryable());
            }
        }
        assert_eq!(Account.count(dj).await.unwrap(), 0, "{ends_in}");
        Account.insert_one(dj, account(1)).await.unwrap();
        Account.delete(dj).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}
