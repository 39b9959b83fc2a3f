use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, quiet, row};
use crate::field::Field;
use crate::rust_type::Class;

/// The type of the primary key.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (door, quiet, visibility) = (&model.door, quiet(), model.visibility());
    let (table, key) = (&model.names.table, &model.names.key);
    let documentation = format!("The primary key of [`{table}`].");
    let fields: Vec<&Field> = model.key_fields().collect();
    let declarations = fields.iter().map(|field| row::declaration(field, model));
    // Floats have no equality to hash by.
    let is_ordered = fields.iter().all(|field| is_ordered(field));
    let ordered = is_ordered.then(
        || quote!(#[derive(::core::cmp::Eq, ::core::cmp::PartialOrd, ::core::cmp::Ord, ::core::hash::Hash)]),
    );
    let traits = row::traits(model, key, &fields, true);
    quote! {
        #[doc = #documentation]
        #quiet
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        #ordered
        #visibility struct #key { #(#declarations),* }
        #traits
        impl #door::TableKey for #key {
            type Table = #table;
        }
        #door::key_restriction!(#key);
    }
}

fn is_ordered(field: &Field) -> bool {
    use datajoint_definition::{AttributeType, CoreType};
    let is_json = field.attribute.attribute_type == AttributeType::Core(CoreType::Json);
    field.rust_type.class != Class::Float && !is_json
}
