use std::collections::{BTreeMap, BTreeSet};

use datajoint_guard::Finding;
use datajoint_schema::TableName;

use super::{
    Rights, Role, check_known, describe, grouped, is_ours, list, role_name, split, taken, wanted_rights,
    without,
};
use crate::look::Look;
use crate::plan::{Item, Step};
use crate::{GrantsWanted, Operation, Result};

mod observe;

use observe::{Membership, Observed, observe};

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
        let item = Item::new(Operation::Grants, (&home, format!("role {name}")), found, "there", steps);
        if observed.people.contains(name) {
            items.push(taken(item, format!("{name} can log in, or is a superuser: it is somebody's user")));
            continue;
        }
        items.push(item);
        items.push(members(look, wanted, *role, name, &observed));
    }
    for schema in look.schemas.clone() {
        for (role, name) in names.iter().filter(|(_, name)| !observed.people.contains(*name)) {
            let (here, outside) = split(wanted_rights(look, *role, &schema), &schema);
            let foreign = here.keys().find(|table| owned.other(table).is_some()).cloned();
            let item = plan_schema(look, *role, name, &schema, here, &creators, &observed);
            items.push(match foreign {
                Some(table) => owned.check(item, &table),
                None => item,
            });
            items.extend(plan_outside(look, name, &schema, &outside, &observed).await?);
        }
    }
    warn(look).await?;
    Ok(items)
}

fn members(look: &Look<'_>, wanted: &GrantsWanted, role: Role, name: &str, observed: &Observed) -> Item {
    let home = look.schemas.first().cloned().unwrap_or_default();
    let known = observed.members.get(name).map(Vec::as_slice).unwrap_or_default();
    let members: BTreeSet<String> = wanted.members.get(&role).into_iter().flatten().cloned().collect();
    let found: BTreeSet<String> = known
        .iter()
        // Whoever creates a role is a member, so as to hand it on.
        .filter(|one| one.member != observed.user || members.contains(&one.member))
        .filter(|one| one.inherits || (one.acts && !members.contains(&one.member)))
        .map(|one| if one.is_admin { format!("{} (may hand it on)", one.member) } else { one.member.clone() })
        .collect();
    let quoted = look.quote(name);
    // Since 16 a membership says whether its rights count at once, and whether one may act as the role; and each has
    // whoever granted it, who alone takes it back.
    let (options, is_new) =
        if look.is_from(16) { (" WITH INHERIT TRUE, SET FALSE", true) } else { ("", false) };
    let by = |one: &Membership| {
        if is_new { format!(" GRANTED BY {}", look.quote(&one.grantor)) } else { String::new() }
    };
    let mut steps = Vec::new();
    for member in &members {
        if !known.iter().any(|one| one.member == *member && one.inherits) {
            steps.push(Step::new(format!("GRANT {quoted} TO {}{options}", look.quote(member))));
        }
    }
    for one in known.iter().filter(|one| one.member != observed.user) {
        let member = look.quote(&one.member);
        if !members.contains(&one.member) && (one.inherits || one.acts) {
            steps.push(Step::new(format!("REVOKE {quoted} FROM {member}{}", by(one))));
        } else if members.contains(&one.member) && one.is_admin {
            steps.push(Step::new(format!("REVOKE ADMIN OPTION FOR {quoted} FROM {member}{}", by(one))));
        }
    }
    let show = |of: &BTreeSet<String>| {
        if of.is_empty() { "nobody".to_owned() } else { of.iter().cloned().collect::<Vec<_>>().join(", ") }
    };
    let object = (home.as_str(), format!("members of {name}"));
    let item = Item::new(Operation::Grants, object, show(&found), show(&members), steps);
    let unknown: Vec<&str> =
        members.iter().filter(|member| !observed.roles.contains(*member)).map(String::as_str).collect();
    check_known(item, &unknown, "CREATE ROLE … LOGIN")
}

fn plan_schema(
    look: &Look<'_>,
    role: Role,
    name: &str,
    schema: &str,
    mut wanted: Rights,
    creators: &[String],
    observed: &Observed,
) -> Item {
    // An owner may do everything as it is.
    wanted.retain(|table, _| !observed.owned.contains(&(name.to_owned(), table.clone())));
    if role == Role::Admin {
        let mut more = vec!["TRUNCATE", "TRIGGER"];
        if look.is_from(17) {
            more.push("MAINTAIN");
        }
        for verbs in wanted.values_mut() {
            verbs.extend(more.iter().map(|verb| (*verb).to_owned()));
        }
    }
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let found: Rights =
        granted.into_iter().filter(|(table, _)| table.schema == schema && is_ours(table)).collect();
    let quoted = look.quote(name);
    let mut steps = Vec::new();
    let mut usage = BTreeSet::from(["USAGE".to_owned()]);
    if role.declares() {
        usage.insert("CREATE".to_owned());
    }
    let none = BTreeSet::new();
    let mut revokes = Vec::new();
    let known = observed.schemas.get(&(name.to_owned(), schema.to_owned())).unwrap_or(&none);
    let has = vec![format!("{} on schema {schema}", list(known))];
    let place = look.quote(schema);
    let missing: BTreeSet<String> = usage.difference(known).cloned().collect();
    if !missing.is_empty() {
        steps.push(Step::new(format!("GRANT {} ON SCHEMA {place} TO {quoted}", list(&missing))));
    }
    let extra: BTreeSet<String> = known.difference(&usage).cloned().collect();
    if !extra.is_empty() {
        revokes.push(Step::new(format!("REVOKE {} ON SCHEMA {place} FROM {quoted}", list(&extra))));
    }
    for (verbs, tables) in grouped(&without(&wanted, &found)) {
        let tables = references(look, &tables);
        steps.push(Step::new(format!("GRANT {} ON TABLE {tables} TO {quoted}", list(&verbs))));
    }
    for (verbs, tables) in grouped(&without(&found, &wanted)) {
        let tables = references(look, &tables);
        revokes.push(Step::new(format!("REVOKE {} ON TABLE {tables} FROM {quoted}", list(&verbs))));
    }
    let mut more = Vec::new();
    for ((table, column), verbs) in observed.columns.get(name).into_iter().flatten() {
        if table.schema == schema {
            more.push(format!("{} on {}.{column}", list(verbs), table.table));
            let on = format!("({}) ON TABLE {}", look.quote(column), look.reference(table));
            let verbs: Vec<String> = verbs.iter().map(|verb| format!("{verb} {on}")).collect();
            for verb in verbs {
                revokes.push(Step::new(format!("REVOKE {verb} FROM {quoted}")));
            }
        }
    }
    for (table, verbs) in observed.grantable.get(name).into_iter().flatten() {
        if table.schema == schema {
            more.push(format!("{} on {} to hand on", list(verbs), table.table));
            revokes.push(Step::new(format!(
                "REVOKE GRANT OPTION FOR {} ON TABLE {} FROM {quoted}",
                list(verbs),
                look.reference(table)
            )));
        }
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
    let asked = vec![format!("{} on schema {schema}", list(&usage))];
    let new: Vec<String> =
        creators.iter().map(|creator| format!("{} on new tables of {creator}", list(&later))).collect();
    let object = (schema, format!("{schema} for {name}"));
    Item::new(
        Operation::Grants,
        object,
        show(&found, &[has, defaults, more].concat()),
        show(&wanted, &[asked, new].concat()),
        steps,
    )
}

/// The parents and dependents in other schemas; a thing of its own, as others own them.
async fn plan_outside(
    look: &mut Look<'_>,
    name: &str,
    schema: &str,
    wanted: &Rights,
    observed: &Observed,
) -> Result<Option<Item>> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let none = BTreeSet::new();
    let granted = observed.tables.get(name).cloned().unwrap_or_default();
    let found: Rights = granted.into_iter().filter(|(table, _)| wanted.contains_key(table)).collect();
    let quoted = look.quote(name);
    let mut steps = Vec::new();
    let schemas: BTreeSet<&String> = wanted.keys().map(|table| &table.schema).collect();
    for place in &schemas {
        let known = observed.schemas.get(&(name.to_owned(), (*place).clone())).unwrap_or(&none);
        if !known.contains("USAGE") {
            steps.push(Step::new(format!("GRANT USAGE ON SCHEMA {} TO {quoted}", look.quote(place))));
        }
    }
    // What is granted there beyond this is not ours to take.
    for (verbs, tables) in grouped(&without(wanted, &found)) {
        let tables = references(look, &tables);
        steps.push(Step::new(format!("GRANT {} ON TABLE {tables} TO {quoted}", list(&verbs))));
    }
    let object = (schema, format!("parents and dependents of {schema} for {name}"));
    let statements: Vec<String> = steps.iter().map(|step| step.sql.sql.clone()).collect();
    let item =
        Item::new(Operation::Grants, object, describe(&grouped(&found)), describe(&grouped(wanted)), steps);
    let places: Vec<String> = schemas.into_iter().cloned().collect();
    let sql = "SELECT n.nspname || '.' || c.relname, pg_get_userbyid(c.relowner)::text FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT pg_has_role(c.relowner, 'USAGE') \
               AND n.nspname::text IN ({})";
    let rows = look.rows_of(sql, &places).await?;
    let foreign = rows.iter().find(|row| wanted.keys().any(|table| table.to_string() == row.text(0)));
    Ok(Some(match foreign {
        Some(row) if !item.statements.is_empty() => item.failed(
            "42501",
            format!("{} is owned by {}", row.text(0), row.text(1)),
            format!("{} has to: {}", row.text(1), statements.join("; ")),
        ),
        _ => item,
    }))
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

fn references(look: &Look<'_>, tables: &[TableName]) -> String {
    tables.iter().map(|table| look.reference(table)).collect::<Vec<_>>().join(", ")
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
