//! Tables in modules of ten: about one and a half references each, and five attributes.

use datajoint_macros_core::{Surroundings, finish, table};
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

pub(crate) struct Table {
    parents: Vec<usize>,
    /// A nullable reference to a parent whose key gets other names.
    other: Option<usize>,
    key: Vec<String>,
}

/// Tables whose parents stand before them, the same in every run.
pub(crate) fn tables(count: usize) -> Vec<Table> {
    let mut random = Random(7);
    let mut tables: Vec<Table> = Vec::new();
    for index in 0..count {
        let mut parents = Vec::new();
        let mut other = None;
        if index >= 20 {
            for _ in 0..=usize::from(random.below(3) == 0) {
                let parent = index - 1 - random.below(index.min(120));
                if !parents.contains(&parent) && tables[parent].key.len() <= 7 {
                    parents.push(parent);
                }
            }
            let candidate = index - 1 - random.below(index.min(120));
            let is_small = tables[candidate].key.len() <= 3 && !parents.contains(&candidate);
            other = (is_small && random.below(2) == 0).then_some(candidate);
        }
        let mut key: Vec<String> = Vec::new();
        for parent in &parents {
            let inherited: Vec<String> = tables[*parent].key.clone();
            key.extend(inherited.into_iter().filter(|name| !key.contains(name)).collect::<Vec<_>>());
        }
        key.push(format!("id{index}"));
        tables.push(Table { parents, other, key });
    }
    tables
}

/// A small generator of numbers that needs no more.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}

fn path(index: usize) -> String {
    format!("crate::m{}::T{index}", index / 10)
}

fn definition(index: usize, tables: &[Table]) -> String {
    let table = &tables[index];
    let mut lines: Vec<String> = table.parents.iter().map(|parent| format!("-> {}", path(*parent))).collect();
    lines.push(format!("id{index} : int32"));
    lines.push("---".to_owned());
    if let Some(other) = table.other {
        let renames: Vec<String> =
            tables[other].key.iter().map(|name| format!("other{index}_{name}='{name}'")).collect();
        lines.push(format!("-> [nullable] {}.proj({})", path(other), renames.join(", ")));
    }
    let types = ["varchar(64)", "float64", "date", "uuid", "bool"];
    lines.extend(types.iter().enumerate().map(|(place, text)| format!("a{index}_{place} : {text}")));
    lines.join("\n")
}

/// The source of each module.
pub(crate) fn with_macros(tables: &[Table]) -> Vec<String> {
    modules(tables.len(), |index| {
        let definition = definition(index, tables);
        format!("#[datajoint::table(Manual, definition = \"\n{definition}\n\")]\npub struct T{index};\n\n")
    })
}

/// The lock of these tables.
pub(crate) fn locked(tables: &[Table]) -> String {
    let mut resolved: Vec<datajoint::schema::Table> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let (definition, _) = datajoint::definition::parse(&definition(index, tables));
        let parents = table.parents.iter().chain(table.other.as_ref());
        let parents: Vec<_> = parents.map(|parent| resolved[*parent].as_parent()).collect();
        let declaration = datajoint::schema::Declaration {
            schema: &format!("m{}", index / 10),
            class_name: &format!("T{index}"),
            tier: datajoint::Tier::Manual,
            definition: &definition,
            parents: &parents,
            master: None,
        };
        resolved.push(datajoint::schema::resolve(&declaration).0);
    }
    datajoint::lock::Lock::new(&resolved).to_string()
}

/// The same modules with the code of the macros in place of their calls.
pub(crate) fn written_out(tables: &[Table]) -> Vec<String> {
    let mut answers: Vec<String> = Vec::new();
    let mut texts = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let tokens = expand(index, table, tables, &answers);
        answers.push(answer(tokens.clone()));
        texts.push(prettyplease::unparse(&without_macros(tokens)));
    }
    modules(tables.len(), |index| texts[index].clone())
}

fn modules(count: usize, text: impl Fn(usize) -> String) -> Vec<String> {
    let module = |first: usize| {
        let tables: String = (first..count.min(first + 10)).map(&text).collect();
        format!("//! Tables.\ndatajoint::schema!(\"m{}\");\n\n{tables}", first / 10)
    };
    (0..count).step_by(10).map(module).collect()
}

fn expand(index: usize, table_of: &Table, tables: &[Table], answers: &[String]) -> TokenStream {
    let definition = definition(index, tables);
    let name = format_ident!("T{index}");
    let attribute = quote!(Manual, definition = #definition);
    let item = quote!(
        pub struct #name;
    );
    let first = table(&attribute, &item, Surroundings::NONE);
    let parents: Vec<&String> =
        table_of.parents.iter().chain(table_of.other.as_ref()).map(|parent| &answers[*parent]).collect();
    if parents.is_empty() {
        return first;
    }
    let second = finish(quote!([#(#parents)*] { table {#attribute} {#item} }), Surroundings::NONE);
    quote!(#first #second)
}

/// What a table answers to its children.
fn answer(tokens: TokenStream) -> String {
    let mut texts = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(answer(group.stream())).filter(|found| !found.is_empty()),
        TokenTree::Literal(literal) => {
            let literal: syn::LitStr = syn::parse2(TokenTree::Literal(literal).into()).ok()?;
            Some(literal.value()).filter(|text| text.starts_with("datajoint 1\n"))
        }
        _ => None,
    });
    texts.next().unwrap_or_default()
}

/// The items without the callback, its alias and the question to the parents.
fn without_macros(tokens: TokenStream) -> syn::File {
    let mut file: syn::File = syn::parse2(tokens).expect("the code of a macro parses");
    file.items.retain(|item| match item {
        syn::Item::Use(_) => false,
        syn::Item::Macro(item) => item.mac.path.segments.len() > 1 && !is_question(&item.mac),
        _ => true,
    });
    file
}

fn is_question(call: &syn::Macro) -> bool {
    call.tokens.to_string().starts_with("@ datajoint1")
}
