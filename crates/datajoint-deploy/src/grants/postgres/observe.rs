//! What is granted on the server to our roles.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_plan::{Row, Snapshot, placeholders};
use datajoint_schema::TableName;
use datajoint_sql::Value;

use crate::Result;
use crate::rights::{Description, Privileges, Rights, Role};

/// Privileges, and those among them that may be handed on.
#[derive(Debug, Clone, Default)]
pub(super) struct Granted {
    pub(super) all: Privileges,
    pub(super) to_hand_on: Privileges,
}

impl Granted {
    fn note(&mut self, verb: String, can_hand_on: bool) {
        if can_hand_on {
            self.to_hand_on.insert(verb.clone());
        }
        self.all.insert(verb);
    }
}

/// What is granted on the server, as far as it is ours to look after.
#[derive(Default)]
pub(super) struct Observed {
    pub(super) roles: BTreeSet<String>,
    /// Those that may log in, or are superusers: none of these is a role of ours.
    pub(super) people: BTreeSet<String>,
    /// The roles that the user may put others into.
    pub(super) handed_on: BTreeSet<String>,
    /// The roles whose rights the user has: whoever has those of a creator says what others may do with its new tables.
    pub(super) is_user: BTreeSet<String>,
    pub(super) members: BTreeMap<String, Vec<Membership>>,
    /// By role: what is granted on tables.
    pub(super) tables: BTreeMap<String, BTreeMap<TableName, Granted>>,
    /// Privileges on single columns, which are never ours.
    pub(super) columns: BTreeMap<String, BTreeMap<(TableName, String), Privileges>>,
    /// The tables that a role owns.
    pub(super) owned: BTreeSet<(String, TableName)>,
    /// Who owns tables in a schema.
    pub(super) owners: BTreeMap<String, BTreeSet<String>>,
    /// By role and schema.
    pub(super) schemas: BTreeMap<(String, String), Granted>,
    /// By role: what is granted on the database.
    pub(super) database: BTreeMap<String, Privileges>,
    pub(super) database_name: String,
    /// What may be given to others: schemas and tables, and whether the database.
    pub(super) may_give: BTreeSet<(String, Option<String>)>,
    pub(super) may_give_database: bool,
    /// Privileges on tables that a creator declares later: by role, schema and creator; without a name those of all schemas.
    pub(super) defaults: BTreeMap<(String, String, String), Granted>,
    /// Privileges on schemas that a creator makes later: by role and creator.
    pub(super) new_schemas: BTreeMap<(String, String), Granted>,
    pub(super) user: String,
    pub(super) creates_roles: bool,
}

/// That somebody is in a role.
pub(super) struct Membership {
    pub(super) member: String,
    pub(super) grantor: String,
    /// Whether its rights count at once.
    pub(super) inherits: bool,
    /// Whether it may act as the role.
    pub(super) acts: bool,
    /// Whether the role may be handed on.
    pub(super) is_admin: bool,
}

pub(super) async fn observe(snapshot: &mut Snapshot, names: &[String]) -> Result<Observed> {
    let mut observed = Observed::default();
    people(snapshot, &mut observed).await?;
    let values = || names.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let list = placeholders(snapshot.backend, names);
    let inherits = if snapshot.is_from(16) { "m.inherit_option, m.set_option" } else { "true, true" };
    let sql = format!(
        "SELECT r.rolname::text, u.rolname::text, coalesce(pg_catalog.pg_get_userbyid(m.grantor)::text, ''), {inherits}, \
         m.admin_option FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         JOIN pg_roles u ON u.oid = m.member WHERE r.rolname IN ({list}) ORDER BY 1, 2, 3"
    );
    for row in snapshot.rows(&sql, values()).await? {
        observed.members.entry(row.text(0)).or_default().push(Membership {
            member: row.text(1),
            grantor: row.text(2),
            inherits: row.truth(3),
            acts: row.truth(4),
            is_admin: row.truth(5),
        });
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, c.relname::text, a.privilege_type, a.is_grantable, NULL::text \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a \
         JOIN pg_roles g ON g.oid = a.grantee WHERE c.relkind IN ('r', 'p') AND a.grantee <> c.relowner \
         AND g.rolname IN ({list}) UNION ALL \
         SELECT g.rolname::text, n.nspname::text, c.relname::text, a.privilege_type, a.is_grantable, t.attname::text \
         FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a JOIN pg_roles g ON g.oid = a.grantee \
         WHERE c.relkind IN ('r', 'p') AND a.grantee <> c.relowner AND g.rolname IN ({list})"
    );
    for row in snapshot.rows(&sql, values()).await? {
        let (role, table, verb) = (row.text(0), TableName::new(row.text(1), row.text(2)), row.text(3));
        if let Some(column) = row.maybe(5) {
            let columns = observed.columns.entry(role).or_default();
            columns.entry((table, column)).or_default().insert(verb);
            continue;
        }
        observed.tables.entry(role).or_default().entry(table).or_default().note(verb, row.truth(4));
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, a.privilege_type, a.is_grantable FROM pg_namespace n \
         CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a JOIN pg_roles g ON g.oid = a.grantee \
         WHERE g.rolname IN ({list}) AND a.grantee <> n.nspowner"
    );
    for row in snapshot.rows(&sql, values()).await? {
        observed.schemas.entry((row.text(0), row.text(1))).or_default().note(row.text(2), row.truth(3));
    }
    let sql = format!(
        "SELECT g.rolname::text, a.privilege_type FROM pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a \
         JOIN pg_roles g ON g.oid = a.grantee WHERE d.datname = pg_catalog.current_database() AND g.rolname IN ({list})"
    );
    for row in snapshot.rows(&sql, values()).await? {
        observed.database.entry(row.text(0)).or_default().insert(row.text(1));
    }
    let sql = format!(
        "SELECT g.rolname::text, coalesce(n.nspname::text, ''), pg_catalog.pg_get_userbyid(d.defaclrole)::text, \
         a.privilege_type, a.is_grantable, d.defaclobjtype = 'n' FROM pg_default_acl d \
         LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace \
         CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a JOIN pg_roles g ON g.oid = a.grantee \
         WHERE d.defaclobjtype IN ('r', 'n') AND a.grantee <> d.defaclrole AND g.rolname IN ({list})"
    );
    for row in snapshot.rows(&sql, values()).await? {
        let (role, schema, creator) = (row.text(0), row.text(1), row.text(2));
        let granted = if row.truth(5) {
            observed.new_schemas.entry((role, creator)).or_default()
        } else {
            observed.defaults.entry((role, schema, creator)).or_default()
        };
        granted.note(row.text(3), row.truth(4));
    }
    owners(snapshot, &mut observed).await?;
    Ok(observed)
}

/// Who there is, and whom the user may put into which role.
async fn people(snapshot: &mut Snapshot, observed: &mut Observed) -> Result<()> {
    let sql = "SELECT rolname::text, current_user::text, rolcanlogin OR rolsuper, \
               pg_catalog.pg_has_role(oid, 'USAGE'), pg_catalog.pg_has_role(oid, 'MEMBER WITH ADMIN OPTION'), rolcreaterole OR rolsuper, \
               rolsuper FROM pg_roles";
    let rows = snapshot.rows(sql, Vec::new()).await?;
    let mine = |row: &&Row| row.text(0) == row.text(1);
    observed.creates_roles = rows.iter().find(mine).is_some_and(|row| row.truth(5));
    let is_superuser = rows.iter().find(mine).is_some_and(|row| row.truth(6));
    // Before 16 who creates roles may put anybody into any role, but for superusers.
    let hands_on_all = is_superuser || (observed.creates_roles && !snapshot.is_from(16));
    for row in rows {
        let name = row.text(0);
        observed.user = row.text(1);
        if row.truth(2) {
            observed.people.insert(name.clone());
        }
        if row.truth(3) {
            observed.is_user.insert(name.clone());
        }
        if hands_on_all || row.truth(4) {
            observed.handed_on.insert(name.clone());
        }
        observed.roles.insert(name);
    }
    Ok(())
}

/// Who owns what, and what the user may give to others.
async fn owners(snapshot: &mut Snapshot, observed: &mut Observed) -> Result<()> {
    let sql = "SELECT o.rolname::text, n.nspname::text, c.relname::text, \
               pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION') FROM pg_class c JOIN pg_namespace n \
               ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner WHERE c.relkind IN ('r', 'p') \
               AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let (owner, schema, table) = (row.text(0), row.text(1), row.text(2));
        if row.truth(3) {
            observed.may_give.insert((schema.clone(), Some(table.clone())));
        }
        observed.owners.entry(schema.clone()).or_default().insert(owner.clone());
        observed.owned.insert((owner, TableName::new(schema, table)));
    }
    let sql = "SELECT nspname::text, pg_catalog.has_schema_privilege(oid, 'USAGE WITH GRANT OPTION') FROM pg_namespace \
               WHERE nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        if row.truth(1) {
            observed.may_give.insert((row.text(0), None));
        }
    }
    let sql = "SELECT pg_catalog.current_database()::text, pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE WITH GRANT OPTION')";
    for row in snapshot.rows(sql, Vec::new()).await? {
        observed.database_name = row.text(0);
        observed.may_give_database = row.truth(1);
    }
    Ok(())
}

impl Observed {
    /// What a role may do with tables that a creator declares later in a schema; without a name, in any.
    pub(super) fn on_later(&self, role: &str, schema: &str, creator: &str) -> Granted {
        let key = (role.to_owned(), schema.to_owned(), creator.to_owned());
        self.defaults.get(&key).cloned().unwrap_or_default()
    }

    /// The role of ours in which the user is, where that gives nobody rights: others have to.
    pub(super) fn uses(&self, description: &Description) -> Option<String> {
        let mine = |role: &Role| self.is_user.contains(&description.name(*role));
        let role = Role::ALL.into_iter().rev().find(mine)?;
        (!role.hands_on()).then(|| description.name(role))
    }

    /// What a role may do with the tables of a schema.
    pub(super) fn on(&self, role: &str, schema: &str) -> BTreeMap<TableName, Granted> {
        let granted = self.tables.get(role).into_iter().flatten();
        let here = granted.filter(|(table, _)| table.schema == schema);
        here.map(|(table, granted)| (table.clone(), granted.clone())).collect()
    }

    /// The same of these tables, wherever they are.
    pub(super) fn on_these(&self, role: &str, tables: &Rights) -> Rights {
        let granted = self.tables.get(role).into_iter().flatten();
        let these = granted.filter(|(table, _)| tables.contains_key(*table));
        these.map(|(table, granted)| (table.clone(), granted.all.clone())).collect()
    }
}
