use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Model;
/// What a table is to others: child, part, descendant, and what its `make` may touch.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let parents = parents(model);
    let attributes = key_attributes(model);
    let ancestors = ancestors(model);
    let part = part(model);
    let make = make(model);
    let (door, table) = (&model.door, &model.names.table);
    quote! {
        impl #door::WrittenBy<Self> for #table {}
        #parents
        #attributes
        #ancestors
        #part
        #make
    }
}

/// Parent and child must have been expanded by one version of this crate.
fn parents(model: &Model<'_>) -> TokenStream {
    let door = &model.door;
    let parents = model.parents.iter().map(|parent| {
        let (path, key_id) = (parent.path, parent.payload.key_id);
        let message = format!(
            "`{}` was expanded by another version of `datajoint`; use one version everywhere",
            parent.payload.class_name
        );
        quote_spanned! { path.span()=>
            const _: () = #door::assert!(<#path as #door::Table>::KEY_ID == #key_id, #message);
        }
    });
    parents.collect()
}

fn key_attributes(model: &Model<'_>) -> TokenStream {
    let (door, table) = (&model.door, &model.names.table);
    let attributes = model.key_fields().enumerate().filter(|(_, field)| field.own_type);
    let attributes = attributes.map(|(index, field)| {
        let tokens = &field.rust_type.tokens;
        quote! {
            impl #door::KeyAttributeAt<#index> for #table {
                type Value = #tokens;
            }
        }
    });
    attributes.collect()
}

fn ancestors(model: &Model<'_>) -> TokenStream {
    let (door, table, id) = (&model.door, &model.names.table, model.payload.id);
    let ancestors = &model.payload.ancestors;
    quote! {
        impl #door::Identified for #table {
            type Id = #door::TableId<#id>;
        }
        #(impl #door::DescendsFrom<#door::TableId<#ancestors>> for #table {})*
    }
}

fn part(model: &Model<'_>) -> Option<TokenStream> {
    let (door, table) = (&model.door, &model.names.table);
    let master = model.input.arguments.master.as_ref()?;
    Some(quote! {
        impl #door::Part for #table {
            type Master = #master;
        }
        impl #door::WrittenBy<#master> for #table {}
    })
}

fn make(model: &Model<'_>) -> Option<TokenStream> {
    if !model.tier().is_auto_populated() {
        return None;
    }
    let (door, table) = (&model.door, &model.names.table);
    let is_checked = !model.input.arguments.external_make && !model.is_faulty;
    let check =
        is_checked.then(|| quote_spanned!(table.span()=> const _: () = #door::assert_make::<#table>();));
    Some(quote! {
        impl #door::AutoPopulated for #table {}
        #check
    })
}
