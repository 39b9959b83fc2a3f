use proc_macro2::{Ident, Span};

/// Words that can be an identifier only as `r#word`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that can't be an identifier at all.
const RESERVED: &[&str] = &["self", "super", "crate", "Self", "_"];

/// The Rust identifier for a name of the database: `type` becomes `r#type`, `self` becomes `self_`.
pub(crate) fn identifier(name: &str, span: Span) -> Ident {
    if RESERVED.contains(&name) {
        Ident::new(&format!("{name}_"), span)
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, span)
    } else {
        Ident::new(name, span)
    }
}

/// `whole blood` as `WholeBlood`, `2p` as `V2p`; `None` when nothing is left to name it by.
pub(crate) fn camel_case(text: &str) -> Option<String> {
    let mut name = String::new();
    let words = text.split(|character: char| !character.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let mut characters = word.chars();
        name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        // `LEFT` reads as a word, `kHz` and `mV` don't.
        if word.chars().count() > 3 && word.chars().all(|character| !character.is_lowercase()) {
            name.extend(characters.flat_map(char::to_lowercase));
        } else {
            name.push_str(characters.as_str());
        }
    }
    if name.starts_with(|character: char| character.is_numeric()) {
        name.insert(0, 'V');
    }
    (!name.is_empty()).then_some(name)
}
