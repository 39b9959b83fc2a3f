//! What the user of a connection may do, by whatever way they came to it.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The owners of tables on which no role of ours gives rights to others yet.
    pub(crate) owners: BTreeMap<TableName, String>,
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
    /// Creates schemas in the database.
    CreateSchemas,
    /// Sees the sessions of others, as the server calls it: whether the worker of a job is still there, and how old
    /// statistics are.
    SeeSessions(String),
    /// Everything else, as people know it.
    Other(String),
}

impl std::fmt::Display for Power {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateRoles => formatter.write_str("create roles"),
            Self::HandOn(place) => write!(formatter, "GRANT OPTION on {place}"),
            Self::CreateSchemas => formatter.write_str("CREATE on the database"),
            Self::SeeSessions(text) | Self::Other(text) => formatter.write_str(text),
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
        // A file has no users: who may write to it may do everything.
        Backend::Sqlite => Ok(Held { creates: snapshot.schemas.clone(), ..Held::default() }),
        Backend::Postgresql => postgres(snapshot, description).await,
        Backend::Mysql | Backend::Mariadb => mysql(snapshot, description).await,
    }
}

async fn postgres(snapshot: &mut Snapshot, description: &Description) -> Result<Held> {
    let mut held = Held { search_path: search_path::open(snapshot).await?, ..Held::default() };
    held.powers = postgres_powers(snapshot).await?;
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
    let to_hand_on = verbs.map(|verb| format!("{verb} WITH GRANT OPTION")).join(", ");
    let givers =
        [Role::Deployer, Role::Admin].map(|role| snapshot.literal(&description.name(role))).join(", ");
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, pg_catalog.pg_has_role(c.relowner, 'USAGE'), \
         pg_catalog.has_schema_privilege(n.oid, 'USAGE'), {}, pg_catalog.has_table_privilege(c.oid, '{to_hand_on}'), \
         pg_catalog.pg_get_userbyid(c.relowner)::text, EXISTS (SELECT FROM pg_roles g WHERE g.rolname IN ({givers}) \
         AND pg_catalog.has_table_privilege(g.oid, c.oid, 'SELECT WITH GRANT OPTION') \
         AND pg_catalog.has_schema_privilege(g.oid, n.oid, 'USAGE WITH GRANT OPTION')) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname::text IN ({{}})",
        columns.join(", ")
    );
    let mut hands_on = BTreeSet::new();
    for row in snapshot.rows_of_schemas(&sql).await? {
        let verbs = verbs.iter().chain(&["MAINTAIN"]).enumerate();
        let may = verbs.filter(|(place, _)| row.truth(3) && row.truth(4 + place));
        let may = may.map(|(_, verb)| (*verb).to_owned()).collect();
        let (table, owns) = (TableName::new(row.text(0), row.text(1)), row.truth(2));
        if row.truth(12) && !owns {
            hands_on.insert(table.schema.clone());
        }
        if !row.truth(14) {
            held.owners.insert(table.clone(), row.text(13));
        }
        held.tables.insert(table, (may, owns));
    }
    held.powers.extend(hands_on.into_iter().map(Power::HandOn));
    let sql = "SELECT nspname::text FROM pg_namespace n WHERE pg_catalog.has_schema_privilege(n.oid, 'CREATE') \
               AND nspname::text IN ({})";
    held.creates = snapshot.rows_of_schemas(sql).await?.iter().map(|row| row.text(0)).collect();
    Ok(held)
}

/// What reaches beyond tables: the attributes and predefined roles that the user has, or can take on, and the database.
async fn postgres_powers(snapshot: &mut Snapshot) -> Result<Vec<Power>> {
    const SEE: [&str; 4] = ["pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"];
    const ATTRIBUTES: [&str; 4] = ["superuser", "create databases", "bypass row security", "replication"];
    // Attributes are not inherited; since 16 it is a question of its own whether one may act as a role.
    let acts = if snapshot.is_from(16) { "SET" } else { "MEMBER" };
    let sql = format!(
        "SELECT rolname::text, rolname = current_user, rolname ~ '^pg_', rolcreaterole, rolsuper, rolcreatedb, rolbypassrls, \
         rolreplication FROM pg_roles WHERE rolname = current_user OR (rolname <> 'pg_database_owner' AND NOT \
         (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND (pg_catalog.pg_has_role(oid, '{acts}') \
         OR (rolname ~ '^pg_' AND pg_catalog.pg_has_role(oid, 'USAGE')))) ORDER BY 2 DESC, 1"
    );
    let mut powers = Vec::new();
    for row in snapshot.rows(&sql, Vec::new()).await? {
        let (role, is_user, is_predefined) = (row.text(0), row.truth(1), row.truth(2));
        if is_user && row.truth(4) {
            // Everything else is within it.
            return Ok(vec![Power::Other(ATTRIBUTES[0].to_owned())]);
        }
        if is_predefined {
            let rights = format!("the rights of {role}");
            let sees = SEE.contains(&role.as_str());
            powers.push(if sees { Power::SeeSessions(rights) } else { Power::Other(rights) });
            continue;
        }
        let by = if is_user { String::new() } else { format!(", as {role}") };
        if row.truth(3) {
            powers.push(if is_user { Power::CreateRoles } else { Power::Other(format!("create roles{by}")) });
        }
        let attributes = ATTRIBUTES.iter().enumerate().filter(|(place, _)| row.truth(4 + place));
        powers.extend(attributes.map(|(_, power)| Power::Other(format!("{power}{by}"))));
    }
    let sql = "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')";
    let creates = snapshot.rows(sql, Vec::new()).await?.first().is_some_and(|row| row.truth(0));
    powers.extend(creates.then_some(Power::CreateSchemas));
    Ok(powers)
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
                    "PROCESS" => Power::SeeSessions(format!("{verb} on *.*")),
                    verb => Power::Other(format!("{verb} on *.*")),
                }));
            }
            GrantPlace::Schemas(pattern) if is_like("mysql", pattern) => {
                held.powers.push(Power::Other(format!("{} on `{pattern}`.*", grant.privileges.join(", "))));
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
