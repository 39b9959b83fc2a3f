//! Tables and the foreign keys between them.

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::{Error, Table, TableName};

mod cycle;
mod edge;
mod order;
mod reach;

pub use edge::Edge;

/// The tables of a pipeline and their foreign keys, without cycles.
///
/// All answers have one order: parents before children, parts directly after their master, and
/// otherwise as the tables were given.
#[derive(Debug, Clone)]
pub struct Graph {
    nodes: DiGraph<Arc<Table>, Edge>,
    places: HashMap<TableName, NodeIndex>,
    /// All nodes in topological order.
    order: Vec<NodeIndex>,
    /// The place of each node in `order`.
    ranks: Vec<usize>,
    absent: Vec<TableName>,
}

impl From<&Table> for Arc<Table> {
    fn from(table: &Table) -> Self {
        Self::new(table.clone())
    }
}

impl Graph {
    /// The graph of these tables: `Table`, `&Table` or `Arc<Table>`.
    ///
    /// Foreign keys to tables that are not among them are left out; [`absent_parents`](Self::absent_parents)
    /// names those. Fails when a table is given twice, and when foreign keys form a cycle.
    ///
    /// ```
    /// use datajoint_definition::{Tier, parse};
    /// use datajoint_schema::{Declaration, Graph, resolve};
    ///
    /// let (definition, _) = parse("subject_id : int32");
    /// let (subject, _) = resolve(&Declaration {
    ///     schema: "lab",
    ///     class_name: "Subject",
    ///     tier: Tier::Manual,
    ///     definition: &definition,
    ///     parents: &[],
    ///     master: None,
    /// });
    /// let graph = Graph::new([&subject])?;
    /// assert_eq!(graph.tables().count(), 1);
    /// assert!(graph.descendants(&subject.name)?.is_empty());
    /// # Ok::<_, datajoint_schema::Error>(())
    /// ```
    pub fn new<T: Into<Arc<Table>>>(tables: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let mut nodes = DiGraph::new();
        let mut places = HashMap::new();
        for table in tables {
            let table: Arc<Table> = table.into();
            let name = table.name.clone();
            let place = nodes.add_node(table);
            if places.insert(name.clone(), place).is_some() {
                return Err(Error::Duplicate { table: name });
            }
        }
        let absent = connect(&mut nodes, &places);
        if let Some(cycle) = cycle::find(&nodes) {
            let cycle = cycle.into_iter().map(|place| nodes[place].name.clone()).collect();
            return Err(Error::Cycle { cycle });
        }
        let masters: Vec<Option<NodeIndex>> = nodes
            .node_weights()
            .map(|table| table.master.as_ref().and_then(|master| places.get(master)).copied())
            .collect();
        let order = order::topological(&nodes, &masters);
        let mut ranks = vec![0; order.len()];
        for (rank, place) in order.iter().enumerate() {
            ranks[place.index()] = rank;
        }
        Ok(Self { nodes, places, order, ranks, absent })
    }

    /// Puts a table in the place of the one of its name, which has the same foreign keys; nothing where there is none.
    pub fn replace(&mut self, table: impl Into<Arc<Table>>) {
        let table = table.into();
        if let Some(place) = self.places.get(&table.name) {
            self.nodes[*place] = table;
        }
    }

    /// The graph of those of its tables that `keep` chooses.
    pub fn filter(&self, keep: impl Fn(&Table) -> bool) -> Self {
        let chosen = self.nodes.node_weights().filter(|table| keep(table)).cloned();
        // A part of a graph has no cycle and no name twice either.
        Self::new(chosen).unwrap_or_else(|_| Self::empty())
    }

    fn empty() -> Self {
        Self {
            nodes: DiGraph::new(),
            places: HashMap::new(),
            order: Vec::new(),
            ranks: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// The tables, parents first, parts directly after their master.
    pub fn tables(&self) -> impl DoubleEndedIterator<Item = &Arc<Table>> + ExactSizeIterator {
        self.order.iter().map(|&place| &self.nodes[place])
    }

    /// The table of this name, if it is there.
    pub fn get(&self, name: &TableName) -> Option<&Arc<Table>> {
        self.places.get(name).map(|&place| &self.nodes[place])
    }

    /// The parents that foreign keys name but that are not among the tables, each once.
    pub fn absent_parents(&self) -> &[TableName] {
        &self.absent
    }

    /// Every foreign key between two of the tables, in the order of the children and of their definitions.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.order.iter().flat_map(|&place| self.edges_of(place, Direction::Incoming))
    }

    /// The foreign keys of a table, in the order of its definition.
    pub fn edges_into(&self, name: &TableName) -> Result<Vec<&Edge>, Error> {
        Ok(self.edges_of(self.place(name)?, Direction::Incoming))
    }

    /// The foreign keys that refer to a table, in the order of the children.
    pub fn edges_from(&self, name: &TableName) -> Result<Vec<&Edge>, Error> {
        Ok(self.edges_of(self.place(name)?, Direction::Outgoing))
    }

    /// The master of a part, when it is among the tables.
    pub fn master(&self, name: &TableName) -> Result<Option<&Arc<Table>>, Error> {
        let table = &self.nodes[self.place(name)?];
        Ok(table.master.as_ref().and_then(|master| self.get(master)))
    }

    /// The parts of a table.
    pub fn parts(&self, name: &TableName) -> Result<Vec<&Arc<Table>>, Error> {
        self.place(name)?;
        Ok(self.tables().filter(|table| table.master.as_ref() == Some(name)).collect())
    }

    /// The foreign keys on one side of a table, always in the same order.
    fn edges_of(&self, place: NodeIndex, direction: Direction) -> Vec<&Edge> {
        let mut edges: Vec<_> = self.nodes.edges_directed(place, direction).collect();
        edges.sort_by_key(|edge| (self.ranks[edge.target().index()], edge.id()));
        edges.into_iter().map(|edge| edge.weight()).collect()
    }

    fn place(&self, name: &TableName) -> Result<NodeIndex, Error> {
        self.places.get(name).copied().ok_or_else(|| {
            let names: Vec<(String, &TableName)> =
                self.tables().map(|table| (table.name.to_string(), &table.name)).collect();
            let wanted = name.to_string();
            let near = datajoint_definition::suggest(&wanted, names.iter().map(|(text, _)| text.as_str()));
            let nearest = names.iter().find(|(text, _)| Some(text.as_str()) == near);
            Error::UnknownTable { table: name.clone(), nearest: nearest.map(|&(_, name)| name.clone()) }
        })
    }
}

/// Draws the foreign keys; gives the parents that aren't there.
fn connect(nodes: &mut DiGraph<Arc<Table>, Edge>, places: &HashMap<TableName, NodeIndex>) -> Vec<TableName> {
    let mut absent = Vec::new();
    for child in nodes.node_indices() {
        let table = Arc::clone(&nodes[child]);
        for foreign_key in &table.foreign_keys {
            if let Some(&parent) = places.get(&foreign_key.parent) {
                nodes.add_edge(parent, child, Edge::new(&table, foreign_key));
            } else if !absent.contains(&foreign_key.parent) {
                absent.push(foreign_key.parent.clone());
            }
        }
    }
    absent
}
