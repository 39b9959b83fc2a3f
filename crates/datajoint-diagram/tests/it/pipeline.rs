//! Pipelines to draw.

use std::fmt::Write as _;

use datajoint_definition::{Diagnostic, Line, Tier, parse};
use datajoint_schema::{Declaration, Graph, Parent, Table, resolve};

/// A table as a test writes it: `("lab", Lookup, "Probe", "…")`; of a part the class is `Master.Part`.
pub(crate) type Written<'a> = (&'a str, Tier, &'a str, &'a str);

/// Resolves tables written in order, parents first; a parent is named by its class.
pub(crate) fn tables(written: &[Written<'_>]) -> Vec<Table> {
    let mut tables: Vec<(String, Table)> = Vec::new();
    for &(schema, tier, class, text) in written {
        let find = |name: &str| -> Parent {
            let found = tables.iter().find(|(class, _)| class == name);
            found.unwrap_or_else(|| panic!("no table `{name}`")).1.as_parent()
        };
        let (definition, faults) = parse(text);
        assert!(!faults.iter().any(Diagnostic::is_error), "{class}: {faults:?}");
        let master = class.split_once('.').map(|(master, _)| find(master));
        let parents: Vec<Parent> = definition
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::ForeignKey(line) if line.parent == "master" => master.clone(),
                Line::ForeignKey(line) => Some(find(&line.parent)),
                _ => None,
            })
            .collect();
        let (table, faults) = resolve(&Declaration {
            schema,
            class_name: class.rsplit('.').next().unwrap_or(class),
            tier,
            definition: &definition,
            parents: &parents,
            master: master.as_ref(),
        });
        assert!(!faults.iter().any(Diagnostic::is_error), "{class}: {faults:?}");
        tables.push((class.to_owned(), table));
    }
    tables.into_iter().map(|(_, table)| table).collect()
}

/// The graph of tables written in order.
pub(crate) fn graph(written: &[Written<'_>]) -> Graph {
    Graph::new(tables(written)).expect("a graph without cycles")
}

/// Three schemas with lookups, parts, and a renamed secondary reference.
pub(crate) const EPHYS: &[Written<'_>] = &[
    ("lab", Tier::Lookup, "Rig", "rig : varchar(16)\n---\nroom : varchar(16)"),
    ("lab", Tier::Lookup, "ProbeType", "probe_type : varchar(32)\n---\nnum_channels : int32"),
    ("lab", Tier::Manual, "User", "user_name : varchar(32)\n---\nemail : varchar(64)"),
    (
        "lab",
        Tier::Manual,
        "Subject",
        "# Animals\nsubject_id : int32\n---\nsex : enum('M', 'F', 'U')\ndate_of_birth = null : date  # (UTC)",
    ),
    (
        "session",
        Tier::Manual,
        "Session",
        "-> Subject\nsession_id : int32\n---\n-> Rig\n-> [nullable] User.proj(experimenter='user_name')\nsession_time : datetime(3)",
    ),
    ("session", Tier::Part, "Session.Trial", "-> master\ntrial : int32\n---\nonset : float64  # (s)"),
    ("session", Tier::Part, "Session.Note", "-> master\nnote_id : int32\n---\nnote : varchar(255)"),
    (
        "ephys",
        Tier::Imported,
        "Recording",
        "-> Session\n-> ProbeType\n---\nsampling_rate : float64\ntraces : <blob@>",
    ),
    ("ephys", Tier::Lookup, "SortingParams", "params_id : int32\n---\nthreshold : float64"),
    ("ephys", Tier::Computed, "Spikes", "-> Recording\n-> SortingParams\n---\nspike_count : int64"),
    ("ephys", Tier::Part, "Spikes.Unit", "-> master\nunit : int32\n---\ntimes : <blob>  # (s)"),
    ("ephys", Tier::Computed, "TuningCurve", "-> Spikes.Unit\n---\nangle : float64"),
    ("ephys", Tier::Computed, "Quality", "-> Spikes\n---\nscore : float64"),
];

/// Sixty tables over six schemas, always the same.
pub(crate) fn sixty() -> Graph {
    let schemas = ["lab", "subject", "session", "ephys", "imaging", "analysis"];
    let mut written: Vec<(String, Tier, String, String)> = Vec::new();
    let mut state = 7_u32;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % bound
    };
    for number in 0..60 {
        let level = number / 10;
        let schema = schemas[level].to_owned();
        let masters: Vec<String> =
            written.iter().filter(|table| table.1 != Tier::Part).map(|table| table.2.clone()).collect();
        let own: Vec<String> = written
            .iter()
            .filter(|table| table.0 == schema && !matches!(table.1, Tier::Part | Tier::Lookup))
            .map(|table| table.2.clone())
            .collect();
        let kind = next(10);
        if kind == 0 || level == 0 && kind < 6 || masters.is_empty() {
            written.push((
                schema,
                Tier::Lookup,
                format!("Kind{number}"),
                format!("kind{number} : varchar(16)"),
            ));
        } else if kind < 3 && !own.is_empty() {
            let master = &own[next(own.len())];
            written.push((
                schema,
                Tier::Part,
                format!("{master}.Item{number}"),
                format!("-> master\nitem{number} : int32"),
            ));
        } else {
            let tier = [Tier::Manual, Tier::Imported, Tier::Computed][next(3)];
            let mut parents = Vec::new();
            if !own.is_empty() && next(3) > 0 {
                parents.push(own[next(own.len())].clone());
            }
            let recent = &masters[masters.len().saturating_sub(16)..];
            parents.push(recent[next(recent.len())].clone());
            parents.dedup();
            let lines: Vec<String> = parents.iter().map(|parent| format!("-> {parent}")).collect();
            let mut text = lines.join("\n") + "\n";
            if tier == Tier::Manual || parents.len() == 1 && next(2) == 0 {
                let _ = writeln!(text, "id{number} : int32");
            }
            text.push_str("---\n");
            if next(4) == 0 {
                let _ = writeln!(text, "-> [nullable] {}", masters[next(masters.len())]);
            }
            text.push_str("value : float64");
            let word = ["Trace", "Mask", "Event", "Fit", "Segment", "Quality"][next(6)];
            written.push((schema, tier, format!("{word}{number}"), text));
        }
    }
    let written: Vec<Written<'_>> = written
        .iter()
        .map(|(schema, tier, class, text)| (schema.as_str(), *tier, class.as_str(), text.as_str()))
        .collect();
    graph(&written)
}
