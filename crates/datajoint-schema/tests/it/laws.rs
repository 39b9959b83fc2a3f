use std::collections::HashMap;
use std::fmt::Write as _;

use datajoint_definition::Tier;
use datajoint_schema::{Graph, Table, describe, difference};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::pipeline::{Pipeline, columns};

fn lab() -> Pipeline {
    Pipeline::new()
        .with(Tier::Manual, "A", "a : int32  # the a")
        .with(Tier::Manual, "B", "b : varchar(8)\nc : int16")
        .with(Tier::Manual, "C", "-> A\nc : int16")
}

fn reference() -> impl Strategy<Value = (String, bool)> {
    let target = prop::sample::select(vec![
        "A",
        "B",
        "C",
        "A.proj(a2='a')",
        "A.proj(a2='a', a3='(a)')",
        "A.proj(a4='(a)')",
        "B.proj(c='c', d='b')",
        "C.proj(a2='a')",
    ]);
    (target, any::<bool>(), any::<bool>()).prop_map(|(target, nullable, unique)| {
        let options = [(nullable, "nullable"), (unique, "unique")];
        let options: Vec<_> =
            options.into_iter().filter_map(|(is_set, name)| is_set.then_some(name)).collect();
        let options = if options.is_empty() { String::new() } else { format!("[{}] ", options.join(", ")) };
        (format!("-> {options}{target}"), nullable)
    })
}

fn attribute() -> impl Strategy<Value = (String, bool)> {
    prop::sample::select(vec![
        ("a : int32", false),
        ("c : int16  # mine", false),
        ("x : float64", false),
        ("y='' : varchar(4)  # (s)", false),
        ("y=null : varchar(4)", true),
        ("z=7 : int8", false),
        ("w=CURRENT_TIMESTAMP : datetime", false),
    ])
    .prop_map(|(line, nullable)| (line.to_owned(), nullable))
}

/// A definition, and whether it may stand: keys can't be null.
fn definition() -> impl Strategy<Value = String> {
    let line = || prop_oneof![reference(), attribute()];
    (prop::collection::vec(line(), 0..4), prop::collection::vec(line(), 0..5), 0..3_usize).prop_map(
        |(key, secondary, indexes)| {
            let mut text = String::from("# a table\n");
            let is_new = |text: &str, line: &str| {
                line.starts_with("->") || !text.contains(&format!("\n{}", &line[..1]))
            };
            for (line, _) in key.iter().filter(|(_, nullable)| !nullable) {
                if is_new(&text, line) {
                    let _ = writeln!(text, "{line}");
                }
            }
            let _ = writeln!(text, "k : int8\n---");
            for (place, (line, _)) in secondary.iter().enumerate() {
                if place < indexes {
                    let _ = writeln!(text, "{}index (k)", if place == 0 { "unique " } else { "" });
                }
                if is_new(&text, line) {
                    let _ = writeln!(text, "{line}");
                }
            }
            text
        },
    )
}

fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn describing_and_resolving_gives_the_same_table(text in definition()) {
        let pipeline = lab();
        let (table, faults) = pipeline.resolve("lab", Tier::Manual, "Tested", &text);
        prop_assume!(!faults.iter().any(datajoint_definition::Diagnostic::is_error));
        let described = describe(&table, |name| pipeline.class_of(name)).unwrap();
        let (again, _) = pipeline.resolve("lab", Tier::Manual, "Tested", &described);
        prop_assert_eq!(&again, &table, "{}\nis described as\n{}", text, described);
        prop_assert_eq!(difference(&table, &again, |ours, theirs| ours.default == theirs.default), vec![]);
    }

    #[test]
    fn the_order_of_references_changes_only_the_order_of_columns(
        references in prop::collection::vec(reference(), 1..5),
        turn in 0..5_usize,
    ) {
        let pipeline = lab();
        let lines: Vec<&str> = references.iter().map(|(line, _)| line.as_str()).collect();
        let mut turned = lines.clone();
        turned.rotate_left(turn % lines.len());
        let of = |lines: &[&str]| {
            pipeline.resolve("lab", Tier::Manual, "Tested", &format!("k : int8\n---\n{}", lines.join("\n"))).0
        };
        prop_assert_eq!(sorted(columns(&of(&lines))), sorted(columns(&of(&turned))));
    }

    #[test]
    fn every_table_follows_its_parents_and_every_part_its_master(
        links in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..30),
        keys in prop::collection::vec(any::<u32>(), 30),
    ) {
        let mut pipeline = Pipeline::new().with(Tier::Manual, "T0", "t0 : int8");
        for (place, (link, is_part)) in links.iter().enumerate() {
            let parent = pipeline.tables().nth(link.index(place + 1)).unwrap();
            let parent_class = pipeline.class_of(&parent.name);
            let number = place + 1;
            if *is_part && parent.tier != Some(Tier::Part) {
                pipeline.add("lab", Tier::Part, &format!("{parent_class}.P{number}"), &format!("-> master\nt{number} : int8"));
            } else {
                pipeline.add("lab", Tier::Manual, &format!("T{number}"), &format!("-> {parent_class}\nt{number} : int8"));
            }
        }
        let mut tables: Vec<Table> = pipeline.tables().cloned().collect();
        let order: HashMap<_, _> = tables.iter().map(|table| table.name.clone()).zip(keys).collect();
        tables.sort_by_key(|table| order.get(&table.name).copied());

        let graph = Graph::new(&tables).unwrap();
        let sorted: Vec<_> = graph.tables().collect();
        prop_assert_eq!(sorted.len(), tables.len());
        for (place, table) in sorted.iter().enumerate() {
            for foreign_key in &table.foreign_keys {
                prop_assert!(sorted[..place].iter().any(|before| before.name == foreign_key.parent));
            }
            if let Some(master) = &table.master {
                let before = sorted[place - 1];
                prop_assert!(before.name == *master || before.master.as_ref() == Some(master));
            }
        }
    }
}
