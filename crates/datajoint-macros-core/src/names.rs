use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Path;

use crate::input::Input;

/// The names of what a table expands to.
pub(crate) struct Names {
    pub(crate) table: Ident,
    pub(crate) row: Ident,
    pub(crate) key: Ident,
    /// The macro that answers with the key.
    pub(crate) callback: Ident,
    /// Tells the table from every other, also from one of the same name in another crate.
    pub(crate) id: u64,
}

impl Names {
    pub(crate) fn new(input: &Input) -> Self {
        let table = &input.item.ident;
        let place = input.source.place(table.span());
        let id = fingerprint(&format!("{table}\n{place:?}\n{}", input.source.text));
        Self {
            row: format_ident!("{table}Row"),
            key: format_ident!("{table}Key"),
            callback: Ident::new(&format!("__dj_{table}_{id:016x}"), Span::call_site()),
            table: table.clone(),
            id,
        }
    }
}

/// The class of a part: `Unit` for the struct `SpikesUnit` of the master `Spikes`.
pub(crate) fn part_class(table: &Ident, master: &str) -> String {
    let table = table.to_string();
    match table.strip_prefix(master) {
        Some(class) if class.starts_with(|first: char| first.is_ascii_uppercase()) => class.to_owned(),
        _ => table,
    }
}

/// The last name of a path.
pub(crate) fn last_name(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// FNV-1a: a number for a text, the same in every build.
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
