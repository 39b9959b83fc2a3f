//! A definition and its parents' keys make a table.

use datajoint_definition::{Definition, Diagnostic, ForeignKeyLine, Line, Span, Tier, table_name};

use crate::{Attribute, Heading, Table, TableName, tier_columns};

mod column;
mod foreign_key;
mod index;
mod message;

use column::Merge;

/// What [`resolve`] needs to know beside the definition.
#[derive(Debug, Clone, Copy)]
pub struct Declaration<'a> {
    /// The database schema.
    pub schema: &'a str,
    /// The class: `Spikes`, of a part its own alone.
    pub class_name: &'a str,
    /// The tier.
    pub tier: Tier,
    /// The parsed definition.
    pub definition: &'a Definition,
    /// The parents, one for each foreign key of the definition, in its order; those for `-> master`
    /// may be left out.
    pub parents: &'a [Parent],
    /// The master of a part; it answers `-> master`.
    pub master: Option<&'a Parent>,
}

/// What a child needs to know of a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The parent's full name in the database.
    pub name: TableName,
    /// Its class name, for messages.
    pub class_name: String,
    /// Its primary key, with lineage.
    pub key: Vec<Attribute>,
}

/// Lays out the attributes of a table in definition order, merging by name those that come in twice.
///
/// Gives the table as far as it was understood, and every fault: conflicting types (with both
/// origins), renames of what is not in the parent's key, indexes on unknown attributes.
///
/// ```
/// use datajoint_definition::{Tier, parse};
/// use datajoint_schema::{Declaration, resolve};
///
/// let (definition, _) = parse("subject_id : int32\n---\nsex : char(1)");
/// let (subject, faults) = resolve(&Declaration {
///     schema: "lab",
///     class_name: "Subject",
///     tier: Tier::Manual,
///     definition: &definition,
///     parents: &[],
///     master: None,
/// });
/// assert!(faults.is_empty());
/// assert_eq!(subject.name.to_string(), "lab.subject");
/// ```
pub fn resolve(declaration: &Declaration<'_>) -> (Table, Vec<Diagnostic>) {
    let definition = declaration.definition;
    let master = declaration.master.map(|master| &master.name);
    // A class without a proper name is a fault that `check` finds.
    let name =
        table_name(declaration.class_name, declaration.tier, master.map(|master| master.table.as_str()))
            .unwrap_or_else(|| declaration.class_name.to_lowercase());
    let name = TableName::new(declaration.schema, name);
    let mut merge = Merge::new(name, declaration.class_name);

    if declaration.tier == Tier::Part && master.is_none() {
        merge.diagnostics.push(message::part_without_master(declaration.class_name, first_span(definition)));
    }
    let mut parents = Parents::new(declaration);
    for line in &definition.lines {
        match line {
            Line::Attribute(line) => merge.attribute(line),
            Line::ForeignKey(line) => match parents.next_for(line) {
                Some(parent) => merge.foreign_key(line, parent),
                None => merge.diagnostics.push(message::unknown_parent(line)),
            },
            Line::Index(line) => merge.index(line),
        }
    }
    if !merge.attributes.iter().any(|attribute| attribute.in_key) {
        merge.push(tier_columns::singleton(), column::Origin::own(Span::default()));
    }
    merge.check_indexes();
    if let Some(master) = declaration.master.filter(|_| declaration.tier == Tier::Part) {
        merge.check_master(master, first_span(definition));
    }

    let Merge { name, attributes, foreign_keys, indexes, diagnostics, .. } = merge;
    let table = Table {
        name,
        class_name: declaration.class_name.to_owned(),
        tier: Some(declaration.tier),
        master: master.filter(|_| declaration.tier == Tier::Part).cloned(),
        comment: definition.comment.clone().unwrap_or_default(),
        heading: Heading::new(attributes),
        foreign_keys,
        indexes,
        unsaid: Vec::new(),
    };
    (table, diagnostics)
}

/// Hands each foreign key line its parent.
struct Parents<'a> {
    given: std::slice::Iter<'a, Parent>,
    master: Option<&'a Parent>,
    /// True when `given` has an entry for `-> master` too.
    master_is_given: bool,
}

impl<'a> Parents<'a> {
    fn new(declaration: &Declaration<'a>) -> Self {
        let lines = declaration.definition.lines.iter();
        let references = lines.filter(|line| matches!(line, Line::ForeignKey(_))).count();
        Self {
            given: declaration.parents.iter(),
            master: declaration.master,
            master_is_given: declaration.parents.len() >= references,
        }
    }

    fn next_for(&mut self, line: &ForeignKeyLine) -> Option<&'a Parent> {
        if line.parent != "master" {
            return self.given.next();
        }
        let given = if self.master_is_given { self.given.next() } else { None };
        self.master.or(given)
    }
}

fn first_span(definition: &Definition) -> Span {
    match definition.lines.first() {
        Some(Line::Attribute(line)) => line.span,
        Some(Line::ForeignKey(line)) => line.span,
        Some(Line::Index(line)) => line.span,
        None => Span::default(),
    }
}
