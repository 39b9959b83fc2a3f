//! `#[make]`: what tells the code of a `make` from other code.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use sha2::{Digest as _, Sha256};
use syn::Error;

/// Of how many characters the name of a code is.
const LENGTH: usize = 32;

/// `#[make] impl Make for Spikes { .. }`: the same, with the constant `CODE`, unless it is written there.
///
/// Fails for anything but the implementation of a trait.
pub fn make(attribute: &TokenStream, item: &TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let fault = match (attribute.is_empty(), tokens.last()) {
        (false, _) => Some((
            attribute,
            "`#[make]` takes nothing: a version is `const CODE: Code = Code::version(\"2\");` within",
        )),
        (true, Some(TokenTree::Group(body)))
            if body.delimiter() == Delimiter::Brace && is_of_trait(&tokens) =>
        {
            return with_code(&tokens, body);
        }
        (true, _) => {
            Some((item, "put `#[make]` on `impl Make for Table { .. }` or `impl PlainMake for Table { .. }`"))
        }
    };
    let errors = fault.map(|(at, message)| Error::new_spanned(at, message).into_compile_error());
    quote!(#errors #item)
}

/// True for `impl Trait for Type ..`.
fn is_of_trait(tokens: &[TokenTree]) -> bool {
    let has =
        |word: &str| tokens.iter().any(|token| matches!(token, TokenTree::Ident(found) if found == word));
    has("impl") && has("for")
}

fn with_code(tokens: &[TokenTree], body: &Group) -> TokenStream {
    if gives_code(body) {
        return tokens.iter().cloned().collect();
    }
    let code = name(&tokens.iter().cloned().collect());
    let constant = Ident::new("CODE", Span::call_site());
    let mut inner = body.stream();
    inner.extend(quote! {
        #[doc(hidden)]
        const #constant: ::datajoint::Code = ::datajoint::codegen::code_of_tokens(#code);
    });
    let mut whole = Group::new(Delimiter::Brace, inner);
    whole.set_span(body.span());
    let before = tokens[..tokens.len() - 1].iter().cloned();
    before.chain([TokenTree::Group(whole)]).collect()
}

/// True when somebody gives a version by hand, which is what counts then.
fn gives_code(body: &Group) -> bool {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let is = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(found) if found == word);
    tokens.windows(2).any(|pair| is(&pair[0], "const") && is(&pair[1], "CODE"))
}

/// A name that code of the same meaning has: what the compiler makes nothing of, it passes over.
fn name(tokens: &TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    let digest = Sha256::digest(text.as_bytes());
    let mut name = String::with_capacity(LENGTH);
    for byte in digest.iter().take(LENGTH / 2) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Writes tokens in the one way that does not know of white space, comments, documentation and commas before a closing
/// bracket, which tools for formatting put there.
fn write(tokens: &TokenStream, text: &mut String) {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' && tokens.peek().is_none() => {}
            TokenTree::Punct(punct) if punct.as_char() == '#' && is_documentation(tokens.peek()) => {
                tokens.next();
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(&group.stream(), text);
                text.push_str(close);
                text.push('\n');
            }
            // How close a sign stands to the next one is white space.
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                text.push('\n');
            }
            token => {
                text.push_str(&token.into_token_stream().to_string());
                text.push('\n');
            }
        }
    }
}

/// True for `[doc = ".."]` and its kin.
fn is_documentation(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && matches!(first, Some(TokenTree::Ident(word)) if word == "doc")
}
