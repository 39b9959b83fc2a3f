//! Derives for types of the user's own.

use proc_macro2::TokenStream;
use syn::{Attribute, DeriveInput, Error, Field, Ident, LitStr};

mod rows;
mod value;

/// `#[derive(AttributeValue)]`
pub fn derive_attribute_value(item: TokenStream) -> TokenStream {
    expand(item, value::expand)
}

/// `#[derive(FromRow)]`
pub fn derive_from_row(item: TokenStream) -> TokenStream {
    expand(item, rows::from_row)
}

/// `#[derive(IntoRow)]`
pub fn derive_into_row(item: TokenStream) -> TokenStream {
    expand(item, rows::into_row)
}

fn expand(item: TokenStream, derive: fn(&DeriveInput) -> Result<TokenStream, Error>) -> TokenStream {
    match syn::parse2(item).and_then(|item| derive(&item)) {
        Ok(tokens) => tokens,
        Err(error) => error.into_compile_error(),
    }
}

/// What `#[datajoint(..)]` says of a field or a variant.
#[derive(Default)]
struct Options {
    rename: Option<String>,
    is_blob: bool,
}

impl Options {
    fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("datajoint")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    options.rename = Some(meta.value()?.parse::<LitStr>()?.value());
                    Ok(())
                } else if meta.path.is_ident("blob") {
                    options.is_blob = true;
                    Ok(())
                } else {
                    Err(meta.error("write `#[datajoint(rename = \"...\")]` or `#[datajoint(blob)]`"))
                }
            })?;
        }
        Ok(options)
    }

    fn name(&self, identifier: &Ident) -> String {
        self.rename.clone().unwrap_or_else(|| syn::ext::IdentExt::unraw(identifier).to_string())
    }
}

/// The only type argument of `Option<T>`.
fn is_option(field: &Field) -> bool {
    match &field.ty {
        syn::Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == "Option"),
        _ => false,
    }
}
