use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, quiet};

/// A constant for each attribute, to restrict and to compare with.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (door, quiet, visibility, table) = (&model.door, quiet(), model.visibility(), &model.names.table);
    let columns = model.fields.iter().map(|field| {
        let (constant, name, tokens) = (&field.identifier, &field.attribute.name, &field.rust_type.tokens);
        let documentation = field.documentation();
        quote! {
            #[doc = #documentation]
            #visibility const #constant: #door::Column<Self, #tokens> = #door::Column::new(#name);
        }
    });
    quote! {
        #quiet
        #[allow(non_upper_case_globals)]
        impl #table { #(#columns)* }
        #door::table_operators!(#table);
    }
}
