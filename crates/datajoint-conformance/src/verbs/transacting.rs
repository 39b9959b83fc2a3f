//! Transactions, and verbs that are cut within one that is committed all the same.

use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{InsertOptions, TableName, Transaction};
use datajoint_sql::Access;

use super::tables::*;
use super::{World, verbs};

fn account(id: i32) -> AccountRow {
    AccountRow { id, n: id }
}

/// Runs a verb in a transaction that refuses it. Whether it came to its end, or was dropped while it was asked why, all that
/// follows is refused as the commit is.
async fn refused(
    w: &World,
    verb: impl AsyncFnOnce(&mut Transaction) -> datajoint::Result<()>,
) -> datajoint::Result<()> {
    let mut transaction = w.dj.begin().await?;
    let cut = w.cut(verb(&mut transaction)).await;
    assert!(!matches!(cut, Some(Ok(()))), "what was to be refused was not");
    let next = [
        Account.count(&mut transaction).await.map(drop),
        Account.fetch(&mut transaction).await.map(drop),
        (&Account & [("id", 3)]).column(&mut transaction, Account::n).await.map(drop),
    ];
    let outcome = transaction.commit().await;
    assert!(next.iter().all(|next| next.is_ok() == outcome.is_ok()), "{next:?}, but the commit {outcome:?}");
    Ok(())
}

/// A table that may have new rows.
fn news() -> TableName {
    TableName::new("dj_conformance_verbs", "account")
}

verbs! {
    "Instance::begin" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        Account.insert_one(&mut transaction, account(10)).await?;
        transaction.commit().await?
    }
    "Instance::begin_read" Nothing |w| {
        let mut transaction = w.dj.begin_read().await?;
        w.tell_rows(Account.fetch(&mut transaction).await?);
        transaction.commit().await?
    }
    "Transaction::commit" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        Account.insert(&mut transaction, [account(10), account(11)]).await?;
        Entry.insert_one(&mut transaction, EntryRow { id: 10, entry: 1, amount: 0 }).await?;
        transaction.commit().await?
    }
    "Transaction::rollback" Nothing silent |w| {
        let mut transaction = w.dj.begin().await?;
        Account.insert_one(&mut transaction, account(10)).await?;
        transaction.rollback().await?
    }
    "Transaction::check_may_change" Nothing silent |w| {
        let mut transaction = w.dj.begin().await?;
        let schemas = ["dj_conformance_verbs".to_owned()];
        w.asks(transaction.check_may_change(datajoint::Action::Update, &schemas)).await?;
        transaction.rollback().await?
    }
    "adapters::Connection::begin" Nothing silent |w| {
        w.dj.database().acquire().await?.begin(Access::Write).await?.commit().await?
    }
    "Transaction::check_declared" Nothing silent |w| {
        let mut transaction = w.dj.begin().await?;
        transaction.check_declared(&[<Account as datajoint::Table>::spec()]).await?;
        transaction.rollback().await?
    }
    "Transaction::savepoint" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        let first = transaction.savepoint(async |part: &mut Transaction| {
            Account.insert_one(&mut *part, account(10)).await?;
            Account.insert_one(&mut *part, account(1)).await
        });
        assert!(first.await.is_err());
        transaction.savepoint(async |part: &mut Transaction| Account.insert_one(part, account(11)).await).await?;
        transaction.commit().await?
    }
    "Instance::transaction" Whole silent |w| {
        w.dj.transaction(async |transaction: &mut Transaction| {
            Account.insert_one(&mut *transaction, account(10)).await?;
            tokio::task::yield_now().await;
            Entry.insert_one(&mut *transaction, EntryRow { id: 10, entry: 1, amount: 0 }).await
        }).await?
    }
    "Instance::retry_transaction" Whole |w| {
        w.dj.retry_transaction(async |transaction: &mut Transaction| {
            Account.insert_one(&mut *transaction, account(10)).await?;
            w.tell((&Account & [("id", 3)]).delete(&mut *transaction).confirmed().await?);
            Ok(())
        }).await?
    }
    "Insert::insert within" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        let rows = (100..2500).map(account);
        let cut = w.cut(Account.insert(&mut transaction, rows)).await;
        let outcome = transaction.commit().await;
        assert!(cut.is_some() || outcome.is_err() , "a part of an insert was committed");
        outcome?
    }
    "Insert::insert_stream within" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        let rows = futures_util::stream::iter((100..2500).map(account));
        let _ = w.cut(Account.insert_stream(&mut transaction, rows, InsertOptions::new())).await;
        transaction.commit().await?
    }
    "Deletion::await within" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        let _ = w.cut((&Account & [("id", 1)]).delete(&mut transaction).confirmed().into_future()).await;
        transaction.commit().await?
    }
    "Transaction::savepoint within" Whole silent |w| {
        let mut transaction = w.dj.begin().await?;
        let part = transaction.savepoint(async |part: &mut Transaction| {
            Account.insert_one(&mut *part, account(10)).await?;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            Account.insert_one(&mut *part, account(11)).await
        });
        let cut = w.cut(part).await;
        let outcome = transaction.commit().await;
        assert!(cut.is_some() || outcome.is_err(), "a part that was cancelled was committed");
        outcome?
    }
    "Relation::fetch within" Whole |w| {
        let mut transaction = w.dj.begin().await?;
        Account.insert_one(&mut transaction, account(10)).await?;
        let cut = w.cut(Account.fetch(&mut transaction)).await;
        w.tell_rows(cut.iter().flatten().flatten());
        let next = Account.insert_one(&mut transaction, account(11)).await;
        assert_eq!(cut.is_some(), next.is_ok(), "{next:?}");
        transaction.commit().await?
    }
    "Insert::insert_one refused within" Nothing silent |w| {
        refused(&w, async |transaction| Account.insert_one(transaction, account(1)).await).await?
    }
    "Insert::insert refused within" Nothing silent |w| {
        let entries = (1..9).map(|id| EntryRow { id, entry: 9, amount: 0 });
        refused(&w, async |transaction| Entry.insert(transaction, entries).await.map(drop)).await?
    }
    "Insert::insert_query refused within" Nothing silent |w| {
        refused(&w, async |transaction| {
            Account.insert_query(transaction, &Account, InsertOptions::new()).await.map(drop)
        }).await?
    }
    "adapters::Database::acquire" Nothing silent |w| { w.dj.database().acquire().await? }
    "adapters::Database::acquire_for" Nothing silent |w| {
        w.dj.database().acquire_for(datajoint_adapters::Purpose::Statement).await?
    }
    "adapters::Database::begin" Nothing silent |w| {
        w.dj.database().begin(Access::Locking).await?.rollback().await?
    }
    "adapters::Database::begin_for" Nothing silent |w| {
        w.dj.database().begin_for(Access::Write, datajoint_adapters::Purpose::Statement).await?.rollback().await?
    }
    "adapters::Transaction::commit" Nothing silent |w| { w.dj.database().begin(Access::Write).await?.commit().await? }
    "adapters::Transaction::commit_announcing" Nothing silent |w| {
        let database = w.dj.database();
        let transaction = database.begin(Access::Write).await?;
        transaction.commit_announcing(database.announcement([&news()])).await?
    }
    "adapters::Database::announce" Nothing silent |w| { w.dj.database().announce(&[news()]).await }
    "adapters::Connection::announce" Nothing silent |w| {
        let database = w.dj.database();
        database.acquire().await?.announce(database.announcement([&news()])).await
    }
    "adapters::Listener::next" Nothing silent |w| {
        if let Some(mut listener) = w.dj.database().listen() {
            listener.next().await;
        }
    }
    "adapters::Transaction::rollback" Nothing silent |w| { w.dj.database().begin(Access::Read).await?.rollback().await? }
    "adapters::Transaction::savepoint" Nothing silent |w| {
        let mut transaction = w.dj.database().begin(Access::Write).await?;
        let part = transaction.savepoint().await?;
        transaction.release(part).await?;
        transaction.commit().await?
    }
    "adapters::Transaction::release" Nothing silent |w| {
        let mut transaction = w.dj.database().begin(Access::Write).await?;
        let part = transaction.savepoint().await?;
        transaction.release(part).await?;
        transaction.rollback().await?
    }
    "adapters::Transaction::undo" Nothing silent |w| {
        let mut transaction = w.dj.database().begin(Access::Write).await?;
        let part = transaction.savepoint().await?;
        transaction.undo(part).await?;
        transaction.commit().await?
    }
    "adapters::Within::run" Nothing |w| {
        let transaction = w.dj.database().begin(Access::Read).await?;
        w.tell(transaction.within().run(async { Account.count(&w.dj).await }).await?);
        transaction.rollback().await?
    }
    "adapters::Database::lock" Nothing silent |w| { lock(&w).await? }
    "adapters::Lock::check" Nothing silent |w| { lock(&w).await?.check().await? }
    "adapters::Lock::release" Nothing silent |w| { lock(&w).await?.release().await? }
    "adapters::Database::change" Nothing silent |w| { change(&w).await? }
    "adapters::Exclusive::check" Nothing silent |w| { change(&w).await?.check().await? }
    "adapters::Exclusive::end" Nothing silent |w| {
        let done: datajoint_adapters::Result<()> = change(&w).await?.end(Ok(())).await;
        done?
    }
    "adapters::Database::change_on" Nothing silent |w| {
        let mut connection = w.dj.database().acquire().await?;
        let schemas = ["dj_conformance_verbs".to_owned()].into();
        let held = w.dj.database().change_on(&mut connection, &schemas, Duration::from_secs(10)).await?;
        let done: datajoint_adapters::Result<()> = held.end(Ok(())).await;
        done?
    }
    "Instance::change_stamp_on" Whole silent |w| {
        let mut connection = w.dj.database().acquire().await?;
        let change = datajoint_guard::StampChange::ReplicaIdentity(Some("full".to_owned()));
        let (action, schema) = (datajoint::Action::Declare, "dj_conformance_verbs");
        w.dj.change_stamp_on(&mut connection, action, schema, &change, Duration::from_secs(10)).await?
    }
    "adapters::Connection::create_schema" Nothing silent |w| {
        w.dj.database().acquire().await?.create_schema("dj_conformance_verbs").await?
    }
    "adapters::RetryPolicy::run" Nothing |w| {
        let policy = datajoint_adapters::RetryPolicy::LOCK;
        w.tell(policy.run(|_: &datajoint::Error| false, async || Account.count(&w.dj).await).await?)
    }
}

async fn lock(w: &World) -> datajoint_adapters::Result<datajoint_adapters::Lock> {
    w.dj.database().lock("dj_conformance_verbs", &[], Duration::from_secs(10)).await
}

async fn change(w: &World) -> datajoint_adapters::Result<datajoint_adapters::Exclusive> {
    let schemas = ["dj_conformance_verbs".to_owned()].into();
    w.dj.database().change(&schemas, Duration::from_secs(10)).await
}
