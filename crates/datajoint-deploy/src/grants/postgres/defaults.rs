//! What roles may do with tables that are declared later: PostgreSQL keeps that for each who declares.

use std::collections::BTreeSet;

use datajoint_plan::{Item, Snapshot, Step};

use super::observe::{Granted, Observed};
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

/// One item for each who creates schemas: what is in those is for the roles from the beginning, as far as nobody knows what it
/// will be. PostgreSQL keeps that for the whole database. And one for each who does no longer.
pub(super) fn of_new_schemas(
    snapshot: &Snapshot,
    wanted: &GrantsSpec,
    roles: &[(Role, String)],
    description: &Description,
    observed: &Observed,
) -> Vec<Item> {
    let creating = wanted.members.iter().filter(|(role, _)| description.creates_schemas(**role));
    let mut creators: BTreeSet<&String> = creating.flat_map(|(_, members)| members).collect();
    creators.retain(|creator| {
        observed.roles.contains(*creator)
            && wanted.creators.as_ref().is_none_or(|creators| creators.contains(creator))
    });
    let on_tables = observed.defaults.keys().filter(|(_, schema, _)| schema.is_empty());
    let known = on_tables.map(|(_, _, creator)| creator);
    let known: BTreeSet<&String> =
        known.chain(observed.new_schemas.keys().map(|(_, creator)| creator)).collect();
    let item = |creator: &&String| {
        let creates = creators.contains(*creator);
        let mut place = Place::new(format!("FOR ROLE {}", snapshot.quote(creator)));
        for (role, name) in roles {
            let (on_schemas, on_tables) = if creates {
                (description.on_later_schema(*role), description.on_later(*role, ""))
            } else {
                (Privileges::new(), Privileges::new())
            };
            let key = (name.clone(), (*creator).clone());
            let known = observed.new_schemas.get(&key).cloned().unwrap_or_default();
            place.add(snapshot, (*role, name), "SCHEMAS", &on_schemas, &known, &Granted::default());
            let known = observed.on_later(name, "", creator);
            place.add(snapshot, (*role, name), "TABLES", &on_tables, &known, &Granted::default());
        }
        place.item((&super::home(snapshot), format!("new schemas of {creator}")), creator, observed)
    };
    creators.union(&known).map(item).collect()
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
    let mut place = Place::new(place);
    for (role, name) in roles {
        let later = description.on_later(*role, schema);
        let known = observed.on_later(name, schema, creator);
        let everywhere = observed.on_later(name, "", creator);
        place.add(snapshot, (*role, name), "TABLES", &later, &known, &everywhere);
    }
    place.item((schema, format!("new tables of {creator} in {schema}")), creator, observed)
}

/// What is to be said of somebody's later tables or schemas.
struct Place {
    clause: String,
    steps: Vec<Step>,
    revokes: Vec<Step>,
    found: Vec<String>,
    asked: Vec<String>,
}

impl Place {
    fn new(clause: String) -> Self {
        Self { clause, steps: Vec::new(), revokes: Vec::new(), found: Vec::new(), asked: Vec::new() }
    }

    /// Adds what a role is to have, which has this here, and that from elsewhere.
    fn add(
        &mut self,
        snapshot: &Snapshot,
        (role, name): (Role, &String),
        kind: &str,
        wanted: &Privileges,
        known: &Granted,
        elsewhere: &Granted,
    ) {
        let (place, quoted) = (&self.clause, snapshot.quote(name));
        let option = if role.hands_on() { " WITH GRANT OPTION" } else { "" };
        let has = |granted: &Granted| {
            if role.hands_on() { granted.to_hand_on.clone() } else { granted.all.clone() }
        };
        let has = &has(known) | &has(elsewhere);
        let missing: Privileges = wanted.difference(&has).cloned().collect();
        if !missing.is_empty() {
            let verbs = list(&missing);
            self.steps.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} GRANT {verbs} ON {kind} TO {quoted}{option}"
            )));
        }
        let extra: Privileges = known.all.difference(wanted).cloned().collect();
        if !extra.is_empty() {
            let verbs = list(&extra);
            self.revokes.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} REVOKE {verbs} ON {kind} FROM {quoted}"
            )));
        }
        if !role.hands_on() && !known.to_hand_on.is_empty() {
            let verbs = list(&known.to_hand_on);
            self.revokes.push(Step::new(format!(
                "ALTER DEFAULT PRIVILEGES {place} REVOKE GRANT OPTION FOR {verbs} ON {kind} FROM {quoted}"
            )));
        }
        let kind = kind.to_lowercase();
        self.found.push(format!("{} on {kind} to {name}", list(&has)));
        self.asked.push(format!("{} on {kind} to {name}", list(wanted)));
    }

    fn item(mut self, object: (&str, String), creator: &String, observed: &Observed) -> Item {
        self.steps.extend(self.revokes);
        let item = Item::new(object, self.found.join("; "), self.asked.join("; "), self.steps);
        if item.statements.is_empty() || observed.is_user.contains(creator) {
            return item;
        }
        item.skipped(format!(
            "only {creator} itself, or a superuser, says what others may do with its new schemas and tables: until one of them \
             runs `deploy apply grants`, {creator} has to give others rights on each, by that command"
        ))
    }
}
