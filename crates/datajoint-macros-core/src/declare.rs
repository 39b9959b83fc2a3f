use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, DeriveInput, Path};

use crate::arguments::Kind;
use crate::finish;
use crate::input::Input;
use crate::source::Surroundings;

/// `#[table(Tier, ..)]`: the struct, the faults of its definition, and the question to its parents.
pub fn table(attribute: &TokenStream, item: &TokenStream, surroundings: Surroundings) -> TokenStream {
    declare(Kind::Table, attribute, item, surroundings)
}

/// `#[part(Master, ..)]`: the same for a part.
pub fn part(attribute: &TokenStream, item: &TokenStream, surroundings: Surroundings) -> TokenStream {
    declare(Kind::Part, attribute, item, surroundings)
}

fn declare(
    kind: Kind,
    attribute: &TokenStream,
    item: &TokenStream,
    surroundings: Surroundings,
) -> TokenStream {
    let input = match Input::parse(kind, attribute.clone(), item, surroundings) {
        Ok(input) => input,
        Err(tokens) => return tokens,
    };
    let mut tokens = structure(&input);
    tokens
        .extend(input.faults.iter().filter(|fault| fault.is_error()).map(|fault| input.source.error(fault)));

    let asked: Vec<&Path> = asked(&input).collect();
    let Some((first, others)) = asked.split_first() else {
        tokens.extend(finish::table(&input, &[]));
        return tokens;
    };
    let door = input.arguments.door();
    for path in &asked {
        let span = syn::spanned::Spanned::span(path);
        tokens.extend(quote_spanned! { span=> const _: fn() = #door::assert_declared::<#path>; });
    }
    let kind = kind.name();
    let span = syn::spanned::Spanned::span(first);
    tokens.extend(quote_spanned! { span=>
        #first! { @datajoint1 [#([#others])*] [#door::__finish] [] { #kind {#attribute} {#item} } }
    });
    tokens
}

/// The tables whose macros are asked: the master of a part, then the parents of its other lines.
fn asked(input: &Input) -> impl Iterator<Item = &Path> {
    input.arguments.master.iter().chain(input.parents.iter().flatten())
}

/// The struct with what every table has, even one that was not understood.
fn structure(input: &Input) -> TokenStream {
    let mut item = input.item.clone();
    let definition = crate::expand::documentation(&input.definition, &input.source.text, item.attrs.iter());
    item.attrs.extend(definition);
    let derived = missing_derives(&item);
    let (name, door) = (&item.ident, input.arguments.door());
    quote! {
        #derived
        #item
        #[diagnostic::do_not_recommend]
        impl #door::Declared for #name {}
    }
}

/// `Debug`, `Clone` and `Copy`, unless the user derives them.
fn missing_derives(item: &DeriveInput) -> TokenStream {
    let derived: Vec<String> = item.attrs.iter().filter_map(derives).collect();
    let lacks = |name: &str| {
        let mut words = derived.iter().flat_map(|tokens| tokens.split(|c: char| !c.is_alphanumeric()));
        !words.any(|word| word == name)
    };
    let missing = [
        ("Debug", quote!(::core::fmt::Debug)),
        ("Clone", quote!(::core::clone::Clone)),
        ("Copy", quote!(::core::marker::Copy)),
    ];
    let missing = missing.into_iter().filter(|(name, _)| lacks(name)).map(|(_, path)| path);
    quote!(#[derive(#(#missing),*)])
}

fn derives(attribute: &Attribute) -> Option<String> {
    attribute.path().is_ident("derive").then(|| attribute.meta.to_token_stream().to_string())
}

impl Kind {
    /// The word for it between the two steps.
    fn name(self) -> TokenStream {
        match self {
            Self::Table => quote!(table),
            Self::Part => quote!(part),
        }
    }
}
