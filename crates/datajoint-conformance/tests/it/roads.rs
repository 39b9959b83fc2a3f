//! Every public function that takes a string is a road of the proof that no string becomes SQL, or it is said why it leads to none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use datajoint_conformance::hostile::{Leads, road_names, takers};
use syn::visit::Visit;
use syn::{Attribute, FnArg, ImplItem, Item, Signature, TraitItem, Visibility};

use crate::sources;

/// The crates whose functions programs call, with their strings.
const CRATES: [&str; 9] = [
    "datajoint-arrow",
    "datajoint-dashboard",
    "datajoint-deploy",
    "datajoint-fsck",
    "datajoint-gc",
    "datajoint-jobs",
    "datajoint-pipeline",
    "datajoint-populate",
    "datajoint-transfer",
];

/// Looks for types that hold, or are made from, a string.
struct Strings {
    is_there: bool,
    /// Names that stand for something that strings are, or become: parameters, traits and types of ours.
    generic: BTreeSet<String>,
}

impl Strings {
    fn of(generic: &BTreeSet<String>) -> Self {
        Self { is_there: false, generic: generic.clone() }
    }

    /// True where a type is, or holds, one.
    fn are_in(&mut self, kind: &syn::Type) -> bool {
        self.is_there = false;
        self.visit_type(kind);
        self.is_there
    }
}

impl<'ast> Visit<'ast> for Strings {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        let name = ident.to_string();
        self.is_there |=
            matches!(name.as_str(), "str" | "String" | "ToString") || self.generic.contains(&name);
    }
}

/// What stands for strings among the parameters of a function or an implementation.
fn bound(generics: &syn::Generics, known: &BTreeSet<String>) -> Strings {
    let mut strings = Strings::of(known);
    // A parameter may be bound by another one.
    for _ in 0..3 {
        for parameter in generics.type_params() {
            let mut bounds = Strings::of(&strings.generic);
            parameter.bounds.iter().for_each(|bound| bounds.visit_type_param_bound(bound));
            if bounds.is_there {
                strings.generic.insert(parameter.ident.to_string());
            }
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            let syn::WherePredicate::Type(predicate) = predicate else { continue };
            let mut bounds = Strings::of(&strings.generic);
            predicate.bounds.iter().for_each(|bound| bounds.visit_type_param_bound(bound));
            if let (true, syn::Type::Path(path)) = (bounds.is_there, &predicate.bounded_ty)
                && let Some(ident) = path.path.get_ident()
            {
                strings.generic.insert(ident.to_string());
            }
        }
    }
    strings
}

fn takes_strings(signature: &Signature, known: &BTreeSet<String>) -> bool {
    let mut strings = bound(&signature.generics, known);
    signature.inputs.iter().any(|input| match input {
        FnArg::Typed(input) => strings.are_in(&input.ty),
        FnArg::Receiver(_) => false,
    })
}

/// The traits that strings have, lists of them included, what is made from strings, and what has fields of them.
fn stand_ins(items: &[Item], known: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Impl(item) => {
                let Some((path, _)) = item.trait_.as_ref() else { continue };
                let Some(last) = path.segments.last() else { continue };
                let mut strings = bound(&item.generics, known);
                let name = last.ident.to_string();
                if name == "From" {
                    strings.visit_path_arguments(&last.arguments);
                    if strings.is_there {
                        found.insert(name_of(&item.self_ty));
                    }
                } else if path.segments.len() == 1 && strings.are_in(&item.self_ty) {
                    found.insert(name);
                }
            }
            Item::Struct(item) if is_public(&item.vis) => {
                let mut strings = Strings::of(&BTreeSet::new());
                let mut fields = item.fields.iter().filter(|field| is_public(&field.vis));
                if fields.any(|field| strings.are_in(&field.ty)) {
                    found.insert(item.ident.to_string());
                }
            }
            _ => {}
        }
    }
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn name_of(kind: &syn::Type) -> String {
    match kind {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// What a crate has: its functions that take strings, and what it exports by name.
#[derive(Default)]
struct Found {
    takers: BTreeSet<String>,
    /// What stands for strings.
    known: BTreeSet<String>,
    exported: BTreeSet<String>,
}

impl Found {
    fn read(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) if is_public(&item.vis) => sources::names(&item.tree, &mut self.exported),
                Item::Mod(item) if !is_test(&item.attrs) => {
                    if let Some((_, items)) = &item.content {
                        self.read(items);
                    }
                }
                Item::Fn(item) if is_public(&item.vis) => {
                    self.take(item.sig.ident.to_string(), &item.sig, &item.attrs);
                }
                Item::Trait(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                    for member in &item.items {
                        if let TraitItem::Fn(member) = member {
                            let name = format!("{}::{}", item.ident, member.sig.ident);
                            self.take(name, &member.sig, &member.attrs);
                        }
                    }
                }
                Item::Impl(item) if item.trait_.is_none() => {
                    for member in &item.items {
                        if let ImplItem::Fn(member) = member
                            && is_public(&member.vis)
                        {
                            let name = format!("{}::{}", name_of(&item.self_ty), member.sig.ident);
                            self.take(name, &member.sig, &member.attrs);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn take(&mut self, name: String, signature: &Signature, attributes: &[Attribute]) {
        if takes_strings(signature, &self.known) && !is_hidden(attributes) {
            self.takers.insert(name);
        }
    }
}

/// The public functions that take strings, as the sources have them.
fn found() -> BTreeSet<String> {
    let files = CRATES.map(|name| {
        let mut files = Vec::new();
        sources::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut files);
        let read = |file: &PathBuf| syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap().items;
        files.iter().map(read).collect::<Vec<_>>()
    });
    let mut known = BTreeSet::new();
    for items in files.iter().flatten() {
        stand_ins(items, &BTreeSet::new(), &mut known);
    }
    let mut all = BTreeSet::new();
    for items in files {
        let mut found = Found { known: known.clone(), ..Found::default() };
        for items in &items {
            found.read(items);
        }
        let Found { takers, exported, .. } = found;
        all.extend(takers.into_iter().filter(|taker| exported.contains(taker.split("::").next().unwrap())));
    }
    all
}

#[test]
fn every_public_function_that_takes_a_string_is_a_road_or_leads_nowhere() {
    let found = found();
    let listed: BTreeSet<String> = takers().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(listed.len(), takers().count(), "a function is listed twice");
    let missing: Vec<_> = found.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "these take strings: add a road to `hostile/roads.rs`, and name it in `hostile/takers.rs`, or say there why they lead \
         nowhere: {missing:#?}"
    );
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are no more, or take no strings: {gone:#?}");
    let roads: BTreeSet<&str> = road_names().collect();
    for (name, leads) in takers() {
        match leads {
            Leads::Along(road) => {
                assert!(roads.contains(road), "{name} leads along `{road}`, which is no road");
            }
            Leads::Nowhere(reason) => assert!(!reason.is_empty(), "{name}"),
            Leads::ToDeployment => {}
        }
    }
}
