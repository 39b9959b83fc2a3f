//! What roles may do with tables that are declared later: PostgreSQL keeps that for each who declares.

use std::collections::BTreeSet;

use datajoint_plan::{Item, Snapshot, Step};

use super::observe::Observed;
use crate::GrantsSpec;
use crate::grants::list;
use crate::rights::{Description, Privileges, Role};

/// One item for each who declares tables in a schema.
pub(super) fn plan(
    snapshot: &Snapshot,
    wanted: &GrantsSpec,
    roles: &[(Role, String)],
    schema: &str,
    description: &Description,
    observed: &Observed,
) -> Vec<Item> {
    let creators = creators(wanted, schema, description, observed);
    creators
        .iter()
        .map(|creator| of_creator(snapshot, creator, roles, schema, description, observed))
        .collect()
}

/// Who declares tables in a schema: members of the roles that do, and those who own tables there.
fn creators(
    wanted: &GrantsSpec,
    schema: &str,
    description: &Description,
    observed: &Observed,
) -> BTreeSet<String> {
    let mut creators: BTreeSet<String> = if let Some(creators) = &wanted.creators {
        creators.iter().cloned().collect()
    } else {
        let declaring = wanted.members.iter().filter(|(role, _)| description.declares(**role, schema));
        let owners = observed.owners.get(schema).into_iter().flatten();
        declaring.flat_map(|(_, members)| members).chain(owners).cloned().collect()
    };
    creators.retain(|creator| observed.roles.contains(creator));
    creators
}

fn of_creator(
    snapshot: &Snapshot,
    creator: &String,
    roles: &[(Role, String)],
    schema: &str,
    description: &Description,
    observed: &Observed,
) -> Item {
    let place = format!("FOR ROLE {} IN SCHEMA {}", snapshot.quote(creator), snapshot.quote(schema));
    let (mut steps, mut revokes) = (Vec::new(), Vec::new());
    let (mut found, mut asked) = (Vec::new(), Vec::new());
    for (role, name) in roles {
        let quoted = snapshot.quote(name);
        let later = description.on_later(*role, schema);
        let key = (name.clone(), schema.to_owned(), creator.clone());
        let known = observed.defaults.get(&key).cloned().unwrap_or_default();
        let option = if role.hands_on() { " WITH GRANT OPTION" } else { "" };
        let has = if role.hands_on() { &known.to_hand_on } else { &known.all };
        let missing: Privileges = later.difference(has).cloned().collect();
        if !missing.is_empty() {
            let verbs = list(&missing);
            steps.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} GRANT {verbs} ON TABLES TO {quoted}{option}"
            )));
        }
        let extra: Privileges = known.all.difference(&later).cloned().collect();
        if !extra.is_empty() {
            let verbs = list(&extra);
            revokes.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} REVOKE {verbs} ON TABLES FROM {quoted}"
            )));
        }
        if !role.hands_on() && !known.to_hand_on.is_empty() {
            let verbs = list(&known.to_hand_on);
            revokes.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} REVOKE GRANT OPTION FOR {verbs} ON TABLES FROM {quoted}"
            )));
        }
        found.push(format!("{} to {name}", list(has)));
        asked.push(format!("{} to {name}", list(&later)));
    }
    steps.extend(revokes);
    let object = (schema, format!("new tables of {creator} in {schema}"));
    let item = Item::new(object, found.join("; "), asked.join("; "), steps);
    if item.statements.is_empty() || observed.is_user.contains(creator) {
        return item;
    }
    item.skipped(format!(
        "only {creator} itself, or a superuser, says what others may do with its new tables: until one of them applies \
         this, they can be read from the next deploy on"
    ))
}
