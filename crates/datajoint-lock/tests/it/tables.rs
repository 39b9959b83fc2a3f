//! Tables to lock.

use datajoint_definition::{Diagnostic, Line, Tier, parse};
use datajoint_schema::{Declaration, Parent, Table, resolve};

/// A table of the schema `lab` that refers to these by their classes.
pub(crate) fn table(tier: Tier, class: &str, text: &str, others: &[Table]) -> Table {
    let (table, faults) = understood(tier, class, text, others);
    assert!(!faults.iter().any(Diagnostic::is_error), "{class}: {faults:?}");
    table
}

/// The same, as far as it is understood.
pub(crate) fn understood(tier: Tier, class: &str, text: &str, others: &[Table]) -> (Table, Vec<Diagnostic>) {
    let (definition, mut faults) = parse(text);
    let find = |class: &str| others.iter().find(|other| other.class_name == class).unwrap().as_parent();
    let master = class.split_once('.').map(|(master, _)| find(master));
    let parents: Vec<Parent> = definition
        .lines
        .iter()
        .filter_map(|line| match line {
            Line::ForeignKey(line) if line.parent != "master" => Some(find(&line.parent)),
            _ => None,
        })
        .collect();
    let class_name = class.rsplit('.').next().unwrap();
    let (table, found) = resolve(&Declaration {
        schema: "lab",
        class_name,
        tier,
        definition: &definition,
        parents: &parents,
        master: master.as_ref(),
    });
    faults.extend(found);
    (table, faults)
}

/// A small pipeline with everything that a lock has a word for.
pub(crate) fn lab() -> Vec<Table> {
    let mut tables = Vec::new();
    for (tier, class, text) in [
        (Tier::Lookup, "Species", "species : varchar(40)"),
        (
            Tier::Manual,
            "Subject",
            "# Animals\nsubject_id : int32  # in the colony\n---\n-> [nullable] Species\nborn = null : date\n\
             weight = 20.50 : decimal(6, 2)\nseen = CURRENT_TIMESTAMP : datetime(3)\nnote = '' : varchar(40)",
        ),
        (
            Tier::Manual,
            "Session",
            "-> Subject\nsession : int16\n---\n-> [unique, nullable] Subject.proj(other='subject_id')\n\
             settings : json\nindex (session)\nunique index (settings.name:char(20))",
        ),
        (
            Tier::Computed,
            "Spikes",
            "-> Session\n---\ntrace : <blob@main>\nraw : bigint unsigned\nkind : enum('a', 'it''s')",
        ),
        (Tier::Part, "Spikes.Unit", "-> master\nunit : int32"),
        (Tier::Lookup, "Options", "---\nlimit = 5 : int32"),
    ] {
        let table = table(tier, class, text, &tables);
        tables.push(table);
    }
    tables
}
