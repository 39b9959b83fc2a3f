//! Who is in a role, and whether it is in force when they connect.

use std::collections::BTreeSet;

use datajoint_definition::Backend;
use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Snapshot};

use super::observe::{Account, Observed};
use super::{account, alone};
use crate::GrantsSpec;
use crate::grants::{check_known, home};
use crate::rights::{Description, Role};

pub(super) fn plan(
    snapshot: &Snapshot,
    wanted: &GrantsSpec,
    role: Role,
    description: &Description,
    observed: &Observed,
) -> Item {
    let name = &description.name(role);
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
    let is_mariadb = snapshot.backend == Backend::Mariadb;
    let quoted = account(snapshot, name, None);
    let ours = (name.to_owned(), if is_mariadb { String::new() } else { "%".to_owned() });
    let is_default = |key: &Account| observed.defaults.get(key).is_some_and(|roles| roles.contains(&ours));
    let mut steps = Vec::new();
    for (user, host) in members.difference(found) {
        steps.push(alone(format!("GRANT {quoted} TO {}", account(snapshot, user, Some(host)))));
    }
    let is_of_ours = |other: &String| Role::ALL.iter().any(|role| description.name(*role) == *other);
    // A role that is granted is not in force before it is a default.
    let mut others = Vec::new();
    for key in members.iter().filter(|key| !is_default(key)) {
        let member = account(snapshot, &key.0, Some(&key.1));
        let known = observed.defaults.get(key).cloned().unwrap_or_default();
        if !is_mariadb {
            // A member of one of our roles is in no other.
            let others = known.iter().filter(|(user, _)| !is_of_ours(user));
            let others = others.map(|(user, host)| account(snapshot, user, Some(host)));
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
    // Whoever made a role stays in it, unless it is in force for them: they could put nobody into it otherwise.
    let is_maker =
        |key: &&Account| observed.makers.contains(&(name.clone(), (*key).clone())) && !is_default(key);
    for key in found.difference(&members).filter(|key| !is_maker(key)) {
        let member = account(snapshot, &key.0, Some(&key.1));
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
    let object = (&*home(snapshot), format!("members of {name}"));
    let item = Item::new(object, show(&in_force), show(&members), steps);
    if !others.is_empty() {
        return item.failed(
            FailureCode::OtherDefaultRole,
            format!("an account has one default role at a time, and {}", others.join(", ")),
            format!("by hand: GRANT {quoted} TO that role, or SET DEFAULT ROLE NONE FOR the account"),
        );
    }
    check_known(item, &unknown, "CREATE USER … on a host of the file")
}
