use insta::assert_snapshot;
use quote::quote;

use crate::support::{answer, declared, declared_part, errors, finished, finished_part, pretty};

/// `Subject`, the parent in these tests.
fn subject() -> String {
    answer(declared(
        &quote!(
            Manual,
            definition = "
            subject_id : int32   # number in the colony
            species : enum('mouse', 'rat')
        "
        ),
        &quote!(
            pub struct Subject;
        ),
    ))
}

fn session() -> String {
    answer(finished(
        &quote!(Manual, definition = "-> Subject\nsession : int16"),
        &quote!(
            pub struct Session;
        ),
        &[subject()],
    ))
}

#[test]
fn a_table_without_parents_is_written_in_one_step() {
    let tokens = declared(
        &quote!(
            Manual,
            definition = "
            # Animals in the [colony]
            subject_id : int32   # number in the colony
            ---
            weight = null : float32   # (g)
        "
        ),
        &quote!(
            pub struct Subject;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn a_child_first_asks_its_parents() {
    let tokens = declared(
        &quote!(Manual, definition = "-> lab.Subject\n-> rig::Rig\nsession : int16"),
        &quote!(
            /// One visit to the rig.
            #[derive(Debug, PartialEq)]
            pub struct Session;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn a_child_has_its_parents_key() {
    let definition =
        "-> Subject\nsession : int16\n---\n-> [nullable] Subject.proj(mother='subject_id', kind='species')";
    let tokens = finished(
        &quote!(Manual, definition = #definition),
        &quote!(
            pub struct Session;
        ),
        &[subject(), subject()],
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn a_part_refers_to_its_master() {
    let (attribute, item) = (
        quote!(Session, definition = "-> master\ntrial : int32\n---\nstart : float64   # (s)"),
        quote!(
            pub(crate) struct SessionTrial;
        ),
    );
    let first = declared_part(&attribute, &item);
    let second = finished_part(&attribute, &item, &[session()]);
    assert_snapshot!(pretty(quote!(#first #second)));
}

#[test]
fn a_part_may_refer_to_another_part() {
    let master = session();
    let trial = answer(finished_part(
        &quote!(Session, definition = "-> master\ntrial : int32"),
        &quote!(
            struct SessionTrial;
        ),
        std::slice::from_ref(&master),
    ));
    let (attribute, item) = (
        quote!(Session, definition = "-> Session.Trial\nlick : int32"),
        quote!(
            struct SessionLick;
        ),
    );
    assert!(declared_part(&attribute, &item).to_string().contains("SessionTrial"));
    let tokens = finished_part(&attribute, &item, &[master, trial]);
    assert_eq!(errors(tokens.clone()), [""; 0]);
    assert_snapshot!(answer(tokens));
}

#[test]
fn a_lookup_table_has_contents() {
    let tokens = declared(
        &quote!(
            Lookup,
            definition = "probe : varchar(32)\n---\nchannels : int16\nkind = 'silicon' : enum('silicon', 'wire')\nsince = null : date",
            contents = [("np", 384, "silicon", "2018-01-01"), ("tetrode", 4, "wire", None), Self::third()]
        ),
        &quote!(
            pub struct Probe;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn enums_and_defaults_become_rust() {
    let tokens = declared(
        &quote!(
            Manual,
            definition = "
            id : uuid
            ---
            sex = 'U' : enum('M', 'F', 'U')
            kind : enum('wild type', '5xFAD', 'knock-out')
            count = -1 : int8
            gain = 1e3 : float64
            is_good = 1 : bool
            note = '' : varchar(200)
            price = 2.5 : decimal(5, 2)
            created = CURRENT_TIMESTAMP : datetime
        "
        ),
        &quote!(
            pub struct Sample;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn attributes_can_have_types_of_the_user() {
    let tokens = declared(
        &quote!(
            Manual,
            definition = "
                id : int32
                ---
                traces : <blob>
                mask = null : <blob>
                any : <blob>
                stored : <blob@main>
                file : <attach>
                graph : <graph>
                speed : float64
            ",
            types(id = SampleId, traces = Array2<f32>, mask = Vec<bool>, graph = Graph, speed = units::Speed)
        ),
        &quote!(
            pub struct Sample;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn native_types_have_the_nearest_rust_type() {
    let tokens = declared(
        &quote!(
            Manual,
            definition = "
            id : bigint unsigned
            ---
            a : tinyint
            b : mediumint
            c : smallint unsigned
            d : double
            e : time
            f : timestamp
            g : longblob
            h : text
            i : decimal(5)
        "
        ),
        &quote!(
            struct Old;
        ),
    );
    let text = pretty(tokens);
    let row = text.split("struct OldRow {").nth(1).and_then(|rest| rest.split('}').next()).expect("a row");
    assert_snapshot!(row);
}

#[test]
fn a_computed_table_must_have_a_make() {
    let text = |attribute| {
        let item = quote!(
            pub struct Spikes;
        );
        pretty(finished(&attribute, &item, &[session()]))
    };
    assert!(text(quote!(Computed, definition = "-> Session")).contains("assert_make::<Spikes>()"));
    let elsewhere = text(quote!(Computed, definition = "-> Session", external_make));
    assert!(!elsewhere.contains("assert_make"));
    assert!(elsewhere.contains("AutoPopulated for Spikes"));
    let free = text(quote!(Computed, definition = "-> Session\nmethod : int8", allow_new_key));
    assert!(free.contains(".with_new_key_allowed()"));
}

#[test]
fn a_definition_may_be_the_documentation() {
    let tokens = declared(
        &quote!(Manual),
        &quote!(
            /// # Tools
            /// name : varchar(8)
            /// ---
            /// type : int8  # a word that Rust keeps
            /// self : int8
            struct Tool;
        ),
    );
    assert_snapshot!(pretty(tokens));
}

#[test]
fn a_fence_leaves_room_for_prose() {
    let tokens = declared(
        &quote!(Manual),
        &quote!(
            /// What is in the drawer.
            ///
            /// ```definition
            /// name : varchar(8)
            /// ```
            ///
            /// Order by *name*.
            struct Tool;
        ),
    );
    let text = pretty(tokens);
    assert_snapshot!(text.split("struct Tool;").next().unwrap_or_default());
}

#[test]
fn a_table_without_key_has_an_empty_key() {
    let tokens = declared(
        &quote!(Manual, definition = "---\nvalue : int8"),
        &quote!(
            struct Settings;
        ),
    );
    let text = pretty(tokens);
    assert!(text.contains("struct SettingsKey {}"), "{text}");
}

#[test]
fn another_name_of_the_library_is_followed() {
    let tokens = declared(
        &quote!(Manual, crate = ::dj, definition = "id : int8"),
        &quote!(
            struct Thing;
        ),
    );
    assert!(!tokens.to_string().contains("datajoint :: codegen"), "{tokens}");
}

#[test]
fn an_attribute_in_a_store_asks_at_its_line_whether_the_library_has_stores() {
    let calls = |definition: &str| {
        let definition = quote!(Manual, definition = #definition);
        let tokens = declared(
            &definition,
            &quote!(
                pub struct Movie;
            ),
        );
        pretty(tokens)
            .lines()
            .filter(|line| line.contains("needs_stores"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let found = calls("movie : int32\n---\nframes : <blob@main>\npicture : <blob>\nraw = null : <object@>");
    let expected = [r#"needs_stores!("frames", "<blob@main>");"#, r#"needs_stores!("raw", "<object@>");"#];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(found.iter().zip(expected).all(|(call, expected)| call.ends_with(expected)), "{found:?}");
    assert!(calls("movie : int32\n---\npicture : <blob>").is_empty());
}
