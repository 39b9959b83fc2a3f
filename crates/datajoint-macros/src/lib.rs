//! The procedural macros of DataJoint for Rust.
//!
//! They are documented where users meet them, in the crate `datajoint`; what they do stands in
//! `datajoint-macros-core`.

mod lock;

use datajoint_macros_core as core;
use proc_macro::TokenStream;

const SURROUNDINGS: core::Surroundings = core::Surroundings { locate, lock: lock::of_crate };

/// Declares a table: `#[table(Manual, definition = "...")] pub struct Session;`
#[proc_macro_attribute]
pub fn table(attribute: TokenStream, item: TokenStream) -> TokenStream {
    core::table(&attribute.into(), &item.into(), SURROUNDINGS).into()
}

/// Declares a part of a table: `#[part(Session, definition = "...")] pub struct SessionTrial;`
#[proc_macro_attribute]
pub fn part(attribute: TokenStream, item: TokenStream) -> TokenStream {
    core::part(&attribute.into(), &item.into(), SURROUNDINGS).into()
}

/// Names the code of a `make` by what it means: `#[make] impl Make for Spikes { .. }`
#[proc_macro_attribute]
pub fn make(attribute: TokenStream, item: TokenStream) -> TokenStream {
    core::make(&attribute.into(), &item.into()).into()
}

/// Names the database schema of the tables of a module: `schema!("lab");`
#[proc_macro]
pub fn schema(tokens: TokenStream) -> TokenStream {
    core::schema(tokens.into(), SURROUNDINGS).into()
}

/// Lists tables for activation: `pipeline! { pub struct Pipeline { session::{Subject, Session} } }`
#[proc_macro]
pub fn pipeline(tokens: TokenStream) -> TokenStream {
    core::pipeline(tokens.into()).into()
}

/// Lets a struct of one field, or an enum whose variants have none, be the value of an attribute.
#[proc_macro_derive(AttributeValue, attributes(datajoint))]
pub fn derive_attribute_value(item: TokenStream) -> TokenStream {
    core::derive_attribute_value(item.into()).into()
}

/// Lets rows be read into a struct whose fields are named as the attributes are.
#[proc_macro_derive(FromRow, attributes(datajoint))]
pub fn derive_from_row(item: TokenStream) -> TokenStream {
    core::derive_from_row(item.into()).into()
}

/// Lets a struct whose fields are named as the attributes are be inserted as a row.
#[proc_macro_derive(IntoRow, attributes(datajoint))]
pub fn derive_into_row(item: TokenStream) -> TokenStream {
    core::derive_into_row(item.into()).into()
}

/// The second step of a table, called by the tables it refers to.
#[doc(hidden)]
#[proc_macro]
pub fn __finish(tokens: TokenStream) -> TokenStream {
    core::finish(tokens.into(), SURROUNDINGS).into()
}

fn locate(span: proc_macro2::Span) -> Option<core::Place> {
    let span = span.unwrap();
    let place = core::Place { file: span.file(), line: span.line(), column: span.column() };
    (!place.file.is_empty()).then_some(place)
}
