use datajoint_definition::{Tier, parse};
use datajoint_pipeline::typed::TableSpec;
use datajoint_schema::{Declaration, resolve};

use super::*;

macro_rules! table {
    ($name:ident, $class:literal, $tier:ident, $definition:literal, [$($parent:ident),*]) => {
        fn $name() -> &'static TableSpec {
            static SPEC: TableSpec =
                TableSpec::new($class, $class, "lab", Tier::$tier, $definition, &[$($parent),*]);
            &SPEC
        }
    };
}

table!(subject, "Subject", Manual, "subject : int32", []);
table!(rig, "Rig", Manual, "rig : int32", []);
table!(session, "Session", Manual, "-> Subject\nsession : int32\n---\n-> Rig", [subject, rig]);
table!(scan, "Scan", Imported, "-> Session", [session]);
table!(
    pair,
    "Pair",
    Computed,
    "-> Session\n-> Session.proj(other_subject='subject', other='session')",
    [session, session]
);
table!(merged, "Merged", Computed, "-> Scan\n-> Session", [scan, session]);
table!(parameter, "Parameter", Lookup, "parameter : int32", []);
table!(chosen, "Chosen", Computed, "-> Scan\n---\n-> Parameter", [scan, parameter]);

fn known(spec: &'static TableSpec) -> Arc<Table> {
    let (definition, _) = parse(spec.definition);
    let parents: Vec<_> = spec.parents.iter().map(|parent| known(parent()).as_parent()).collect();
    let (table, diagnostics) = resolve(&Declaration {
        schema: spec.schema,
        class_name: spec.class_name,
        tier: spec.tier,
        definition: &definition,
        parents: &parents,
        master: None,
    });
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Arc::new(table)
}

fn condition(
    target: fn() -> &'static TableSpec,
    ancestor: fn() -> &'static TableSpec,
    key: &[i64],
) -> Condition {
    let table = known(target());
    let names: Vec<String> = table.key_names().map(str::to_owned).collect();
    let ancestor = known(ancestor());
    let all = [subject, rig, session, scan, pair, merged, parameter, chosen].map(|spec| known(spec()));
    let known_as = |name: &TableName| all.iter().find(|table| table.name == *name).cloned();
    let ways = Ways::find(&table, &names, &ancestor.name, known_as);
    ways.condition(&key.iter().map(|value| Value::Int(*value)).collect::<Vec<_>>()).unwrap()
}

fn equal(attribute: &str, value: i64) -> Condition {
    Condition::Compare { attribute: attribute.into(), operator: Comparison::Equal, value: Value::Int(value) }
}

#[test]
fn an_ancestor_over_foreign_keys_within_keys_is_found_by_its_whole_key() {
    assert_eq!(
        condition(scan, session, &[3, 5]),
        Condition::All(vec![equal("subject", 3), equal("session", 5)])
    );
    assert_eq!(condition(scan, subject, &[3, 5]), Condition::All(vec![equal("subject", 3)]));
}

#[test]
fn ways_that_meet_in_the_same_attributes_are_one() {
    assert_eq!(condition(merged, session, &[3, 5]), condition(scan, session, &[3, 5]));
}

#[test]
fn rows_of_either_role_belong_to_the_key() {
    let role = |subject, session| Condition::All(vec![equal("subject", subject), equal("session", session)]);
    let Condition::Any(mut roles) = condition(pair, session, &[1, 2, 3, 4]) else { panic!("two roles") };
    roles.sort_by_key(|role| format!("{role:?}"));
    assert_eq!(roles, [role(1, 2), role(3, 4)]);
}

#[test]
fn a_foreign_key_outside_the_key_is_followed_from_the_rows_that_are_there() {
    let Condition::Linked { by, to } = condition(scan, rig, &[3, 5]) else { panic!("through the session") };
    let links: Vec<(&str, &str)> = by.iter().map(|link| (link.ours.as_str(), link.theirs.as_str())).collect();
    assert_eq!(links, [("rig", "rig")]);
    let Expression::Restrict { condition: restriction, .. } = to.into_inner() else { panic!("restricted") };
    assert_eq!(restriction, condition(scan, session, &[3, 5]));
}

#[test]
fn what_make_chooses_outside_its_key_is_not_restricted() {
    assert_eq!(condition(chosen, parameter, &[3, 5]), Condition::All(Vec::new()));
}

#[test]
fn a_table_without_a_way_to_it_has_no_rows() {
    assert_eq!(condition(scan, parameter, &[3, 5]), Condition::Constant(false));
}
