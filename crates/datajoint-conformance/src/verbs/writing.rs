//! Verbs that change rows.

use datajoint::prelude::*;
use datajoint::{Backend, InsertOptions, Maker, Orders};
use datajoint_adapters::BulkInsert;
use datajoint_sql::{Statement, Value};

use super::tables::*;
use super::verbs;

fn account(id: i32) -> AccountRow {
    AccountRow { id, n: id }
}

/// More rows than one statement takes.
fn many() -> impl Iterator<Item = AccountRow> + Send {
    (100..1300).map(account)
}

async fn dynamic(dj: &Instance) -> datajoint::Result<datajoint::DynamicTable> {
    dj.table("dj_conformance_verbs.account").await
}

fn row(id: i32) -> datajoint::Result<DynamicRow> {
    Ok(DynamicRow::new().with("id", id)?.with("n", id)?)
}

verbs! {
    "Insert::insert" Whole |w| { w.tell(Account.insert(&w.dj, (10..20).map(account)).await?) }
    "Insert::insert many" Whole |w| { w.tell(Account.insert(&w.dj, many()).await?) }
    "Insert::insert_one" Whole silent |w| { Account.insert_one(&w.dj, account(10)).await? }
    "Insert::insert_with" Whole |w| {
        w.tell(Account.insert_with(&w.dj, (1..20).map(account), InsertOptions::new().skip_duplicates()).await?)
    }
    "Insert::insert_with replace" Whole |w| {
        let rows = (10..20).map(|id| AccountRow { id, n: 7 });
        w.tell(Account.insert_with(&w.dj, rows, InsertOptions::new().replace()).await?)
    }
    "Insert::insert_stream" Whole |w| {
        let rows = futures_util::stream::iter(many());
        w.tell(Account.insert_stream(&w.dj, rows, InsertOptions::new()).await?)
    }
    "Insert::stage" Nothing silent |w| {
        // What has no codec is not staged.
        Account.stage(&w.dj, AccountKey { id: 1 }, "n", None).await.map(drop).unwrap_err();
    }
    "Insert::insert_query" Whole |w| {
        w.tell(Entry.insert_query(&w.dj, &entries(), InsertOptions::new()).await?)
    }
    "Insert::buffered BufferedInsert::push" Whole |w| {
        let mut rows = Account.buffered(&w.dj, InsertOptions::new()).await?;
        for row in many() { rows.push(row).await?; }
        w.tell(rows.finish().await?)
    }
    "BufferedInsert::push" Whole |w| {
        let mut rows = Account.buffered(&w.dj, InsertOptions::new()).await?;
        rows.push(account(10)).await?;
        w.tell(rows.finish().await?)
    }
    "BufferedInsert::finish" Whole |w| {
        let mut rows = Account.buffered(&w.dj, InsertOptions::new()).await?;
        rows.push(account(10)).await?;
        w.tell(rows.finish().await?)
    }
    "Insert::update_one" Whole silent |w| { Account.update_one(&w.dj, AccountRow { id: 1, n: 9 }).await? }
    "Insert::update_one_with" Whole silent |w| {
        Account.update_one_with(&w.dj, AccountRow { id: 1, n: 9 }, InsertOptions::new()).await?
    }
    "DynamicTable::insert" Whole |w| { w.tell(dynamic(&w.dj).await?.insert(&w.dj, [row(10)?, row(11)?]).await?) }
    "DynamicTable::insert_one" Whole silent |w| { dynamic(&w.dj).await?.insert_one(&w.dj, row(10)?).await? }
    "DynamicTable::insert_with" Whole |w| {
        w.tell(dynamic(&w.dj).await?.insert_with(&w.dj, [row(1)?, row(11)?], InsertOptions::new().skip_duplicates()).await?)
    }
    "DynamicTable::insert_stream" Whole |w| {
        let rows = futures_util::stream::iter([row(10)?, row(11)?]);
        w.tell(dynamic(&w.dj).await?.insert_stream(&w.dj, rows, InsertOptions::new()).await?)
    }
    "DynamicTable::insert_counted" Whole |w| {
        let rows = futures_util::stream::iter([row(10)?, row(11)?]);
        w.tell(dynamic(&w.dj).await?.insert_counted(&w.dj, rows, InsertOptions::new()).await?)
    }
    "DynamicTable::insert_query" Whole |w| {
        let table = w.dj.table("dj_conformance_verbs.entry").await?;
        w.tell(table.insert_query(&w.dj, &entries(), InsertOptions::new()).await?)
    }
    "DynamicTable::update_one" Whole silent |w| {
        dynamic(&w.dj).await?.update_one(&w.dj, DynamicRow::new().with("id", 1)?.with("n", 9)?).await?
    }
    "DynamicTable::update_one_with" Whole silent |w| {
        let row = DynamicRow::new().with("id", 1)?.with("n", 9)?;
        dynamic(&w.dj).await?.update_one_with(&w.dj, row, InsertOptions::new()).await?
    }
    "Deletion::await" Whole |w| { w.tell((&Account & [("id", 1)]).delete(&w.dj).confirmed().await?) }
    "Deletion::await quick" Whole |w| { w.tell(Entry.delete_quick(&w.dj).confirmed().await?) }
    "Deletion::await in_chunks" Steps |w| { w.tell(Account.delete(&w.dj).in_chunks(1).confirmed().await?) }
    "Recompute::run" Steps silent |w| {
        Double.populate(&w.dj).stop_on_ctrl_c(false).run().await?;
        let table = w.dj.table("dj_conformance_verbs.Double").await?;
        let stale = datajoint::Stale::of(&w.dj, &table).code(Code::version("2")).find().await?;
        stale.recompute(&w.dj).confirmed().run().await?
    }
    "Populate::run PlainMake::make" Steps |w| { w.tell_made(Total.populate(&w.dj).stop_on_ctrl_c(false).run().await?) }
    "Populate::run Make::fetch" Steps |w| {
        w.tell_made(Double.populate(&w.dj).stop_on_ctrl_c(false).workers(2).run().await?)
    }
    "Run::run" Steps silent |w| { datajoint::Run::new([Maker::of::<Total>()]).run(&w.dj).await? }
    "Maker::run" Steps silent |w| { Maker::of::<Total>().run(&w.dj, Orders::default()).await? }
    "adapters::Connection::execute" Whole |w| {
        let statement = Statement { sql: table_text(&w.dj, "UPDATE @ SET n = 9 WHERE id = 1"), parameters: Vec::new(), ..Statement::default() };
        w.tell(w.dj.database().acquire().await?.execute(&statement).await?)
    }
    "adapters::Connection::execute_returning" Whole |w| {
        let has_returning = w.dj.backend().capability().has_update_returning;
        let returning = if has_returning { " RETURNING n" } else { "" };
        let sql = table_text(&w.dj, &format!("UPDATE @ SET n = n + 9 WHERE id = 1{returning}"));
        let mut connection = w.dj.database().acquire().await?;
        w.tell(connection.execute_returning(&Statement::plain(sql)).await?)
    }
    "adapters::Connection::insert_query" Whole |w| {
        let sql = table_text(&w.dj, "INSERT INTO @ (id, n) SELECT id + 10, n FROM @ WHERE id = 1");
        let mut connection = w.dj.database().acquire().await?;
        w.tell(connection.insert_query(&Statement::plain(sql), datajoint_sql::InsertMode::Plain).await?)
    }
    "adapters::Connection::script" Whole silent |w| {
        let statement = Statement::plain(table_text(&w.dj, "UPDATE @ SET n = 9 WHERE id = 1"));
        w.dj.database().acquire().await?.script(&[statement]).await?
    }
    "adapters::Connection::bulk_insert" Whole silent |w| {
        let (table, values) = (dynamic(&w.dj).await?, [Value::Int(10), Value::Int(10)]);
        let (columns, mode) = (&["id", "n"], datajoint_sql::InsertMode::Plain);
        let plan = w.dj.database().plan_insert(BulkInsert { table: table.table(), columns, values: &values, mode })?;
        w.dj.database().acquire().await?.bulk_insert(&plan).await.map_err(|failed| failed.error)?
    }
}

/// A text with the table of accounts in it.
fn table_text(dj: &Instance, sql: &str) -> String {
    let table = match dj.backend() {
        Backend::Sqlite => "\"dj_conformance_verbs.account\"",
        _ => "dj_conformance_verbs.account",
    };
    sql.replace('@', table)
}

/// Entries made of accounts.
fn entries() -> datajoint::Query<DynamicRow> {
    (&Account & Account::id.le(3)).proj(datajoint::compute("entry", "n + 10"))
}
