use std::fmt::Write as _;

use datajoint_definition::{AttributeType, NativeCategory, NativeType, Tier};
use datajoint_schema::{Aspect, Attribute, Difference, Heading, Index, Table};

use crate::pipeline::Pipeline;

fn lab() -> Pipeline {
    Pipeline::new().with(Tier::Manual, "Subject", "subject_id : int32").with(
        Tier::Manual,
        "Rig",
        "rig : varchar(8)",
    )
}

fn tested(text: &str) -> Table {
    lab().resolve("lab", Tier::Manual, "Tested", text).0
}

fn difference(declared: &Table, found: &Table) -> Vec<Difference> {
    datajoint_schema::difference(declared, found, |ours, theirs| ours.default == theirs.default)
}

#[test]
fn differences_are_told_in_words() {
    let base = "-> Subject\n---\na=0.5 : float64  # (V)\nb=null : int32\nindex (b)";
    let cases = [
        base,
        "-> Subject\n---\na=0.7 : float64  # (V)\nb=null : int32\nindex (b)",
        "# Named\n-> Subject\n---\na=0.5 : float64  # (mV)\nb=null : int32\nindex (b)",
        "-> Subject\nk : int8\n---\na : float64  # (V)\nb : int64\nunique index (b)",
        "-> Subject\n---\n-> Rig\na=0.5 : float64  # (V)",
        "subject_id : int32\n---\na=0.5 : float64  # (V)\nb=null : int32\nindex (b)",
    ];
    let mut text = format!("declared\n    {}\n\n", base.replace('\n', "\n    "));
    for case in cases {
        let _ = writeln!(text, "found\n    {}", case.replace('\n', "\n    "));
        for found in difference(&tested(base), &tested(case)) {
            let _ = writeln!(text, "=> {found}");
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_a_database_makes_of_an_inherited_column_is_no_difference() {
    let declared = tested("-> Subject\n---\n-> Rig");
    let native = |attribute: &Attribute| Attribute {
        attribute_type: match attribute.name.as_str() {
            "subject_id" => AttributeType::Native(NativeType {
                text: "int".to_owned(),
                category: NativeCategory::Integer,
            }),
            _ => attribute.attribute_type.clone(),
        },
        comment: String::new(),
        ..attribute.clone()
    };
    let mut found = declared.clone();
    found.heading =
        Heading::new(declared.heading.all().iter().map(|attribute| native(attribute)).collect::<Vec<_>>());
    // the index that InnoDB makes for the reference
    found.indexes.push(Index {
        items: vec![datajoint_definition::IndexItem::Attribute("rig".to_owned())],
        unique: false,
    });
    assert_eq!(difference(&declared, &found), []);
}

#[test]
fn wording_is_told_apart_from_meaning() {
    let found = difference(&tested("k : int8  # one"), &tested("k : int8  # two"));
    assert_eq!(found.len(), 1);
    assert!(found[0].aspect == Aspect::Comment && found[0].aspect.is_wording());
    assert_eq!(found[0].attribute.as_deref(), Some("k"));
}
