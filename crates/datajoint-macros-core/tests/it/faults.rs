use insta::assert_snapshot;
use proc_macro2::TokenStream;
use quote::quote;

use crate::support::{declared, declared_part, errors};

fn faults_of_table(attribute: &TokenStream) -> String {
    let item = quote!(
        pub struct Session;
    );
    errors(declared(attribute, &item)).join("\n")
}

#[test]
fn arguments_say_what_they_want() {
    let cases = [
        quote!(),
        quote!(definition = ""),
        quote!(Manul, definition = ""),
        quote!(Part, definition = ""),
        quote!(Manual),
        quote!(Manual, "id : int8"),
        quote!(Manual, definition = TEXT),
        quote!(Manual, definition = "id : int8", content = []),
        quote!(Manual, definition = "id : int8", contents = [(1,)]),
        quote!(Manual, definition = "id : int8", external_make),
        quote!(Lookup, definition = "id : int8", contents =),
        quote!(Lookup, definition = "id : int8\nname : varchar(8)", contents = [(1, "a"), (2,)]),
        quote!(Lookup, definition = "id : enum('a', 'b')", contents = ["c"]),
        quote!(Manual, definition = "id : int8", types(ide = Id)),
        quote!(Manual, definition = "a : enum('a', 'A')"),
        quote!(Manual, definition = "a : enum('+', '-')"),
        quote!(Manual, definition = "a : <graph>"),
        quote!(Manual, definition = "-> Session"),
        quote!(Manual, definition = "-> Self"),
    ];
    let found: Vec<String> = cases.iter().map(|case| format!("{case}\n{}", faults_of_table(case))).collect();
    assert_snapshot!(found.join("\n\n"));
}

#[test]
fn a_part_wants_its_master() {
    for attribute in [quote!(), quote!(definition = "-> master"), quote!("-> master")] {
        let item = quote!(
            struct SessionTrial;
        );
        let found = errors(declared_part(&attribute, &item));
        assert_eq!(found, ["name the table that the part belongs to, as in `#[part(Master, ..)]`"]);
    }
}

#[test]
fn a_table_is_a_unit_struct() {
    let attribute = quote!(Manual, definition = "id : int8");
    let items = [
        quote!(
            struct A {
                id: i8,
            }
        ),
        quote!(
            enum A {}
        ),
        quote!(
            struct A<T>;
        ),
        quote!(
            fn a() {}
        ),
    ];
    let found: Vec<String> = items.iter().flat_map(|item| errors(declared(&attribute, item))).collect();
    assert_snapshot!(found.join("\n"));
}

#[test]
fn what_was_understood_is_written_beside_the_fault() {
    let attribute = quote!(Manual, definition = "id : int8\n---\nwrong : int33\nright : int16");
    let tokens = declared(
        &attribute,
        &quote!(
            struct A;
        ),
    );
    let text = tokens.to_string();
    assert_eq!(errors(tokens).len(), 1);
    assert!(text.contains("struct ARow") && text.contains("right : i16"));
}
