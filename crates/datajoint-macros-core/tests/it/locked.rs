//! What is said of definitions beside a lock.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use datajoint_definition::{Tier, parse};
use datajoint_lock::Lock;
use datajoint_macros_core::{Surroundings, schema, table};
use datajoint_schema::{Declaration, Table, resolve};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

fn resolved(schema: &str, tier: Tier, class_name: &str, text: &str) -> Table {
    let (definition, _) = parse(text);
    let declaration =
        Declaration { schema, class_name, tier, definition: &definition, parents: &[], master: None };
    resolve(&declaration).0
}

const SUBJECT: &str = "subject_id : int32\n---\nsex : enum('M', 'F')\nweight = 20.5 : float64\nborn = null : date\nindex (born)";

static LOCK: LazyLock<Arc<Lock>> = LazyLock::new(|| {
    Arc::new(Lock::new(&[
        resolved("lab", Tier::Manual, "Subject", SUBJECT),
        resolved("lab", Tier::Lookup, "Method", "method : varchar(8)"),
        resolved("other", Tier::Manual, "Subject", "subject_id : int64"),
    ]))
});

const LOCKED: Surroundings = Surroundings { locate: |_| None, lock: || Ok(Some(LOCK.clone())) };

fn hash() -> String {
    let subject = LOCK.tables().find(|locked| locked.table().name.to_string() == "lab.subject");
    subject.unwrap().hash().to_string()
}

/// What is said of tables of the schema `lab`.
fn refused(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        match (token, tokens.get(place + 1)) {
            (TokenTree::Ident(name), Some(TokenTree::Group(group))) if name == "assert_as_locked" => {
                let literals = group.stream().into_iter().filter_map(|token| match token {
                    TokenTree::Literal(literal) => {
                        syn::parse2::<syn::LitStr>(TokenTree::Literal(literal).into()).ok()
                    }
                    _ => None,
                });
                let literals: Vec<String> = literals.map(|literal| literal.value()).collect();
                if let [schema, message] = &literals[..]
                    && schema == "lab"
                {
                    found.push(message.replace(&hash(), "HASH"));
                }
            }
            (TokenTree::Group(group), _) => found.extend(refused(group.stream())),
            _ => {}
        }
    }
    found
}

fn said(attribute: &str, class: &str, surroundings: Surroundings) -> Vec<String> {
    let attribute: TokenStream = attribute.replace("HASH", &hash()).parse().unwrap();
    let item: TokenStream = format!("pub struct {class};").parse().unwrap();
    let tokens = table(&attribute, &item, surroundings);
    let errors = crate::support::errors(tokens.clone());
    errors.into_iter().chain(refused(tokens)).collect()
}

#[test]
fn what_deviates_from_the_lock_is_told_with_how_to_declare_it() {
    let subject = |text: &str| (format!("Manual, definition = \"{text}\""), "Subject");
    let with = |options: &str, text: &str| (format!("Manual, definition = \"{text}\", {options}"), "Subject");
    let same = SUBJECT;
    let heavier = SUBJECT.replace("20.5", "21.5");
    let mass = SUBJECT.replace("weight", "mass");
    let cases = [
        subject(same),
        subject(&format!("# Named\n{}", SUBJECT.replace("sex :", "sex:").replace("20.5", "20.50"))),
        subject(&heavier),
        subject(&SUBJECT.replace("float64", "float32").replace("'F'", "'F', 'U'")),
        subject(&SUBJECT.replace("born = null : date", "born = null : date\nnote = '' : varchar(9)")),
        subject(&mass),
        subject(&SUBJECT.replace("\nborn = null : date\nindex (born)", "")),
        subject(&SUBJECT.replace("index (born)", "unique index (born)")),
        subject(&SUBJECT.replace("= null : date", ": date")),
        (format!("Lookup, definition = \"{same}\""), "Subject"),
        ("Manual, definition = \"method : varchar(8)\"".to_owned(), "Method"),
        with("changed_from = \"HASH\"", &heavier),
        with("changed_from = \"HASH\"", same),
        with("changed_from = \"0123456789abcdef\"", &heavier),
        with("changed_from = \"012\"", &heavier),
        with("was(mass = \"weight\")", &mass),
        with("was(mass = \"heft\")", &mass),
        with("was(weight = \"mass\")", same),
        with("was(heft = \"weight\")", &mass),
        (format!("Manual, definition = \"{same}\", renamed_from = \"Subject\""), "Animal"),
        (format!("Manual, definition = \"{heavier}\", renamed_from = \"Subject\""), "Animal"),
        (format!("Manual, definition = \"{same}\", renamed_from = \"Mouse\""), "Animal"),
        (format!("Manual, definition = \"{same}\", renamed_from = \"mouse\""), "Animal"),
        with("renamed_from = \"Animal\"", same),
        (format!("Manual, definition = \"{heavier}\""), "Animal"),
    ];
    let mut text = String::new();
    for (attribute, class) in cases {
        let _ = writeln!(text, "#[table({attribute})] {class}");
        let messages = said(&attribute, class, LOCKED);
        // Without a lock nothing is said of it.
        let unlocked = said(&attribute, class, Surroundings::NONE);
        for message in &messages {
            let mark = if unlocked.contains(message) { "always" } else { "locked" };
            let _ = writeln!(text, "=> {mark}: {}", message.replace('\n', "\n   "));
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_schema_has_its_tables_compiled_again_when_the_lock_changes() {
    let include = |surroundings| schema(quote!("lab"), surroundings).to_string().contains("include_bytes");
    assert!(include(LOCKED) && !include(Surroundings::NONE));
    let broken = Surroundings { lock: || Err("`datajoint.lock` of this crate: line 3".to_owned()), ..LOCKED };
    assert_eq!(
        crate::support::errors(schema(quote!("lab"), broken)),
        ["`datajoint.lock` of this crate: line 3"]
    );
}
