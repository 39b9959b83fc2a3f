//! Roles, who is in them, and what they may do: by schema and tier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use datajoint_definition::{Backend, Tier, tier_of};
use datajoint_schema::{Table, TableName};
use serde::{Deserialize, Serialize};

use crate::look::Look;
use crate::plan::Item;
use crate::{Error, GrantsWanted, Result};

mod matrix;
mod mysql;
mod mysql_matrix;
mod policies;
mod postgres;

pub use matrix::{Matrix, matrix};
pub use policies::store_policies;

/// What somebody does with a pipeline.
///
/// | role | Lookup | Manual | Imported, Computed | job tables | other hidden ones | schema |
/// |---|---|---|---|---|---|---|
/// | viewer | read | read | read | – | read | – |
/// | analyst | read, refer | read, refer | read, refer | read | read | – |
/// | operator | read | write | write | write | read | – |
/// | developer | write, refer | write, refer | write, refer | write, refer | write | declare |
/// | admin | all | all | all | all | all | declare |
///
/// Parts have the tier of their master. *Write* is INSERT, UPDATE and DELETE beside SELECT. Who inserts reads the parents in
/// other schemas, and who deletes deletes the dependents there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at everything.
    Viewer,
    /// Reads everything, and refers to it from tables of their own.
    Analyst,
    /// Enters data and computes.
    Operator,
    /// Declares tables as well.
    Developer,
    /// Does everything with them.
    Admin,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Analyst, Self::Operator, Self::Developer, Self::Admin];

    /// Its name: `viewer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Operator => "operator",
            Self::Developer => "developer",
            Self::Admin => "admin",
        }
    }

    /// What it may do with the tables of a kind.
    fn rights(self, kind: Kind) -> &'static [&'static str] {
        const READ: &[&str] = &["SELECT"];
        const REFER: &[&str] = &["SELECT", "REFERENCES"];
        const WRITE: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];
        const ALL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES"];
        match (self, kind) {
            (Self::Viewer, Kind::Job) => &[],
            (Self::Viewer, _)
            | (Self::Analyst, Kind::Job | Kind::Hidden)
            | (Self::Operator, Kind::Lookup | Kind::Hidden) => READ,
            (Self::Analyst, _) => REFER,
            (Self::Operator, _) | (Self::Developer, Kind::Hidden) => WRITE,
            (Self::Developer | Self::Admin, _) => ALL,
        }
    }

    /// What it may do with a parent of one of its tables in another schema.
    const fn rights_on_parents(self) -> &'static [&'static str] {
        match self {
            Self::Viewer => &[],
            Self::Analyst | Self::Operator => &["SELECT"],
            Self::Developer | Self::Admin => &["SELECT", "REFERENCES"],
        }
    }

    /// What it may do with a table of another schema that depends on one of its tables.
    const fn rights_on_dependents(self) -> &'static [&'static str] {
        match self {
            Self::Viewer | Self::Analyst => &[],
            Self::Operator | Self::Developer | Self::Admin => &["SELECT", "DELETE"],
        }
    }

    /// True when it may declare tables.
    const fn declares(self) -> bool {
        matches!(self, Self::Developer | Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What matters of a table for what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lookup,
    Manual,
    Computed,
    Job,
    Hidden,
}

fn kind(table: &str) -> Kind {
    if table.starts_with("~~") {
        return Kind::Job;
    }
    if table.starts_with('~') {
        return Kind::Hidden;
    }
    let tier = match tier_of(table) {
        Some((Tier::Part, Some(master))) => tier_of(master).map(|(tier, _)| tier),
        other => other.map(|(tier, _)| tier),
    };
    match tier {
        Some(Tier::Lookup) => Kind::Lookup,
        Some(Tier::Imported | Tier::Computed) => Kind::Computed,
        _ => Kind::Manual,
    }
}

/// What a role may do, table by table.
type Rights = BTreeMap<TableName, BTreeSet<String>>;

/// The rights on tables of a schema, and those on tables of others.
fn split(rights: Rights, schema: &str) -> (Rights, Rights) {
    rights.into_iter().partition(|(table, _)| table.schema == schema)
}

/// What a role is to be able to do: with the tables of a schema, and with those of others that belong to it.
fn wanted_rights(look: &Look<'_>, role: Role, schema: &str) -> Rights {
    let mut rights = Rights::new();
    let mut add = |table: &TableName, verbs: &[&str]| {
        if !verbs.is_empty() {
            let known = rights.entry(table.clone()).or_default();
            known.extend(verbs.iter().map(|verb| (*verb).to_owned()));
        }
    };
    let here = |table: &&Table| table.name.schema == schema;
    for table in look.all.iter().chain(&look.hidden).filter(here).filter(|table| is_ours(&table.name)) {
        add(&table.name, role.rights(kind(&table.name.table)));
    }
    let is_outside = |name: &TableName| !look.schemas.contains(&name.schema);
    for table in look.all.iter().filter(here) {
        for parent in table.foreign_keys.iter().map(|foreign_key| &foreign_key.parent) {
            if is_outside(parent) {
                add(parent, role.rights_on_parents());
            }
        }
    }
    for dependent in dependents(look, schema).into_iter().filter(is_outside) {
        add(&dependent, role.rights_on_dependents());
    }
    rights
}

/// False for what deploys note, which comes and goes with them.
fn is_ours(table: &TableName) -> bool {
    table.table != crate::journal::TABLE
}

/// The tables of all schemas that depend on tables of a schema, however far away.
///
/// Schemas that are no pipelines may have foreign keys in circles, which a `Graph` refuses.
fn dependents(look: &Look<'_>, schema: &str) -> BTreeSet<TableName> {
    let own = look.all.iter().filter(|table| table.name.schema == schema);
    let mut found: BTreeSet<TableName> = own.map(|table| table.name.clone()).collect();
    loop {
        let known = found.len();
        for table in &look.all {
            if table.foreign_keys.iter().any(|foreign_key| found.contains(&foreign_key.parent)) {
                found.insert(table.name.clone());
            }
        }
        if found.len() == known {
            return found;
        }
    }
}

/// The name of a role on the server.
fn role_name(look: &Look<'_>, wanted: &GrantsWanted, role: Role) -> String {
    let prefix = look.dj.settings().database.database_prefix.as_str();
    let usual = if prefix.is_empty() { "datajoint_" } else { prefix };
    format!("{}{role}", wanted.prefix.as_deref().unwrap_or(usual))
}

/// Privileges as statements write them.
fn list(verbs: &BTreeSet<String>) -> String {
    verbs.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// The item of a role whose name is somebody's account.
fn taken(item: Item, why: String) -> Item {
    item.failed("not-a-role", why, "choose other names for the roles: `prefix` below [grants]")
}

/// The item of the members of a role, failed where the server does not know all of them.
fn check_known(item: Item, unknown: &[&str], create: &str) -> Item {
    if unknown.is_empty() {
        return item;
    }
    item.failed(
        "no-such-user",
        format!("the server knows nobody of the name {}", unknown.join(", ")),
        format!("create the user with a password of their own: {create}; deploys handle no passwords"),
    )
}

/// Privileges with commas between them, and what they are on.
fn describe(rights: &BTreeMap<BTreeSet<String>, Vec<TableName>>) -> String {
    let parts: Vec<String> = rights
        .iter()
        .map(|(verbs, tables)| {
            let verbs: Vec<&str> = verbs.iter().map(String::as_str).collect();
            let names: Vec<&str> = tables.iter().map(|table| table.table.as_str()).collect();
            format!("{} on {}", verbs.join(" "), names.join(" "))
        })
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
}

/// The tables with the same privileges together, so that one statement does for all of them.
fn grouped(rights: &Rights) -> BTreeMap<BTreeSet<String>, Vec<TableName>> {
    let mut groups: BTreeMap<BTreeSet<String>, Vec<TableName>> = BTreeMap::new();
    for (table, verbs) in rights.iter().filter(|(_, verbs)| !verbs.is_empty()) {
        groups.entry(verbs.clone()).or_default().push(table.clone());
    }
    groups
}

/// What one has and the other has not.
fn without(rights: &Rights, others: &Rights) -> Rights {
    let none = BTreeSet::new();
    rights
        .iter()
        .map(|(table, verbs)| {
            let has = others.get(table).unwrap_or(&none);
            (table.clone(), verbs.difference(has).cloned().collect())
        })
        .collect()
}

pub(crate) async fn plan(look: &mut Look<'_>) -> Result<Vec<Item>> {
    let Some(wanted) = look.wanted.grants.clone() else { return Ok(Vec::new()) };
    check_members(&wanted)?;
    match look.backend {
        Backend::Postgresql => postgres::plan(look, &wanted).await,
        Backend::Mysql | Backend::Mariadb => mysql::plan(look, &wanted).await,
        Backend::Sqlite => Err(Error::Unsupported {
            operation: "grants",
            servers: "server",
            backend: look.backend,
            help: "who may read the file may do everything with it; guard it with the rights of files",
        }),
    }
}

/// Each user is in one role: MariaDB has one at a time, and a second one would hide what somebody may do.
fn check_members(wanted: &GrantsWanted) -> Result<()> {
    let mut seen: BTreeMap<&str, Role> = BTreeMap::new();
    for (role, members) in &wanted.members {
        for member in members {
            if let Some(first) = seen.insert(member, *role) {
                return Err(Error::TwoRoles {
                    user: member.clone(),
                    first: first.to_string(),
                    second: role.to_string(),
                });
            }
        }
    }
    Ok(())
}
