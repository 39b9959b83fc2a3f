//! What each role needs: the one description from which grants are made, and by which they are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use datajoint_definition::{Backend, Tier, tier_of};
use datajoint_plan::Snapshot;
use datajoint_schema::{Table, TableName};
use serde::{Deserialize, Serialize};

use crate::GrantsSpec;

mod held;
mod judge;

pub(crate) use held::{Held, held};
pub(crate) use judge::judge;

/// What somebody does with a pipeline.
///
/// | role | Lookup | Manual | Imported, Computed | job tables | `~audit` | other hidden ones | schema |
/// |---|---|---|---|---|---|---|---|
/// | viewer | read | read | read | read | read | read | – |
/// | analyst | read, refer | read, refer | read, refer | read, refer | read, refer | read, refer | – |
/// | analyst, in the schemas that it writes | read, refer | insert, refer | insert, refer | write, refer | insert, refer | read, refer | – |
/// | operator | read | write | write | write | insert | read | – |
/// | developer | write, refer | write, refer | write, refer | write, refer | write, refer | write, refer | declare |
/// | deployer | as developer, and hands on what it may to the other roles | | | | | | declare |
/// | admin | all, and hands it on | all | all | all | all | all | declare |
///
/// Parts have the tier of their master. *Write* is INSERT, UPDATE and DELETE beside SELECT; *insert* is INSERT beside SELECT.
/// Who inserts reads the parents in other schemas, and who deletes deletes the dependents there; of either they read
/// `~lineage`. In the schemas that a role does not write, an operator reads as a viewer, and a developer as an analyst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at everything.
    Viewer,
    /// Reads everything, refers to it from tables of their own, and adds results in the schemas that it writes.
    Analyst,
    /// Enters data and computes.
    Operator,
    /// Declares tables as well.
    Developer,
    /// Brings databases to what a file says, and gives the other roles what they need.
    Deployer,
    /// Does everything with them, and puts users into roles.
    Admin,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Analyst, Self::Operator, Self::Developer, Self::Deployer, Self::Admin];

    /// Returns its name: `viewer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Operator => "operator",
            Self::Developer => "developer",
            Self::Deployer => "deployer",
            Self::Admin => "admin",
        }
    }

    /// Returns true when it may declare tables and schemas.
    pub const fn declares(self) -> bool {
        matches!(self, Self::Developer | Self::Deployer | Self::Admin)
    }

    /// Returns true when it computes, and frees the jobs of workers that are gone.
    pub const fn computes(self) -> bool {
        matches!(self, Self::Operator | Self::Developer | Self::Deployer | Self::Admin)
    }

    /// Returns true when it may give others what it may do itself.
    pub const fn hands_on(self) -> bool {
        matches!(self, Self::Deployer | Self::Admin)
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
    Audit,
    Hidden,
}

impl Kind {
    fn of(table: &str) -> Self {
        if table.starts_with("~~") || table == TableName::workers("").table {
            return Self::Job;
        }
        if table == TableName::audit("").table {
            return Self::Audit;
        }
        if table.starts_with('~') {
            return Self::Hidden;
        }
        let tier = match tier_of(table) {
            Some((Tier::Part, Some(master))) => tier_of(master).map(|(tier, _)| tier),
            other => other.map(|(tier, _)| tier),
        };
        match tier {
            Some(Tier::Lookup) => Self::Lookup,
            Some(Tier::Imported | Tier::Computed) => Self::Computed,
            _ => Self::Manual,
        }
    }
}

/// What declares tables, and works with them, on MySQL and MariaDB.
const DECLARE: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "LOCK TABLES",
    "REFERENCES",
    "INDEX",
    "ALTER",
];

/// What else there is to do with a schema there.
const ALL_BUT_DECLARE: &[&str] = &["CREATE TEMPORARY TABLES", "CREATE VIEW", "SHOW VIEW", "TRIGGER"];

const READ: &[&str] = &["SELECT"];
const REFER: &[&str] = &["SELECT", "REFERENCES"];
const ADD: &[&str] = &["SELECT", "INSERT", "REFERENCES"];
const NOTE: &[&str] = &["SELECT", "INSERT"];
const NOTE_OUTSIDE: &[&str] = &["INSERT"];
const WRITE: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];
const ALL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES"];

/// What a role may do with the tables of a kind, in a schema that it writes or not.
const fn table_rights(role: Role, kind: Kind, writes: bool) -> &'static [&'static str] {
    match (role, kind, writes) {
        (Role::Viewer, _, _)
        | (Role::Operator, _, false)
        | (Role::Operator, Kind::Lookup | Kind::Hidden, true) => READ,
        // No table has less than a new one gets at once, of which nobody knows the tier: what its owner alone can take back
        // would keep the deploys of others from their end.
        (Role::Analyst | Role::Developer, _, false) | (Role::Analyst, Kind::Lookup | Kind::Hidden, true) => {
            REFER
        }
        // What is noted of their changes stands, whoever made them.
        (Role::Analyst, Kind::Manual | Kind::Computed | Kind::Audit, true) => ADD,
        (Role::Operator, Kind::Audit, true) => NOTE,
        (Role::Operator, _, true) => WRITE,
        (Role::Analyst, Kind::Job, true)
        | (Role::Developer, _, true)
        | (Role::Deployer | Role::Admin, _, _) => ALL,
    }
}

/// Privileges, as statements write them.
pub(crate) type Privileges = BTreeSet<String>;

/// What a role may do, table by table.
pub(crate) type Rights = BTreeMap<TableName, Privileges>;

fn privileges(verbs: &[&str]) -> Privileges {
    verbs.iter().map(|verb| (*verb).to_owned()).collect()
}

/// What each role may do with each object, on one backend.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    backend: Backend,
    has_maintain: bool,
    /// What stands before the names of schemas that may be created.
    pub(crate) prefix: String,
    /// What stands before the names of roles.
    role_prefix: String,
    /// The schemas that a role writes, as they are called in the database; a role that is not here has its usual ones.
    writes: BTreeMap<Role, Vec<String>>,
}

impl Description {
    pub(crate) fn new(snapshot: &Snapshot, wanted: &GrantsSpec) -> Self {
        let prefix = snapshot.dj.settings().database.database_prefix.clone();
        let usual = if prefix.is_empty() { "datajoint_" } else { prefix.as_str() };
        let names = |names: &Vec<String>| names.iter().map(|name| snapshot.dj.schema_name(name)).collect();
        Self {
            backend: snapshot.backend,
            has_maintain: snapshot.backend == Backend::Postgresql && snapshot.is_from(17),
            role_prefix: wanted.prefix.clone().unwrap_or_else(|| usual.to_owned()),
            prefix,
            writes: wanted.writes.iter().map(|(role, schemas)| (*role, names(schemas))).collect(),
        }
    }

    /// The name of a role on the server.
    pub(crate) fn name(&self, role: Role) -> String {
        format!("{}{role}", self.role_prefix)
    }

    fn writes(&self, role: Role, schema: &str) -> bool {
        match self.writes.get(&role) {
            Some(schemas) => schemas.iter().any(|it| it == schema),
            None => role >= Role::Operator,
        }
    }

    /// True when it may declare tables in a schema.
    pub(crate) fn declares(&self, role: Role, schema: &str) -> bool {
        role.declares() && self.writes(role, schema)
    }

    /// What a role may do with a table of the pipeline.
    pub(crate) fn on_table(&self, role: Role, table: &TableName) -> Privileges {
        let writes = self.writes(role, &table.schema);
        let mut rights = privileges(table_rights(role, Kind::of(&table.table), writes));
        rights.extend(self.care(role).iter().map(|verb| (*verb).to_owned()));
        rights
    }

    /// What is more than rows: on PostgreSQL privileges of a table like any other.
    fn care(&self, role: Role) -> &'static [&'static str] {
        match self.backend {
            Backend::Postgresql => match role {
                Role::Deployer if self.has_maintain => &["MAINTAIN"],
                Role::Admin if self.has_maintain => &["TRUNCATE", "TRIGGER", "MAINTAIN"],
                Role::Admin => &["TRUNCATE", "TRIGGER"],
                Role::Viewer | Role::Analyst | Role::Operator | Role::Developer | Role::Deployer => &[],
            },
            Backend::Mysql | Backend::Mariadb | Backend::Sqlite => &[],
        }
    }

    /// What a role may do with tables whose tier is not known yet: what it may do with any.
    pub(crate) fn on_later(&self, role: Role, schema: &str) -> Privileges {
        let writes = self.writes(role, schema);
        let kinds = [Kind::Lookup, Kind::Manual, Kind::Computed];
        let [first, others @ ..] = kinds.map(|kind| privileges(table_rights(role, kind, writes)));
        let mut rights = others.iter().fold(first, |known, other| &known & other);
        rights.extend(self.care(role).iter().map(|verb| (*verb).to_owned()));
        rights
    }

    /// What a role may do with a schema: on MySQL and MariaDB that is with all of its tables.
    pub(crate) fn on_schema(&self, role: Role, schema: &str) -> Privileges {
        let declares = self.declares(role, schema);
        if self.backend == Backend::Postgresql {
            return privileges(if declares { &["USAGE", "CREATE"] } else { &["USAGE"] });
        }
        privileges(&match role {
            Role::Viewer | Role::Operator => READ.to_vec(),
            Role::Analyst => REFER.to_vec(),
            Role::Developer if !declares => REFER.to_vec(),
            Role::Developer => DECLARE.to_vec(),
            Role::Deployer => [DECLARE, &["GRANT OPTION"]].concat(),
            Role::Admin => [DECLARE, ALL_BUT_DECLARE, &["GRANT OPTION"]].concat(),
        })
    }

    /// True when a role creates schemas as well.
    pub(crate) fn creates_schemas(&self, role: Role) -> bool {
        role.declares() && !self.writes.contains_key(&role)
    }

    /// True on MySQL and MariaDB, where what a role may do in any schema is granted on all that have the prefix, those that
    /// somebody will create too.
    pub(crate) fn has_prefix_rights(&self) -> bool {
        self.backend.is_mysql_family() && !self.prefix.is_empty()
    }

    /// What a role may do with a schema of which the file says nothing.
    pub(crate) fn on_later_schema(&self, role: Role) -> Privileges {
        self.on_schema(role, "")
    }

    /// The pattern of the schemas with the prefix, as MySQL and MariaDB take it.
    pub(crate) fn pattern(&self) -> String {
        format!("{}%", escaped(&self.prefix))
    }

    /// What who deploys reads of the privileges of others: on MySQL and MariaDB its tables, but for the passwords.
    pub(crate) fn on_catalog(&self, role: Role) -> &'static [(&'static str, &'static [&'static str])] {
        if !role.hands_on() {
            return &[];
        }
        match self.backend {
            Backend::Mysql => &[
                ("user", &["User", "Host", "account_locked", "password_expired"]),
                ("db", &[]),
                ("tables_priv", &[]),
                ("columns_priv", &[]),
                ("role_edges", &[]),
                ("default_roles", &[]),
            ],
            Backend::Mariadb => &[
                ("user", &["User", "Host", "is_role", "default_role"]),
                ("db", &[]),
                ("tables_priv", &[]),
                ("columns_priv", &[]),
                ("roles_mapping", &[]),
            ],
            Backend::Postgresql | Backend::Sqlite => &[],
        }
    }
}

/// The name of a schema where MySQL and MariaDB take a pattern: `_` and `%` would stand for others, too.
pub(crate) fn escaped(schema: &str) -> String {
    schema.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%")
}

/// What a role may do with a parent of one of its tables in another schema.
const fn rights_on_parents(role: Role) -> &'static [&'static str] {
    match role {
        Role::Viewer => &[],
        Role::Analyst | Role::Operator => READ,
        Role::Developer | Role::Deployer | Role::Admin => REFER,
    }
}

/// What a role may do with a table of another schema that depends on one of its tables.
const fn rights_on_dependents(role: Role) -> &'static [&'static str] {
    match role {
        Role::Viewer | Role::Analyst => &[],
        Role::Operator | Role::Developer | Role::Deployer | Role::Admin => &["SELECT", "DELETE"],
    }
}

/// What a role is to be able to do with the tables of a schema.
pub(crate) fn rights_here(
    snapshot: &Snapshot,
    description: &Description,
    role: Role,
    schema: &str,
) -> Rights {
    let tables = snapshot.all.iter().chain(&snapshot.hidden).map(|table| &table.name);
    let here = tables.filter(|table| table.schema == schema);
    here.map(|table| (table.clone(), description.on_table(role, table))).collect()
}

/// What a role is to be able to do with the tables of schemas that are not deployed, since they belong to tables of one
/// that is.
pub(crate) fn rights_outside(snapshot: &Snapshot, role: Role, schema: &str) -> Rights {
    let mut rights = Rights::new();
    let mut add = |table: &TableName, verbs: &[&str]| {
        if verbs.is_empty() || snapshot.schemas.contains(&table.schema) {
            return;
        }
        rights.entry(table.clone()).or_default().extend(privileges(verbs));
        // Whoever uses a table reads what its attributes mean.
        let lineage = TableName::lineage(&table.schema);
        if snapshot.all_hidden.contains(&lineage) {
            rights.entry(lineage).or_default().extend(privileges(READ));
        }
    };
    for table in snapshot.all.iter().filter(|table| table.name.schema == schema) {
        for foreign_key in &table.foreign_keys {
            add(&foreign_key.parent, rights_on_parents(role));
        }
    }
    for dependent in dependents(&snapshot.all, schema) {
        let rights = rights_on_dependents(role);
        add(&dependent, rights);
        // What a cascade takes there is noted there.
        let audit = TableName::audit(&dependent.schema);
        if rights.contains(&"DELETE") && snapshot.all_hidden.contains(&audit) {
            add(&audit, NOTE_OUTSIDE);
        }
    }
    rights
}

/// The schemas beside those of the snapshot in which rows go with rows of these.
pub(crate) fn schemas_below(snapshot: &Snapshot) -> BTreeSet<String> {
    let below = snapshot.schemas.iter().flat_map(|schema| dependents(&snapshot.all, schema));
    below.map(|table| table.schema).filter(|schema| !snapshot.schemas.contains(schema)).collect()
}

/// The tables of all schemas that depend on tables of a schema, however far away.
///
/// Schemas that are no pipelines may have foreign keys in circles, which a `Graph` refuses.
fn dependents(all: &[Table], schema: &str) -> BTreeSet<TableName> {
    let own = all.iter().filter(|table| table.name.schema == schema);
    let mut found: BTreeSet<TableName> = own.map(|table| table.name.clone()).collect();
    loop {
        let known = found.len();
        for table in all {
            if table.foreign_keys.iter().any(|foreign_key| found.contains(&foreign_key.parent)) {
                found.insert(table.name.clone());
            }
        }
        if found.len() == known {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a role may do with a kind of table, in the words of the guide.
    fn words(role: Role, kind: Kind, writes: bool) -> &'static str {
        match table_rights(role, kind, writes) {
            READ => "read",
            REFER => "read, refer",
            ADD => "insert, refer",
            NOTE => "insert",
            WRITE => "write",
            ALL => "write, refer",
            other => panic!("{other:?} has no words"),
        }
    }

    #[test]
    fn the_tables_of_guide_and_documentation_are_what_is_granted() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let guide = std::fs::read_to_string(format!("{root}/docs/guide/src/deploying.md")).unwrap();
        let rows = [
            ("viewer", Role::Viewer, false),
            ("analyst", Role::Analyst, false),
            ("analyst, in the schemas that it writes", Role::Analyst, true),
            ("operator", Role::Operator, true),
            ("developer", Role::Developer, true),
        ];
        for (name, role, writes) in rows {
            let kinds = [Kind::Lookup, Kind::Manual, Kind::Computed, Kind::Job, Kind::Audit, Kind::Hidden];
            let cells = kinds.map(|kind| words(role, kind, writes)).join(" | ");
            let schema = if role.declares() { "declare" } else { "–" };
            let row = format!("| {name} | {cells} | {schema} |");
            for (place, text) in [("the guide", guide.as_str()), ("`Role`", include_str!("rights.rs"))] {
                assert!(text.contains(&row), "{place} has no row\n{row}");
            }
        }
    }

    #[test]
    fn no_table_has_less_than_a_new_one_gets_at_once() {
        for (role, writes) in Role::ALL.into_iter().flat_map(|role| [(role, false), (role, true)]) {
            let of = |kind| privileges(table_rights(role, kind, writes));
            let later = &(&of(Kind::Lookup) & &of(Kind::Manual)) & &of(Kind::Computed);
            for kind in [Kind::Lookup, Kind::Manual, Kind::Computed, Kind::Job, Kind::Audit, Kind::Hidden] {
                assert!(later.is_subset(&of(kind)), "{role} {kind:?} {writes}");
            }
        }
    }
}
