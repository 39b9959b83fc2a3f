use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Model;
use crate::content;
use crate::schema::marker;

/// The table itself: what the run time knows of it.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let door = &model.door;
    let (table, row, key) = (&model.names.table, &model.names.row, &model.names.key);
    let (class, table_name, text) =
        (&model.table.class_name, &model.table.name.table, &model.input.source.text);
    let key_id = model.payload.key_id;
    let path = format!("::{table}");
    let marker = marker(table.span());
    let tier = Ident::new(model.tier().name(), Span::call_site());
    let parents = model.input.parent_paths().flatten();
    let master = model
        .input
        .arguments
        .master
        .as_ref()
        .map(|master| quote!(.with_master(<#master as #door::Table>::spec)));
    let new_key = model.input.arguments.allow_new_key.then(|| quote!(.with_new_key_allowed()));
    let contents = content::expand(model);
    let with_contents = contents.as_ref().map(|contents| quote!(.with_contents(#contents)));
    let change = change(model);
    let spec_type = quote!(#door::TableSpec);
    quote! {
        impl #door::Table for #table {
            type Row = #row;
            type Key = #key;
            const KEY_ID: u64 = #key_id;
            fn spec() -> &'static #spec_type {
                static SPEC: #spec_type = #spec_type::new(
                    #class,
                    #door::concat!(#door::module_path!(), #path),
                    <#marker as #door::SchemaName>::NAME,
                    #door::Tier::#tier,
                    #text,
                    &[#(<#parents as #door::Table>::spec),*],
                ) #master #with_contents #new_key #change;
                &SPEC
            }
        }
        impl #door::NamedTable for #table {
            const SCHEMA: &'static str = <#marker as #door::SchemaName>::NAME;
            const TABLE: &'static str = #table_name;
        }
    }
}

/// What the table says of how it has changed, for migrations.
fn change(model: &Model<'_>) -> Option<TokenStream> {
    let (door, change) = (&model.door, &model.input.arguments.change);
    let was: Vec<TokenStream> = change.renames().map(|(new, old)| quote!((#new, #old))).collect();
    let optional = |value: Option<String>| {
        value.map_or_else(|| quote!(#door::None), |value| quote!(#door::Some(#value)))
    };
    let hash = change.changed_from.as_ref().map(|(hash, _)| hash.to_string());
    let renamed_from = change.renamed_from.as_ref().map(syn::LitStr::value);
    if was.is_empty() && hash.is_none() && renamed_from.is_none() {
        return None;
    }
    let (renamed_from, changed_from) = (optional(renamed_from), optional(hash));
    Some(quote! {
        .with_change(#door::DeclaredChange {
            renamed_from: #renamed_from,
            was: &[#(#was),*],
            changed_from: #changed_from,
        })
    })
}
