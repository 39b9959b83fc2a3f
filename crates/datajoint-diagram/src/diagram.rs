use std::collections::{BTreeMap, BTreeSet};

use datajoint_schema::{Error, Graph, TableName};

use crate::drawing::Drawing;
use crate::{Theme, layout, mermaid, svg};

/// Which way a pipeline flows on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Parents above children.
    #[default]
    TopToBottom,
    /// Parents left of children.
    LeftToRight,
}

/// A drawing of tables and the foreign keys between them.
///
/// Colours and shapes tell the tiers apart. A name is underlined when the table adds attributes to the
/// primary key; a line is dashed when its foreign key is secondary, amber when it renames, and thick when
/// a parent has at most one row in the child.
///
/// ```
/// use datajoint_definition::{Tier, parse};
/// use datajoint_diagram::{Diagram, Direction};
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
/// let diagram = Diagram::new(Graph::new([subject])?).direction(Direction::LeftToRight);
/// assert!(diagram.mermaid().contains("Subject[Subject]:::manual"));
/// assert!(diagram.svg().starts_with("<svg"));
/// # Ok::<_, datajoint_schema::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Diagram {
    pub(crate) graph: Graph,
    pub(crate) direction: Direction,
    pub(crate) theme: Theme,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) collapsed: BTreeSet<String>,
}

impl Diagram {
    /// A diagram of all tables of the graph, top to bottom, in the colours that the viewer prefers.
    pub fn new(graph: Graph) -> Self {
        Self {
            graph,
            direction: Direction::default(),
            theme: Theme::default(),
            labels: BTreeMap::new(),
            collapsed: BTreeSet::new(),
        }
    }

    /// The same flowing another way.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// The same in other colours; Mermaid leaves them to the page.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// The same with another label for a database schema, such as its module.
    pub fn label(mut self, schema: impl Into<String>, label: impl Into<String>) -> Self {
        self.labels.insert(schema.into(), label.into());
        self
    }

    /// The same with a whole database schema drawn as one node.
    pub fn collapse(mut self, schema: impl Into<String>) -> Self {
        self.collapsed.insert(schema.into());
        self
    }

    /// The same with only the tables that some table is at most so many foreign keys below or above,
    /// and itself. Fails when the table is not in the graph.
    pub fn around(mut self, table: &TableName, upstream: usize, downstream: usize) -> Result<Self, Error> {
        self.graph.edges_into(table)?;
        let mut shown = BTreeSet::from([table.clone()]);
        for (steps, is_up) in [(upstream, true), (downstream, false)] {
            let mut level = BTreeSet::from([table.clone()]);
            for _ in 0..steps {
                level = self.step(&level, is_up)?;
                shown.extend(level.iter().cloned());
            }
        }
        self.graph = self.graph.filter(|table| shown.contains(&table.name));
        Ok(self)
    }

    fn step(&self, level: &BTreeSet<TableName>, is_up: bool) -> Result<BTreeSet<TableName>, Error> {
        let mut next = BTreeSet::new();
        for name in level {
            let tables = if is_up { self.graph.parents(name)? } else { self.graph.children(name)? };
            next.extend(tables.into_iter().map(|table| table.name.clone()));
        }
        Ok(next)
    }

    /// The tables that are drawn.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The diagram as the text of a Mermaid flowchart, the same that DataJoint for Python writes.
    pub fn mermaid(&self) -> String {
        mermaid::write(&Drawing::new(self), self.direction)
    }

    /// The diagram as an SVG document. The same tables always give the same text.
    pub fn svg(&self) -> String {
        let drawing = Drawing::new(self).with_distinct_labels();
        let layout = layout::lay_out(&drawing, self.direction);
        svg::write(&drawing, &layout, self.theme)
    }
}
