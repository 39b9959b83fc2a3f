//! Roles, who is in them, and what they may do: by schema and tier.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_guard::{FailureCode, Finding, FindingCode};
use datajoint_plan::{Item, Operation, Snapshot};
use datajoint_schema::TableName;
use serde::{Deserialize, Serialize};

use crate::rights::{Description, Privileges, Rights, Role};
use crate::{DesiredState, Error, Result};

mod matrix;
mod mysql;
mod mysql_matrix;
mod policies;
mod postgres;

pub use matrix::{Matrix, MatrixRow, matrix};
pub use policies::store_policies;

/// The roles of a pipeline, who is in them, and what they may do.
pub(crate) struct Grants;

impl Operation for Grants {
    const NAME: &'static str = "grants";
    // Who is in a role has no usual answer: nobody would take away what is there.
    const REQUIRED: Option<&'static str> = Some("[grants]");

    type Spec = Option<GrantsSpec>;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, spec: &Self::Spec, _: &DesiredState) -> Result<Vec<Item>> {
        match spec {
            Some(spec) => plan(snapshot, spec).await,
            None => Ok(Vec::new()),
        }
    }
}

/// The roles of a pipeline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrantsSpec {
    /// What stands before the names of the roles; the prefix of the settings without it, or else `datajoint_`.
    pub prefix: Option<String>,
    /// PostgreSQL: who declares tables, so that new ones can be read at once; without it the members of the roles that
    /// declare, and those who own tables there.
    pub creators: Option<Vec<String>>,
    /// MySQL and MariaDB: the hosts from which members come, as their accounts have them; every host without it.
    pub hosts: Option<Vec<String>>,
    /// The schemas that a role writes, named as in `schema!`: for analysts none without it, for operators and developers
    /// all. Elsewhere an operator reads, and a developer reads and refers.
    pub writes: BTreeMap<Role, Vec<String>>,
    /// Who is in which role.
    pub members: BTreeMap<Role, Vec<String>>,
}

/// Privileges as statements write them.
fn list(verbs: &Privileges) -> String {
    if verbs.is_empty() {
        return "nothing".to_owned();
    }
    verbs.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// The item of a role whose name is somebody's account.
fn taken(item: Item, why: String) -> Item {
    item.failed(FailureCode::NotARole, why, "choose other names for the roles: `prefix` below [grants]")
}

/// The item of the members of a role, failed where the server does not know all of them.
fn check_known(item: Item, unknown: &[&str], create: &str) -> Item {
    if unknown.is_empty() {
        return item;
    }
    item.failed(
        FailureCode::NoSuchUser,
        format!("the server knows nobody of the name {}", unknown.join(", ")),
        format!("create the user with a password of their own: {create}; deploys handle no passwords"),
    )
}

/// Privileges with commas between them, and what they are on.
fn describe(rights: &BTreeMap<Privileges, Vec<TableName>>) -> String {
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
fn grouped(rights: &Rights) -> BTreeMap<Privileges, Vec<TableName>> {
    let mut groups: BTreeMap<Privileges, Vec<TableName>> = BTreeMap::new();
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

async fn plan(snapshot: &mut Snapshot, wanted: &GrantsSpec) -> Result<Vec<Item>> {
    check_members(wanted)?;
    let description = Description::new(snapshot, wanted);
    warn_unknown(snapshot, wanted);
    match snapshot.backend {
        Backend::Postgresql => postgres::plan(snapshot, wanted, &description).await,
        Backend::Mysql | Backend::Mariadb => mysql::plan(snapshot, wanted, &description).await,
        Backend::Sqlite => {
            let home = home(snapshot);
            let item = Item::new((&home, "roles"), "none", "none", Vec::new());
            Ok(vec![item.skipped(
                "a file has no users: who may read it may do everything with it; guard it with the rights of files",
            )])
        }
    }
}

/// What the roles that there are may do, and what they should: without who is in them.
pub(crate) async fn drift(snapshot: &mut Snapshot, wanted: &GrantsSpec) -> Result<Vec<Item>> {
    let description = Description::new(snapshot, wanted);
    match snapshot.backend {
        Backend::Postgresql => postgres::drift(snapshot, wanted, &description).await,
        Backend::Mysql | Backend::Mariadb => mysql::drift(snapshot, &description).await,
        Backend::Sqlite => Ok(Vec::new()),
    }
}

/// The schema whose journal notes what belongs to all of them; empty where there is none yet.
fn home(snapshot: &Snapshot) -> String {
    snapshot.schemas.first().cloned().unwrap_or_default()
}

/// The file may name schemas that are declared later, and misspelt ones.
fn warn_unknown(snapshot: &mut Snapshot, wanted: &GrantsSpec) {
    let names: BTreeSet<&String> = wanted.writes.values().flatten().collect();
    for name in names {
        let schema = snapshot.dj.schema_name(name);
        if snapshot.schemas.is_empty() || snapshot.schemas.contains(&schema) {
            continue;
        }
        snapshot.findings.push(Finding::warning(
            FindingCode::UnknownSchema,
            format!("[grants.writes] names `{name}`, and no schema `{schema}` is deployed"),
            match datajoint_definition::suggest(&schema, snapshot.schemas.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`? Correct the name, or declare the schema"),
                None => "correct the name, or declare the schema".to_owned(),
            },
        ));
    }
}

/// Each user is in one role: MariaDB has one at a time, and a second one would hide what somebody may do.
fn check_members(wanted: &GrantsSpec) -> Result<()> {
    if let Some(role) = wanted.writes.keys().find(|role| **role == Role::Viewer || role.hands_on()) {
        return Err(Error::Writes { role: role.to_string() });
    }
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
