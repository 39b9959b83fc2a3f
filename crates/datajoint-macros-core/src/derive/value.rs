use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Member, Type};

use super::Options;

pub(super) fn expand(item: &DeriveInput) -> Result<TokenStream, Error> {
    match &item.data {
        Data::Struct(data) => {
            let mut fields = data.fields.iter();
            let (Some(field), None) = (fields.next(), fields.next()) else {
                return Err(Error::new(item.ident.span(), ADVICE));
            };
            let member = field.ident.clone().map_or(Member::Unnamed(0.into()), Member::Named);
            Ok(newtype(item, &member, &field.ty))
        }
        Data::Enum(data) => texts(item, data),
        Data::Union(_) => Err(Error::new(item.ident.span(), ADVICE)),
    }
}

const ADVICE: &str = "`AttributeValue` is derived for a struct of one field, or for an enum whose variants have none; \
                      implement it by hand for other types";

fn newtype(item: &DeriveInput, member: &Member, inner: &Type) -> TokenStream {
    let name = &item.ident;
    let (parameters, arguments, bounds) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters ::datajoint::codegen::AttributeValue for #name #arguments #bounds {
            fn into_value(
                self,
            ) -> ::core::result::Result<::datajoint::codegen::Value, ::datajoint::codegen::ValueError> {
                <#inner as ::datajoint::codegen::AttributeValue>::into_value(self.#member)
            }
            fn from_value(
                value: ::datajoint::codegen::Value,
            ) -> ::core::result::Result<Self, ::datajoint::codegen::ValueError> {
                ::core::result::Result::Ok(Self {
                    #member: <#inner as ::datajoint::codegen::AttributeValue>::from_value(value)?,
                })
            }
        }
    }
}

/// An enum is kept as text: the names of its variants, or what `rename` says.
fn texts(item: &DeriveInput, data: &DataEnum) -> Result<TokenStream, Error> {
    let name = &item.ident;
    let (mut variants, mut texts) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(variant.ident.span(), ADVICE));
        }
        variants.push(&variant.ident);
        texts.push(Options::read(&variant.attrs)?.name(&variant.ident));
    }
    let known = texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
    Ok(quote! {
        #[automatically_derived]
        impl ::datajoint::codegen::AttributeValue for #name {
            fn into_value(
                self,
            ) -> ::core::result::Result<::datajoint::codegen::Value, ::datajoint::codegen::ValueError> {
                let text = match self { #(Self::#variants => #texts),* };
                <::std::string::String as ::datajoint::codegen::AttributeValue>::into_value(
                    ::std::string::String::from(text),
                )
            }
            fn from_value(
                value: ::datajoint::codegen::Value,
            ) -> ::core::result::Result<Self, ::datajoint::codegen::ValueError> {
                let text = <::std::string::String as ::datajoint::codegen::AttributeValue>::from_value(value)?;
                match text.as_str() {
                    #(#texts => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(::datajoint::codegen::ValueError::new(
                        ::std::format!("`{}` is none of {}", text, #known),
                    )),
                }
            }
        }
    })
}
