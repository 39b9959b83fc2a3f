//! What the user of a connection may do, by whatever way they came to it.

use std::collections::BTreeMap;

use datajoint_definition::Backend;
use datajoint_guard::Finding;
use datajoint_plan::Snapshot;
use datajoint_schema::TableName;
use datajoint_sql::{Grant, GrantPlace, is_like, read_grant};

use super::{Description, Privileges, Role};
use crate::{Result, search_path};

/// What the user of a connection may do.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// The most of our roles that the user has.
    pub(crate) role: Option<Role>,
    /// What reaches beyond the pipeline.
    pub(crate) powers: Vec<Power>,
    /// Per table: what may be done with it, and whether the user owns it.
    tables: BTreeMap<TableName, (Privileges, bool)>,
    /// The schemas in which the user may create tables.
    pub(crate) creates: Vec<String>,
    /// The lines of MySQL and MariaDB.
    grants: Vec<Grant>,
    /// What others may do where the server looks for names.
    pub(crate) search_path: Vec<Finding>,
}

/// Something that reaches beyond the tables of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Power {
    /// Creates roles and puts users into them.
    CreateRoles,
    /// Gives others what it may do in this schema, or pattern of schemas.
    HandOn(String),
    /// Sees the sessions of others: whether the worker of a job is still there, and how old statistics are.
    SeeSessions,
    /// Everything else, as people know it.
    Other(String),
}

impl std::fmt::Display for Power {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateRoles => formatter.write_str("create roles"),
            Self::HandOn(place) => write!(formatter, "GRANT OPTION on {place}"),
            Self::SeeSessions => formatter.write_str("PROCESS on *.*"),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}

impl Held {
    /// What the user may do with a table.
    pub(crate) fn on_table(&self, table: &TableName) -> Privileges {
        let mut may = self.tables.get(table).map(|(may, _)| may.clone()).unwrap_or_default();
        for grant in &self.grants {
            let is_here = match &grant.place {
                GrantPlace::Everywhere => true,
                GrantPlace::Schemas(pattern) => is_like(&table.schema, pattern),
                GrantPlace::Table(schema, name) => *schema == table.schema && *name == table.table,
                GrantPlace::Other(_) => false,
            };
            if is_here {
                may.extend(grant.privileges.iter().cloned());
            }
        }
        may
    }

    /// What the user may do with all tables of a schema, where that is granted on the schema.
    pub(crate) fn on_schema(&self, schema: &str) -> Privileges {
        let is_here = |grant: &&Grant| match &grant.place {
            GrantPlace::Everywhere => true,
            GrantPlace::Schemas(pattern) => is_like(schema, pattern),
            GrantPlace::Table(..) | GrantPlace::Other(_) => false,
        };
        self.grants.iter().filter(is_here).flat_map(|grant| grant.privileges.iter().cloned()).collect()
    }

    /// True when the user owns a table, and so may do everything with it.
    pub(crate) fn owns(&self, table: &TableName) -> bool {
        self.tables.get(table).is_some_and(|(_, owns)| *owns)
    }
}

/// Whether a privilege that a server writes is one that stands for it: all of them.
pub(crate) fn may(held: &Privileges, verb: &str) -> bool {
    held.contains(verb) || held.contains("ALL PRIVILEGES")
}

/// Reads what the user may do in the deployed schemas.
pub(crate) async fn held(snapshot: &mut Snapshot, description: &Description) -> Result<Held> {
    match snapshot.backend {
        Backend::Sqlite => Ok(Held::default()),
        Backend::Postgresql => postgres(snapshot, description).await,
        Backend::Mysql | Backend::Mariadb => mysql(snapshot, description).await,
    }
}

async fn postgres(snapshot: &mut Snapshot, description: &Description) -> Result<Held> {
    let mut held = Held { search_path: search_path::open(snapshot).await?, ..Held::default() };
    let sql = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user";
    for row in snapshot.rows(sql, Vec::new()).await? {
        if row.truth(0) {
            held.powers.push(Power::Other("superuser".to_owned()));
            continue;
        }
        if row.truth(1) {
            held.powers.push(Power::CreateRoles);
        }
        let more = [(2, "create databases"), (3, "bypass row security")];
        held.powers.extend(
            more.iter()
                .filter(|(place, _)| row.truth(*place))
                .map(|(_, power)| Power::Other((*power).to_owned())),
        );
    }
    let sql = "SELECT rolname::text FROM pg_roles WHERE pg_catalog.pg_has_role(oid, 'USAGE') AND NOT rolcanlogin \
               AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
    let mine: Vec<String> = snapshot.rows(sql, Vec::new()).await?.iter().map(|row| row.text(0)).collect();
    held.role = Role::ALL.into_iter().rev().find(|role| mine.contains(&description.name(*role)));
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "TRUNCATE", "TRIGGER"];
    let mut columns: Vec<String> =
        verbs.iter().map(|verb| format!("pg_catalog.has_table_privilege(c.oid, '{verb}')")).collect();
    columns.push(
        if snapshot.is_from(17) { "pg_catalog.has_table_privilege(c.oid, 'MAINTAIN')" } else { "false" }
            .to_owned(),
    );
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, pg_catalog.pg_has_role(c.relowner, 'USAGE'), \
         pg_catalog.has_schema_privilege(n.oid, 'USAGE'), {} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname::text IN ({{}})",
        columns.join(", ")
    );
    for row in snapshot.rows_of_schemas(&sql).await? {
        let verbs = verbs.iter().chain(&["MAINTAIN"]).enumerate();
        let may = verbs.filter(|(place, _)| row.truth(3) && row.truth(4 + place));
        let may = may.map(|(_, verb)| (*verb).to_owned()).collect();
        held.tables.insert(TableName::new(row.text(0), row.text(1)), (may, row.truth(2)));
    }
    let sql = "SELECT nspname::text FROM pg_namespace n WHERE pg_catalog.has_schema_privilege(n.oid, 'CREATE') \
               AND nspname::text IN ({})";
    held.creates = snapshot.rows_of_schemas(sql).await?.iter().map(|row| row.text(0)).collect();
    Ok(held)
}

async fn mysql(snapshot: &mut Snapshot, description: &Description) -> Result<Held> {
    const CHANGING: [&str; 5] = ["ALL PRIVILEGES", "CREATE", "ALTER", "DROP", "INDEX"];
    let mut held = Held::default();
    let current = snapshot.rows("SELECT CURRENT_ROLE()", Vec::new()).await?;
    let current = current.first().map(|row| row.text(0)).unwrap_or_default();
    // MySQL: `lab_viewer`@`%`,`lab_dba`@`%`; MariaDB: lab_viewer.
    let names: Vec<&str> =
        current.split(',').map(|name| name.split('@').next().unwrap_or(name).trim_matches('`')).collect();
    held.role = Role::ALL.into_iter().rev().find(|role| names.contains(&description.name(*role).as_str()));
    let lines = snapshot.rows("SHOW GRANTS", Vec::new()).await?;
    held.grants = lines.iter().filter_map(|row| read_grant(&row.text(0))).collect();
    for grant in &held.grants {
        let is_all = grant.privileges.iter().any(|verb| verb == "ALL PRIVILEGES");
        match &grant.place {
            GrantPlace::Everywhere => {
                let more = grant.privileges.iter().filter(|verb| *verb != "USAGE");
                held.powers.extend(more.map(|verb| match verb.as_str() {
                    "PROCESS" => Power::SeeSessions,
                    verb => Power::Other(format!("{verb} on *.*")),
                }));
            }
            GrantPlace::Schemas(pattern) if is_all => {
                held.powers.push(Power::Other(format!("ALL PRIVILEGES on `{pattern}`.*")));
            }
            _ => {}
        }
        if grant.can_hand_on {
            held.powers.push(match &grant.place {
                GrantPlace::Schemas(pattern) => Power::HandOn(pattern.clone()),
                other => Power::Other(format!("GRANT OPTION on {other}")),
            });
        }
    }
    let changes = |schema: &String| {
        held.grants.iter().any(|grant| {
            let is_here = match &grant.place {
                GrantPlace::Everywhere => true,
                GrantPlace::Schemas(pattern) => is_like(schema, pattern),
                GrantPlace::Table(place, _) => place == schema,
                GrantPlace::Other(_) => false,
            };
            is_here && grant.privileges.iter().any(|verb| CHANGING.contains(&verb.as_str()))
        })
    };
    held.creates = snapshot.schemas.iter().filter(|schema| changes(schema)).cloned().collect();
    Ok(held)
}
