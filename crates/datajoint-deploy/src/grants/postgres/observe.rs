//! What is granted on the server to our roles.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_schema::TableName;
use datajoint_sql::Value;

use crate::Result;
use crate::grants::Rights;
use crate::look::{Look, placeholders};

/// What is granted on the server, as far as it is ours to look after.
#[derive(Default)]
pub(super) struct Observed {
    pub(super) roles: BTreeSet<String>,
    /// Those that may log in, or are superusers: none of these is a role of ours.
    pub(super) people: BTreeSet<String>,
    pub(super) members: BTreeMap<String, Vec<Membership>>,
    pub(super) tables: BTreeMap<String, Rights>,
    /// Privileges on single columns, which are never ours.
    pub(super) columns: BTreeMap<String, BTreeMap<(TableName, String), BTreeSet<String>>>,
    /// Privileges that may be handed on, which are never ours.
    pub(super) grantable: BTreeMap<String, Rights>,
    /// The tables that a role owns.
    pub(super) owned: BTreeSet<(String, TableName)>,
    pub(super) schemas: BTreeMap<(String, String), BTreeSet<String>>,
    /// Privileges on tables that a creator declares later: by role, schema and creator.
    pub(super) defaults: BTreeMap<(String, String, String), BTreeSet<String>>,
    pub(super) user: String,
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

pub(super) async fn observe(look: &mut Look<'_>, names: &[String]) -> Result<Observed> {
    let mut observed = Observed::default();
    let list = placeholders(look.backend, names);
    let values = || names.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let sql = "SELECT rolname::text, current_user::text, rolcanlogin OR rolsuper FROM pg_roles";
    for row in look.rows(sql, Vec::new()).await? {
        observed.user = row.text(1);
        observed.roles.insert(row.text(0));
        if row.truth(2) {
            observed.people.insert(row.text(0));
        }
    }
    let inherits = if look.is_from(16) { "m.inherit_option, m.set_option" } else { "true, true" };
    let sql = format!(
        "SELECT r.rolname::text, u.rolname::text, coalesce(pg_get_userbyid(m.grantor)::text, ''), {inherits}, \
         m.admin_option FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         JOIN pg_roles u ON u.oid = m.member WHERE r.rolname IN ({list}) ORDER BY 1, 2, 3"
    );
    for row in look.rows(&sql, values()).await? {
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
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a \
         JOIN pg_roles g ON g.oid = a.grantee WHERE c.relkind IN ('r', 'p') AND a.grantee <> c.relowner \
         AND g.rolname IN ({list}) UNION ALL \
         SELECT g.rolname::text, n.nspname::text, c.relname::text, a.privilege_type, a.is_grantable, t.attname::text \
         FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         CROSS JOIN LATERAL aclexplode(t.attacl) a JOIN pg_roles g ON g.oid = a.grantee \
         WHERE c.relkind IN ('r', 'p') AND a.grantee <> c.relowner AND g.rolname IN ({list})"
    );
    for row in look.rows(&sql, values()).await? {
        let (role, table, verb) = (row.text(0), TableName::new(row.text(1), row.text(2)), row.text(3));
        if let Some(column) = row.maybe(5) {
            let columns = observed.columns.entry(role).or_default();
            columns.entry((table, column)).or_default().insert(verb);
            continue;
        }
        if row.truth(4) {
            let rights = observed.grantable.entry(role.clone()).or_default();
            rights.entry(table.clone()).or_default().insert(verb.clone());
        }
        observed.tables.entry(role).or_default().entry(table).or_default().insert(verb);
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n \
         ON n.oid = c.relnamespace JOIN pg_roles g ON g.oid = c.relowner WHERE c.relkind IN ('r', 'p') \
         AND g.rolname IN ({list})"
    );
    for row in look.rows(&sql, values()).await? {
        observed.owned.insert((row.text(0), TableName::new(row.text(1), row.text(2))));
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, a.privilege_type FROM pg_namespace n \
         CROSS JOIN LATERAL aclexplode(n.nspacl) a JOIN pg_roles g ON g.oid = a.grantee WHERE g.rolname IN ({list})"
    );
    for row in look.rows(&sql, values()).await? {
        observed.schemas.entry((row.text(0), row.text(1))).or_default().insert(row.text(2));
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, pg_get_userbyid(d.defaclrole)::text, a.privilege_type \
         FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace \
         CROSS JOIN LATERAL aclexplode(d.defaclacl) a JOIN pg_roles g ON g.oid = a.grantee \
         WHERE d.defaclobjtype = 'r' AND g.rolname IN ({list})"
    );
    for row in look.rows(&sql, values()).await? {
        let key = (row.text(0), row.text(1), row.text(2));
        observed.defaults.entry(key).or_default().insert(row.text(3));
    }
    Ok(observed)
}
