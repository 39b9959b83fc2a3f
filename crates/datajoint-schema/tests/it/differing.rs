use std::fmt::Write as _;

use datajoint_definition::{AttributeType, NativeCategory, NativeType, Tier};
use datajoint_schema::{Aspect, Attribute, Difference, Heading, Index, Side, Table, difference_between};

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

/// What each pair of definitions differs in, and whether anybody meets it.
#[test]
fn what_nobody_meets_is_marked_as_harmless() {
    type Case = (&'static str, &'static str, &'static [(Aspect, bool)]);
    let cases: [Case; 10] = [
        ("k : int8\n---\na : int8\nb : int8", "k : int8\n---\nb : int8\na : int8", &[(Aspect::Order, true)]),
        ("k : int32", "k : int", &[(Aspect::Marker, true)]),
        (
            "k : int8\n---\nx : enum('a', 'b')",
            "k : int8\n---\nx : enum('b', 'a')",
            &[(Aspect::MemberOrder, false)],
        ),
        ("k : int8\n---\nx : enum('a', 'b')", "k : int8\n---\nx : enum('a')", &[(Aspect::Members, false)]),
        ("k : int8\n---\nx : enum('a')", "k : int8\n---\nx : varchar(1)", &[(Aspect::Type, false)]),
        ("k : int8\n---\nx : <blob>", "k : int8\n---\nx : longblob", &[(Aspect::Type, false)]),
        ("k : datetime(0)", "k : datetime", &[]),
        ("k : Int8\n---\nx : varchar( 4 )", "k : int8\n---\nx : varchar(4)", &[]),
        ("a : int8\nb : int8", "b : int8\na : int8", &[(Aspect::Key, false)]),
        ("-> Subject", "subject_id : int32", &[(Aspect::Lineage, false), (Aspect::MissingForeignKey, false)]),
    ];
    for (first, second, expected) in cases {
        let found = difference(&tested(first), &tested(second));
        let found: Vec<_> = found.iter().map(|found| (found.aspect, found.aspect.is_harmless())).collect();
        assert_eq!(found, expected, "{first} / {second}");
    }
}

#[test]
fn a_hidden_column_of_the_second_alone_is_harmless_and_another_tier_is_not() {
    let declared = tested("k : int8");
    let mut found = declared.clone();
    datajoint_schema::add_tier_columns(
        &mut found,
        datajoint_schema::TierColumns { provenance: true, ..datajoint_schema::TierColumns::default() },
    );
    found.tier = Some(Tier::Lookup);
    let sides = [Side::Lock, Side::Database];
    let differences = difference_between(sides, &declared, &found, |_, _| true);
    let told: Vec<_> = differences.iter().map(|one| (one.aspect, one.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (Aspect::Tier, "the table is locked as Manual; the database has a Lookup table"),
            (Aspect::ExtraHiddenAttribute, "the database has the column `_prov : json`, which is not locked"),
        ]
    );
}
