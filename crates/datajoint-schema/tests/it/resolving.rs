use datajoint_definition::Tier;
use datajoint_schema::{Index, lineage_rows, support_indexes};

use crate::pipeline::{Pipeline, columns};

fn lab() -> Pipeline {
    Pipeline::new()
        .with(Tier::Manual, "Subject", "subject_id : int32  # the id\n---\nsex : char(1)")
        .with(Tier::Lookup, "Method", "method : varchar(10)\nver : int8")
        .with(Tier::Manual, "Rig", "rig : varchar(8)")
}

#[test]
fn tables_are_named_by_their_tier() {
    let pipeline = lab()
        .with(Tier::Imported, "RawScan", "-> Subject")
        .with(Tier::Computed, "Analysis", "-> Subject")
        .with(Tier::Part, "Analysis.Detail", "-> master\nk : int16");
    let names: Vec<_> = pipeline.tables().map(|table| table.name.table.as_str()).collect();
    assert_eq!(names, ["subject", "#method", "rig", "_raw_scan", "__analysis", "__analysis__detail"]);
    let part = pipeline.get("Analysis.Detail");
    assert_eq!(part.master.as_ref(), Some(&pipeline.get("Analysis").name));
}

#[test]
fn attributes_stand_where_their_line_stands_and_the_first_of_a_name_holds() {
    let cases: &[(&str, &[&str])] = &[
        (
            "-> Subject\nsession : int16\n---\n-> [nullable] Method\n-> [unique, nullable] Subject.proj(other='subject_id')\nnote=\"\" : varchar(255)",
            &[
                "*<subject_id:int32",
                "*session:int16",
                "<method?:varchar(10)",
                "<ver?:int8",
                "<other?:int32",
                "note:varchar(255)",
            ],
        ),
        // an own line first keeps its marker
        ("subject_id : int32\nk : int8\n-> Subject", &["*subject_id:int32", "*k:int8"]),
        // a key attribute stays in the key
        ("-> Subject\n---\n-> Subject\nx : int8", &["*<subject_id:int32", "x:int8"]),
        // several names for one attribute of the parent
        ("-> Rig.proj(q='rig', r='(rig)')", &["*<q:varchar(8)", "*<r:varchar(8)"]),
        ("-> Rig.proj(r='(rig)')", &["*<rig:varchar(8)", "*<r:varchar(8)"]),
        // the order is the parent's, not that of the renames
        ("-> Method.proj(v='ver', m='method')", &["*<m:varchar(10)", "*<v:int8"]),
        ("-> Method.proj(ver2='ver')", &["*<method:varchar(10)", "*<ver2:int8"]),
        // no key at all
        ("---\na : int32", &["a:int32", "*_singleton:bool"]),
        ("", &["*_singleton:bool"]),
    ];
    for (text, expected) in cases {
        let (table, faults) = lab().resolve("lab", Tier::Manual, "Tested", text);
        assert!(faults.is_empty(), "{text}: {faults:?}");
        assert_eq!(columns(&table), *expected, "{text}");
    }
}

#[test]
fn references_hold_their_pairs_in_the_order_of_the_parents_key() {
    let (table, _) =
        lab().resolve("lab", Tier::Manual, "Tested", "-> Method.proj(v='ver')\n---\n-> [nullable] Rig");
    let [first, second] = table.foreign_keys.as_slice() else { panic!("{table:?}") };
    assert_eq!(first.child_columns().collect::<Vec<_>>(), ["method", "v"]);
    assert_eq!(first.parent_columns().collect::<Vec<_>>(), ["method", "ver"]);
    assert!(first.in_key && first.is_renamed() && !first.nullable);
    assert!(!second.in_key && !second.is_renamed() && second.nullable);
}

#[test]
fn a_value_is_needed_as_soon_as_one_line_needs_it() {
    for text in [
        "k : int8\n---\n-> [nullable] Rig\n-> Rig",
        "k : int8\n---\n-> Rig\n-> [nullable] Rig",
        "k : int8\n---\n-> [nullable] Rig\nrig : varchar(8)",
    ] {
        let (table, _) = lab().resolve("lab", Tier::Manual, "Tested", text);
        assert_eq!(columns(&table)[1], "<rig:varchar(8)", "{text}");
    }
    let (table, faults) =
        lab().resolve("lab", Tier::Manual, "Tested", "k : int8\n---\nrig=null : varchar(8)\n-> Rig");
    assert_eq!(columns(&table)[1], "rig:varchar(8)");
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn unique_references_make_their_index_where_they_stand() {
    let text = "k : int8\n---\na : int8\nindex (a)\n-> [unique] Method\nunique index (a, k)";
    let (table, _) = lab().resolve("lab", Tier::Manual, "Tested", text);
    let indexes: Vec<_> =
        table.indexes.iter().map(|index| (index.unique, index.plain_attributes().unwrap())).collect();
    assert_eq!(indexes, [(false, vec!["a"]), (true, vec!["method", "ver"]), (true, vec!["a", "k"])]);
}

#[test]
fn lineage_leads_to_the_first_declaration() {
    let pipeline = lab()
        .with_in("two", Tier::Manual, "Session", "-> Subject\nsession : int16\n---\n-> [nullable] Subject.proj(other='subject_id')\nnote : varchar(8)")
        .with_in("three", Tier::Computed, "Analysis", "-> Session\n-> Method")
        .with(Tier::Lookup, "Config", "---\na : int32");
    let rows = |class| -> Vec<(String, String)> {
        let rows = lineage_rows(pipeline.get(class)).into_iter();
        rows.map(|row| (row.attribute_name, row.lineage)).collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|&(name, lineage)| (name.to_owned(), lineage.to_owned())).collect()
    };
    assert_eq!(
        rows("Session"),
        pairs(&[
            ("subject_id", "lab.subject.subject_id"),
            ("other", "lab.subject.subject_id"),
            ("session", "two.session.session"),
        ])
    );
    assert_eq!(
        rows("Analysis"),
        pairs(&[
            ("subject_id", "lab.subject.subject_id"),
            ("session", "two.session.session"),
            ("method", "lab.#method.method"),
            ("ver", "lab.#method.ver"),
        ])
    );
    assert_eq!(rows("Config"), pairs(&[("_singleton", "lab.#config._singleton")]));
    assert!(pipeline.get("Session").heading.get("note").unwrap().lineage.is_none());
}

#[test]
fn the_last_of_several_references_gives_the_lineage() {
    let pipeline = lab().with(Tier::Manual, "Visitor", "subject_id : int32");
    let (table, _) = pipeline.resolve("lab", Tier::Manual, "Tested", "-> Subject\n-> Visitor");
    let lineage = table.heading.get("subject_id").unwrap().lineage.clone().unwrap();
    assert_eq!(lineage.to_string(), "lab.visitor.subject_id");
}

#[test]
fn references_without_an_index_of_their_own_get_one() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("-> Subject\n-> Method", &[&["method", "ver"]]),
        ("-> Method\n-> Subject", &[&["subject_id"]]),
        ("k : int8\n---\n-> [unique] Method", &[]),
        ("k : int8\n---\n-> Rig\nindex (rig, k)", &[]),
        ("k : int8\n---\n-> Rig\nindex (k, rig)", &[&["rig"]]),
        // the longer one serves the shorter one
        ("k : int8\n---\n-> Long\n-> Rig", &[&["rig", "extra"]]),
    ];
    let pipeline = lab().with(Tier::Manual, "Long", "-> Rig\nextra : int8");
    for (text, expected) in cases {
        let (table, _) = pipeline.resolve("lab", Tier::Manual, "Tested", text);
        let found = support_indexes(&table);
        let found: Vec<_> = found.iter().map(|index: &Index| index.plain_attributes().unwrap()).collect();
        assert_eq!(found, *expected, "{text}");
    }
}
