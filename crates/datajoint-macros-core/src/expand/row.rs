use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, quiet};
use crate::field::{Field, Presence};
use crate::rust_type::Class;

/// The row type.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (door, quiet, visibility) = (&model.door, quiet(), model.visibility());
    let (table, row, key) = (&model.names.table, &model.names.row, &model.names.key);
    let documentation = format!("A row of [`{table}`].");
    let fields = model.fields.iter().map(|field| declaration(field, model));
    let key_names: Vec<_> = model.key_fields().map(|field| &field.identifier).collect();
    let row_variable = if key_names.is_empty() { quote!(_) } else { quote!(row) };
    let new = new(model);
    let traits = traits(model, row, &model.fields.iter().collect::<Vec<_>>(), false);
    quote! {
        #[doc = #documentation]
        #quiet
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        #visibility struct #row { #(#fields),* }
        #new
        #traits
        impl #door::TableRow for #row {
            type Table = #table;
            fn key(&self) -> #key {
                #key::from(self)
            }
        }
        #quiet
        impl ::core::convert::From<&#row> for #key {
            fn from(#row_variable: &#row) -> Self {
                Self { #(#key_names: ::core::clone::Clone::clone(&row.#key_names)),* }
            }
        }
    }
}

/// A field in a struct.
pub(super) fn declaration(field: &Field, model: &Model<'_>) -> TokenStream {
    let (visibility, name, documentation) = (model.visibility(), &field.identifier, field.documentation());
    let row_type = field.row_type(&model.door);
    quote!(#[doc = #documentation] #visibility #name: #row_type)
}

/// `FromRow` and `IntoRow` for these fields.
pub(super) fn traits(model: &Model<'_>, name: &syn::Ident, fields: &[&Field], in_key: bool) -> TokenStream {
    let (door, quiet) = (&model.door, quiet());
    let names: Vec<&str> = fields.iter().map(|field| field.attribute.name.as_str()).collect();
    let reads = fields.iter().map(|field| {
        let (field_name, attribute) = (&field.identifier, &field.attribute.name);
        let method = match (field.rust_type.is_blob && !in_key, field.attribute.nullable) {
            (true, true) => quote!(nullable_blob),
            (true, false) => quote!(blob),
            (false, _) => quote!(value),
        };
        quote!(#field_name: row.#method(#attribute)?)
    });
    let writes = fields.iter().map(|field| {
        let (field_name, attribute) = (&field.identifier, &field.attribute.name);
        match (field.rust_type.is_blob && !in_key, field.attribute.nullable) {
            (true, true) => quote!(row.nullable_blob(#attribute, self.#field_name.as_ref())?;),
            (true, false) => quote!(row.blob(#attribute, &self.#field_name)?;),
            (false, _) => quote!(row.value(#attribute, self.#field_name)?;),
        }
    });
    let row = if fields.is_empty() { quote!(_) } else { quote!(row) };
    quote! {
        #quiet
        impl #door::FromRow for #name {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn from_row(#row: &mut #door::RowReader<'_>) -> ::core::result::Result<Self, #door::ValueError> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
        #quiet
        impl #door::IntoRow for #name {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn into_row(self, #row: &mut #door::RowWriter<'_>) -> ::core::result::Result<(), #door::ValueError> {
                #(#writes)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// `SessionRow::new`, which asks for what has no default.
fn new(model: &Model<'_>) -> TokenStream {
    let (quiet, visibility, row, door) = (quiet(), model.visibility(), &model.names.row, &model.door);
    let required = |field: &&Field| matches!(field.presence, Presence::Required);
    let parameters = model.fields.iter().filter(required).map(|field| {
        let (name, tokens) = (&field.identifier, &field.rust_type.tokens);
        if field.rust_type.class == Class::Text {
            quote!(#name: impl ::core::convert::Into<#tokens>)
        } else {
            quote!(#name: #tokens)
        }
    });
    let values = model.fields.iter().map(|field| {
        let name = &field.identifier;
        match (&field.presence, &field.rust_type.class) {
            (Presence::Required, Class::Text) => quote!(#name: ::core::convert::Into::into(#name)),
            (Presence::Required, _) => quote!(#name),
            (Presence::Nullable, _) => quote!(#name: ::core::option::Option::None),
            (Presence::Value(value), _) => quote!(#name: #value),
            (Presence::Filled, _) => quote!(#name: #door::OrDefault::Default),
        }
    });
    let takes_all = model.fields.iter().all(|field| required(&field));
    let documentation = if takes_all {
        "A row with these values."
    } else {
        "A row with these values; the other attributes have their defaults, or are null."
    };
    quote! {
        #quiet
        impl #row {
            #[doc = #documentation]
            #[must_use]
            #visibility fn new(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }
        }
    }
}
