use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, escape, quiet};
use crate::field::Enumeration;

/// The enums of a table's attributes.
pub(super) fn types(model: &Model<'_>) -> TokenStream {
    let enumerations = model.fields.iter().filter_map(|field| {
        let enumeration = field.enumeration.as_ref()?;
        let documentation = format!("The values of `{}` of [`{}`].", field.attribute.name, model.names.table);
        Some(structure(model, &documentation, enumeration))
    });
    enumerations.collect()
}

fn structure(model: &Model<'_>, documentation: &str, enumeration: &Enumeration) -> TokenStream {
    let (quiet, visibility, name) = (quiet(), model.visibility(), &enumeration.name);
    let members = enumeration.members.iter().map(|(member, text)| {
        let meaning = format!("\"{}\"", escape(text));
        quote!(#[doc = #meaning] #member)
    });
    quote! {
        #[doc = #documentation]
        #quiet
        #[derive(
            ::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq,
            ::core::cmp::PartialOrd, ::core::cmp::Ord, ::core::hash::Hash,
        )]
        #visibility enum #name { #(#members),* }
    }
}

/// What the enums can do.
pub(super) fn implementations(model: &Model<'_>) -> TokenStream {
    let enumerations = model.fields.iter().filter_map(|field| field.enumeration.as_ref());
    enumerations.map(|enumeration| implementation(model, enumeration)).collect()
}

fn implementation(model: &Model<'_>, enumeration: &Enumeration) -> TokenStream {
    let (door, visibility, name) = (&model.door, model.visibility(), &enumeration.name);
    let (members, texts): (Vec<_>, Vec<_>) =
        enumeration.members.iter().map(|(member, text)| (member, text)).unzip();
    quote! {
        impl #name {
            /// Every value, in the order of the definition.
            #visibility const ALL: &'static [Self] = &[#(Self::#members),*];
            /// The text in the database.
            #[must_use]
            #visibility const fn as_str(self) -> &'static str {
                match self { #(Self::#members => #texts),* }
            }
        }
        impl #door::Display for #name {
            fn fmt(&self, formatter: &mut #door::Formatter<'_>) -> #door::FormatResult {
                formatter.pad(self.as_str())
            }
        }
        impl #door::FromStr for #name {
            type Err = #door::ValueError;
            fn from_str(text: &str) -> #door::ValueResult<Self> {
                match text {
                    #(#texts => #door::Ok(Self::#members),)*
                    _ => #door::Err(#door::unknown_member(text, &[#(#texts),*])),
                }
            }
        }
        impl #door::AttributeValue for #name {
            fn into_value(self) -> #door::ValueResult<#door::Value> {
                #door::Ok(#door::Value::Text(#door::String::from(self.as_str())))
            }
            fn from_value(value: #door::Value) -> #door::ValueResult<Self> {
                #door::FromStr::from_str(&<#door::String as #door::AttributeValue>::from_value(value)?)
            }
        }
    }
}
