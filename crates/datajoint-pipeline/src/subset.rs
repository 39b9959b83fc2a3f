//! Rows of many tables that belong together.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datajoint_schema::{Graph, Table, TableName};
use datajoint_sql::{Condition as Plain, Expression};

use crate::delete::{PartIntegrity, Seed, going};
use crate::query::{Leaf, Node, Tree};
use crate::reference::{self, above, below, together};
use crate::typed::Table as TypedTable;
use crate::{DynamicRow, DynamicTable, Error, Instance, Query, Relation, Result, Target};

/// Which rows of which tables belong to some rows: those that depend on them, or those that they come from.
///
/// Made by [`Instance::cascade`], [`Instance::trace`] and [`Instance::restrict_all`]. It reads no rows before it is
/// asked to; a table in it is a query like any other.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_definition::Tier;
/// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance, Relation};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> datajoint_pipeline::Result<()> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// # let declare = async |class_name, definition| {
/// #     let (schema, tier, master) = ("lab", Tier::Manual, None);
/// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await
/// # };
/// # let session = declare("Session", "session : int16").await?;
/// # let trial = declare("Trial", "-> Session\ntrial : int16").await?;
/// # let row = |session: i16| DynamicRow::new().with("session", session);
/// # session.insert(&dj, [row(1)?, row(2)?]).await?;
/// # trial.insert(&dj, [row(1)?.with("trial", 1)?, row(1)?.with("trial", 2)?]).await?;
/// let below = dj.cascade(&(&session & [("session", 1)])).await?;
/// let counts: Vec<String> =
///     below.counts().await?.into_iter().map(|(table, rows)| format!("{table}: {rows}")).collect();
/// assert_eq!(counts, ["lab.session: 1", "lab.trial: 2"]);
///
/// let above = dj.trace(&(&trial & [("trial", 2)])).await?;
/// assert_eq!(above.query(session.name())?.count(&dj).await?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Subset {
    instance: Instance,
    /// Parents first.
    tables: Vec<(Arc<Table>, Plain)>,
}

impl Instance {
    /// The table whose rows a query gives, whole. Fails for a join, a projection and the like.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn table_of(&self, query: &(impl Relation + ?Sized)) -> Result<DynamicTable> {
        let mut on = Target::from(self);
        Ok(DynamicTable::from(Seed::of(&query.query().untyped(), &mut on).await?.table))
    }

    /// The tables of schemas, of every schema that refers to them however far away, and of every schema that these refer
    /// to, with the foreign keys between them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn graph(&self, schemas: &[&str]) -> Result<Graph> {
        let schemas = schemas.iter().map(|schema| (*schema).to_owned()).collect();
        Target::from(self).dependents_of(schemas).await
    }

    /// The rows of a query over one table, and all that depend on them: what a delete would take.
    ///
    /// Every table of the database is looked at, whether the program knows it or not. A row depends on them when any of
    /// its parents does. Masters of parts are not taken; see [`PartIntegrity`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn cascade(&self, query: &(impl Relation + ?Sized)) -> Result<Subset> {
        let mut on = Target::from(self);
        let tables = going(&query.query().untyped(), &mut on, PartIntegrity::Ignore).await?;
        Ok(Subset { instance: self.clone(), tables: tables.into_iter().rev().collect() })
    }

    /// The rows of a query over one table, and all that they come from: the rows of every table upstream that they
    /// refer to, however far away.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn trace(&self, query: &(impl Relation + ?Sized)) -> Result<Subset> {
        let mut on = Target::from(self);
        let Seed { table, condition } = Seed::of(&query.query().untyped(), &mut on).await?;
        let graph = on.ancestors(&table.name).await?;
        let mut conditions: HashMap<TableName, Vec<Plain>> = HashMap::new();
        conditions.insert(table.name.clone(), vec![condition]);
        for child in graph.tables().rev() {
            let Some(rows) = rows(&graph, &conditions, &child.name, Plain::Any) else { continue };
            for edge in graph.edges_into(&child.name)? {
                let condition = above(edge, rows.clone())?;
                conditions.entry(edge.parent.clone()).or_default().push(condition);
            }
        }
        Ok(Subset::new(self, &graph, &conditions, Plain::Any))
    }

    /// The rows of queries, each over one table, and of the rows that depend on them those that depend on all of them:
    /// a row stays when each of its parents that are restricted stays.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn restrict_all<Q: Relation>(&self, queries: impl IntoIterator<Item = Q>) -> Result<Subset> {
        let mut on = Target::from(self);
        let mut seeds = Vec::new();
        for query in queries {
            seeds.push(Seed::of(&query.query().untyped(), &mut on).await?);
        }
        let schemas = seeds.iter().map(|seed| seed.table.name.schema.clone()).collect();
        let graph = on.dependents_of(schemas).await?;
        let mut conditions: HashMap<TableName, Vec<Plain>> = HashMap::new();
        for Seed { table, condition } in seeds {
            conditions.entry(table.name.clone()).or_default().push(condition);
        }
        for table in graph.tables() {
            for edge in graph.edges_into(&table.name)? {
                if let Some(parents) = rows(&graph, &conditions, &edge.parent, Plain::All) {
                    let condition = below(edge, parents)?;
                    conditions.entry(table.name.clone()).or_default().push(condition);
                }
            }
        }
        Ok(Subset::new(self, &graph, &conditions, Plain::All))
    }
}

/// The rows of a table that conditions leave, if there are any.
fn rows(
    graph: &Graph,
    conditions: &HashMap<TableName, Vec<Plain>>,
    name: &TableName,
    how: fn(Vec<Plain>) -> Plain,
) -> Option<Expression> {
    let condition = together(conditions.get(name)?, how)?;
    Some(reference::restricted(Expression::Table(Arc::clone(graph.get(name)?)), condition))
}

impl Subset {
    fn new(
        instance: &Instance,
        graph: &Graph,
        conditions: &HashMap<TableName, Vec<Plain>>,
        how: fn(Vec<Plain>) -> Plain,
    ) -> Self {
        let tables = graph
            .tables()
            .filter_map(|table| Some((Arc::clone(table), together(conditions.get(&table.name)?, how)?)));
        Self { instance: instance.clone(), tables: tables.collect() }
    }

    /// Its tables, parents first.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = &Arc<Table>> {
        self.tables.iter().map(|(table, _)| table)
    }

    /// Its rows of a table. Fails for a table that it doesn't have.
    pub fn query(&self, name: &TableName) -> Result<Query<DynamicRow>> {
        let (table, condition) = self.find(name)?;
        Ok(Query::new(Tree::new(restricted(Node::Table(Leaf::Found(Arc::clone(table))), condition))))
    }

    /// Its rows of a table of the program. Fails for a table that it doesn't have.
    pub fn rows_of<T: TypedTable>(&self) -> Result<Query<T::Row>> {
        let name = self.instance.resolve(T::spec())?.name.clone();
        let (_, condition) = self.find(&name)?;
        Ok(Query::new(Tree::new(restricted(Node::Table(Leaf::Typed(T::spec())), condition))))
    }

    fn find(&self, name: &TableName) -> Result<&(Arc<Table>, Plain)> {
        self.tables.iter().find(|(table, _)| table.name == *name).ok_or_else(|| {
            let names: Vec<String> = self.tables().map(|table| table.name.to_string()).collect();
            let hint = crate::error::Hint::of(&name.to_string(), names.iter().map(String::as_str));
            Error::UnknownTable { table: name.to_string(), hint }
        })
    }

    /// How many rows of each table there are, parents first.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn counts(&self) -> Result<Vec<(TableName, u64)>> {
        let mut counts = Vec::new();
        for (table, _) in &self.tables {
            counts.push((table.name.clone(), self.query(&table.name)?.count(&self.instance).await?));
        }
        Ok(counts)
    }

    /// The same without the tables of which there are no rows.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
    /// given refuses everything from then on.
    pub async fn prune(mut self) -> Result<Self> {
        let mut kept = Vec::new();
        for (table, condition) in std::mem::take(&mut self.tables) {
            let query: Query<DynamicRow> =
                Query::new(Tree::new(restricted(Node::Table(Leaf::Found(Arc::clone(&table))), &condition)));
            if query.exists(&self.instance).await? {
                kept.push((table, condition));
            }
        }
        Ok(Self { tables: kept, ..self })
    }
}

fn restricted(node: Node, condition: &Plain) -> Node {
    match condition {
        Plain::Constant(true) => node,
        condition => Node::Restrict { from: Tree::new(node), condition: condition.clone().into() },
    }
}

impl fmt::Debug for Subset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.tables().map(|table| table.name.to_string()).collect();
        write!(formatter, "Subset({})", names.join(", "))
    }
}
