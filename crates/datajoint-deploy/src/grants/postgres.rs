use std::collections::{BTreeMap, BTreeSet};

use datajoint_guard::{FailureCode, Finding, FindingCode};
use datajoint_plan::{Item, Snapshot, State, Step};
use datajoint_schema::TableName;

use super::{check_known, home, list, taken};
use crate::rights::{Description, Privileges, Role, rights_here, rights_outside};
use crate::{GrantsSpec, Result};

mod defaults;
mod observe;
mod outside;
mod schema;

use observe::{Membership, Observed, observe};
use outside::plan_outside;

pub(super) async fn plan(
    snapshot: &mut Snapshot,
    wanted: &GrantsSpec,
    description: &Description,
) -> Result<Vec<Item>> {
    let names: BTreeMap<Role, String> =
        Role::ALL.into_iter().map(|role| (role, description.name(role))).collect();
    let observed = observe(snapshot, &names.values().cloned().collect::<Vec<_>>()).await?;
    let mut items = Vec::new();
    for name in names.values() {
        items.push(role_item(snapshot, name, &observed));
    }
    // Of a role that can't be made nothing else is tried.
    let is_there = |name: &String| observed.roles.contains(name) || observed.creates_roles;
    let ours = || names.iter().filter(|(_, name)| !observed.people.contains(*name) && is_there(name));
    for (role, name) in ours() {
        items.push(members(snapshot, wanted, *role, description, &observed));
        items.push(database(snapshot, *role, name, description, &observed));
    }
    let there: Vec<(Role, String)> = ours().map(|(role, name)| (*role, name.clone())).collect();
    items.extend(on_schemas(snapshot, wanted, &there, description, &observed).await?);
    warn(snapshot).await?;
    Ok(items)
}

pub(super) async fn drift(
    snapshot: &mut Snapshot,
    wanted: &GrantsSpec,
    description: &Description,
) -> Result<Vec<Item>> {
    let mut roles: Vec<(Role, String)> =
        Role::ALL.into_iter().map(|role| (role, description.name(role))).collect();
    let names: Vec<String> = roles.iter().map(|(_, name)| name.clone()).collect();
    let observed = observe(snapshot, &names).await?;
    roles.retain(|(_, name)| observed.roles.contains(name) && !observed.people.contains(name));
    on_schemas(snapshot, wanted, &roles, description, &observed).await
}

/// What roles may do with each schema, with what belongs to it elsewhere, and with what is declared there later.
async fn on_schemas(
    snapshot: &mut Snapshot,
    wanted: &GrantsSpec,
    roles: &[(Role, String)],
    description: &Description,
    observed: &Observed,
) -> Result<Vec<Item>> {
    let owned = crate::owner::owned(snapshot).await?;
    let mut items = defaults::of_new_schemas(snapshot, wanted, roles, description, observed);
    for schema in snapshot.schemas.clone() {
        for (role, name) in roles {
            let here = rights_here(snapshot, description, *role, &schema);
            items.push(schema::plan(snapshot, (*role, name), &schema, here, description, observed, &owned));
            let outside = rights_outside(snapshot, *role, &schema);
            items.extend(plan_outside(snapshot, name, &schema, &outside, observed).await?);
        }
        if !roles.is_empty() {
            items.extend(defaults::plan(snapshot, wanted, roles, &schema, description, observed));
        }
    }
    Ok(items)
}

/// That a role is there.
fn role_item(snapshot: &Snapshot, name: &String, observed: &Observed) -> Item {
    let exists = observed.roles.contains(name);
    let create = format!("CREATE ROLE {} NOLOGIN", snapshot.quote(name));
    let steps = if exists { Vec::new() } else { vec![Step::new(&create)] };
    let found = if exists { "there" } else { "not there" };
    let object = (&*home(snapshot), format!("role {name}"));
    let item = Item::new(object, found, "there", steps);
    if observed.people.contains(name) {
        return taken(item, format!("{name} can log in, or is a superuser: it is somebody's user"));
    }
    if !exists && !observed.creates_roles {
        let hint = format!("whoever may does it: {create}; or ALTER ROLE {} CREATEROLE", observed.user);
        return item.failed(
            FailureCode::MissingPrivilege,
            format!("{} may not create roles", observed.user),
            hint,
        );
    }
    item
}

fn members(
    snapshot: &Snapshot,
    wanted: &GrantsSpec,
    role: Role,
    description: &Description,
    observed: &Observed,
) -> Item {
    let name = &description.name(role);
    let admin = description.name(Role::Admin);
    let known = observed.members.get(name).map(Vec::as_slice).unwrap_or_default();
    let members: BTreeSet<String> = wanted.members.get(&role).into_iter().flatten().cloned().collect();
    // Admins put users into the other roles, without having the rights of those for that.
    let hands_on = |member: &str| member == admin && role != Role::Admin;
    let found: BTreeSet<String> = known
        .iter()
        // Whoever creates a role is a member, so as to hand it on.
        .filter(|one| one.member != observed.user || members.contains(&one.member))
        .filter(|one| hands_on(&one.member) || one.inherits || (one.acts && !members.contains(&one.member)))
        .map(shown)
        .collect();
    let quoted = snapshot.quote(name);
    // Since 16 a membership says whether its rights count at once, and whether one may act as the role; and each has
    // whoever granted it, who alone takes it back.
    let is_new = snapshot.is_from(16);
    let by = |one: &Membership| {
        if is_new { format!(" GRANTED BY {}", snapshot.quote(&one.grantor)) } else { String::new() }
    };
    let mut steps = Vec::new();
    for member in &members {
        if !known.iter().any(|one| one.member == *member && one.inherits) {
            let options = if is_new { " WITH INHERIT TRUE, SET FALSE" } else { "" };
            steps.push(Step::new(format!("GRANT {quoted} TO {}{options}", snapshot.quote(member))));
        }
    }
    let mut asked = members.clone();
    if role != Role::Admin && !observed.people.contains(&admin) {
        asked.insert(format!("{admin} (may hand it on)"));
        if !known.iter().any(|one| one.member == admin && one.is_admin) {
            let options = if is_new { "ADMIN TRUE, INHERIT FALSE, SET FALSE" } else { "ADMIN OPTION" };
            steps.push(Step::new(format!("GRANT {quoted} TO {} WITH {options}", snapshot.quote(&admin))));
        }
    }
    for one in known.iter().filter(|one| one.member != observed.user && !hands_on(&one.member)) {
        let member = snapshot.quote(&one.member);
        if !members.contains(&one.member) && (one.inherits || one.acts) {
            steps.push(Step::new(format!("REVOKE {quoted} FROM {member}{}", by(one))));
        } else if members.contains(&one.member) && one.is_admin {
            steps.push(Step::new(format!("REVOKE ADMIN OPTION FOR {quoted} FROM {member}{}", by(one))));
        }
    }
    let show = |of: &BTreeSet<String>| {
        if of.is_empty() { "nobody".to_owned() } else { of.iter().cloned().collect::<Vec<_>>().join(", ") }
    };
    let object = (&*home(snapshot), format!("members of {name}"));
    let statements: Vec<String> = steps.iter().map(|step| step.task.to_string()).collect();
    let item = Item::new(object, show(&found), show(&asked), steps);
    let unknown: Vec<&str> =
        members.iter().filter(|member| !observed.roles.contains(*member)).map(String::as_str).collect();
    // Who creates a role may put others into it.
    let may = observed.handed_on.contains(name) || (observed.creates_roles && !observed.roles.contains(name));
    if item.state == State::WouldChange && !may {
        return item.failed(
            FailureCode::MissingPrivilege,
            format!("{} may not put anybody into {name}", observed.user),
            format!("a member of {admin}, or whoever made the role, has to: {}", statements.join("; ")),
        );
    }
    check_known(item, &unknown, "CREATE ROLE … LOGIN")
}

fn shown(one: &Membership) -> String {
    if one.is_admin { format!("{} (may hand it on)", one.member) } else { one.member.clone() }
}

/// Whether a role creates schemas.
fn database(
    snapshot: &Snapshot,
    role: Role,
    name: &str,
    description: &Description,
    observed: &Observed,
) -> Item {
    let mut wanted = Privileges::new();
    if description.creates_schemas(role) {
        wanted.insert("CREATE".to_owned());
    }
    let known = observed.database.get(name).cloned().unwrap_or_default();
    let (database, quoted) = (snapshot.quote(&observed.database_name), snapshot.quote(name));
    let mut steps = Vec::new();
    if !wanted.is_subset(&known) {
        steps.push(Step::new(format!("GRANT CREATE ON DATABASE {database} TO {quoted}")));
    } else if known.contains("CREATE") && wanted.is_empty() {
        steps.push(Step::new(format!("REVOKE CREATE ON DATABASE {database} FROM {quoted}")));
    }
    let object = (&*home(snapshot), format!("database {} for {name}", observed.database_name));
    let statements: Vec<String> = steps.iter().map(|step| step.task.to_string()).collect();
    let item = Item::new(object, list(&known), list(&wanted), steps);
    if item.state == State::WouldChange && !observed.may_give_database {
        return item.failed(
            FailureCode::MissingPrivilege,
            format!("{} may not give others rights on the database", observed.user),
            format!("its owner, or a superuser, has to: {}", statements.join("; ")),
        );
    }
    item
}

fn references(snapshot: &Snapshot, tables: &[TableName]) -> String {
    tables.iter().map(|table| snapshot.reference(table)).collect::<Vec<_>>().join(", ")
}

/// What everybody may do, which no role takes away.
async fn warn(snapshot: &mut Snapshot) -> Result<()> {
    let sql = "SELECT DISTINCT n.nspname::text FROM pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a \
               WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let schema = row.text(0);
        snapshot.findings.push(Finding::warning(
            FindingCode::EverybodyCreates,
            format!("everybody may create tables in `{schema}`"),
            format!("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", snapshot.quote(&schema)),
        ));
    }
    Ok(())
}
