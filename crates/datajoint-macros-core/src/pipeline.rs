use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser, Result};
use syn::{Attribute, Error, Ident, Token, Visibility};

/// `pipeline! { pub struct Pipeline { session::{Subject, Session}, ephys::Probe } }`
pub fn pipeline(tokens: TokenStream) -> TokenStream {
    match parse.parse2(tokens) {
        Ok(pipeline) => pipeline.expand(),
        Err(error) => error.into_compile_error(),
    }
}

struct Pipeline {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    tables: Vec<TokenStream>,
}

fn parse(input: ParseStream<'_>) -> Result<Pipeline> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    input.parse::<Token![struct]>()?;
    let name = input.parse()?;
    let group: Group = input.parse()?;
    let mut tables = Vec::new();
    paths(group.stream(), &TokenStream::new(), &mut tables)?;
    Ok(Pipeline { attributes, visibility, name, tables })
}

/// Reads `a::B, c::{D, e::F}` with a path before all of them.
fn paths(tokens: TokenStream, before: &TokenStream, found: &mut Vec<TokenStream>) -> Result<()> {
    let mut path = before.clone();
    let mut is_open = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if is_open {
                    found.push(std::mem::replace(&mut path, before.clone()));
                }
                path = before.clone();
                is_open = false;
            }
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => {
                paths(group.stream(), &path, found)?;
                is_open = false;
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {
                path.extend([token]);
                is_open = true;
            }
            TokenTree::Group(_) | TokenTree::Literal(_) => {
                return Err(Error::new(
                    token.span(),
                    "list tables by their paths: `session::{Subject, Session}`",
                ));
            }
        }
    }
    if is_open {
        found.push(path);
    }
    Ok(())
}

impl Pipeline {
    fn expand(&self) -> TokenStream {
        let Self { attributes, visibility, name, tables } = self;
        let door = quote!(::datajoint::codegen);
        let texts = tables.iter().map(|path| path.to_string().replace(' ', ""));
        let quiet = crate::expand::quiet();
        quote! {
            #(#attributes)*
            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
            #visibility struct #name;
            #quiet
            impl #door::Pipeline for #name {
                fn specs() -> ::std::vec::Vec<&'static #door::TableSpec> {
                    ::std::vec![#(<#tables as #door::Table>::spec()),*]
                }
            }
            impl #door::Makers for #name {
                fn makers() -> ::std::vec::Vec<#door::Maker> {
                    #[allow(unused_imports)]
                    use #door::{HasMaker as _, HasNoMaker as _};
                    let found: ::std::vec::Vec<::core::option::Option<#door::Maker>> =
                        ::std::vec![#((&#door::Probe::<#tables>::new()).maker()),*];
                    found.into_iter().flatten().collect()
                }
            }
            const _: () = #door::assert_distinct(&[
                #((#texts, <#tables as #door::NamedTable>::SCHEMA, <#tables as #door::NamedTable>::TABLE)),*
            ]);
        }
    }
}
