//! What lies above and below a table.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{Edge, Graph};
use crate::{Error, Table, TableName};

impl Graph {
    /// The tables that a table refers to, each once.
    pub fn parents(&self, name: &TableName) -> Result<Vec<&Arc<Table>>, Error> {
        Ok(self.neighbours(self.place(name)?, Direction::Incoming))
    }

    /// The tables that refer to a table, each once.
    pub fn children(&self, name: &TableName) -> Result<Vec<&Arc<Table>>, Error> {
        Ok(self.neighbours(self.place(name)?, Direction::Outgoing))
    }

    /// All tables above a table, without itself.
    pub fn ancestors(&self, name: &TableName) -> Result<Vec<&Arc<Table>>, Error> {
        Ok(self.sorted(self.reached(self.place(name)?, Direction::Incoming)))
    }

    /// All tables below a table, without itself.
    pub fn descendants(&self, name: &TableName) -> Result<Vec<&Arc<Table>>, Error> {
        Ok(self.sorted(self.reached(self.place(name)?, Direction::Outgoing)))
    }

    /// Every foreign key below a table, in the order in which a restriction of the table spreads: all
    /// those that lead to a table come before those that leave it.
    pub fn downstream(&self, name: &TableName) -> Result<Vec<&Edge>, Error> {
        self.spread(name, Direction::Outgoing)
    }

    /// Every foreign key above a table, in the order in which a restriction of the table spreads upward:
    /// all those that leave a table come before those that lead to it.
    pub fn upstream(&self, name: &TableName) -> Result<Vec<&Edge>, Error> {
        self.spread(name, Direction::Incoming)
    }

    /// The shortest chain of foreign keys from a table down to another; `None` when there is none.
    pub fn path(&self, from: &TableName, to: &TableName) -> Result<Option<Vec<&Edge>>, Error> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        let mut came_by: HashMap<NodeIndex, (NodeIndex, &Edge)> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(place) = queue.pop_front().filter(|&place| place != to) {
            let mut edges: Vec<_> = self.nodes.edges(place).collect();
            edges.sort_by_key(|edge| (self.ranks[edge.target().index()], edge.id()));
            for edge in edges {
                came_by.entry(edge.target()).or_insert_with(|| {
                    queue.push_back(edge.target());
                    (place, edge.weight())
                });
            }
        }
        let mut path = Vec::new();
        let mut place = to;
        while place != from {
            let Some(&(before, edge)) = came_by.get(&place) else { return Ok(None) };
            path.push(edge);
            place = before;
        }
        path.reverse();
        Ok(Some(path))
    }

    fn spread(&self, name: &TableName, direction: Direction) -> Result<Vec<&Edge>, Error> {
        let seed = self.place(name)?;
        let mut places = self.reached(seed, direction);
        places.insert(seed);
        let mut places: Vec<_> = places.into_iter().collect();
        places.sort_by_key(|place| self.ranks[place.index()]);
        if direction == Direction::Incoming {
            places.reverse();
        }
        Ok(places.into_iter().flat_map(|place| self.edges_of(place, direction)).collect())
    }

    fn neighbours(&self, place: NodeIndex, direction: Direction) -> Vec<&Arc<Table>> {
        self.sorted(self.nodes.neighbors_directed(place, direction).collect())
    }

    fn reached(&self, seed: NodeIndex, direction: Direction) -> HashSet<NodeIndex> {
        let mut reached = HashSet::new();
        let mut stack = vec![seed];
        while let Some(place) = stack.pop() {
            let next = self.nodes.neighbors_directed(place, direction);
            stack.extend(next.filter(|&neighbour| reached.insert(neighbour)));
        }
        reached
    }

    fn sorted(&self, places: HashSet<NodeIndex>) -> Vec<&Arc<Table>> {
        let mut places: Vec<_> = places.into_iter().collect();
        places.sort_by_key(|place| self.ranks[place.index()]);
        places.into_iter().map(|place| &self.nodes[place]).collect()
    }
}
