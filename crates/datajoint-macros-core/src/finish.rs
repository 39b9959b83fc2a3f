use datajoint_definition::{Context, Diagnostic, Span, Tier};
use datajoint_schema::Declaration;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

use crate::arguments::Kind;
use crate::expand::{self, Model};
use crate::field::{self, Reached};
use crate::input::Input;
use crate::locked;
use crate::names::{Names, last_name, part_class};
use crate::payload::Payload;
use crate::source::{self, Surroundings};
use crate::stores;

/// The second step of a table, called with the answers of its parents.
pub fn finish(tokens: TokenStream, surroundings: Surroundings) -> TokenStream {
    let Some(call) = Call::read(tokens) else {
        let message = "this macro is called by tables; write `#[table(..)]`";
        return quote!(::core::compile_error! { #message });
    };
    let payloads: Option<Vec<Payload>> = call.answers.iter().map(|answer| Payload::decode(answer)).collect();
    // What is wrong with the tokens themselves has been said in the first step.
    let Ok(input) = Input::parse(call.kind, call.attribute, &call.item, surroundings) else {
        return TokenStream::new();
    };
    let Some(payloads) = payloads else {
        let message = format!(
            "a parent of `{}` was expanded by another version of `datajoint`; use one version everywhere",
            input.item.ident
        );
        return syn::Error::new(input.item.ident.span(), message).into_compile_error();
    };
    table(&input, &payloads)
}

struct Call {
    answers: Vec<String>,
    kind: Kind,
    attribute: TokenStream,
    item: TokenStream,
}

impl Call {
    fn read(tokens: TokenStream) -> Option<Self> {
        let mut tokens = tokens.into_iter();
        let answers = group(tokens.next()?)?.stream().into_iter().map(literal).collect::<Option<_>>()?;
        let mut child = group(tokens.next()?)?.stream().into_iter();
        let kind = match child.next()? {
            TokenTree::Ident(word) if word == "table" => Kind::Table,
            TokenTree::Ident(word) if word == "part" => Kind::Part,
            _ => return None,
        };
        let attribute = group(child.next()?)?.stream();
        let item = group(child.next()?)?.stream();
        Some(Self { answers, kind, attribute, item })
    }
}

fn group(token: TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

fn literal(token: TokenTree) -> Option<String> {
    syn::parse2::<LitStr>(token.into()).ok().map(|literal| literal.value())
}

/// What a table expands to beside its struct.
pub(crate) fn table(input: &Input, payloads: &[Payload]) -> TokenStream {
    let names = Names::new(input);
    let master_path = input.arguments.master.as_ref();
    let (master, others) = match master_path {
        Some(_) => (payloads.first(), payloads.get(1..).unwrap_or_default()),
        None => (None, payloads),
    };
    let class_name = match (master, master_path) {
        (Some(master), _) => part_class(&names.table, &master.class_name),
        (None, Some(path)) => part_class(&names.table, &last_name(path)),
        (None, None) => names.table.to_string(),
    };
    let schema = master.map_or(names.id, |master| master.group).to_string();
    let parents: Vec<_> = others.iter().map(Payload::as_parent).collect();
    let master_parent = master.map(Payload::as_parent);
    let (table, mut faults) = datajoint_schema::resolve(&Declaration {
        schema: &schema,
        class_name: &class_name,
        tier: input.arguments.tier,
        definition: &input.definition,
        parents: &parents,
        master: master_parent.as_ref(),
    });
    let part_of_part = master.filter(|master| master.tier == Tier::Part).map(|_| part_of_part(input));
    faults.extend(datajoint_definition::check(
        &input.definition,
        &Context {
            class_name: &class_name,
            tier: input.arguments.tier,
            master: master.map(|master| master.table_name.as_str()),
            backend: None,
            // Whether an attribute of the key is the table's own shows only after the merge.
            allow_new_key: true,
        },
    ));
    if !input.arguments.allow_new_key {
        faults.extend(datajoint_schema::own_key_diagnostics(&table, &input.definition));
    }
    let reached = reached(input, master, others);
    let (fields, type_faults) = field::fields(input, &table, &reached);
    faults.extend(type_faults);
    let errors = errors(input, &faults);
    let misplaced = field::misplaced_types(input, &table);
    let unknown_renames = input.arguments.change.misplaced(&table);
    let is_faulty = has_errors(&input.faults, &faults) || !unknown_renames.is_empty();
    let deviations = (!is_faulty).then(|| locked::check(input, &table));

    let stores = (!is_faulty).then(|| stores::needed(input));

    let model = Model::new(input, names, table, master, reached, fields, is_faulty);
    let tokens = expand::expand(&model);
    quote! {
        #part_of_part
        #errors
        #misplaced
        #unknown_renames
        #deviations
        #stores
        #tokens
    }
}

/// The compile errors for these faults; two rules may see the same fault.
fn errors(input: &Input, faults: &[Diagnostic]) -> TokenStream {
    let mut seen: Vec<Span> = input.faults.iter().map(|fault| fault.span).collect();
    let mut errors = TokenStream::new();
    for fault in faults.iter().filter(|fault| fault.is_error()) {
        if seen.contains(&fault.span) {
            continue;
        }
        seen.push(fault.span);
        errors.extend(if fault.span.end == 0 {
            // A fault of the name, not of the text.
            syn::Error::new(input.item.ident.span(), source::plain(fault)).into_compile_error()
        } else {
            input.source.error(fault)
        });
    }
    errors
}

fn part_of_part(input: &Input) -> TokenStream {
    let master = input.arguments.master.as_ref();
    let name = master.map(last_name).unwrap_or_default();
    let span = master.map_or_else(proc_macro2::Span::call_site, syn::spanned::Spanned::span);
    let message = format!(
        "`{name}` is a part itself: a part belongs to a table, and can refer to its other parts by `->`"
    );
    syn::Error::new(span, message).into_compile_error()
}

fn has_errors(parsed: &[Diagnostic], resolved: &[Diagnostic]) -> bool {
    parsed.iter().chain(resolved).any(Diagnostic::is_error)
}

/// The parent of each foreign key line, then the master when no line names it.
fn reached<'a>(input: &'a Input, master: Option<&'a Payload>, others: &'a [Payload]) -> Vec<Reached<'a>> {
    let mut others = others.iter();
    let master = input.arguments.master.as_ref().zip(master);
    let mut reached = Vec::new();
    let mut master_is_named = false;
    for parent in &input.parents {
        let found = if let Some(path) = parent {
            others.next().map(|payload| (path, payload))
        } else {
            master_is_named = true;
            master
        };
        reached.extend(found.map(|(path, payload)| Reached { path, payload }));
    }
    if let (false, Some((path, payload))) = (master_is_named, master) {
        reached.push(Reached { path, payload });
    }
    reached
}
