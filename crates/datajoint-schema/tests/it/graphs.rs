use datajoint_definition::Tier;
use datajoint_schema::{ColumnPair, Error, ForeignKey, Graph, Table, TableName};

use crate::pipeline::Pipeline;

fn lab() -> Pipeline {
    Pipeline::new()
        .with(Tier::Lookup, "Rig", "rig : varchar(8)")
        .with(Tier::Manual, "Subject", "subject_id : int32")
        .with(Tier::Manual, "Session", "-> Subject\nsession : int16\n---\n-> Rig")
        .with(Tier::Computed, "Pair", "-> Session\n---\n-> Subject.proj(other='subject_id')")
        .with(Tier::Part, "Session.Trial", "-> master\ntrial : int32")
        .with(Tier::Part, "Session.Event", "-> Session.Trial\nevent : int32\n---\n-> Rig")
}

fn name(table: &str) -> TableName {
    TableName::new("lab", table)
}

fn names<'a, T: AsRef<Table> + 'a>(tables: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    tables.into_iter().map(|table| table.as_ref().name.table.clone()).collect()
}

#[test]
fn parents_come_first_and_parts_directly_after_their_master() {
    let graph = Graph::new(lab().tables()).unwrap();
    assert_eq!(
        names(graph.tables()),
        ["#rig", "subject", "session", "session__trial", "session__event", "__pair"]
    );
    // the order given decides where the foreign keys leave it open
    let mut backwards: Vec<_> = lab().tables().cloned().collect();
    backwards.reverse();
    let graph = Graph::new(backwards).unwrap();
    assert_eq!(
        names(graph.tables()),
        ["subject", "#rig", "session", "session__trial", "session__event", "__pair"]
    );
}

#[test]
fn relatives_are_found_across_any_number_of_steps() {
    let graph = Graph::new(lab().tables()).unwrap();
    let session = name("session");
    assert_eq!(names(graph.parents(&session).unwrap()), ["#rig", "subject"]);
    assert_eq!(names(graph.children(&session).unwrap()), ["session__trial", "__pair"]);
    assert_eq!(names(graph.descendants(&session).unwrap()), ["session__trial", "session__event", "__pair"]);
    assert_eq!(
        names(graph.ancestors(&name("session__event")).unwrap()),
        ["#rig", "subject", "session", "session__trial"]
    );
    assert_eq!(names(graph.parts(&session).unwrap()), ["session__trial", "session__event"]);
    let master = graph.master(&name("session__trial")).unwrap();
    assert_eq!(master.map(|master| &master.name), Some(&session));
    assert!(graph.master(&session).unwrap().is_none());
}

#[test]
fn edges_tell_how_the_child_refers() {
    let pipeline = lab().with(Tier::Computed, "Copy", "-> Session");
    let graph = Graph::new(pipeline.tables()).unwrap();
    let edges = graph.edges_into(&name("__pair")).unwrap();
    let [session, subject] = edges.as_slice() else { panic!("{edges:?}") };
    assert!(session.primary && !session.multi && !session.is_renamed());
    assert!(!subject.primary && subject.multi && subject.is_renamed());
    assert_eq!(subject.child_of("subject_id"), Some("other"));
    let [copy] = graph.edges_into(&name("__copy")).unwrap()[..] else { panic!() };
    assert!(!copy.multi);
}

#[test]
fn several_references_between_two_tables_are_all_there() {
    let pipeline = lab().with(Tier::Manual, "Meeting", "-> Subject\n-> Subject.proj(other='subject_id')");
    let graph = Graph::new(pipeline.tables()).unwrap();
    assert_eq!(graph.edges_into(&name("meeting")).unwrap().len(), 2);
    assert_eq!(names(graph.parents(&name("meeting")).unwrap()), ["subject"]);
}

#[test]
fn a_cascade_meets_every_edge_into_a_table_before_those_out_of_it() {
    let graph = Graph::new(lab().tables()).unwrap();
    let ends: Vec<_> = graph
        .downstream(&name("subject"))
        .unwrap()
        .into_iter()
        .map(|edge| format!("{} {}", edge.parent.table, edge.child.table))
        .collect();
    assert_eq!(
        ends,
        [
            "subject session",
            "subject __pair",
            "session session__trial",
            "session __pair",
            "session__trial session__event"
        ]
    );
    let path = graph.path(&name("subject"), &name("session__event")).unwrap().unwrap();
    let path: Vec<_> = path.into_iter().map(|edge| edge.child.table.as_str()).collect();
    assert_eq!(path, ["session", "session__trial", "session__event"]);
    assert!(graph.path(&name("session"), &name("subject")).unwrap().is_none());
    assert!(graph.path(&name("session"), &name("session")).unwrap().unwrap().is_empty());
}

#[test]
fn a_part_below_another_table_follows_that_table() {
    let pipeline = Pipeline::new()
        .with(Tier::Manual, "Scan", "scan : int32")
        .with(Tier::Computed, "Mask", "-> Scan")
        .with(Tier::Part, "Scan.Field", "-> master\n-> Mask");
    let graph = Graph::new(pipeline.tables()).unwrap();
    assert_eq!(names(graph.tables()), ["scan", "__mask", "scan__field"]);
}

#[test]
fn a_cycle_is_named_in_full() {
    let mut tables: Vec<Table> = lab().tables().cloned().collect();
    tables[1].foreign_keys.push(ForeignKey {
        parent: name("__pair"),
        columns: vec![ColumnPair { child: "subject_id".to_owned(), parent: "subject_id".to_owned() }],
        nullable: false,
        unique: false,
        in_key: true,
    });
    let error = Graph::new(&tables).unwrap_err();
    assert!(matches!(error, Error::Cycle { .. }));
    assert!(error.to_string().contains("lab.subject -> lab.__pair -> lab.subject"), "{error}");
}

#[test]
fn absent_parents_and_wrong_names_are_told() {
    let graph = Graph::new(lab().tables().filter(|table| table.class_name != "Rig")).unwrap();
    assert_eq!(graph.absent_parents(), [name("#rig")]);
    let error = graph.parents(&name("sesion")).unwrap_err();
    assert!(error.to_string().contains("`lab.session`"), "{error}");
    let twice = lab().get("Rig").clone();
    assert!(matches!(Graph::new([twice.clone(), twice]), Err(Error::Duplicate { .. })));
}
