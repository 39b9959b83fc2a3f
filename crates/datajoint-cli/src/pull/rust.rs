//! Modules of Rust.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use datajoint::TableName;
use datajoint::definition::{AttributeType, CoreType, Diagnostic, Store, Tier, parse, table_name};
use datajoint::schema::{Attribute, Declaration, Parent, Side, Table, describe, difference_between, resolve};

use super::Pulled;

/// A module for each schema, in the order of their names, and a pipeline of all tables.
pub(super) fn source(tables: &[Arc<Table>], prefix: &str) -> Pulled {
    let own = tables.iter().filter(|table| table.master.is_none());
    let mut pull = Pull {
        prefix,
        structs: HashMap::new(),
        parents: HashMap::new(),
        classes: own.map(|table| (table.name.schema.clone(), table.class_name.clone())).collect(),
        taken: HashSet::new(),
    };
    let mut modules: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let mut pulled = Pulled { source: String::new(), left_out: Vec::new(), notes: Vec::new() };
    for table in tables {
        match pull.table(table) {
            Ok(Written { name, text, notes }) => {
                modules.entry(&table.name.schema).or_default().push((name, text));
                pulled.notes.extend(notes.into_iter().map(|note| (table.name.clone(), note)));
            }
            Err(reason) => pulled.left_out.push((table.name.clone(), reason)),
        }
    }
    let mut paths = Vec::new();
    for (schema, tables) in &modules {
        let (module, name) = (module_name(schema, prefix), unprefixed(schema, prefix));
        let _ = writeln!(
            pulled.source,
            "pub mod {module} {{\n    use datajoint::prelude::*;\n\n    schema!({name:?});"
        );
        for (_, text) in tables {
            for line in text.lines() {
                let indent = if line.is_empty() { "" } else { "    " };
                let _ = writeln!(pulled.source, "{indent}{line}");
            }
        }
        pulled.source.push_str("}\n\n");
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        paths.push(format!("        {module}::{{{}}},\n", names.join(", ")));
    }
    let _ = write!(
        pulled.source,
        "datajoint::pipeline! {{\n    /// Every table of these schemas.\n    pub struct Pulled {{\n{}    }}\n}}\n",
        paths.concat()
    );
    pulled
}

/// The name of a schema as `schema!` gives it.
fn unprefixed<'a>(schema: &'a str, prefix: &str) -> &'a str {
    schema.strip_prefix(prefix).filter(|rest| !rest.is_empty()).unwrap_or(schema)
}

/// A name of a module, which no keyword has.
fn module_name(schema: &str, prefix: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' }
    };
    let name: String = unprefixed(schema, prefix).chars().map(plain).collect();
    let begins_as_name = name.starts_with(|first: char| first.is_ascii_lowercase());
    let is_word = ["self", "super", "crate", "datajoint"].contains(&name.as_str());
    if !begins_as_name {
        format!("schema_{name}")
    } else if is_word || KEYWORDS.contains(&name.as_str()) {
        format!("{name}_schema")
    } else {
        name
    }
}

const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "union", "raw",
];

struct Pull<'a> {
    prefix: &'a str,
    /// The struct of each table that is written.
    structs: HashMap<TableName, String>,
    /// What a definition that refers to it needs to know.
    parents: HashMap<TableName, Parent>,
    /// The classes of each schema that are no parts.
    classes: HashSet<(String, String)>,
    /// The names of each module that are taken.
    taken: HashSet<(String, String)>,
}

struct Written {
    name: String,
    text: String,
    notes: Vec<String>,
}

impl Pull<'_> {
    /// The table as a struct with its definition, or why it can't be one.
    fn table(&mut self, table: &Table) -> Result<Written, String> {
        let tier = table.tier.ok_or("its name follows no rule of DataJoint")?;
        let named = table.foreign_keys.iter().map(|key| &key.parent).chain(&table.master);
        for parent in named {
            if !self.parents.contains_key(parent) {
                return Err(format!("it refers to `{parent}`, which is not here: name its schema too"));
            }
        }
        let master = table.master.as_ref().map(|master| master.table.as_str());
        if table_name(&table.class_name, tier, master).as_deref() != Some(table.name.table.as_str()) {
            return Err("no class has a table of this name".to_owned());
        }
        let name = self.name(table)?;
        let text = describe(table, |parent| self.path(table, parent)).map_err(|error| error.to_string())?;
        let (declared, faults) = self.resolved(table, tier, &text);
        if let Some(fault) = faults.iter().find(|fault| fault.is_error()) {
            return Err(fault.message.clone());
        }
        let sides = [Side::Code, Side::Database];
        let differences =
            difference_between(sides, &declared, table, |ours, theirs| ours.default == theirs.default);
        let notes: Vec<String> = differences
            .iter()
            .filter(|difference| !difference.aspect.is_harmless())
            .map(ToString::to_string)
            .collect();
        let definition: String = text
            .lines()
            .map(|line| format!("/// {}", line.trim_end()))
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect();
        let told: Vec<String> = notes.iter().map(|note| format!("// {note}\n")).collect();
        let told = told.concat();
        let text = format!("\n{told}{}\n{definition}pub struct {name};\n", self.attribute(table, tier));
        self.structs.insert(table.name.clone(), name.clone());
        self.parents.insert(table.name.clone(), declared.as_parent());
        Ok(Written { name, text, notes })
    }

    /// The name of the struct: of a part with that of its master, unless another table has it.
    fn name(&mut self, table: &Table) -> Result<String, String> {
        let own = table.class_name.clone();
        let candidates = match table.master.as_ref().and_then(|master| self.structs.get(master)) {
            Some(master) => vec![format!("{master}{own}"), own],
            None => vec![own],
        };
        for name in candidates {
            let place = (table.name.schema.clone(), name.clone());
            if table.master.is_some() && self.classes.contains(&place) {
                continue;
            }
            // What the macro makes beside the struct.
            let names = ["", "Row", "Key"].map(|end| (table.name.schema.clone(), format!("{name}{end}")));
            if names.iter().all(|name| !self.taken.contains(name)) {
                self.taken.extend(names);
                return Ok(name);
            }
        }
        Err("another table has the name that its struct would have".to_owned())
    }

    /// A parent as a definition names it.
    fn path(&self, table: &Table, parent: &TableName) -> String {
        if table.master.as_ref() == Some(parent) {
            return "master".to_owned();
        }
        let name = self.structs.get(parent).cloned().unwrap_or_default();
        if parent.schema == table.name.schema {
            return name;
        }
        format!("super::{}::{name}", module_name(&parent.schema, self.prefix))
    }

    fn resolved(&self, table: &Table, tier: Tier, text: &str) -> (Table, Vec<Diagnostic>) {
        let (definition, mut faults) = parse(text);
        let parents: Vec<Parent> = table
            .foreign_keys
            .iter()
            .filter(|key| table.master.as_ref() != Some(&key.parent))
            .filter_map(|key| self.parents.get(&key.parent).cloned())
            .collect();
        let master = table.master.as_ref().and_then(|master| self.parents.get(master));
        let (declared, found) = resolve(&Declaration {
            schema: &table.name.schema,
            class_name: &table.class_name,
            tier,
            definition: &definition,
            parents: &parents,
            master,
        });
        faults.extend(found);
        (declared, faults)
    }

    /// `#[table(..)]` with what the definition does not tell.
    fn attribute(&self, table: &Table, tier: Tier) -> String {
        let mut options = match table.master.as_ref().and_then(|master| self.structs.get(master)) {
            Some(master) => vec![master.clone()],
            None => vec![tier.name().to_owned()],
        };
        if tier.is_auto_populated() {
            options.push("external_make".to_owned());
            if table.own_key().next().is_some() {
                options.push("allow_new_key".to_owned());
            }
        }
        let own = table.heading.visible().filter(|attribute| !attribute.inherited);
        let types: Vec<String> = own
            .filter_map(|attribute| Some(format!("{} = {}", raw(&attribute.name), chosen_type(attribute)?)))
            .collect();
        if !types.is_empty() {
            options.push(format!("types({})", types.join(", ")));
        }
        let word = if tier == Tier::Part { "part" } else { "table" };
        format!("#[{word}({})]", options.join(", "))
    }
}

/// An attribute as an identifier of Rust.
fn raw(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// The type that has to be chosen where the macro can't make one: an enum whose members would not be names that differ, and a
/// codec that the library has not.
fn chosen_type(attribute: &Attribute) -> Option<&'static str> {
    match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(members)) => {
            let word = |member: &String| {
                let letters = member.chars().filter(|letter| letter.is_alphanumeric());
                letters.flat_map(char::to_lowercase).collect::<String>()
            };
            let words: HashSet<String> = members.iter().map(word).collect();
            let is_plain = |word: &String| {
                word.starts_with(|first: char| first.is_ascii_alphanumeric()) && word.is_ascii()
            };
            (words.len() < members.len() || !words.iter().all(is_plain)).then_some("String")
        }
        AttributeType::Codec(codec) => match (codec.name.as_str(), &codec.store) {
            ("blob" | "attach", _)
            | ("hash" | "object" | "filepath" | "npy", Store::Default | Store::Named(_)) => None,
            _ => Some("datajoint::Value"),
        },
        AttributeType::Core(_) | AttributeType::Native(_) => None,
    }
}
