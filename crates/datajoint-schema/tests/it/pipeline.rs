//! Tables resolved from their definitions.

use datajoint_definition::{Diagnostic, Line, Tier, parse};
use datajoint_schema::{Declaration, Parent, Table, TableName, resolve};

/// Tables declared one after the other; a class is `Session`, of a part `Session.Trial`.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    tables: Vec<(String, Table)>,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a table that must have no faults.
    pub(crate) fn with(mut self, tier: Tier, class: &str, text: &str) -> Self {
        self.add("lab", tier, class, text);
        self
    }

    /// Adds a table of another schema.
    pub(crate) fn with_in(mut self, schema: &str, tier: Tier, class: &str, text: &str) -> Self {
        self.add(schema, tier, class, text);
        self
    }

    pub(crate) fn add(&mut self, schema: &str, tier: Tier, class: &str, text: &str) {
        let (table, faults) = self.resolve(schema, tier, class, text);
        assert!(!faults.iter().any(Diagnostic::is_error), "{class}: {faults:?}");
        self.tables.push((class.to_owned(), table));
    }

    /// What a definition makes among these tables.
    pub(crate) fn resolve(
        &self,
        schema: &str,
        tier: Tier,
        class: &str,
        text: &str,
    ) -> (Table, Vec<Diagnostic>) {
        let (definition, faults) = parse(text);
        assert!(!faults.iter().any(Diagnostic::is_error), "{class}: {faults:?}");
        let master = class.split_once('.').map(|(master, _)| self.get(master).as_parent());
        let parents: Vec<Parent> = definition
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::ForeignKey(line) if line.parent != "master" => Some(self.get(&line.parent).as_parent()),
                _ => None,
            })
            .collect();
        resolve(&Declaration {
            schema,
            class_name: class.rsplit('.').next().unwrap_or(class),
            tier,
            definition: &definition,
            parents: &parents,
            master: master.as_ref(),
        })
    }

    /// The faults of a Manual table.
    pub(crate) fn faults(&self, text: &str) -> Vec<Diagnostic> {
        self.resolve("lab", Tier::Manual, "Tested", text).1
    }

    pub(crate) fn get(&self, class: &str) -> &Table {
        let found = self.tables.iter().find(|(name, _)| name == class);
        &found.unwrap_or_else(|| panic!("no table `{class}`")).1
    }

    pub(crate) fn class_of(&self, name: &TableName) -> String {
        let found = self.tables.iter().find(|(_, table)| table.name == *name);
        found.unwrap_or_else(|| panic!("no table {name}")).0.clone()
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().map(|(_, table)| table)
    }
}

/// The attributes of a table in short: `*` in the key, `?` nullable, `<` inherited.
pub(crate) fn columns(table: &Table) -> Vec<String> {
    let short = |attribute: &datajoint_schema::Attribute| {
        let mark = |is_set, mark| if is_set { mark } else { "" };
        format!(
            "{}{}{}{}:{}",
            mark(attribute.in_key, "*"),
            mark(attribute.inherited, "<"),
            attribute.name,
            mark(attribute.nullable, "?"),
            attribute.type_text
        )
    };
    table.heading.all().iter().map(|attribute| short(attribute)).collect()
}
