//! Verbs that read.

use datajoint::prelude::*;
use datajoint::{progress_of, sql};
use datajoint_sql::{Statement, Value};

use super::state::SCHEMA;
use super::tables::*;
use super::verbs;

verbs! {
    "Relation::fetch" Nothing |w| { w.tell_rows(Account.fetch(&w.dj).await?) }
    "Relation::fetch_as" Nothing |w| { w.tell_rows(Account.fetch_as::<AccountKey>(&w.dj).await?) }
    "Relation::fetch_one" Nothing |w| { w.tell((&Account & [("id", 1)]).fetch_one(&w.dj).await?) }
    "Relation::fetch_one_as" Nothing |w| {
        w.tell((&Account & [("id", 1)]).fetch_one_as::<AccountKey>(&w.dj).await?)
    }
    "Relation::fetch_optional" Nothing |w| {
        for id in [1, 9] { w.tell((&Account & [("id", id)]).fetch_optional(&w.dj).await?) }
    }
    "Relation::fetch_dynamic" Nothing |w| { w.tell_rows(Account.fetch_dynamic(&w.dj).await?) }
    "Relation::fetch_json" Nothing |w| { w.tell_rows(Account.fetch_json(&w.dj).await?) }
    "Relation::keys" Nothing |w| { w.tell_rows(Entry.keys(&w.dj).await?) }
    "Relation::column" Nothing |w| { w.tell_rows(Account.column(&w.dj, Account::n).await?) }
    "Relation::column_as" Nothing |w| { w.tell_rows(Account.column_as::<i64>(&w.dj, "n").await?) }
    "Relation::columns" Nothing |w| { w.tell_rows(Account.columns(&w.dj, (Account::id, Account::n)).await?) }
    "Relation::array" Nothing |w| { w.tell_rows(Account.array(&w.dj, Account::n).await?) }
    "Relation::preview" Nothing |w| { w.tell((Account * Entry).order_by("id").preview(&w.dj).await?.to_string()) }
    "Relation::count" Nothing |w| { w.tell((Account & sql("n > ?", [1])).count(&w.dj).await?) }
    "Relation::exists" Nothing |w| { w.tell(Entry.exists(&w.dj).await?) }
    "Relation::heading" Nothing |w| {
        let heading = (Account * Entry).heading(&w.dj.with_settings(|_| {})).await?;
        w.tell_rows(heading.visible().map(|attribute| &attribute.name))
    }
    "Relation::explain" Nothing |w| { w.tell(!Account.explain(&w.dj).await?.is_empty()) }
    "Relation::to_sql" Nothing |w| { w.tell(Account.to_sql(&w.dj.with_settings(|_| {})).await?) }
    "RowStream::next" Nothing |w| {
        let (mut stream, mut rows) = ((Account * Entry).stream(&w.dj), Vec::new());
        while let Some(row) = stream.next().await { rows.push(row?.to_string()); }
        w.tell_rows(rows)
    }
    "Instance::compare" Nothing |w| {
        let tables = datajoint::typed::tables(&<super::tables::Tables as datajoint::Pipeline>::specs())?;
        let compared = w.dj.compare(datajoint::schema::Side::Code, &tables).await?;
        w.tell_rows(compared)
    }
    "Instance::list_schemas" Nothing |w| { w.tell(w.dj.list_schemas().await?.contains(&SCHEMA.to_owned())) }
    "Instance::find_schemas" Nothing |w| { w.tell_rows(w.dj.find_schemas(SCHEMA).await?.schemas.iter().map(datajoint::Schema::name)) }
    "Instance::schema" Nothing |w| { w.tell_rows(w.dj.schema(SCHEMA).await?.list_tables()) }
    "Instance::table" Nothing |w| { w.tell(w.dj.table("dj_conformance_verbs.account").await?.describe()?) }
    "Instance::table_of" Nothing |w| { w.tell(w.dj.with_settings(|_| {}).table_of(&Account).await?.describe()?) }
    "Instance::graph" Nothing |w| { w.tell_rows(w.dj.graph(&[SCHEMA]).await?.tables().map(|table| &table.name)) }
    "Instance::cascade" Nothing |w| {
        w.tell_rows(w.dj.cascade(&Account).await?.tables().map(|table| &table.name))
    }
    "Instance::trace" Nothing |w| {
        w.tell_rows(w.dj.trace(&Entry).await?.tables().map(|table| &table.name))
    }
    "Instance::restrict_all" Nothing |w| {
        w.tell_rows(w.dj.restrict_all([&Entry]).await?.tables().map(|table| &table.name))
    }
    "Instance::facts" Nothing |w| {
        let facts = w.dj.facts().await?;
        w.tell((facts.backend, facts.version, facts.user))
    }
    "Instance::stamps" Nothing |w| { w.tell(w.dj.stamps().await?.get(SCHEMA)) }
    "Instance::found_stamps" Nothing |w| { w.tell(w.dj.found_stamps(None).await?.get(SCHEMA)) }
    "Instance::check_may_change" Nothing silent |w| {
        w.asks(w.dj.check_may_change(datajoint::Action::Delete, &[SCHEMA.to_owned()])).await?
    }
    "Subset::counts" Nothing |w| { w.tell_rows(w.dj.cascade(&Account).await?.counts().await?) }
    "Subset::prune" Nothing |w| {
        w.tell_rows(w.dj.cascade(&Account).await?.prune().await?.tables().map(|table| &table.name))
    }
    "Deletion::plan" Nothing |w| { w.tell(Account.delete(&w.dj).plan().await?.rows()) }
    "Dropping::plan" Nothing |w| { w.tell(Entry.drop(&w.dj).plan().await?.rows()) }
    "PopulateTable::progress" Nothing |w| { w.tell(Total.progress(&w.dj).await?) }
    "Stale::find" Nothing |w| { w.tell(Double.stale(&w.dj).find().await?.rows.len()) }
    "Recompute::plan" Nothing |w| {
        let stale = Double.stale(&w.dj).find().await?;
        w.tell(stale.recompute(&w.dj).plan().await?.rows())
    }
    "Maker::progress" Nothing |w| { w.tell(datajoint::Maker::of::<Total>().progress(&w.dj).await?) }
    "progress_of" Nothing |w| {
        let table = w.dj.table("dj_conformance_verbs.__total").await?;
        w.tell(progress_of(&w.dj, &table).await?)
    }
    "adapters::Connection::fetch" Nothing |w| {
        w.tell(w.dj.database().acquire().await?.fetch(&Statement::plain("SELECT 1")).await?)
    }
    "adapters::Connection::for_each" Nothing |w| {
        let mut connection = w.dj.database().acquire().await?;
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut read = |row: &mut Vec<Value>| {
            rows.push(row.clone());
            Ok::<_, datajoint_adapters::Error>(())
        };
        connection.for_each(&Statement::plain("SELECT 1"), &mut read).await?;
        w.tell_rows(rows)
    }
    "adapters::Connection::look_up" Nothing |w| {
        w.tell(w.dj.database().acquire().await?.look_up(&Statement::plain("SELECT 1")).await?)
    }
    "adapters::Connection::catalog" Nothing |w| {
        let found = w.dj.database().acquire().await?.catalog(&[SCHEMA.to_owned()], "~environment").await?;
        w.tell(found.tables.len())
    }
}
