use datajoint_definition::{AttributeType, CoreType};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, row};
use crate::field::Field;
use crate::rust_type::Class;

/// The type of the primary key.
pub(super) fn structure(model: &Model<'_>) -> TokenStream {
    let fields: Vec<&Field> = model.key_fields().collect();
    // Floats have no equality to hash by.
    let more = fields
        .iter()
        .all(|field| is_ordered(field))
        .then(|| quote!(, ::core::cmp::Eq, ::core::cmp::PartialOrd, ::core::cmp::Ord, ::core::hash::Hash));
    let derives = quote!(#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq #more)]);
    let documentation = format!("The primary key of [`{}`].", model.names.table);
    row::structure_of(model, &model.names.key, &fields, &documentation, &derives)
}

/// What the key type can do.
pub(super) fn implementations(model: &Model<'_>) -> TokenStream {
    let (door, table, key) = (&model.door, &model.names.table, &model.names.key);
    let fields: Vec<&Field> = model.key_fields().collect();
    let traits = row::traits(model, key, &fields);
    quote! {
        #traits
        impl #door::TableKey for #key {
            type Table = #table;
        }
    }
}

fn is_ordered(field: &Field) -> bool {
    let is_json = field.attribute.attribute_type == AttributeType::Core(CoreType::Json);
    field.rust_type.class != Class::Float && !is_json
}
