use proc_macro2::TokenStream;
use quote::quote;

use super::Model;

/// A constant for each attribute, to restrict and to compare with.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (door, visibility, table) = (&model.door, model.visibility(), &model.names.table);
    let columns = model.fields.iter().map(|field| {
        let (constant, name, tokens) = (&field.identifier, &field.attribute.name, &field.rust_type.tokens);
        let documentation = field.documentation();
        quote! {
            #[doc = #documentation]
            #visibility const #constant: #door::Column<Self, #tokens> = #door::Column::new(#name);
        }
    });
    quote! {
        impl #table { #(#columns)* }
    }
}
