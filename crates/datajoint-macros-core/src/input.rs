use datajoint_definition::{Definition, Diagnostic, ForeignKeyLine, Line};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, DeriveInput, Error, Expr, ExprLit, Lit, LitStr, Meta, Path};

use crate::arguments::{Arguments, Kind, spoken_of_as};
use crate::source::{Locate, Source, Surroundings};
use crate::{expand, names};

/// A table as written: the attribute, the struct and the definition.
pub(crate) struct Input {
    pub(crate) arguments: Arguments,
    /// The struct, its documentation without the definition.
    pub(crate) item: DeriveInput,
    pub(crate) source: Source,
    pub(crate) definition: Definition,
    pub(crate) faults: Vec<Diagnostic>,
    /// The parent of each foreign key line; `None` for `-> master`.
    pub(crate) parents: Vec<Option<Path>>,
    pub(crate) surroundings: Surroundings,
}

impl Input {
    /// Reads the table; an error is the whole expansion.
    pub(crate) fn parse(
        kind: Kind,
        attribute: TokenStream,
        tokens: &TokenStream,
        surroundings: Surroundings,
    ) -> Result<Self, TokenStream> {
        let locate = surroundings.locate;
        let mut item: DeriveInput = syn::parse2(tokens.clone()).map_err(|error| {
            let error = Error::new(error.span(), "a table is a unit struct: `pub struct Session;`");
            let error = error.into_compile_error();
            quote!(#tokens #error)
        })?;
        let give_up = |item: &DeriveInput, error: Error| declared_only(item, &error, locate);
        check_shape(&item).map_err(|error| give_up(&item, error))?;
        let arguments = Arguments::parse(kind, attribute).map_err(|error| give_up(&item, error))?;
        let source = take_source(&arguments, &mut item, locate).map_err(|error| give_up(&item, error))?;
        let (mut definition, mut faults) = datajoint_definition::parse(&source.text);
        let parents = take_parents(&mut definition, &mut faults, &item, &source);
        Ok(Self { arguments, item, source, definition, faults, parents, surroundings })
    }

    /// The path of the parent of each foreign key line, the master's for `-> master`.
    pub(crate) fn parent_paths(&self) -> impl Iterator<Item = Option<&Path>> {
        self.parents.iter().map(|parent| parent.as_ref().or(self.arguments.master.as_ref()))
    }
}

/// The struct as a table that could not be understood, so that its children have no follow-up errors.
fn declared_only(item: &DeriveInput, error: &Error, locate: Locate) -> TokenStream {
    let (name, error) = (&item.ident, error.to_compile_error());
    let (parameters, arguments, bounds) = item.generics.split_for_impl();
    let callback = names::callback(name, names::id(name, locate(name.span()), ""));
    let callback = expand::without_answer(&item.vis, name, &callback);
    quote! {
        #item
        impl #parameters ::datajoint::codegen::Declared for #name #arguments #bounds {}
        #callback
        #error
    }
}

fn check_shape(item: &DeriveInput) -> Result<(), Error> {
    let is_unit = matches!(&item.data, syn::Data::Struct(data) if matches!(data.fields, syn::Fields::Unit));
    if !is_unit {
        let message = format!(
            "a table is a unit struct: `pub struct {};`; its attributes stand in its definition",
            item.ident
        );
        return Err(Error::new(item.ident.span(), message));
    }
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(&item.generics, "a table has no generic parameters"));
    }
    Ok(())
}

/// The definition: the literal, else the fence in the documentation, else the documentation.
fn take_source(arguments: &Arguments, item: &mut DeriveInput, locate: Locate) -> Result<Source, Error> {
    if let Some(literal) = &arguments.definition {
        return Ok(Source::literal(literal, locate));
    }
    let docs: Vec<(usize, LitStr)> = item
        .attrs
        .iter()
        .enumerate()
        .filter_map(|(place, attribute)| Some((place, doc_line(attribute)?)))
        .collect();
    if docs.is_empty() {
        let message = format!(
            "`{}` has no definition: write `definition = \"...\"`, or the definition as `///` lines",
            item.ident
        );
        return Err(Error::new(item.ident.span(), message));
    }
    let fence = docs.iter().position(|(_, line)| line.value().trim() == "```definition");
    let (taken, lines) = match fence {
        None => (0..docs.len(), 0..docs.len()),
        Some(start) => {
            let rest = &docs[start + 1..];
            let length = rest.iter().position(|(_, line)| line.value().trim() == "```");
            let Some(length) = length else {
                return Err(Error::new(
                    docs[start].1.span(),
                    "this definition has no end: close it with three backticks on a line of their own",
                ));
            };
            (start..start + length + 2, start + 1..start + 1 + length)
        }
    };
    let source = Source::lines(docs[lines].iter().map(|(_, line)| line), locate);
    let taken: Vec<usize> = docs[taken].iter().map(|(place, _)| *place).collect();
    let mut place = 0;
    item.attrs.retain(|_| {
        place += 1;
        !taken.contains(&(place - 1))
    });
    Ok(source)
}

fn doc_line(attribute: &Attribute) -> Option<LitStr> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The Rust path of each parent. Lines whose parent can't be one leave the definition with a fault.
fn take_parents(
    definition: &mut Definition,
    faults: &mut Vec<Diagnostic>,
    item: &DeriveInput,
    source: &Source,
) -> Vec<Option<Path>> {
    let mut parents = Vec::new();
    definition.lines.retain(|line| {
        let Line::ForeignKey(line) = line else { return true };
        match parent_path(line, item, source.span(line.parent_span)) {
            Ok(parent) => parents.push(parent),
            Err(fault) => {
                faults.push(fault);
                return false;
            }
        }
        true
    });
    parents
}

fn parent_path(line: &ForeignKeyLine, item: &DeriveInput, span: Span) -> Result<Option<Path>, Diagnostic> {
    if line.parent == "master" {
        return Ok(None);
    }
    let text = join_parts(&line.rust_path());
    let path = syn::parse_str::<Path>(&text).map_err(|_| {
        let message = format!("`{}` is not a path to a table", line.parent);
        Diagnostic::error(line.parent_span, message).with_help("write a Rust path: `-> module::Table`")
    })?;
    if path.is_ident(&item.ident) || path.is_ident("Self") {
        let message = format!("`{}` can't refer to itself", item.ident);
        return Err(Diagnostic::error(line.parent_span, message).with_help(format!(
            "keep the relation in another table with two references to `{}`, one of them renamed",
            item.ident
        )));
    }
    syn::parse2(spoken_of_as(span, path.to_token_stream()))
        .map(Some)
        .map_err(|error| Diagnostic::error(line.parent_span, error.to_string()))
}

/// `Spikes::Unit`, in Python a class inside a class, is the struct `SpikesUnit` in Rust.
fn join_parts(path: &str) -> String {
    let is_class = |segment: &str| segment.starts_with(|first: char| first.is_ascii_uppercase());
    let mut joined = String::new();
    let mut after_class = false;
    for segment in path.split("::") {
        let is_part = after_class && is_class(segment);
        if !joined.is_empty() && !is_part {
            joined.push_str("::");
        }
        joined.push_str(segment);
        after_class = is_class(segment);
    }
    joined
}
