//! Queries that share their parts, never nested so deep that a thread's stack would not do.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use datajoint_schema::Table;
use datajoint_sql::Expression;

use crate::Condition;
use crate::typed::{TableSpec, ValueError};

/// How deep queries and conditions may be nested within each other. Restrictions one after the other are no nesting.
pub(crate) const DEEPEST: u16 = 60;

/// Of how many parts a query may be made; one that stands in it twice counts twice. A server that weighs the ways through
/// more of them takes minutes.
const MOST_PARTS: u32 = 100;

/// A query before its tables are known.
pub(crate) type Node = Expression<Leaf, Condition, Tree>;

/// A table before it is known.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    /// A table of the program; which table of the database that is, the instance knows.
    Typed(&'static TableSpec),
    /// A table found in a database.
    Found(Arc<Table>),
}

/// A part of a query, which others may have too.
pub(crate) struct Tree {
    /// There until it is dropped.
    node: Option<Arc<Node>>,
    measure: Measure,
}

/// How large a query or a condition is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    pub(crate) depth: u16,
    /// Queries that stand in it.
    pub(crate) parts: u32,
}

impl Measure {
    fn of(node: &Node) -> Self {
        let parts = node.parts().map(|part| part.measure).fold(Self::default(), Self::beside);
        match node {
            Node::Table(_) => parts,
            Node::Restrict { condition, .. } => parts.beside(condition.measure()),
            _ => parts.within_query(),
        }
    }

    /// The two side by side.
    pub(crate) fn beside(self, other: Self) -> Self {
        Self { depth: self.depth.max(other.depth), parts: self.parts.saturating_add(other.parts) }
    }

    /// A condition around it.
    pub(crate) fn around(self) -> Self {
        Self { depth: self.depth.saturating_add(1), ..self }
    }

    /// Without the condition around it.
    pub(crate) fn inside(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }

    /// A query around it.
    pub(crate) fn within_query(self) -> Self {
        Self { parts: self.parts.saturating_add(1), ..self.around() }
    }

    /// Fails for what no statement can be made of.
    pub(crate) fn check(self) -> Result<(), ValueError> {
        if self.depth > DEEPEST {
            return Err(ValueError::new(format!(
                "its queries and conditions stand within each other more than {DEEPEST} deep: insert the rows of a part of \
                 it into a table, or fetch them, and ask the rest of that"
            )));
        }
        if self.parts > MOST_PARTS {
            return Err(ValueError::new(format!(
                "it is made of more than {MOST_PARTS} queries: ask it in several parts, or insert the rows of some into a table"
            )));
        }
        Ok(())
    }
}

impl Tree {
    /// The part; one that is too large fails when it is run.
    pub(crate) fn new(node: Node) -> Self {
        let measure = Measure::of(&node);
        match measure.check() {
            Ok(()) => Self { node: Some(Arc::new(node)), measure },
            Err(error) => {
                let condition = Condition::invalid(error);
                let from = Self::new(Node::Table(first_table(&node).clone()));
                Self { node: Some(Arc::new(Node::Restrict { from, condition })), measure: Measure::default() }
            }
        }
    }

    pub(crate) fn measure(&self) -> Measure {
        self.measure
    }

    /// The query that is restricted, and the restrictions, the first one first.
    pub(crate) fn unrestricted(&self) -> (&Self, Vec<&Condition>) {
        let (mut tree, mut conditions) = (self, Vec::new());
        while let Node::Restrict { from, condition } = &**tree {
            conditions.push(condition);
            tree = from;
        }
        conditions.reverse();
        (tree, conditions)
    }
}

/// The first table of a query.
fn first_table(node: &Node) -> &Leaf {
    let mut node = node;
    loop {
        match (node, node.parts().next()) {
            (Node::Table(leaf), _) => return leaf,
            (_, Some(part)) => node = part,
            (_, None) => {}
        }
    }
}

impl Deref for Tree {
    type Target = Node;

    #[expect(
        clippy::expect_used,
        reason = "it is taken out when the tree is dropped, and nobody sees it then"
    )]
    fn deref(&self) -> &Node {
        self.node.as_ref().expect("a tree that is not dropped has its node")
    }
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), measure: self.measure }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Restrictions one after the other may be many, and are dropped one after the other.
impl Drop for Tree {
    fn drop(&mut self) {
        let mut next = self.node.take();
        while let Some(Node::Restrict { mut from, .. }) = next.and_then(Arc::into_inner) {
            next = from.node.take();
        }
    }
}
