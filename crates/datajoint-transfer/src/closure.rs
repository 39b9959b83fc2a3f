//! Which rows belong to a copy: found key by key, until there are no more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datajoint_pipeline::{DynamicRow, DynamicTable, Query, Relation as _, Transaction};
use datajoint_schema::{Edge, Graph, Table, TableName};
use datajoint_sql::{Condition as Plain, Expression, Part, Value};

use crate::cell::plain_line;
use crate::{Error, Result};

/// So many keys are looked up at a time.
pub(crate) const KEYS: usize = 5000;

/// Keys of tables.
pub(crate) struct Closure<'a> {
    /// It sees one state of the database.
    transaction: &'a mut Transaction,
    graph: Graph,
    descendants: bool,
    /// Of each table its keys, in the order of the primary key.
    keys: HashMap<TableName, Vec<Vec<Value>>>,
    /// The keys that are known as text, and those of them whose dependents are wanted too.
    known: HashMap<TableName, (HashSet<String>, HashSet<String>)>,
    waiting: Vec<Found>,
}

/// Keys of a table whose neighbours were not looked for.
struct Found {
    table: TableName,
    keys: Vec<Vec<Value>>,
    /// True when all that depends on them is wanted, and not their parts alone.
    descends: bool,
}

impl<'a> Closure<'a> {
    /// All that belongs to the rows of a query.
    pub(crate) async fn of(
        transaction: &'a mut Transaction,
        query: &Query<DynamicRow>,
        descendants: bool,
    ) -> Result<Self> {
        let dj = transaction.instance().clone();
        let table = dj.table_of(query).await?;
        let graph = dj.graph(&[table.name().schema.as_str()]).await?;
        let (known, waiting) = (HashMap::new(), Vec::new());
        let mut closure = Self { transaction, graph, descendants, keys: HashMap::new(), known, waiting };
        let names: Vec<String> = key(table.table())?;
        let rows = query.proj(()).fetch(&mut *closure.transaction).await?;
        let keys = rows.iter().map(|row| values(row, &names)).collect::<Result<_>>()?;
        closure.add(table.name(), keys, descendants);
        while let Some(found) = closure.waiting.pop() {
            for keys in dj.database().key_lists(&found.keys, KEYS) {
                closure.look_around(&found.table, keys, found.descends).await?;
            }
        }
        Ok(closure)
    }

    /// The tables with their keys, parents first.
    pub(crate) fn into_tables(mut self) -> Vec<(Arc<Table>, Vec<Vec<Value>>)> {
        let tables = self.graph.tables().filter_map(|table| {
            let keys = self.keys.remove(&table.name)?;
            (!keys.is_empty()).then(|| (Arc::clone(table), keys))
        });
        tables.collect()
    }

    /// Notes keys, those that are new.
    fn add(&mut self, table: &TableName, keys: Vec<Vec<Value>>, descends: bool) {
        let (known, descended) = self.known.entry(table.clone()).or_default();
        let all = self.keys.entry(table.clone()).or_default();
        let mut fresh = Vec::new();
        for key in keys {
            let text = plain_line(&key);
            let is_new = known.insert(text.clone());
            let is_deeper = descends && descended.insert(text);
            if is_new {
                all.push(key.clone());
            }
            if is_new || is_deeper {
                fresh.push(key);
            }
        }
        if !fresh.is_empty() {
            self.waiting.push(Found { table: table.clone(), keys: fresh, descends });
        }
    }

    async fn look_around(&mut self, name: &TableName, keys: &[Vec<Value>], descends: bool) -> Result<()> {
        let Some(table) = self.graph.get(name).cloned() else { return Ok(()) };
        let own = Expression::Restrict {
            from: Part::new(Expression::Table(Arc::clone(&table))),
            condition: Plain::Keys { attributes: key(&table)?, rows: keys.to_vec() },
        };
        let above: Vec<Edge> = self.graph.edges_into(name)?.into_iter().cloned().collect();
        for Edge { child, parent, columns, .. } in above {
            let Some(table) = self.graph.get(&parent).cloned() else { continue };
            let rows = Plain::referred_to_by(&child, &parent, &columns, own.clone())?;
            let parents = self.keys_of(&table, rows).await?;
            self.add(&parent, parents, false);
        }
        let below: Vec<Edge> = self.graph.edges_from(name)?.into_iter().cloned().collect();
        for Edge { child, parent, columns, .. } in below {
            let Some(table) = self.graph.get(&child).cloned() else { continue };
            let is_part = table.master.as_ref() == Some(name);
            if !(is_part || (descends && self.descendants)) {
                continue;
            }
            let rows = Plain::refers_to(&child, &parent, &columns, own.clone())?;
            let children = self.keys_of(&table, rows).await?;
            self.add(&child, children, descends);
        }
        Ok(())
    }

    /// The keys of the rows of a table that meet a condition.
    async fn keys_of(&mut self, table: &Arc<Table>, condition: Plain) -> Result<Vec<Vec<Value>>> {
        let names = key(table)?;
        let rows = DynamicTable::from(Arc::clone(table)).restrict(condition).proj(());
        let rows = rows.fetch(&mut *self.transaction).await?;
        rows.iter().map(|row| values(row, &names)).collect()
    }
}

/// The names of the primary key that users see, in order. Fails for a table whose rows they don't tell apart.
pub(crate) fn key(table: &Table) -> Result<Vec<String>> {
    if !table.has_visible_key() {
        return Err(Error::NoKey { table: table.name.clone() });
    }
    Ok(table.key_names().filter(|name| !datajoint_schema::is_hidden_name(name)).map(str::to_owned).collect())
}

/// The rows with one of the keys.
pub(crate) fn among(names: &[String], keys: &[Vec<Value>]) -> Plain {
    Plain::Keys { attributes: names.to_vec(), rows: keys.to_vec() }
}

/// The values of these attributes.
pub(crate) fn values(row: &DynamicRow, names: &[String]) -> Result<Vec<Value>> {
    names.iter().map(|name| Ok(row.value(name)?.clone())).collect()
}
