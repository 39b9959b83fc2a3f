//! Verbs that read.

use datajoint::prelude::*;
use datajoint::{progress_of, sql};
use datajoint_sql::Statement;

use super::tables::*;
use super::verbs;

verbs! {
    "Relation::fetch" Nothing |w| { Account.fetch(&w.dj).await? }
    "Relation::fetch_as" Nothing |w| { Account.fetch_as::<AccountKey>(&w.dj).await? }
    "Relation::fetch_one" Nothing |w| { (&Account & [("id", 1)]).fetch_one(&w.dj).await? }
    "Relation::fetch_one_as" Nothing |w| { (&Account & [("id", 1)]).fetch_one_as::<AccountKey>(&w.dj).await? }
    "Relation::fetch_optional" Nothing |w| { (&Account & [("id", 9)]).fetch_optional(&w.dj).await? }
    "Relation::fetch_dynamic" Nothing |w| { Account.fetch_dynamic(&w.dj).await? }
    "Relation::fetch_json" Nothing |w| { Account.fetch_json(&w.dj).await? }
    "Relation::keys" Nothing |w| { Entry.keys(&w.dj).await? }
    "Relation::column" Nothing |w| { Account.column(&w.dj, Account::n).await? }
    "Relation::column_as" Nothing |w| { Account.column_as::<i64>(&w.dj, "n").await? }
    "Relation::columns" Nothing |w| { Account.columns(&w.dj, (Account::id, Account::n)).await? }
    "Relation::array" Nothing |w| { Account.array(&w.dj, Account::n).await? }
    "Relation::preview" Nothing |w| { (Account * Entry).preview(&w.dj).await? }
    "Relation::count" Nothing |w| { (Account & sql("n > ?", [1])).count(&w.dj).await? }
    "Relation::exists" Nothing |w| { Entry.exists(&w.dj).await? }
    "Relation::heading" Nothing |w| { (Account * Entry).heading(&w.dj).await? }
    "Relation::explain" Nothing |w| { Account.explain(&w.dj).await? }
    "Relation::to_sql" Nothing |w| { Account.to_sql(&w.dj).await? }
    "RowStream::next" Nothing |w| {
        let mut rows = (Account * Entry).stream(&w.dj);
        while let Some(row) = rows.next().await { row?; }
    }
    "Instance::compare" Nothing |w| {
        let tables = datajoint::typed::tables(&<super::tables::Tables as datajoint::Pipeline>::specs())?;
        w.dj.compare(datajoint::schema::Side::Code, &tables).await?
    }
    "Instance::list_schemas" Nothing |w| { w.dj.list_schemas().await? }
    "Instance::find_schemas" Nothing |w| { w.dj.find_schemas("dj_conformance_verbs").await? }
    "Instance::schema" Nothing |w| { w.dj.schema("dj_conformance_verbs").await? }
    "Instance::table" Nothing |w| { w.dj.table("dj_conformance_verbs.account").await? }
    "Instance::table_of" Nothing |w| { w.dj.table_of(&Account).await? }
    "Instance::graph" Nothing |w| { w.dj.graph(&["dj_conformance_verbs"]).await? }
    "Instance::cascade" Nothing |w| { w.dj.cascade(&Account).await? }
    "Instance::trace" Nothing |w| { w.dj.trace(&Entry).await? }
    "Instance::restrict_all" Nothing |w| { w.dj.restrict_all([&Entry]).await? }
    "Instance::facts" Nothing |w| { w.dj.facts().await? }
    "Instance::stamps" Nothing |w| { w.dj.stamps().await? }
    "Instance::found_stamps" Nothing |w| { w.dj.found_stamps(None).await? }
    "Instance::check_versions" Nothing |w| { w.dj.check_versions(&[]).await? }
    "Instance::check_may_change" Nothing |w| {
        w.dj.check_may_change(datajoint::Action::Delete, &["dj_conformance_verbs".to_owned()]).await?
    }
    "Subset::counts" Nothing |w| { w.dj.cascade(&Account).await?.counts().await? }
    "Subset::prune" Nothing |w| { w.dj.cascade(&Account).await?.prune().await? }
    "Deletion::plan" Nothing |w| { Account.delete(&w.dj).plan().await? }
    "Dropping::plan" Nothing |w| { Entry.drop(&w.dj).plan().await? }
    "PopulateTable::progress" Nothing |w| { Total.progress(&w.dj).await? }
    "Stale::find" Nothing |w| { w.tell(Double.stale(&w.dj).find().await?.rows.len()) }
    "Recompute::plan" Nothing |w| {
        let stale = Double.stale(&w.dj).find().await?;
        w.tell(stale.recompute(&w.dj).plan().await?.rows())
    }
    "Maker::progress" Nothing |w| { datajoint::Maker::of::<Total>().progress(&w.dj).await? }
    "progress_of" Nothing |w| {
        let table = w.dj.table("dj_conformance_verbs.__total").await?;
        progress_of(&w.dj, &table).await?
    }
    "adapters::Connection::fetch" Nothing |w| {
        w.dj.database().acquire().await?.fetch(&Statement::plain("SELECT 1")).await?
    }
    "adapters::Connection::for_each" Nothing |w| {
        let mut connection = w.dj.database().acquire().await?;
        connection.for_each(&Statement::plain("SELECT 1"), |_| Ok::<_, datajoint_adapters::Error>(())).await?
    }
    "adapters::Connection::look_up" Nothing |w| {
        w.dj.database().acquire().await?.look_up(&Statement::plain("SELECT 1")).await?
    }
    "adapters::Connection::catalog" Nothing |w| {
        w.dj.database().acquire().await?.catalog(&["dj_conformance_verbs".to_owned()], "~environment").await?
    }
}
