use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_guard::Finding;
use datajoint_sql::is_like;

use super::{
    Rights, Role, check_known, describe, grouped, is_ours, list, role_name, split, taken, wanted_rights,
    without,
};
use crate::look::Look;
use crate::plan::{Item, Locks, Step};
use crate::{GrantsWanted, Operation, Result};

mod observe;

use observe::{Account, Observed, observe};

pub(super) use observe::COLUMNS;

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

pub(super) async fn plan(look: &mut Look<'_>, wanted: &GrantsWanted) -> Result<Vec<Item>> {
    let names: BTreeMap<Role, String> =
        Role::ALL.into_iter().map(|role| (role, role_name(look, wanted, role))).collect();
    let observed = observe(look, &names.values().cloned().collect::<Vec<_>>()).await?;
    let home = look.schemas.first().cloned().unwrap_or_default();
    let (mut items, mut strangers) = (Vec::new(), Vec::new());
    for (role, name) in &names {
        let exists = observed.roles.contains(name);
        let steps = if exists {
            Vec::new()
        } else {
            vec![alone(format!("CREATE ROLE IF NOT EXISTS {}", account(look, name, None)))]
        };
        let found = if exists { "there" } else { "not there" };
        let item = Item::new(Operation::Grants, (&home, format!("role {name}")), found, "there", steps);
        if !exists && observed.accounts.iter().any(|(user, _)| user == name) {
            strangers.push(name);
            items.push(taken(item, format!("{name} is an account of somebody")));
            continue;
        }
        items.push(item);
        items.push(members(look, wanted, *role, name, &observed));
        items.extend(shadows(look, name, &observed));
    }
    for schema in look.schemas.clone() {
        for (role, name) in names.iter().filter(|(_, name)| !strangers.contains(name)) {
            let (here, outside) = split(wanted_rights(look, *role, &schema), &schema);
            items.extend(plan_outside(look, name, &schema, &outside, &observed));
            let item = plan_schema(look, *role, name, &schema, here, &observed);
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
    let mut members: BTreeSet<Account> = BTreeSet::new();
    let mut unknown = Vec::new();
    for member in wanted.members.get(&role).into_iter().flatten() {
        let is_here = |(user, host): &&Account| {
            user == member && wanted.hosts.as_ref().is_none_or(|hosts| hosts.contains(host))
        };
        let accounts: Vec<_> = observed.accounts.iter().filter(is_here).cloned().collect();
        if accounts.is_empty() {
            unknown.push(member.as_str());
        }
        members.extend(accounts);
    }
    let is_mariadb = look.backend == Backend::Mariadb;
    let quoted = account(look, name, None);
    let ours = (name.to_owned(), if is_mariadb { String::new() } else { "%".to_owned() });
    let is_default = |key: &Account| observed.defaults.get(key).is_some_and(|roles| roles.contains(&ours));
    let mut steps = Vec::new();
    for (user, host) in members.difference(found) {
        steps.push(alone(format!("GRANT {quoted} TO {}", account(look, user, Some(host)))));
    }
    let is_of_ours = |other: &String| Role::ALL.iter().any(|role| role_name(look, wanted, *role) == *other);
    // A role that is granted is not in force before it is a default.
    let mut others = Vec::new();
    for key in members.iter().filter(|key| !is_default(key)) {
        let member = account(look, &key.0, Some(&key.1));
        let known = observed.defaults.get(key).cloned().unwrap_or_default();
        if !is_mariadb {
            // A member of one of our roles is in no other.
            let others = known.iter().filter(|(user, _)| !is_of_ours(user));
            let others = others.map(|(user, host)| account(look, user, Some(host)));
            let roles: Vec<String> = others.chain([quoted.clone()]).collect();
            steps.push(alone(format!("SET DEFAULT ROLE {} TO {member}", roles.join(", "))));
            continue;
        }
        // There an account has one. That of another role of ours is replaced, one of others is not ours to take.
        match known.first() {
            Some((other, _)) if !is_of_ours(other) => {
                others.push(format!("that of {} is {other}", key.0));
            }
            _ => steps.push(alone(format!("SET DEFAULT ROLE {quoted} FOR {member}"))),
        }
    }
    let is_self = |(user, host): &&Account| is_mariadb && format!("{user}@{host}") == observed.user;
    for key in found.difference(&members).filter(|key| !is_self(key)) {
        let member = account(look, &key.0, Some(&key.1));
        let moves = wanted.members.iter().any(|(other, members)| *other != role && members.contains(&key.0));
        if is_mariadb && !moves && is_default(key) {
            // It would stay the default, and be missed at each connection.
            steps.push(alone(format!("SET DEFAULT ROLE NONE FOR {member}")));
        }
        steps.push(alone(format!("REVOKE {quoted} FROM {member}")));
    }
    let show = |of: &BTreeSet<Account>| {
        let names: Vec<String> = of.iter().map(|(user, host)| format!("{user}@{host}")).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let in_force: BTreeSet<Account> = found.iter().filter(|key| is_default(key)).cloned().collect();
    let object = (home.as_str(), format!("members of {name}"));
    let item = Item::new(Operation::Grants, object, show(&in_force), show(&members), steps);
    if !others.is_empty() {
        return item.failed(
            "other-default-role",
            format!("an account has one default role at a time, and {}", others.join(", ")),
            format!("by hand: GRANT {quoted} TO that role, or SET DEFAULT ROLE NONE FOR the account"),
        );
    }
    check_known(item, &unknown, "CREATE USER … on a host of the file")
}

fn plan_schema(
    look: &Look<'_>,
    role: Role,
    name: &str,
    schema: &str,
    mut wanted: Rights,
    observed: &Observed,
) -> Item {
    let who = account(look, name, None);
    let all: BTreeSet<String> = schema_rights(role).iter().map(|verb| (*verb).to_owned()).collect();
    let none = BTreeSet::new();
    let exact = pattern(schema);
    let known = observed.schemas.get(&(name.to_owned(), exact.clone())).unwrap_or(&none);
    let place = format!("{}.*", look.quote(&exact));
    let (mut steps, mut revokes) = (Vec::new(), Vec::new());
    let missing: BTreeSet<String> = all.difference(known).cloned().collect();
    if !missing.is_empty() {
        steps.push(alone(format!("GRANT {} ON {place} TO {who}", list(&missing))));
    }
    let extra: BTreeSet<String> = known.difference(&all).cloned().collect();
    if !extra.is_empty() {
        revokes.push(alone(format!("REVOKE {} ON {place} FROM {who}", list(&extra))));
    }
    // What all tables of the schema have needs no grant of its own.
    for verbs in wanted.values_mut() {
        verbs.retain(|verb| !all.contains(verb));
    }
    wanted.retain(|_, verbs| !verbs.is_empty());
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let found: Rights =
        granted.into_iter().filter(|(table, _)| table.schema == schema && is_ours(table)).collect();
    for (table, verbs) in without(&wanted, &found).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        steps.push(alone(format!("GRANT {} ON {} TO {who}", list(verbs), look.reference(table))));
    }
    for (table, verbs) in without(&found, &wanted).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        revokes.push(alone(format!("REVOKE {} ON {} FROM {who}", list(verbs), look.reference(table))));
    }
    let mut more = Vec::new();
    for ((table, column), verbs) in observed.columns.get(name).into_iter().flatten() {
        if table.schema == schema {
            more.push(format!("{} on {}.{column}", list(verbs), table.table));
            let verbs = verbs.iter().map(|verb| format!("{verb} ({})", look.quote(column)));
            let verbs: Vec<String> = verbs.collect();
            let table = look.reference(table);
            revokes.push(alone(format!("REVOKE {} ON {table} FROM {who}", verbs.join(", "))));
        }
    }
    steps.extend(revokes);
    let show = |all: &BTreeSet<String>, rights: &Rights, more: &[String]| {
        let mut parts = vec![format!("{} on all", list(all)), describe(&grouped(rights))];
        parts.extend(more.iter().cloned());
        parts.join("; ")
    };
    let object = (schema, format!("{schema} for {name}"));
    Item::new(Operation::Grants, object, show(known, &found, &more), show(&all, &wanted, &[]), steps)
}

/// The parents and dependents in other schemas. What is granted there beyond this is not ours to take.
fn plan_outside(
    look: &Look<'_>,
    name: &str,
    schema: &str,
    wanted: &Rights,
    observed: &Observed,
) -> Option<Item> {
    if wanted.is_empty() {
        return None;
    }
    let who = account(look, name, None);
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let mut found: Rights = granted.into_iter().filter(|(table, _)| wanted.contains_key(table)).collect();
    // What it may with all tables there, it may with these.
    for table in wanted.keys() {
        let place = (name.to_owned(), pattern(&table.schema));
        let all = observed.schemas.get(&place).into_iter().flatten().cloned();
        found.entry(table.clone()).or_default().extend(all);
    }
    let missing = without(wanted, &found);
    let steps = missing
        .iter()
        .filter(|(_, verbs)| !verbs.is_empty())
        .map(|(table, verbs)| alone(format!("GRANT {} ON {} TO {who}", list(verbs), look.reference(table))));
    let object = (schema, format!("parents and dependents of {schema} for {name}"));
    let (found, asked) = (describe(&grouped(&found)), describe(&grouped(wanted)));
    Some(Item::new(Operation::Grants, object, found, asked, steps.collect()))
}

/// Of the patterns that fit a schema the server takes the first alone, so that others are in the way of what is granted
/// by its name. Each is an item of its own: it may fit several schemas.
fn shadows(look: &mut Look<'_>, name: &str, observed: &Observed) -> Vec<Item> {
    let home = look.schemas.first().cloned().unwrap_or_default();
    let who = account(look, name, None);
    let mut items = Vec::new();
    for ((user, found), verbs) in observed.schemas.iter().filter(|((user, _), _)| user == name) {
        let fits: Vec<&String> = observed.known.iter().filter(|schema| is_like(schema, found)).collect();
        let is_name = observed.known.iter().any(|schema| pattern(schema) == *found);
        if is_name || !fits.iter().any(|schema| look.schemas.contains(schema)) {
            continue;
        }
        if let Some(other) = fits.iter().find(|schema| !look.schemas.contains(schema)) {
            look.findings.push(Finding::warning(
                "overlapping-grant",
                format!("what {user} may on `{found}` is in the way of what it may on the schemas by name"),
                format!("it is for `{other}`, too: grant that by its name, and revoke the pattern"),
            ));
            continue;
        }
        let revoke = format!("REVOKE {} ON {}.* FROM {who}", list(verbs), look.quote(found));
        let object = (home.as_str(), format!("pattern {found} for {name}"));
        items.push(Item::new(Operation::Grants, object, list(verbs), "nothing", vec![alone(revoke)]));
    }
    items
}

fn warn(look: &mut Look<'_>, wanted: &GrantsWanted, observed: &Observed) {
    for member in wanted.members.values().flatten() {
        let is_open = |host: &String| host == "%" && wanted.hosts.is_none();
        if observed.accounts.iter().any(|(user, host)| user == member && is_open(host)) {
            look.findings.push(Finding::warning(
                "user-from-anywhere",
                format!("{member} may connect from any machine"),
                format!(
                    "RENAME USER {} TO the same name on a host or network of yours",
                    account(look, member, None)
                ),
            ));
        }
    }
}
