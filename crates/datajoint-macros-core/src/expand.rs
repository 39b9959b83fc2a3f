//! What is written for a table that was understood, as far as it was.

use datajoint_definition::{Definition, Tier};
use datajoint_schema::Table;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Visibility, parse_quote};

use crate::field::{Field, Reached};
use crate::input::Input;
use crate::names::Names;
use crate::payload::{KeyAttribute, Payload};

mod callback;
mod columns;
mod constructors;
mod enumeration;
mod key;
mod relations;
mod row;
mod spec;

pub(crate) use callback::without_answer;

/// All that the code of a table is written from.
pub(crate) struct Model<'a> {
    pub(crate) input: &'a Input,
    pub(crate) names: Names,
    pub(crate) table: Table,
    pub(crate) parents: Vec<Reached<'a>>,
    pub(crate) fields: Vec<Field>,
    /// What the table answers to its own children.
    pub(crate) payload: Payload,
    /// True when something is wrong with the table.
    pub(crate) is_faulty: bool,
    /// The path of what generated code uses, inside of its block.
    pub(crate) door: TokenStream,
    /// The same outside.
    pub(crate) outer_door: TokenStream,
}

impl<'a> Model<'a> {
    pub(crate) fn new(
        input: &'a Input,
        names: Names,
        table: Table,
        master: Option<&Payload>,
        parents: Vec<Reached<'a>>,
        fields: Vec<Field>,
        is_faulty: bool,
    ) -> Self {
        let key = fields.iter().filter(|field| field.attribute.in_key);
        let payload = Payload {
            id: names.id,
            group: master.map_or(names.id, |master| master.group),
            class_name: table.class_name.clone(),
            tier: input.arguments.tier,
            table_name: table.name.table.clone(),
            key_id: Payload::key_id(key.clone().map(|field| &field.attribute)),
            key: key
                .map(|field| KeyAttribute { attribute: field.attribute.clone(), own_type: field.own_type })
                .collect(),
            ancestors: ancestors(&parents),
        };
        let (door, outer_door) = (quote!(__dj), input.arguments.door());
        Self { input, names, table, parents, fields, payload, is_faulty, door, outer_door }
    }

    pub(crate) fn visibility(&self) -> &Visibility {
        &self.input.item.vis
    }

    pub(crate) fn tier(&self) -> Tier {
        self.input.arguments.tier
    }

    /// The fields of the primary key.
    pub(crate) fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.attribute.in_key)
    }
}

/// Every table upstream, once.
fn ancestors(parents: &[Reached<'_>]) -> Vec<u64> {
    let near = parents.iter().map(|parent| parent.payload.id);
    let far = parents.iter().flat_map(|parent| parent.payload.ancestors.iter().copied());
    let mut ancestors: Vec<u64> = near.chain(far).collect();
    ancestors.sort_unstable();
    ancestors.dedup();
    ancestors
}

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let types = [enumeration::types(model), row::structure(model), key::structure(model)];
    let parts = [
        enumeration::implementations(model),
        row::implementations(model),
        key::implementations(model),
        spec::expand(model),
        columns::expand(model),
        relations::expand(model),
    ];
    let callback = callback::expand(model);
    let (quiet, outer_door, door) = (quiet(), &model.outer_door, &model.door);
    let (table, key) = (&model.names.table, &model.names.key);
    // The block gives the library a short name that the user's can't meet.
    quote! {
        #(#types)*
        #quiet
        const _: () = {
            use #outer_door as #door;
            #(#parts)*
            #door::table_operators!(#table);
            #door::key_restriction!(#key);
        };
        #callback
    }
}

/// The lints that generated code is not written for.
pub(crate) fn quiet() -> TokenStream {
    quote!(#[allow(clippy::all, clippy::pedantic, clippy::nursery, non_upper_case_globals)])
}

/// The lines of documentation that show the definition of a table.
pub(crate) fn documentation<'a>(
    definition: &Definition,
    text: &str,
    mut written: impl Iterator<Item = &'a Attribute>,
) -> Vec<Attribute> {
    let mut lines = Vec::new();
    if written.any(|attribute| attribute.path().is_ident("doc")) {
        lines.push(String::new());
    } else if let Some(comment) = &definition.comment {
        lines.extend([escape(comment), String::new()]);
    }
    lines.push("```text".to_owned());
    lines.extend(unindented(text));
    lines.push("```".to_owned());
    lines.iter().map(|line| parse_quote!(#[doc = #line])).collect()
}

/// The lines without the blanks that all of them begin with.
fn unindented(text: &str) -> impl Iterator<Item = String> {
    let lines = text.trim_matches('\n').trim_end().lines();
    let blanks = |line: &str| line.len() - line.trim_start().len();
    let indent = lines.clone().filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0);
    lines.map(move |line| line.get(indent..).unwrap_or_default().trim_end().to_owned())
}

/// A text that Markdown leaves as it is.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '[' | ']' | '<' | '>' | '`' | '*') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
