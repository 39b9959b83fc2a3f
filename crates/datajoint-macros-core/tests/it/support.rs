use datajoint_macros_core::{Surroundings, finish, part, table};
use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;

/// Tokens as formatted code.
pub(crate) fn pretty(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{error} in {text}"));
    prettyplease::unparse(&file)
}

/// The first step of `#[table(..)]`.
pub(crate) fn declared(attribute: &TokenStream, item: &TokenStream) -> TokenStream {
    table(attribute, item, Surroundings::NONE)
}

/// The first step of `#[part(..)]`.
pub(crate) fn declared_part(attribute: &TokenStream, item: &TokenStream) -> TokenStream {
    part(attribute, item, Surroundings::NONE)
}

/// The second step of a table whose parents gave these answers.
pub(crate) fn finished(attribute: &TokenStream, item: &TokenStream, answers: &[String]) -> TokenStream {
    finish(quote!([#(#answers)*] { table {#attribute} {#item} }), Surroundings::NONE)
}

/// The second step of a part; the first answer is its master's.
pub(crate) fn finished_part(attribute: &TokenStream, item: &TokenStream, answers: &[String]) -> TokenStream {
    finish(quote!([#(#answers)*] { part {#attribute} {#item} }), Surroundings::NONE)
}

/// What a table answers to its children.
pub(crate) fn answer(tokens: TokenStream) -> String {
    literals(tokens)
        .into_iter()
        .filter_map(|literal| syn::parse2::<syn::LitStr>(TokenTree::Literal(literal).into()).ok())
        .map(|literal| literal.value())
        .find(|text| text.starts_with("datajoint 1\n"))
        .expect("a table has an answer")
}

fn literals(tokens: TokenStream) -> Vec<Literal> {
    let each = |token| match token {
        TokenTree::Group(group) => literals(group.stream()),
        TokenTree::Literal(literal) => vec![literal],
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(each).collect()
}

/// The messages of all compile errors.
pub(crate) fn errors(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match (token, tokens.get(index + 2)) {
            (TokenTree::Ident(name), Some(TokenTree::Group(group))) if name == "compile_error" => {
                if let Ok(message) = syn::parse2::<syn::LitStr>(group.stream()) {
                    // Every table has this one, for those who call it as a macro.
                    let message = message.value();
                    if !message.ends_with("is a table, not a macro") {
                        found.push(message);
                    }
                }
            }
            (TokenTree::Group(group), _) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}
