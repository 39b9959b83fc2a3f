//! Every public async verb is in the table of verbs, and says what happens when it is cancelled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::{Attribute, ImplItem, Item, ReturnType, Signature, TraitItem, Type, Visibility};

use crate::sources;

/// The crates whose verbs a program can reach.
const CRATES: [&str; 10] = [
    "datajoint-adapters",
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

/// The crates with async functions that no program reaches, or that no database answers to, and those that have no public
/// ones: one that comes has to tell of cancelling.
const OTHERS: [&str; 17] = [
    "datajoint",
    "datajoint-blob",
    "datajoint-cli",
    "datajoint-codec",
    "datajoint-config",
    "datajoint-definition",
    "datajoint-diagram",
    "datajoint-guard",
    "datajoint-inventory",
    "datajoint-lock",
    "datajoint-log",
    "datajoint-macros",
    "datajoint-macros-core",
    "datajoint-plan",
    "datajoint-schema",
    "datajoint-sql",
    "datajoint-store",
];

/// The crate whose async functions are cases for tests, which nobody cancels.
const CASES: &str = "datajoint-conformance";

/// What a verb says of itself.
#[derive(Clone, Copy)]
struct Told {
    /// Whether its documentation tells of cancelling.
    of_cancelling: bool,
    /// Whether it has none, since crates of the library alone call it.
    is_hidden: bool,
}

impl Told {
    fn of(attributes: &[Attribute]) -> Self {
        Self { of_cancelling: tells(attributes), is_hidden: is_hidden(attributes) }
    }
}

/// The public async functions of the sources, by name.
#[derive(Default)]
struct Found {
    verbs: BTreeMap<String, Told>,
    /// What is exported by name.
    exported: BTreeSet<String>,
    types: BTreeMap<String, Told>,
    /// The types that can be awaited.
    awaited: BTreeSet<String>,
}

fn tells(attributes: &[Attribute]) -> bool {
    let text = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(text).any(|line| line.trim() == "# Cancel safety")
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

fn mentions_future(kind: &Type) -> bool {
    match kind {
        Type::ImplTrait(bounds) => bounds.bounds.iter().any(|bound| match bound {
            syn::TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|last| last.ident == "Future")
            }
            _ => false,
        }),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "BoxFuture"),
        _ => false,
    }
}

fn is_async(signature: &Signature) -> bool {
    signature.asyncness.is_some()
        || matches!(&signature.output, ReturnType::Type(_, kind) if mentions_future(kind))
}

fn name_of(kind: &Type) -> String {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

impl Found {
    fn read(&mut self, items: &[Item]) {
        for item in items {
            self.read_item(item);
        }
    }

    fn read_item(&mut self, item: &Item) {
        let is_public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
        match item {
            Item::Use(item) if is_public(&item.vis) => sources::names(&item.tree, &mut self.exported),
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    self.read(items);
                }
            }
            Item::Struct(item) => {
                self.types.insert(item.ident.to_string(), Told::of(&item.attrs));
            }
            Item::Fn(item) if is_public(&item.vis) && is_async(&item.sig) => {
                self.verbs.insert(item.sig.ident.to_string(), Told::of(&item.attrs));
            }
            Item::Trait(item) if is_public(&item.vis) => {
                for member in &item.items {
                    if let TraitItem::Fn(member) = member
                        && is_async(&member.sig)
                    {
                        let mut told = Told::of(&member.attrs);
                        told.is_hidden |= is_hidden(&item.attrs);
                        self.verbs.insert(format!("{}::{}", item.ident, member.sig.ident), told);
                    }
                }
            }
            Item::Impl(item) => {
                let name = name_of(&item.self_ty);
                if let Some((path, _)) = item.trait_.as_ref() {
                    if path.segments.last().is_some_and(|last| last.ident == "IntoFuture") {
                        self.awaited.insert(name);
                    }
                    return;
                }
                for member in &item.items {
                    if let ImplItem::Fn(member) = member
                        && is_public(&member.vis)
                        && is_async(&member.sig)
                    {
                        self.verbs.insert(format!("{name}::{}", member.sig.ident), Told::of(&member.attrs));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The verbs of the sources of crates.
fn verbs(crates: &[&str]) -> BTreeMap<String, Told> {
    let mut all = BTreeMap::new();
    for &name in crates {
        let mut files = Vec::new();
        sources::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut files);
        let mut found = Found::default();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            found.read(&syn::parse_file(&text).unwrap().items);
        }
        for awaited in &found.awaited {
            found.verbs.insert(format!("{awaited}::await"), found.types[awaited]);
        }
        let is_exported = |verb: &str| found.exported.contains(verb.split("::").next().unwrap());
        // What lies below the library is named with its crate.
        let prefix = if name == "datajoint-adapters" { "adapters::" } else { "" };
        for (verb, told) in found.verbs.iter().filter(|(verb, _)| is_exported(verb)) {
            all.insert(format!("{prefix}{verb}"), *told);
        }
    }
    all
}

/// A crate that is in no list would be looked at by nobody.
#[test]
fn every_crate_is_in_a_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let entries = std::fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let crates = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    let found: BTreeSet<String> = crates.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let listed = CRATES.iter().chain(&OTHERS).chain([&CASES]);
    let listed: BTreeSet<String> = listed.map(|&name| name.to_owned()).collect();
    assert_eq!(found, listed, "on the left the crates, on the right those in the lists of this test");
}

#[test]
fn every_async_verb_is_in_the_table() {
    let known: BTreeSet<String> = datajoint_conformance::verbs::names().map(str::to_owned).collect();
    let found: BTreeSet<String> = verbs(&CRATES).into_keys().collect();
    let missing: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        missing.is_empty(),
        "these verbs are not cancelled anywhere: add them to `verbs.rs`: {missing:#?}"
    );
    assert!(gone.is_empty(), "these verbs are no more: {gone:#?}");
}

/// The verbs that are dropped elsewhere are dropped there.
#[test]
fn what_is_dropped_elsewhere_has_its_test() {
    for (verb, place, test, reason) in datajoint_conformance::verbs::ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place);
        let items = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap().items;
        let is_there = items.iter().any(|item| match item {
            Item::Fn(item) => item.sig.ident == test && item.sig.asyncness.is_some(),
            _ => false,
        });
        assert!(is_there, "{verb} ({reason}) is not dropped by `{test}` in {place}");
    }
}

#[test]
fn every_async_verb_says_what_happens_when_it_is_cancelled() {
    let all = verbs(&CRATES).into_iter().chain(verbs(&OTHERS));
    let is_silent = |told: &Told| !told.of_cancelling && !told.is_hidden;
    let silent: Vec<String> = all.filter(|(_, told)| is_silent(told)).map(|(verb, _)| verb).collect();
    assert!(silent.is_empty(), "the documentation has no `# Cancel safety`: {silent:#?}");
}
