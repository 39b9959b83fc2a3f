use proc_macro2::TokenStream;
use quote::quote;

use super::{Model, escape, quiet};
use crate::field::Enumeration;

/// The enums of a table's attributes.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let fields = model.fields.iter();
    fields
        .filter_map(|field| Some(enumeration(model, &field.attribute.name, field.enumeration.as_ref()?)))
        .collect()
}

fn enumeration(model: &Model<'_>, attribute: &str, enumeration: &Enumeration) -> TokenStream {
    let (door, quiet, visibility, table) = (&model.door, quiet(), model.visibility(), &model.names.table);
    let name = &enumeration.name;
    let documentation = format!("The values of `{attribute}` of [`{table}`].");
    let (members, texts): (Vec<_>, Vec<_>) =
        enumeration.members.iter().map(|(member, text)| (member, text)).unzip();
    let meanings = texts.iter().map(|text| format!("\"{}\"", escape(text)));
    let unknown = format!(
        "`{{}}` is none of {}",
        texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
    )
    .replace("{}", "\u{0}")
    .replace('{', "{{")
    .replace('}', "}}")
    .replace('\u{0}', "{}");
    quote! {
        #[doc = #documentation]
        #quiet
        #[derive(
            ::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::core::cmp::Eq,
            ::core::cmp::PartialOrd, ::core::cmp::Ord, ::core::hash::Hash,
        )]
        #visibility enum #name { #(#[doc = #meanings] #members),* }
        #quiet
        impl #name {
            /// Every value, in the order of the definition.
            #visibility const ALL: &'static [Self] = &[#(Self::#members),*];
            /// The text in the database.
            #[must_use]
            #visibility const fn as_str(self) -> &'static str {
                match self { #(Self::#members => #texts),* }
            }
        }
        #quiet
        impl ::core::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(self.as_str())
            }
        }
        #quiet
        impl ::core::str::FromStr for #name {
            type Err = #door::ValueError;
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                match text {
                    #(#texts => ::core::result::Result::Ok(Self::#members),)*
                    _ => ::core::result::Result::Err(#door::ValueError::new(::std::format!(#unknown, text))),
                }
            }
        }
        #quiet
        impl #door::AttributeValue for #name {
            fn into_value(self) -> ::core::result::Result<#door::Value, #door::ValueError> {
                ::core::result::Result::Ok(#door::Value::Text(::std::string::String::from(self.as_str())))
            }
            fn from_value(value: #door::Value) -> ::core::result::Result<Self, #door::ValueError> {
                ::core::str::FromStr::from_str(&<::std::string::String as #door::AttributeValue>::from_value(value)?)
            }
        }
    }
}
