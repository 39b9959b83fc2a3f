use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::{Item, LockLevel, Snapshot, State, Step};
use datajoint_schema::TableName;
use datajoint_sql::is_like;

use super::{describe, grouped, home, list, taken, without};
use crate::rights::{Description, Privileges, Rights, Role, escaped, rights_here, rights_outside};
use crate::{GrantsSpec, Result};

mod members;
mod observe;

use observe::{Observed, observe};

pub(super) use observe::COLUMNS;

pub(super) async fn plan(
    snapshot: &mut Snapshot,
    wanted: &GrantsSpec,
    description: &Description,
) -> Result<Vec<Item>> {
    let names: BTreeMap<Role, String> =
        Role::ALL.into_iter().map(|role| (role, description.name(role))).collect();
    let observed = match observe(snapshot, &names.values().cloned().collect::<Vec<_>>()).await {
        Err(error) if error.is_missing_privilege() => {
            let item = Item::new((&*home(snapshot), "roles"), "", "", Vec::new());
            let name = description.name(Role::Deployer);
            return Ok(vec![item.skipped(format!(
                "this user may not see what is granted to others; a member of {name} may"
            ))]);
        }
        observed => observed?,
    };
    let (mut items, mut strangers) = (Vec::new(), Vec::new());
    for (role, name) in &names {
        let item = role_item(snapshot, name, &observed);
        // Of a role that can't be made nothing else is tried.
        if matches!(item.state, State::Failed { .. }) {
            strangers.push(name);
            items.push(item);
            continue;
        }
        items.push(item);
        let item = members::plan(snapshot, wanted, *role, description, &observed);
        items.push(observed.may_change_people(item));
        items.extend(shadows(snapshot, name, description, &observed));
        items.extend(prefix_item(snapshot, *role, name, description, &observed));
        items.extend(catalog_item(snapshot, *role, name, description, &observed));
    }
    let there: Vec<(Role, String)> = names
        .iter()
        .filter(|(_, name)| !strangers.contains(name))
        .map(|(role, name)| (*role, name.clone()))
        .collect();
    items.extend(on_schemas(snapshot, &there, description, &observed));
    warn(snapshot, wanted, &observed);
    Ok(items)
}

pub(super) async fn drift(snapshot: &mut Snapshot, description: &Description) -> Result<Vec<Item>> {
    let mut roles: Vec<(Role, String)> =
        Role::ALL.into_iter().map(|role| (role, description.name(role))).collect();
    let names: Vec<String> = roles.iter().map(|(_, name)| name.clone()).collect();
    let observed = match observe(snapshot, &names).await {
        // Who may not see it can't tell.
        Err(error) if error.is_missing_privilege() => return Ok(Vec::new()),
        observed => observed?,
    };
    roles.retain(|(_, name)| observed.roles.contains(name));
    Ok(on_schemas(snapshot, &roles, description, &observed))
}

/// What roles may do with each schema, and with what belongs to it elsewhere.
fn on_schemas(
    snapshot: &Snapshot,
    roles: &[(Role, String)],
    description: &Description,
    observed: &Observed,
) -> Vec<Item> {
    let mut items = Vec::new();
    for schema in &snapshot.schemas {
        for (role, name) in roles {
            let outside = rights_outside(snapshot, *role, schema);
            items.extend(plan_outside(snapshot, name, schema, &outside, observed));
            let here = rights_here(snapshot, description, *role, schema);
            let item = plan_schema(snapshot, (*role, name), schema, here, description, observed);
            items.push(observed.may_take_patterns(item));
        }
    }
    items
}

/// These statements can't be undone together there.
fn alone(sql: String) -> Step {
    Step::new(sql).alone().locking(LockLevel::Nothing)
}

/// An account as statements write it. MariaDB's roles have no host.
fn account(snapshot: &Snapshot, user: &str, host: Option<&str>) -> String {
    if host.is_none() && snapshot.backend == Backend::Mariadb {
        return snapshot.quote(user);
    }
    format!("{}@{}", snapshot.literal(user), snapshot.literal(host.unwrap_or("%")))
}

/// That a role is there.
fn role_item(snapshot: &Snapshot, name: &String, observed: &Observed) -> Item {
    let exists = observed.roles.contains(name);
    let create = format!("CREATE ROLE IF NOT EXISTS {}", account(snapshot, name, None));
    let steps = if exists { Vec::new() } else { vec![alone(create)] };
    let found = if exists { "there" } else { "not there" };
    let item = Item::new((&*home(snapshot), format!("role {name}")), found, "there", steps);
    if !exists && observed.accounts.iter().any(|(user, _)| user == name) {
        return taken(item, format!("{name} is an account of somebody"));
    }
    observed.may_change_people(item)
}

/// What a role may do in every schema of the prefix, those that somebody will create too.
fn prefix_item(
    snapshot: &Snapshot,
    role: Role,
    name: &str,
    description: &Description,
    observed: &Observed,
) -> Option<Item> {
    if !description.has_prefix_rights() {
        return None;
    }
    let wanted = description.on_later_schema(role);
    let pattern = description.pattern();
    let known = observed.schemas.get(&(name.to_owned(), pattern.clone())).cloned().unwrap_or_default();
    let (place, who) = (format!("{}.*", snapshot.quote(&pattern)), account(snapshot, name, None));
    let mut steps = Vec::new();
    let missing: Privileges = wanted.difference(&known).cloned().collect();
    if !missing.is_empty() {
        steps.push(alone(format!("GRANT {} ON {place} TO {who}", list(&missing))));
    }
    let extra: Privileges = known.difference(&wanted).cloned().collect();
    if !extra.is_empty() {
        steps.push(alone(format!("REVOKE {} ON {place} FROM {who}", list(&extra))));
    }
    let object = (&*home(snapshot), format!("schemas {}… for {name}", description.prefix));
    Some(observed.may_take_patterns(Item::new(object, list(&known), list(&wanted), steps)))
}

/// What who deploys reads of the privileges of others.
fn catalog_item(
    snapshot: &Snapshot,
    role: Role,
    name: &str,
    description: &Description,
    observed: &Observed,
) -> Option<Item> {
    let wanted = description.on_catalog(role);
    let who = account(snapshot, name, None);
    let mut steps = Vec::new();
    for (table, columns) in wanted {
        let table = TableName::new("mysql", *table);
        let reference = snapshot.reference(&table);
        let is_whole = || {
            let found = observed.tables.get(name).and_then(|rights| rights.get(&table));
            found.is_some_and(|verbs| verbs.contains("SELECT"))
        };
        let has = |column: &&str| {
            let columns = observed.columns.get(name);
            let verbs = columns.and_then(|known| known.get(&(table.clone(), (*column).to_owned())));
            verbs.is_some_and(|verbs| verbs.contains("SELECT"))
        };
        if is_whole() || (!columns.is_empty() && columns.iter().all(has)) {
            continue;
        }
        let columns: Vec<String> = columns.iter().map(|column| snapshot.quote(column)).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        steps.push(alone(format!("GRANT SELECT{columns} ON {reference} TO {who}")));
    }
    if wanted.is_empty() {
        return None;
    }
    let asked = "reads who may do what, without passwords";
    let found = if steps.is_empty() { asked } else { "does not read all of it" };
    let object = (&*home(snapshot), format!("privileges of others for {name}"));
    Some(observed.may_change_people(Item::new(object, found, asked, steps)))
}

fn plan_schema(
    snapshot: &Snapshot,
    (role, name): (Role, &String),
    schema: &str,
    mut wanted: Rights,
    description: &Description,
    observed: &Observed,
) -> Item {
    let who = account(snapshot, name, None);
    let held = description.on_schema(role, schema);
    let is_within = description.has_prefix_rights()
        && schema.starts_with(&description.prefix)
        && held == description.on_later_schema(role);
    // What it may do in all schemas of the prefix needs no grant by name, which would be in its way.
    let all = if is_within { Privileges::new() } else { held.clone() };
    let none = BTreeSet::new();
    let exact = escaped(schema);
    let known = observed.schemas.get(&(name.to_owned(), exact.clone())).unwrap_or(&none);
    let place = format!("{}.*", snapshot.quote(&exact));
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
        verbs.retain(|verb| !held.contains(verb));
    }
    wanted.retain(|_, verbs| !verbs.is_empty());
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let found: Rights = granted.into_iter().filter(|(table, _)| table.schema == schema).collect();
    for (table, verbs) in without(&wanted, &found).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        steps.push(alone(format!("GRANT {} ON {} TO {who}", list(verbs), snapshot.reference(table))));
    }
    for (table, verbs) in without(&found, &wanted).iter().filter(|(_, verbs)| !verbs.is_empty()) {
        revokes.push(alone(format!("REVOKE {} ON {} FROM {who}", list(verbs), snapshot.reference(table))));
    }
    let mut more = Vec::new();
    for ((table, column), verbs) in observed.columns.get(name).into_iter().flatten() {
        if table.schema == schema {
            more.push(format!("{} on {}.{column}", list(verbs), table.table));
            let verbs = verbs.iter().map(|verb| format!("{verb} ({})", snapshot.quote(column)));
            let verbs: Vec<String> = verbs.collect();
            let table = snapshot.reference(table);
            revokes.push(alone(format!("REVOKE {} ON {table} FROM {who}", verbs.join(", "))));
        }
    }
    steps.extend(revokes);
    let show = |all: &Privileges, rights: &Rights, more: &[String]| {
        let on_all =
            if is_within { "as in all of the prefix".to_owned() } else { format!("{} on all", list(all)) };
        let mut parts = vec![on_all, describe(&grouped(rights))];
        parts.extend(more.iter().cloned());
        parts.join("; ")
    };
    let object = (schema, format!("{schema} for {name}"));
    Item::new(object, show(known, &found, &more), show(&all, &wanted, &[]), steps)
}

/// The parents and dependents in other schemas. What is granted there beyond this is not ours to take.
fn plan_outside(
    snapshot: &Snapshot,
    name: &str,
    schema: &str,
    wanted: &Rights,
    observed: &Observed,
) -> Option<Item> {
    if wanted.is_empty() {
        return None;
    }
    let who = account(snapshot, name, None);
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let mut found: Rights = granted.into_iter().filter(|(table, _)| wanted.contains_key(table)).collect();
    // What it may with all tables there, it may with these.
    for table in wanted.keys() {
        let place = (name.to_owned(), escaped(&table.schema));
        let all = observed.schemas.get(&place).into_iter().flatten().cloned();
        found.entry(table.clone()).or_default().extend(all);
    }
    let missing = without(wanted, &found);
    let steps = missing.iter().filter(|(_, verbs)| !verbs.is_empty()).map(|(table, verbs)| {
        alone(format!("GRANT {} ON {} TO {who}", list(verbs), snapshot.reference(table)))
    });
    let object = (schema, format!("parents and dependents of {schema} for {name}"));
    let (found, asked) = (describe(&grouped(&found)), describe(&grouped(wanted)));
    Some(Item::new(object, found, asked, steps.collect()))
}

/// Of the patterns that fit a schema the server takes the first alone, so that others are in the way of what is granted
/// by its name. Each is an item of its own: it may fit several schemas.
fn shadows(snapshot: &mut Snapshot, name: &str, description: &Description, observed: &Observed) -> Vec<Item> {
    let home = home(snapshot);
    let who = account(snapshot, name, None);
    let own = description.has_prefix_rights().then(|| description.pattern());
    let mut items = Vec::new();
    for ((user, found), verbs) in observed.schemas.iter().filter(|((user, _), _)| user == name) {
        let fits: Vec<&String> = observed.known.iter().filter(|schema| is_like(schema, found)).collect();
        let is_name = observed.known.iter().any(|schema| escaped(schema) == *found);
        if is_name
            || own.as_ref() == Some(found)
            || !fits.iter().any(|schema| snapshot.schemas.contains(schema))
        {
            continue;
        }
        if let Some(other) = fits.iter().find(|schema| !snapshot.schemas.contains(schema)) {
            snapshot.findings.push(Finding::warning(
                FindingCode::OverlappingGrant,
                format!("what {user} may on `{found}` is in the way of what it may on the schemas by name"),
                format!("it is for `{other}`, too: grant that by its name, and revoke the pattern"),
            ));
            continue;
        }
        let revoke = format!("REVOKE {} ON {}.* FROM {who}", list(verbs), snapshot.quote(found));
        let object = (home.as_str(), format!("pattern {found} for {name}"));
        items.push(Item::new(object, list(verbs), "nothing", vec![alone(revoke)]));
    }
    items
}

fn warn(snapshot: &mut Snapshot, wanted: &GrantsSpec, observed: &Observed) {
    for member in wanted.members.values().flatten() {
        let is_open = |host: &String| host == "%" && wanted.hosts.is_none();
        if observed.accounts.iter().any(|(user, host)| user == member && is_open(host)) {
            snapshot.findings.push(Finding::warning(
                FindingCode::UserFromAnywhere,
                format!("{member} may connect from any machine"),
                format!(
                    "RENAME USER {} TO the same name on a host or network of yours",
                    account(snapshot, member, None)
                ),
            ));
        }
    }
}
