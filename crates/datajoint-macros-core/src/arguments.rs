use datajoint_definition::{Tier, suggest};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser, Result};
use syn::{Error, LitStr, Path, Token, Type};

use crate::change::Change;

/// Which attribute macro was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `#[table(Manual, ..)]`
    Table,
    /// `#[part(Master, ..)]`
    Part,
}

/// What stands in the parentheses of `#[table(..)]` or `#[part(..)]`.
pub(crate) struct Arguments {
    pub(crate) tier: Tier,
    /// Where the tier is named, or the master of a part.
    pub(crate) tier_span: Span,
    /// The master of a part.
    pub(crate) master: Option<Path>,
    pub(crate) definition: Option<LitStr>,
    /// What follows `contents =`.
    pub(crate) contents: Option<(Span, TokenStream)>,
    /// `types(attribute = Type, ..)`
    pub(crate) types: Vec<(Ident, Type)>,
    pub(crate) external_make: bool,
    pub(crate) allow_new_key: bool,
    /// What has changed since the table was locked.
    pub(crate) change: Change,
    /// The path of the `datajoint` crate.
    pub(crate) library: Path,
}

const OPTIONS: [&str; 9] = [
    "definition",
    "contents",
    "types",
    "external_make",
    "allow_new_key",
    "changed_from",
    "renamed_from",
    "was",
    "crate",
];
const TIERS: &str = "Manual, Lookup, Imported or Computed";

impl Arguments {
    pub(crate) fn parse(kind: Kind, tokens: TokenStream) -> Result<Self> {
        (|input: ParseStream<'_>| Self::parse_stream(kind, input)).parse2(tokens)
    }

    fn parse_stream(kind: Kind, input: ParseStream<'_>) -> Result<Self> {
        let tier_span = input.span();
        let mut arguments = match kind {
            Kind::Table => Self::new(parse_tier(input)?, tier_span, None),
            Kind::Part => Self::new(Tier::Part, tier_span, Some(parse_master(input)?)),
        };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            arguments.parse_option(input)?;
        }
        Ok(arguments)
    }

    fn new(tier: Tier, tier_span: Span, master: Option<Path>) -> Self {
        Self {
            tier,
            tier_span,
            master,
            definition: None,
            contents: None,
            types: Vec::new(),
            external_make: false,
            allow_new_key: false,
            change: Change::default(),
            library: syn::parse_quote!(::datajoint),
        }
    }

    fn parse_option(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            self.library = input.call(Path::parse_mod_style)?;
            return Ok(());
        }
        if input.peek(LitStr) {
            let message = "say what the text is: `definition = \"...\"`";
            return Err(input.error(message));
        }
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "definition" => {
                input.parse::<Token![=]>()?;
                let only_literals = "a definition is a string literal: the macro reads it at compile time";
                self.definition =
                    Some(input.parse().map_err(|error| Error::new(error.span(), only_literals))?);
            }
            "contents" => {
                if self.tier != Tier::Lookup {
                    let message = format!("only Lookup tables have contents; this one is {}", self.tier);
                    return Err(Error::new(name.span(), message));
                }
                let equals: Token![=] = input.parse()?;
                self.contents = Some(parse_contents(&name, equals.span, input)?);
            }
            "types" => {
                let content;
                syn::parenthesized!(content in input);
                while !content.is_empty() {
                    let attribute = content.call(syn::ext::IdentExt::parse_any)?;
                    content.parse::<Token![=]>()?;
                    self.types.push((attribute, content.parse()?));
                    if !content.is_empty() {
                        content.parse::<Token![,]>()?;
                    }
                }
            }
            "changed_from" => {
                input.parse::<Token![=]>()?;
                self.change.parse_changed_from(input)?;
            }
            "renamed_from" => {
                input.parse::<Token![=]>()?;
                self.change.parse_renamed_from(input)?;
            }
            "was" => self.change.parse_was(input)?,
            "external_make" => self.expect_make(&name).map(|()| self.external_make = true)?,
            "allow_new_key" => self.expect_make(&name).map(|()| self.allow_new_key = true)?,
            _ => {
                let advice = suggest(&name.to_string(), OPTIONS).map_or_else(
                    || format!("there are {}", OPTIONS.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Error::new(name.span(), format!("no option is called `{name}`; {advice}")));
            }
        }
        Ok(())
    }

    fn expect_make(&self, option: &Ident) -> Result<()> {
        if self.tier.is_auto_populated() {
            return Ok(());
        }
        let message = format!("`{option}` is for Imported and Computed tables; this one is {}", self.tier);
        Err(Error::new(option.span(), message))
    }

    /// The path of what generated code uses.
    pub(crate) fn door(&self) -> TokenStream {
        let library = &self.library;
        quote!(#library::codegen)
    }
}

fn parse_tier(input: ParseStream<'_>) -> Result<Tier> {
    let advice = format!("say who fills the table: {TIERS}, as in `#[table(Manual, ..)]`");
    if !input.peek(syn::Ident) {
        return Err(Error::new(input.span(), advice));
    }
    let name: Ident = input.parse()?;
    Ok(match name.to_string().as_str() {
        "Manual" => Tier::Manual,
        "Lookup" => Tier::Lookup,
        "Imported" => Tier::Imported,
        "Computed" => Tier::Computed,
        "Part" => {
            return Err(Error::new(name.span(), "a part names its master: `#[part(Master, ..)]`"));
        }
        text if OPTIONS.contains(&text) => {
            return Err(Error::new(name.span(), advice));
        }
        text => {
            let names = ["Manual", "Lookup", "Imported", "Computed"];
            let advice = suggest(text, names)
                .map_or_else(|| format!("write {TIERS}"), |near| format!("did you mean `{near}`?"));
            return Err(Error::new(name.span(), format!("`{name}` is no tier; {advice}")));
        }
    })
}

fn parse_master(input: ParseStream<'_>) -> Result<Path> {
    let advice = "name the table that the part belongs to, as in `#[part(Master, ..)]`";
    let names_an_option = input.peek(syn::Ident) && input.peek2(Token![=]);
    if input.is_empty() || input.peek(LitStr) || names_an_option {
        return Err(Error::new(input.span(), advice));
    }
    input.call(Path::parse_mod_style).map_err(|error| Error::new(error.span(), advice))
}

fn parse_contents(name: &Ident, equals: Span, input: ParseStream<'_>) -> Result<(Span, TokenStream)> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if tokens.is_empty() {
        return Err(Error::new(equals, format!("`{name}` wants rows: `{name} = [(1, \"a\"), (2, \"b\")]`")));
    }
    Ok((name.span(), tokens))
}

/// A copy of tokens that the compiler speaks of as `span`.
pub(crate) fn spoken_of_as(span: Span, tokens: impl ToTokens) -> TokenStream {
    let respan = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            let mut copy = Group::new(group.delimiter(), spoken_of_as(span, group.stream()));
            copy.set_span(span);
            TokenTree::Group(copy)
        }
        mut token => {
            token.set_span(span);
            token
        }
    };
    tokens.into_token_stream().into_iter().map(respan).collect()
}

/// The content of a group in parentheses.
pub(crate) fn parenthesized(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}
