//! Whether a user may do what a pipeline needs, and no more.

use std::collections::BTreeSet;

use datajoint_config::Settings;
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;

use super::held::{Held, Power, may};
use super::{Description, Privileges, Role, escaped};

/// What the user may not do of what a pipeline needs, and what it may do beyond what its role does.
///
/// A user in none of our roles is judged as an operator, which is what computes. What is not in the schemas of the program
/// is not needed by it: others declare schemas of the prefix too. A program without tables, such as `dj`, is for all of them.
pub(crate) fn judge(
    snapshot: &Snapshot,
    description: &Description,
    held: &Held,
    settings: &Settings,
    user: &str,
    of_program: &BTreeSet<String>,
) -> Vec<Finding> {
    let role = held.role.unwrap_or(Role::Operator);
    let called = match held.role {
        Some(role) => format!("{user}, in the role {},", description.name(role)),
        None => user.to_owned(),
    };
    let mut findings = Vec::new();
    let powers: Vec<String> = held
        .powers
        .iter()
        .filter(|power| !is_of(snapshot, role, power, description))
        // Who has no role of ours, and is to declare what is missing, declares schemas too.
        .filter(|power| {
            **power != Power::CreateSchemas || held.role.is_some() || !settings.database.create_tables
        })
        .map(ToString::to_string)
        .collect();
    if !powers.is_empty() {
        findings.push(Finding::in_production(
            settings,
            FindingCode::TooManyPrivileges,
            format!("{called} may do more than a pipeline needs: {}", some_of(&powers)),
            "use a user in a role that `deploy apply grants` makes: operator to compute, deployer to deploy",
        ));
    }
    let is_needed = |schema: &String| of_program.is_empty() || of_program.contains(schema);
    let (mut lacks, mut lacks_elsewhere, mut more) = (Vec::new(), Vec::new(), Vec::new());
    let mut owners = BTreeSet::new();
    for table in snapshot.all.iter().chain(&snapshot.hidden).map(|table| &table.name) {
        if !snapshot.schemas.contains(&table.schema) || held.owns(table) {
            continue;
        }
        let held_here = held.on_table(table);
        let needed = description.on_table(role, table);
        let missing: Vec<&String> = needed.iter().filter(|verb| !may(&held_here, verb)).collect();
        if !missing.is_empty() {
            owners.extend(held.owners.get(table).map(String::as_str));
        }
        let into = if is_needed(&table.schema) { &mut lacks } else { &mut lacks_elsewhere };
        into.extend(missing.iter().map(|verb| format!("{verb} on {table}")));
        if held.role.is_some() && !role.declares() {
            let mut described = description.on_table(role, table);
            if snapshot.backend.is_mysql_family() {
                described.extend(description.on_schema(role, &table.schema));
            }
            described.extend(description.on_later(role, &table.schema));
            let beyond: Privileges = held_here.difference(&described).cloned().collect();
            more.extend(
                beyond.iter().filter(|verb| *verb != "USAGE").map(|verb| format!("{verb} on {table}")),
            );
        }
    }
    if snapshot.backend.is_mysql_family() && role.declares() {
        // What is more than rows is granted on schemas.
        for schema in &snapshot.schemas {
            let held_here = held.on_schema(schema);
            let needed = description.on_schema(role, schema);
            let is_lacking = |verb: &&String| *verb != "GRANT OPTION" && !may(&held_here, verb);
            let into = if is_needed(schema) { &mut lacks } else { &mut lacks_elsewhere };
            into.extend(needed.iter().filter(is_lacking).map(|verb| format!("{verb} on {schema}")));
        }
    }
    let help = who_gives(description, held.role, &owners);
    if !lacks.is_empty() {
        findings.push(Finding::error(
            FindingCode::MissingPrivileges,
            format!("{called} may not do all that a pipeline needs: {}", some_of(&lacks)),
            help.clone(),
        ));
    }
    if !lacks_elsewhere.is_empty() {
        findings.push(Finding::warning(
            FindingCode::MissingPrivileges,
            format!(
                "{called} may not do all that its role may, in schemas of which this program declares nothing: {}",
                some_of(&lacks_elsewhere)
            ),
            help,
        ));
    }
    if !more.is_empty() {
        findings.push(Finding::warning(
            FindingCode::MoreThanItsRole,
            format!("{called} may do more than its role: {}", some_of(&more)),
            "`deploy apply grants` takes it from the role; what was granted to the user alone is revoked by hand",
        ));
    }
    if !held.creates.is_empty() && !settings.database.create_tables && !role.declares() {
        findings.push(Finding::warning(
            FindingCode::MayChangeTables,
            format!("{called} may create, alter or drop tables, though this program must not"),
            "grant what an operator needs, and leave the rest to the role that deploys",
        ));
    }
    findings
}

/// Who gives what is lacking, and how: the owners, where no role of ours may give it yet.
fn who_gives(description: &Description, role: Option<Role>, owners: &BTreeSet<&str>) -> String {
    let deployer = description.name(Role::Deployer);
    let by = if owners.is_empty() {
        format!("as a member of {deployer}")
    } else {
        let owners = owners.iter().copied().collect::<Vec<_>>().join(" and ");
        format!(
            "as {owners}, who owns the tables, or as a superuser: until then {deployer} may not give them to others"
        )
    };
    match role {
        Some(_) => format!("run `deploy apply grants` {by}"),
        None => format!(
            "`deploy apply grants` gives the role {} all of it: put the user into it below [grants.members], and run that {by}",
            description.name(Role::Operator)
        ),
    }
}

/// True for what a role needs beyond tables.
fn is_of(snapshot: &Snapshot, role: Role, power: &Power, description: &Description) -> bool {
    match power {
        Power::CreateRoles => role.hands_on(),
        Power::HandOn(pattern) => {
            role.hands_on()
                && (*pattern == description.pattern()
                    || snapshot.schemas.iter().any(|schema| pattern == schema || *pattern == escaped(schema)))
        }
        Power::CreateSchemas => description.creates_schemas(role),
        Power::SeeSessions(_) => role.computes(),
        Power::Other(_) => false,
    }
}

/// The first few of many.
fn some_of(texts: &[String]) -> String {
    const FEW: usize = 5;
    match texts.len().saturating_sub(FEW) {
        0 => texts.join(", "),
        more => format!("{}, and {more} more", texts[..FEW].join(", ")),
    }
}
