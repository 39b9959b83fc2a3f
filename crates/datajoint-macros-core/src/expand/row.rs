use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::{Model, constructors, quiet};
use crate::field::Field;

/// The row type.
pub(super) fn structure(model: &Model<'_>) -> TokenStream {
    let fields: Vec<&Field> = model.fields.iter().collect();
    let documentation = format!("A row of [`{}`].", model.names.table);
    let derives = quote!(#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]);
    structure_of(model, &model.names.row, &fields, &documentation, &derives)
}

/// A struct of these fields.
pub(super) fn structure_of(
    model: &Model<'_>,
    name: &Ident,
    fields: &[&Field],
    documentation: &str,
    derives: &TokenStream,
) -> TokenStream {
    let (quiet, visibility) = (quiet(), model.visibility());
    let fields = fields.iter().map(|field| {
        let (name, documentation) = (&field.identifier, field.documentation());
        let row_type = field.row_type(&model.outer_door);
        quote!(#[doc = #documentation] #visibility #name: #row_type)
    });
    quote! {
        #[doc = #documentation]
        #quiet
        #derives
        #visibility struct #name { #(#fields),* }
    }
}

/// What the row type can do.
pub(super) fn implementations(model: &Model<'_>) -> TokenStream {
    let door = &model.door;
    let (table, row, key) = (&model.names.table, &model.names.row, &model.names.key);
    let key_names: Vec<_> = model.key_fields().map(|field| &field.identifier).collect();
    let row_variable = if key_names.is_empty() { quote!(_) } else { quote!(row) };
    let constructors = constructors::expand(model);
    let fields: Vec<&Field> = model.fields.iter().collect();
    let traits = traits(model, row, &fields);
    quote! {
        #constructors
        #traits
        impl #door::TableRow for #row {
            type Table = #table;
            fn key(&self) -> #key {
                #key::from(self)
            }
        }
        impl #door::From<&#row> for #key {
            fn from(#row_variable: &#row) -> Self {
                Self { #(#key_names: #door::Clone::clone(&row.#key_names)),* }
            }
        }
    }
}

/// `FromRow` and `IntoRow` for a struct of these fields.
pub(super) fn traits(model: &Model<'_>, name: &Ident, fields: &[&Field]) -> TokenStream {
    let door = &model.door;
    let names: Vec<&str> = fields.iter().map(|field| field.attribute.name.as_str()).collect();
    let reads = fields.iter().map(|field| {
        let (field_name, attribute, method) = (&field.identifier, &field.attribute.name, method(field));
        let read = quote_spanned!(field.rust_type.span=> row.#method(#attribute)?);
        quote!(#field_name: #read)
    });
    let writes = fields.iter().map(|field| {
        let (field_name, attribute, method) = (&field.identifier, &field.attribute.name, method(field));
        // What is wrong with the user's type is said where the user wrote it.
        let span = field.rust_type.span;
        let mut name = field_name.clone();
        name.set_span(span);
        let value = match (field.rust_type.is_blob, field.attribute.nullable) {
            (true, true) => quote_spanned!(span=> self.#name.as_ref()),
            (true, false) => quote_spanned!(span=> &self.#name),
            (false, _) => quote_spanned!(span=> self.#name),
        };
        quote_spanned!(span=> row.#method(#attribute, #value)?;)
    });
    let row = if fields.is_empty() { quote!(_) } else { quote!(row) };
    quote! {
        impl #door::FromRow for #name {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn from_row(#row: &mut #door::RowReader<'_>) -> #door::ValueResult<Self> {
                #door::Ok(Self { #(#reads),* })
            }
        }
        impl #door::IntoRow for #name {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn into_row(self, #row: &mut #door::RowWriter<'_>) -> #door::ValueResult<()> {
                #(#writes)*
                #door::Ok(())
            }
        }
    }
}

/// The method of reader and writer for a field.
fn method(field: &Field) -> Ident {
    let name = match (field.rust_type.is_blob, field.attribute.nullable) {
        (true, true) => "nullable_blob",
        (true, false) => "blob",
        (false, _) => "value",
    };
    Ident::new(name, field.rust_type.span)
}
