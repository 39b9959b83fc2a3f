use datajoint_macros_core::{Surroundings, pipeline, schema};
use insta::assert_snapshot;
use quote::quote;

use crate::support::{errors, pretty};

#[test]
fn a_schema_is_a_marker_in_its_module() {
    assert_snapshot!(pretty(schema(quote!("lab"), Surroundings::NONE)));
}

#[test]
fn a_schema_name_is_one_that_every_database_takes() {
    let long = "a".repeat(64);
    let names = [quote!(), quote!(""), quote!("a.b"), quote!("a'b"), quote!("a`b"), quote!(#long)];
    let found: Vec<String> =
        names.into_iter().flat_map(|name| errors(schema(name, Surroundings::NONE))).collect();
    assert_snapshot!(found.join("\n"));
}

#[test]
fn a_pipeline_lists_tables_by_path() {
    let tokens = pipeline(quote! {
        /// All of it.
        pub struct Lab { crate::session::{Subject, Session, deep::{A, B}}, Probe, }
    });
    assert_snapshot!(pretty(tokens));
}
