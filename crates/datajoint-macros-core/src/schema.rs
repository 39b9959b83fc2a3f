use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr};

use crate::source::Surroundings;

/// The type that stands for the schema of a module; where it is missing, the compiler says its name.
const MARKER: &str = "put_schema_at_the_top_of_this_module";

/// The marker as spoken of at a place.
pub(crate) fn marker(span: Span) -> Ident {
    Ident::new(MARKER, span.resolved_at(Span::call_site()))
}

/// `schema!("name")`: the database schema that the tables of a module belong to.
pub fn schema(tokens: TokenStream, surroundings: Surroundings) -> TokenStream {
    let literal: LitStr = match syn::parse2(tokens) {
        Ok(literal) => literal,
        Err(error) => {
            let error = Error::new(error.span(), "name the database schema: `schema!(\"lab\")`");
            return error.into_compile_error();
        }
    };
    let name = literal.value();
    let error = datajoint_definition::schema_name_fault(&name)
        .map(|message| Error::new(literal.span(), message).into_compile_error());
    let marker = marker(literal.span());
    let lock = lock(&literal, surroundings);
    quote! {
        #error
        #lock
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        enum #marker {}
        impl ::datajoint::codegen::SchemaName for #marker {
            const NAME: &'static str = #name;
        }
    }
}

/// What has the tables compiled again when the lock changes, or the error for one that can't be read.
fn lock(literal: &LitStr, surroundings: Surroundings) -> Option<TokenStream> {
    match (surroundings.lock)() {
        Ok(None) => None,
        Ok(Some(_)) => {
            let file = format!("/{}", datajoint_lock::FILE);
            Some(quote! {
                const _: &[u8] = ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #file));
            })
        }
        Err(message) => Some(Error::new(literal.span(), message).into_compile_error()),
    }
}
