//! What is drawn, apart from where: nodes, lines and the frames around them.

use std::collections::{BTreeMap, HashMap};

use datajoint_definition::Tier;
use datajoint_schema::{Edge, Table, TableName, describe};

use crate::Diagram;

/// The look of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Manual,
    Lookup,
    Computed,
    Imported,
    Part,
    Other,
    Collapsed,
}

impl Kind {
    /// Every look, in the order in which styles are written.
    pub(crate) const ALL: [Self; 7] = [
        Self::Manual,
        Self::Lookup,
        Self::Computed,
        Self::Imported,
        Self::Part,
        Self::Other,
        Self::Collapsed,
    ];

    fn of(tier: Option<Tier>) -> Self {
        match tier {
            Some(Tier::Manual) => Self::Manual,
            Some(Tier::Lookup) => Self::Lookup,
            Some(Tier::Computed) => Self::Computed,
            Some(Tier::Imported) => Self::Imported,
            Some(Tier::Part) => Self::Part,
            None => Self::Other,
        }
    }

    /// The name of its style.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Lookup => "lookup",
            Self::Computed => "computed",
            Self::Imported => "imported",
            Self::Part => "part",
            Self::Other => "other",
            Self::Collapsed => "collapsed",
        }
    }
}

/// A table, or a collapsed schema.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its name among all nodes: `Spikes`, `Spikes.Unit`.
    pub(crate) name: String,
    /// The table in the database, `lab.__spikes`; none for a collapsed schema.
    pub(crate) table: Option<TableName>,
    /// What stands in it.
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// The place of its schema in [`Drawing::schemas`].
    pub(crate) schema: usize,
    /// The node of its master, when both are drawn.
    pub(crate) master: Option<usize>,
    pub(crate) underlined: bool,
    pub(crate) tooltip: String,
}

/// A foreign key, or all those between two nodes of which one is collapsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stroke {
    pub(crate) parent: usize,
    pub(crate) child: usize,
    pub(crate) dashed: bool,
    pub(crate) renamed: bool,
    pub(crate) thick: bool,
    pub(crate) tooltip: String,
}

/// A database schema.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) schema: String,
    pub(crate) label: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    /// Parents first, parts directly after their master.
    pub(crate) nodes: Vec<Node>,
    /// In the order of the parents, then of the children.
    pub(crate) strokes: Vec<Stroke>,
    /// In the order of their first nodes.
    pub(crate) schemas: Vec<Frame>,
}

impl Drawing {
    pub(crate) fn new(diagram: &Diagram) -> Self {
        let mut drawing = Self { nodes: Vec::new(), strokes: Vec::new(), schemas: Vec::new() };
        let names = names(diagram);
        let mut places: HashMap<&TableName, usize> = HashMap::new();
        for table in diagram.graph.tables() {
            let schema = drawing.schema(diagram, &table.name.schema);
            let place = if diagram.collapsed.contains(&table.name.schema) {
                drawing.collapsed_node(schema)
            } else {
                let master = table.master.as_ref().and_then(|master| places.get(master)).copied();
                drawing.nodes.push(node(table, &names, schema, master));
                drawing.nodes.len() - 1
            };
            places.insert(&table.name, place);
        }
        let mut edges: Vec<&Edge> = diagram.graph.edges().collect();
        edges.sort_by_key(|edge| places[&edge.parent]);
        for edge in edges {
            drawing.stroke(edge, places[&edge.parent], places[&edge.child]);
        }
        for node in drawing.nodes.iter_mut().filter(|node| node.kind == Kind::Collapsed) {
            let count = diagram
                .graph
                .tables()
                .filter(|table| table.name.schema == drawing.schemas[node.schema].schema)
                .count();
            let tables = datajoint_definition::count(count, "table");
            node.text = format!("({tables})");
            node.tooltip = format!("Collapsed schema: {tables}");
        }
        drawing
    }

    /// The same with the name of the schema beside each label that several schemas have.
    pub(crate) fn with_distinct_labels(mut self) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for frame in &self.schemas {
            *counts.entry(frame.label.clone()).or_default() += 1;
        }
        for frame in &mut self.schemas {
            if counts[&frame.label] > 1 {
                frame.label = format!("{} ({})", frame.label, frame.schema);
            }
        }
        self
    }

    /// The parts drawn with each node.
    pub(crate) fn parts(&self, master: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(move |&node| self.nodes[node].master == Some(master))
    }

    fn schema(&mut self, diagram: &Diagram, schema: &str) -> usize {
        if let Some(place) = self.schemas.iter().position(|frame| frame.schema == schema) {
            return place;
        }
        let label = diagram.labels.get(schema).map_or(schema, String::as_str).to_owned();
        self.schemas.push(Frame { schema: schema.to_owned(), label });
        self.schemas.len() - 1
    }

    fn collapsed_node(&mut self, schema: usize) -> usize {
        let is_it = |node: &Node| node.kind == Kind::Collapsed && node.schema == schema;
        if let Some(place) = self.nodes.iter().position(is_it) {
            return place;
        }
        self.nodes.push(Node {
            name: self.schemas[schema].label.clone(),
            table: None,
            text: String::new(),
            kind: Kind::Collapsed,
            schema,
            master: None,
            underlined: false,
            tooltip: String::new(),
        });
        self.nodes.len() - 1
    }

    fn stroke(&mut self, edge: &Edge, parent: usize, child: usize) {
        if parent == child {
            return;
        }
        let is_bundle = [parent, child].iter().any(|&node| self.nodes[node].kind == Kind::Collapsed);
        let ends = format!("{} → {}", self.nodes[parent].name, self.nodes[child].name);
        let stroke = if is_bundle {
            Stroke { parent, child, dashed: false, renamed: false, thick: true, tooltip: ends }
        } else {
            let renames = edge.columns.iter().filter(|pair| pair.child != pair.parent);
            let renames: Vec<String> =
                renames.map(|pair| format!("{} ← {}", pair.child, pair.parent)).collect();
            Stroke {
                parent,
                child,
                dashed: !edge.primary,
                renamed: edge.is_renamed(),
                thick: !edge.multi,
                tooltip: if renames.is_empty() { ends } else { format!("{ends}\n{}", renames.join("; ")) },
            }
        };
        if !(is_bundle && self.strokes.contains(&stroke)) {
            self.strokes.push(stroke);
        }
    }
}

fn node(table: &Table, names: &HashMap<TableName, String>, schema: usize, master: Option<usize>) -> Node {
    let name_of = |name: &TableName| names.get(name).cloned().unwrap_or_else(|| name.to_string());
    let name = name_of(&table.name);
    Node {
        text: if master.is_some() { table.class_name.clone() } else { name.clone() },
        name,
        table: Some(table.name.clone()),
        kind: Kind::of(table.tier),
        schema,
        master,
        underlined: table.own_key().next().is_some(),
        tooltip: describe(table, name_of).unwrap_or_else(|error| error.to_string()),
    }
}

/// The name of each table: its class, with the schema before it where two classes have the same.
fn names(diagram: &Diagram) -> HashMap<TableName, String> {
    let class_of = |table: &Table| {
        let master = table.master.as_ref().and_then(|master| diagram.graph.get(master));
        match master {
            _ if table.class_name.is_empty() => table.name.to_string(),
            Some(master) => format!("{}.{}", master.class_name, table.class_name),
            None => table.class_name.clone(),
        }
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for table in diagram.graph.tables() {
        *counts.entry(class_of(table)).or_default() += 1;
    }
    let name_of = |table: &Table| {
        let class = class_of(table);
        if counts[&class] > 1 { format!("{}.{class}", table.name.schema) } else { class }
    };
    diagram.graph.tables().map(|table| (table.name.clone(), name_of(table))).collect()
}
