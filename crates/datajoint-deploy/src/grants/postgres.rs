use std::collections::{BTreeMap, BTreeSet};

use datajoint_guard::Finding;
use datajoint_schema::TableName;
use datajoint_sql::Value;

use super::{Rights, Role, describe, grouped, is_ours, role_name, wanted_rights, without};
use crate::look::{Look, placeholders};
use crate::plan::{Item, Step};
use crate::{GrantsWanted, Operation, Result};

/// What is granted on the server, as far as it is ours to look after.
#[derive(Default)]
struct Observed {
    roles: BTreeSet<String>,
    /// The members of our roles, but for those that the server made so itself.
    members: BTreeMap<String, BTreeSet<String>>,
    tables: BTreeMap<String, Rights>,
    schemas: BTreeMap<(String, String), BTreeSet<String>>,
    /// Privileges on tables that a creator declares later: by role, schema and creator.
    defaults: BTreeMap<(String, String, String), BTreeSet<String>>,
    user: String,
}

pub(super) async fn plan(look: &mut Look<'_>, wanted: &GrantsWanted) -> Result<Vec<Item>> {
    let names: BTreeMap<Role, String> =
        Role::ALL.into_iter().map(|role| (role, role_name(look, wanted, role))).collect();
    let observed = observe(look, &names.values().cloned().collect::<Vec<_>>()).await?;
    let creators = wanted.creators.clone().unwrap_or_else(|| vec![observed.user.clone()]);
    let owned = crate::owner::owned(look).await?;
    let home = look.schemas.first().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for (role, name) in &names {
        let exists = observed.roles.contains(name);
        let quoted = look.quote(name);
        let steps =
            if exists { Vec::new() } else { vec![Step::new(format!("CREATE ROLE {quoted} NOLOGIN"))] };
        let found = if exists { "there" } else { "not there" };
        items.push(Item::new(Operation::Grants, (&home, format!("role {name}")), found, "there", steps));
        items.push(members(look, wanted, *role, name, &observed));
    }
    for schema in look.schemas.clone() {
        for (role, name) in &names {
            let item = plan_schema(look, *role, name, &schema, &creators, &observed);
            let tables = wanted_rights(look, *role, &schema);
            let foreign = tables.keys().find(|table| owned.other(table).is_some()).cloned();
            items.push(match foreign {
                Some(table) => owned.check(item, &table),
                None => item,
            });
        }
    }
    warn(look).await?;
    Ok(items)
}

fn members(look: &Look<'_>, wanted: &GrantsWanted, role: Role, name: &str, observed: &Observed) -> Item {
    let home = look.schemas.first().cloned().unwrap_or_default();
    let none = BTreeSet::new();
    let found = observed.members.get(name).unwrap_or(&none);
    let members: BTreeSet<String> = wanted.members.get(&role).into_iter().flatten().cloned().collect();
    let quoted = look.quote(name);
    // Since 16 a membership says whether its rights count at once, and whether one may act as the role.
    let options = if look.is_from(16) { " WITH INHERIT TRUE, SET FALSE" } else { "" };
    let mut steps = Vec::new();
    for member in members.difference(found) {
        steps.push(Step::new(format!("GRANT {quoted} TO {}{options}", look.quote(member))));
    }
    for member in found.difference(&members) {
        steps.push(Step::new(format!("REVOKE {quoted} FROM {}", look.quote(member))));
    }
    let show = |of: &BTreeSet<String>| {
        if of.is_empty() { "nobody".to_owned() } else { of.iter().cloned().collect::<Vec<_>>().join(", ") }
    };
    let object = (home.as_str(), format!("members of {name}"));
    let item = Item::new(Operation::Grants, object, show(found), show(&members), steps);
    let unknown: Vec<&str> =
        members.iter().filter(|member| !observed.roles.contains(*member)).map(String::as_str).collect();
    if unknown.is_empty() {
        return item;
    }
    item.failed(
        "no-such-user",
        format!("the server knows nobody of the name {}", unknown.join(", ")),
        "create the user with a password of their own: CREATE ROLE … LOGIN; deploys handle no passwords",
    )
}

fn plan_schema(
    look: &Look<'_>,
    role: Role,
    name: &str,
    schema: &str,
    creators: &[String],
    observed: &Observed,
) -> Item {
    let mut wanted = wanted_rights(look, role, schema);
    if role == Role::Admin {
        let mut more = vec!["TRUNCATE", "TRIGGER"];
        if look.is_from(17) {
            more.push("MAINTAIN");
        }
        for (_, verbs) in wanted.iter_mut().filter(|(table, _)| table.schema == schema) {
            verbs.extend(more.iter().map(|verb| (*verb).to_owned()));
        }
    }
    let all = observed.tables.get(name).cloned().unwrap_or_default();
    // What is granted elsewhere is not ours to take.
    let concerned =
        |table: &TableName| is_ours(table) && (table.schema == schema || wanted.contains_key(table));
    let found: Rights = all.into_iter().filter(|(table, _)| concerned(table)).collect();
    let quoted = look.quote(name);
    let mut steps = Vec::new();
    let mut usage: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in wanted.keys() {
        usage.entry(table.schema.clone()).or_default().insert("USAGE".to_owned());
    }
    let here = usage.entry(schema.to_owned()).or_default();
    here.insert("USAGE".to_owned());
    if role.declares() {
        here.insert("CREATE".to_owned());
    }
    let none = BTreeSet::new();
    let mut revokes = Vec::new();
    let mut has = Vec::new();
    for (place, verbs) in &usage {
        let known = observed.schemas.get(&(name.to_owned(), place.clone())).unwrap_or(&none);
        has.push(format!("{} on schema {place}", list(known)));
        let missing: BTreeSet<String> = verbs.difference(known).cloned().collect();
        if !missing.is_empty() {
            let place = look.quote(place);
            steps.push(Step::new(format!("GRANT {} ON SCHEMA {place} TO {quoted}", list(&missing))));
        }
        let extra: BTreeSet<String> = known.difference(verbs).cloned().collect();
        if !extra.is_empty() && place == schema {
            let place = look.quote(place);
            revokes.push(Step::new(format!("REVOKE {} ON SCHEMA {place} FROM {quoted}", list(&extra))));
        }
    }
    for (verbs, tables) in grouped(&without(&wanted, &found)) {
        let tables = references(look, &tables);
        steps.push(Step::new(format!("GRANT {} ON TABLE {tables} TO {quoted}", list(&verbs))));
    }
    for (verbs, tables) in grouped(&without(&found, &wanted)) {
        let tables = references(look, &tables);
        revokes.push(Step::new(format!("REVOKE {} ON TABLE {tables} FROM {quoted}", list(&verbs))));
    }
    let later = later_rights(look, role);
    let mut defaults = Vec::new();
    for creator in creators {
        let key = (name.to_owned(), schema.to_owned(), creator.clone());
        let known = observed.defaults.get(&key).unwrap_or(&none);
        defaults.push(format!("{} on new tables of {creator}", list(known)));
        let place = format!("FOR ROLE {} IN SCHEMA {}", look.quote(creator), look.quote(schema));
        let missing: BTreeSet<String> = later.difference(known).cloned().collect();
        if !missing.is_empty() {
            steps.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} GRANT {} ON TABLES TO {quoted}",
                list(&missing)
            )));
        }
        let extra: BTreeSet<String> = known.difference(&later).cloned().collect();
        if !extra.is_empty() {
            revokes.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} REVOKE {} ON TABLES FROM {quoted}",
                list(&extra)
            )));
        }
    }
    steps.extend(revokes);
    let show = |rights: &Rights, more: &[String]| {
        let mut parts = vec![describe(&grouped(rights))];
        parts.extend(more.iter().cloned());
        parts.join("; ")
    };
    let asked: Vec<String> =
        usage.iter().map(|(place, verbs)| format!("{} on schema {place}", list(verbs))).collect();
    let new: Vec<String> =
        creators.iter().map(|creator| format!("{} on new tables of {creator}", list(&later))).collect();
    let object = (schema, format!("{schema} for {name}"));
    Item::new(
        Operation::Grants,
        object,
        show(&found, &[has, defaults].concat()),
        show(&wanted, &[asked, new].concat()),
        steps,
    )
}

/// What a role may do with tables whose tier is not known yet: what it may do with any.
fn later_rights(look: &Look<'_>, role: Role) -> BTreeSet<String> {
    let mut verbs = match role {
        Role::Viewer | Role::Operator => vec!["SELECT"],
        Role::Analyst => vec!["SELECT", "REFERENCES"],
        Role::Developer => vec!["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES"],
        Role::Admin => {
            vec!["SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "TRUNCATE", "TRIGGER"]
        }
    };
    if role == Role::Admin && look.is_from(17) {
        verbs.push("MAINTAIN");
    }
    verbs.into_iter().map(str::to_owned).collect()
}

fn list(verbs: &BTreeSet<String>) -> String {
    verbs.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn references(look: &Look<'_>, tables: &[TableName]) -> String {
    tables.iter().map(|table| look.reference(table)).collect::<Vec<_>>().join(", ")
}

async fn observe(look: &mut Look<'_>, names: &[String]) -> Result<Observed> {
    let mut observed = Observed::default();
    let list = placeholders(look.backend, names, 1);
    let values = || names.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let rows = look.rows("SELECT rolname::text, current_user::text FROM pg_roles", Vec::new()).await?;
    for row in rows {
        observed.user = row.text(1);
        observed.roles.insert(row.text(0));
    }
    // Since 16 whoever creates a role is a member that may hand it on; the server made that itself.
    let own = if look.is_from(16) { "AND (m.inherit_option OR m.set_option)" } else { "" };
    let sql = format!(
        "SELECT r.rolname::text, u.rolname::text FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         JOIN pg_roles u ON u.oid = m.member WHERE r.rolname IN ({list}) {own} AND u.rolname <> current_user"
    );
    for row in look.rows(&sql, values()).await? {
        observed.members.entry(row.text(0)).or_default().insert(row.text(1));
    }
    let sql = format!(
        "SELECT g.rolname::text, n.nspname::text, c.relname::text, a.privilege_type FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a \
         JOIN pg_roles g ON g.oid = a.grantee WHERE c.relkind IN ('r', 'p') AND a.grantee <> c.relowner \
         AND g.rolname IN ({list})"
    );
    for row in look.rows(&sql, values()).await? {
        let table = TableName::new(row.text(1), row.text(2));
        let rights = observed.tables.entry(row.text(0)).or_default();
        rights.entry(table).or_default().insert(row.text(3));
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

/// What everybody may do, which no role takes away.
async fn warn(look: &mut Look<'_>) -> Result<()> {
    let sql = "SELECT DISTINCT n.nspname::text FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a \
               WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' AND n.nspname::text IN ({})";
    for row in look.rows_of_schemas(sql).await? {
        let schema = row.text(0);
        look.findings.push(Finding::warning(
            "everybody-creates",
            format!("everybody may create tables in `{schema}`"),
            format!("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", look.quote(&schema)),
        ));
    }
    Ok(())
}
