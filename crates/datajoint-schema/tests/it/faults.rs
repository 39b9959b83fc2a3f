use std::fmt::Write as _;

use datajoint_definition::{Diagnostic, Tier, parse};
use datajoint_schema::own_key_diagnostics;

use crate::pipeline::Pipeline;

fn lab() -> Pipeline {
    Pipeline::new()
        .with(Tier::Manual, "Subject", "subject_id : int32\n---\nsex : char(1)")
        .with(Tier::Manual, "Visitor", "subject_id : varchar(12)\nday : date")
        .with(Tier::Lookup, "Config", "---\na : int32")
}

fn told(faults: &[Diagnostic]) -> String {
    let one = |fault: &Diagnostic| {
        format!("{}: {}\nhelp: {}", fault.severity, fault.message, fault.help.as_deref().unwrap_or_default())
    };
    faults.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_fault_says_what_is_wrong_and_how_to_mend_it() {
    let cases = [
        "-> Subject\n-> Visitor",
        "subject_id : int64\n-> Subject",
        "-> Subject\nsubject_id : int64",
        "-> Subject.proj(animal='subject')",
        "-> Visitor.proj(other='sex')",
        "-> Visitor.proj(day='subject_id')",
        "-> Subject\n---\n-> [nullable] Visitor.proj(when='day')",
        "-> Config",
        "-> Subject\n---\na : int32\nindex (aa)",
        "-> Subject\n---\na : int32\nindex (a.path)",
        "-> Subject\n---\na : varchar(8)\nindex (b(4))",
        "-> Subject\n---\n-> [nullable] Subject",
        "subject_id : varchar(8)\n-> Visitor",
    ];
    let mut text = String::new();
    for case in cases {
        let _ = writeln!(text, "{case}\n    {}\n", told(&lab().faults(case)).replace('\n', "\n    "));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_fault_leaves_the_rest_of_the_table_understood() {
    let (table, faults) =
        lab().resolve("lab", Tier::Manual, "Tested", "-> Subject.proj(a='b')\nk : int8\n-> Visitor");
    assert_eq!(faults.len(), 1);
    let names: Vec<_> = table.heading.all().iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["k", "subject_id", "day"]);
}

#[test]
fn spellings_of_one_type_agree() {
    for text in ["subject_id : int\n-> Subject", "-> Subject\nsubject_id : integer"] {
        assert!(lab().faults(text).is_empty(), "{text}");
    }
}

#[test]
fn a_table_cant_refer_to_itself() {
    let (_, faults) = lab().resolve(
        "lab",
        Tier::Manual,
        "Subject",
        "subject_id : int32\n---\n-> [nullable] Subject.proj(mother='subject_id')",
    );
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.contains("itself"), "{faults:?}");
}

#[test]
fn parts_need_a_master() {
    let (_, faults) = lab().resolve("lab", Tier::Part, "Trial", "trial : int32");
    assert!(told(&faults).contains("has no master"), "{faults:?}");
    let (_, faults) = lab().resolve("lab", Tier::Part, "Subject.Trial", "trial : int32");
    assert!(faults.len() == 1 && !faults[0].is_error(), "{faults:?}");
    let (_, faults) = lab().resolve("lab", Tier::Manual, "Trial", "-> master");
    assert!(told(&faults).contains("has no master"), "{faults:?}");
}

#[test]
fn auto_populated_tables_have_no_key_of_their_own() {
    let text = "-> Subject\nwindow : int32\n---\nscore : float64";
    let (definition, _) = parse(text);
    for (tier, count) in [(Tier::Computed, 1), (Tier::Imported, 1), (Tier::Manual, 0)] {
        let (table, _) = lab().resolve("lab", tier, "Score", text);
        let faults = own_key_diagnostics(&table, &definition);
        assert_eq!(faults.len(), count, "{tier}");
        assert!(faults.iter().all(|fault| fault.message.contains("`window`")), "{faults:?}");
    }
}
