//! What a role may do with a schema and the tables in it.

use std::collections::BTreeSet;

use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Snapshot, State, Step};
use datajoint_schema::TableName;

use super::observe::{Granted, Observed};
use super::references;
use crate::grants::{describe, grouped, list, without};
use crate::owner::Owned;
use crate::rights::{Description, Privileges, Rights, Role};

pub(super) fn plan(
    snapshot: &Snapshot,
    (role, name): (Role, &String),
    schema: &str,
    mut wanted: Rights,
    description: &Description,
    observed: &Observed,
    owned: &Owned,
) -> Item {
    // An owner may do everything as it is.
    wanted.retain(|table, _| !observed.owned.contains(&(name.clone(), table.clone())));
    let granted = observed.on(name, schema);
    let all = |of: fn(&Granted) -> &Privileges| -> Rights {
        granted.iter().map(|(table, granted)| (table.clone(), of(granted).clone())).collect()
    };
    let (found, to_hand_on) = (all(|granted| &granted.all), all(|granted| &granted.to_hand_on));
    let quoted = snapshot.quote(name);
    let option = if role.hands_on() { " WITH GRANT OPTION" } else { "" };
    let (mut steps, mut revokes) = (Vec::new(), Vec::new());
    let usage = description.on_schema(role, schema);
    let known = observed.schemas.get(&(name.clone(), schema.to_owned())).cloned().unwrap_or_default();
    let place = snapshot.quote(schema);
    let has = if role.hands_on() { &known.to_hand_on } else { &known.all };
    let missing: Privileges = usage.difference(has).cloned().collect();
    if !missing.is_empty() {
        steps.push(Step::new(format!("GRANT {} ON SCHEMA {place} TO {quoted}{option}", list(&missing))));
    }
    let extra: Privileges = known.all.difference(&usage).cloned().collect();
    if !extra.is_empty() {
        revokes.push(Step::new(format!("REVOKE {} ON SCHEMA {place} FROM {quoted}", list(&extra))));
    }
    if !role.hands_on() && !known.to_hand_on.is_empty() {
        let verbs = list(&known.to_hand_on);
        revokes.push(Step::new(format!("REVOKE GRANT OPTION FOR {verbs} ON SCHEMA {place} FROM {quoted}")));
    }
    let touches_schema = !steps.is_empty() || !revokes.is_empty();
    let mut touched: BTreeSet<TableName> = BTreeSet::new();
    let missing = without(&wanted, if role.hands_on() { &to_hand_on } else { &found });
    for (verbs, tables) in grouped(&missing) {
        let list_of = references(snapshot, &tables);
        touched.extend(tables);
        steps.push(Step::new(format!("GRANT {} ON TABLE {list_of} TO {quoted}{option}", list(&verbs))));
    }
    for (verbs, tables) in grouped(&without(&found, &wanted)) {
        let list_of = references(snapshot, &tables);
        touched.extend(tables);
        revokes.push(Step::new(format!("REVOKE {} ON TABLE {list_of} FROM {quoted}", list(&verbs))));
    }
    let mut more = Vec::new();
    for ((table, column), verbs) in observed.columns.get(name).into_iter().flatten() {
        if table.schema == schema {
            touched.insert(table.clone());
            more.push(format!("{} on {}.{column}", list(verbs), table.table));
            let on = format!("({}) ON TABLE {}", snapshot.quote(column), snapshot.reference(table));
            revokes.extend(verbs.iter().map(|verb| Step::new(format!("REVOKE {verb} {on} FROM {quoted}"))));
        }
    }
    let on_tables = to_hand_on.iter().filter(|(_, verbs)| !verbs.is_empty() && !role.hands_on());
    for (table, verbs) in on_tables {
        touched.insert(table.clone());
        more.push(format!("{} on {} to hand on", list(verbs), table.table));
        revokes.push(Step::new(format!(
            "REVOKE GRANT OPTION FOR {} ON TABLE {} FROM {quoted}",
            list(verbs),
            snapshot.reference(table)
        )));
    }
    steps.extend(revokes);
    let show = |rights: &Rights, schema_rights: &Privileges, more: &[String]| {
        let mut parts = vec![describe(&grouped(rights))];
        parts.push(format!("{} on schema {schema}", list(schema_rights)));
        parts.extend(more.iter().cloned());
        parts.join("; ")
    };
    let asked = if role.hands_on() { vec!["all to hand on".to_owned()] } else { Vec::new() };
    let shown = if role.hands_on() && missing.values().all(BTreeSet::is_empty) { &asked } else { &more };
    let object = (schema, format!("{schema} for {name}"));
    let statements: Vec<String> = steps.iter().map(|step| step.task.to_string()).collect();
    let item = Item::new(object, show(&found, &known.all, shown), show(&wanted, &usage, &asked), steps);
    // Who is in a role that gives nobody rights has others who do: a release of theirs has nothing to do with it.
    let uses = observed.uses(description);
    let refused = |item: Item, code: FailureCode, message: String, hint: String| match &uses {
        Some(uses) => item.skipped(format!(
            "{message}, being in {uses}: run `deploy apply grants` as a member of {}; {hint}",
            description.name(Role::Deployer)
        )),
        None => item.failed(code, message, hint),
    };
    let may_give = |table: Option<&TableName>| {
        let name = table.map(|table| table.table.clone());
        observed.may_give.contains(&(schema.to_owned(), name))
    };
    if let Some(owner) =
        touched.iter().filter(|table| !may_give(Some(table))).find_map(|table| owned.other(table))
        && item.state == State::WouldChange
    {
        let tables = touched.iter().filter(|table| owned.other(table).is_some());
        let tables = tables.map(|table| table.table.as_str()).collect::<Vec<_>>().join(", ");
        // Who owned the table of a stamp could take the stamp away: nobody is to hand it over for this.
        return refused(
            item,
            FailureCode::NotOwner,
            format!("{} may not give others rights on {tables}, which {owner} owns", observed.user),
            format!("{owner} has to: {}", statements.join("; ")),
        );
    }
    if touches_schema && !may_give(None) && item.state == State::WouldChange {
        return refused(
            item,
            FailureCode::MissingPrivilege,
            format!("{} may not give others rights on the schema {schema}", observed.user),
            format!("its owner has to: {}", statements.join("; ")),
        );
    }
    item
}
