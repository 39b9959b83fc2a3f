use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_guard::Finding;
use datajoint_schema::TableName;
use datajoint_sql::{Value, is_like};

use super::{Rights, Role, describe, grouped, is_ours, role_name, wanted_rights, without};
use crate::look::{Look, placeholders};
use crate::plan::{Item, Locks, Step};
use crate::{GrantsWanted, Operation, Result};

/// Privileges on schemas, and the columns of `mysql.db` that have them.
pub(super) const COLUMNS: [(&str, &str); 18] = [
    ("SELECT", "Select_priv"),
    ("INSERT", "Insert_priv"),
    ("UPDATE", "Update_priv"),
    ("DELETE", "Delete_priv"),
    ("CREATE", "Create_priv"),
    ("DROP", "Drop_priv"),
    ("REFERENCES", "References_priv"),
    ("INDEX", "Index_priv"),
    ("ALTER", "Alter_priv"),
    ("CREATE TEMPORARY TABLES", "Create_tmp_table_priv"),
    ("LOCK TABLES", "Lock_tables_priv"),
    ("CREATE VIEW", "Create_view_priv"),
    ("SHOW VIEW", "Show_view_priv"),
    ("TRIGGER", "Trigger_priv"),
    ("CREATE ROUTINE", "Create_routine_priv"),
    ("ALTER ROUTINE", "Alter_routine_priv"),
    ("EXECUTE", "Execute_priv"),
    ("EVENT", "Event_priv"),
];

/// What a role may do with all tables of a schema.
const fn schema_rights(role: Role) -> &'static [&'static str] {
    match role {
        Role::Viewer | Role::Operator => &["SELECT"],
        Role::Analyst => &["SELECT", "REFERENCES"],
        Role::Developer => {
            &["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER"]
        }
        Role::Admin => &[
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "CREATE",
            "DROP",
            "REFERENCES",
            "INDEX",
            "ALTER",
            "CREATE TEMPORARY TABLES",
            "LOCK TABLES",
            "CREATE VIEW",
            "SHOW VIEW",
            "TRIGGER",
        ],
    }
}

/// What is granted on the server to our roles.
#[derive(Default)]
struct Observed {
    /// Names and hosts of all accounts, roles too.
    accounts: BTreeSet<(String, String)>,
    /// The accounts that have a role, by its name.
    members: BTreeMap<String, BTreeSet<(String, String)>>,
    /// The roles that accounts have when they connect.
    defaults: BTreeMap<(String, String), BTreeSet<String>>,
    /// Privileges by account and pattern of schemas.
    schemas: BTreeMap<(String, String), BTreeSet<String>>,
    tables: BTreeMap<String, Rights>,
    takes_patterns_literally: bool,
}

pub(super) async fn plan(look: &mut Look<'_>, wanted: &GrantsWanted) -> Result<Vec<Item>> {
    let names: BTreeMap<Role, String> =
        Role::ALL.into_iter().map(|role| (role, role_name(look, wanted, role))).collect();
    let observed = observe(look, &names.values().cloned().collect::<Vec<_>>()).await?;
    let home = look.schemas.first().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for (role, name) in &names {
        let exists = observed.accounts.iter().any(|(user, _)| user == name);
        let steps = if exists {
            Vec::new()
        } else {
            vec![alone(format!("CREATE ROLE IF NOT EXISTS {}", account(look, name, None)))]
        };
        let found = if exists { "there" } else { "not there" };
        items.push(Item::new(Operation::Grants, (&home, format!("role {name}")), found, "there", steps));
        items.push(members(look, wanted, *role, name, &observed));
    }
    for schema in look.schemas.clone() {
        for (role, name) in &names {
            let item = plan_schema(look, *role, name, &schema, &observed);
            items.push(if observed.takes_patterns_literally {
                item.failed(
                    "partial-revokes",
                    "the server has partial_revokes on, and takes patterns for names",
                    "turn partial_revokes off: SET PERSIST partial_revokes = OFF",
                )
            } else {
                item
            });
        }
    }
    warn(look, wanted, &observed);
    Ok(items)
}

/// These statements can't be undone together there.
fn alone(sql: String) -> Step {
    Step::new(sql).alone().locking(Locks::Nothing)
}

/// An account as statements write it. MariaDB's roles have no host.
fn account(look: &Look<'_>, user: &str, host: Option<&str>) -> String {
    match (look.backend, host) {
        (Backend::Mariadb, None) => look.quote(user),
        (_, host) => format!("{}@{}", look.literal(user), look.literal(host.unwrap_or("%"))),
    }
}

/// A schema in the place of a pattern: `_` and `%` would stand for others, too.
fn pattern(schema: &str) -> String {
    schema.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%")
}

fn members(look: &Look<'_>, wanted: &GrantsWanted, role: Role, name: &str, observed: &Observed) -> Item {
    let home = look.schemas.first().cloned().unwrap_or_default();
    let none = BTreeSet::new();
    let found = observed.members.get(name).unwrap_or(&none);
    let mut members: BTreeSet<(String, String)> = BTreeSet::new();
    let mut unknown = Vec::new();
    for member in wanted.members.get(&role).into_iter().flatten() {
        let is_here = |(user, host): &&(String, String)| {
            user == member && wanted.hosts.as_ref().is_none_or(|hosts| hosts.contains(host))
        };
        let accounts: Vec<_> = observed.accounts.iter().filter(is_here).cloned().collect();
        if accounts.is_empty() {
            unknown.push(member.as_str());
        }
        members.extend(accounts);
    }
    let role_account = account(look, name, None);
    let mut steps = Vec::new();
    for (user, host) in members.difference(found) {
        steps.push(alone(format!("GRANT {role_account} TO {}", account(look, user, Some(host)))));
    }
    for (user, host) in &members {
        let key = (user.clone(), host.clone());
        // A role that is granted is not in force before it is the default.
        if observed.defaults.get(&key).is_none_or(|roles| !roles.contains(name)) {
            let member = account(look, user, Some(host));
            steps.push(alone(match look.backend {
                Backend::Mariadb => format!("SET DEFAULT ROLE {role_account} FOR {member}"),
                _ => format!("SET DEFAULT ROLE ALL TO {member}"),
            }));
        }
    }
    for (user, host) in found.difference(&members) {
        let moves = wanted.members.iter().any(|(other, members)| *other != role && members.contains(user));
        if look.backend == Backend::Mariadb
            && !moves
            && observed.defaults.get(&(user.clone(), host.clone())).is_some_and(|roles| roles.contains(name))
        {
            // It would stay the default, and be missed at each connection.
            steps.push(alone(format!("SET DEFAULT ROLE NONE FOR {}", account(look, user, Some(host)))));
        }
        steps.push(alone(format!("REVOKE {role_account} FROM {}", account(look, user, Some(host)))));
    }
    let show = |of: &BTreeSet<(String, String)>| {
        let names: Vec<String> = of.iter().map(|(user, host)| format!("{user}@{host}")).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let object = (home.as_str(), format!("members of {name}"));
    let is_default =
        |key: &&(String, String)| observed.defaults.get(*key).is_some_and(|roles| roles.contains(name));
    let in_force: BTreeSet<_> = found.iter().filter(is_default).cloned().collect();
    let item = Item::new(Operation::Grants, object, show(&in_force), show(&members), steps);
    if unknown.is_empty() {
        return item;
    }
    item.failed(
        "no-such-user",
        format!("the server knows nobody of the name {} on the hosts of the file", unknown.join(", ")),
        "create the user with a password of their own: CREATE USER …; deploys handle no passwords",
    )
}

fn plan_schema(look: &Look<'_>, role: Role, name: &str, schema: &str, observed: &Observed) -> Item {
    let who = account(look, name, None);
    let all: BTreeSet<String> = schema_rights(role).iter().map(|verb| (*verb).to_owned()).collect();
    let none = BTreeSet::new();
    let exact = pattern(schema);
    let known = observed.schemas.get(&(name.to_owned(), exact.clone())).unwrap_or(&none);
    let list = |verbs: &BTreeSet<String>| verbs.iter().cloned().collect::<Vec<_>>().join(", ");
    let place = |pattern: &str| format!("{}.*", look.quote(pattern));
    let (mut steps, mut revokes) = (Vec::new(), Vec::new());
    let missing: BTreeSet<String> = all.difference(known).cloned().collect();
    if !missing.is_empty() {
        steps.push(alone(format!("GRANT {} ON {} TO {who}", list(&missing), place(&exact))));
    }
    let extra: BTreeSet<String> = known.difference(&all).cloned().collect();
    if !extra.is_empty() {
        revokes.push(alone(format!("REVOKE {} ON {} FROM {who}", list(&extra), place(&exact))));
    }
    // Of the patterns that fit a schema the server takes the first alone.
    let mut shadows = Vec::new();
    for ((user, other), verbs) in &observed.schemas {
        if user == name && *other != exact && is_like(schema, other) {
            shadows.push(format!("{} on {other}", list(verbs)));
            revokes.push(alone(format!("REVOKE {} ON {} FROM {who}", list(verbs), place(other))));
        }
    }
    // What all tables of the schema have needs no grant of its own.
    let mut wanted = wanted_rights(look, role, schema);
    for (table, verbs) in &mut wanted {
        if table.schema == schema {
            verbs.retain(|verb| !all.contains(verb));
        }
    }
    wanted.retain(|_, verbs| !verbs.is_empty());
    let concerned =
        |table: &TableName| is_ours(table) && (table.schema == schema || wanted.contains_key(table));
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let found: Rights = granted.into_iter().filter(|(table, _)| concerned(table)).collect();
    for (table, verbs) in without(&wanted, &found).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        steps.push(alone(format!("GRANT {} ON {} TO {who}", list(verbs), look.reference(table))));
    }
    for (table, verbs) in without(&found, &wanted).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        revokes.push(alone(format!("REVOKE {} ON {} FROM {who}", list(verbs), look.reference(table))));
    }
    steps.extend(revokes);
    let show = |all: &BTreeSet<String>, rights: &Rights, more: &[String]| {
        let mut parts = vec![format!("{} on all", list(all)), describe(&grouped(rights))];
        parts.extend(more.iter().cloned());
        parts.join("; ")
    };
    let object = (schema, format!("{schema} for {name}"));
    Item::new(Operation::Grants, object, show(known, &found, &shadows), show(&all, &wanted, &[]), steps)
}

async fn observe(look: &mut Look<'_>, names: &[String]) -> Result<Observed> {
    let mut observed = Observed::default();
    let is_mariadb = look.backend == Backend::Mariadb;
    for row in look.rows("SELECT User, Host FROM mysql.user", Vec::new()).await? {
        observed.accounts.insert((row.text(0), row.text(1)));
    }
    let list = placeholders(look.backend, names, 1);
    let values = || names.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let edges = if is_mariadb {
        format!("SELECT Role, User, Host FROM mysql.roles_mapping WHERE Role IN ({list}) AND Host <> ''")
    } else {
        format!("SELECT FROM_USER, TO_USER, TO_HOST FROM mysql.role_edges WHERE FROM_USER IN ({list})")
    };
    for row in look.rows(&edges, values()).await? {
        let member = (row.text(1), row.text(2));
        // MariaDB makes the one who creates a role a member of it.
        if !(is_mariadb && is_self(look, &member).await?) {
            observed.members.entry(row.text(0)).or_default().insert(member);
        }
    }
    let defaults = if is_mariadb {
        format!("SELECT default_role, User, Host FROM mysql.user WHERE default_role IN ({list})")
    } else {
        format!(
            "SELECT DEFAULT_ROLE_USER, USER, HOST FROM mysql.default_roles WHERE DEFAULT_ROLE_USER IN ({list})"
        )
    };
    for row in look.rows(&defaults, values()).await? {
        observed.defaults.entry((row.text(1), row.text(2))).or_default().insert(row.text(0));
    }
    if !is_mariadb {
        let variables =
            look.rows("SELECT @@partial_revokes, @@activate_all_roles_on_login", Vec::new()).await?;
        observed.takes_patterns_literally = variables.first().is_some_and(|row| row.truth(0));
    }
    let columns: Vec<&str> = COLUMNS.iter().map(|(_, column)| *column).collect();
    let sql = format!("SELECT User, Db, {} FROM mysql.db WHERE User IN ({list})", columns.join(", "));
    for row in look.rows(&sql, values()).await? {
        let granted = COLUMNS.iter().enumerate().filter(|(place, _)| row.text(2 + place) == "Y");
        let verbs = granted.map(|(_, (verb, _))| (*verb).to_owned()).collect();
        observed.schemas.insert((row.text(0), row.text(1)), verbs);
    }
    let sql =
        format!("SELECT User, Db, Table_name, Table_priv FROM mysql.tables_priv WHERE User IN ({list})");
    for row in look.rows(&sql, values()).await? {
        let verbs: BTreeSet<String> =
            row.text(3).split(',').filter(|verb| !verb.is_empty()).map(str::to_ascii_uppercase).collect();
        let table = TableName::new(row.text(1), row.text(2));
        observed.tables.entry(row.text(0)).or_default().insert(table, verbs);
    }
    Ok(observed)
}

async fn is_self(look: &mut Look<'_>, member: &(String, String)) -> Result<bool> {
    let rows = look.rows("SELECT CURRENT_USER()", Vec::new()).await?;
    Ok(rows.first().is_some_and(|row| row.text(0) == format!("{}@{}", member.0, member.1)))
}

fn warn(look: &mut Look<'_>, wanted: &GrantsWanted, observed: &Observed) {
    for member in wanted.members.values().flatten() {
        let is_open = |host: &String| host == "%" && wanted.hosts.is_none();
        if observed.accounts.iter().any(|(user, host)| user == member && is_open(host)) {
            look.findings.push(Finding::warning(
                "user-from-anywhere",
                format!("{member} may connect from any machine"),
                format!("RENAME USER '{member}'@'%' TO '{member}'@'a host or network of yours'"),
            ));
        }
    }
}
