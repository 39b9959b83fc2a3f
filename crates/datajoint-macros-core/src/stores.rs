use datajoint_definition::{AttributeType, Store};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::input::Input;

/// What refuses, where the table is, an attribute whose values lie in a store, in a program that is built without stores.
///
/// Which features the library has, it alone knows.
pub(crate) fn needed(input: &Input) -> TokenStream {
    let door = input.arguments.door();
    let calls = input.definition.attributes().filter_map(|line| match &line.attribute_type {
        AttributeType::Codec(codec) if codec.store != Store::Table => {
            let (name, text, span) = (&line.name, &line.type_text, input.source.span(line.type_span));
            Some(quote_spanned!(span=> #door::needs_stores!(#name, #text);))
        }
        _ => None,
    });
    let calls: Vec<TokenStream> = calls.collect();
    if calls.is_empty() { TokenStream::new() } else { quote!(const _: () = { #(#calls)* };) }
}
