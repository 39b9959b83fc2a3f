use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Path;

use crate::input::Input;
use crate::source::Place;

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
        let id = id(table, input.source.place(table.span()), &input.source.text);
        Self {
            row: format_ident!("{table}Row"),
            key: format_ident!("{table}Key"),
            callback: callback(table, id),
            table: table.clone(),
            id,
        }
    }
}

/// The number of a table with this definition at this place.
pub(crate) fn id(table: &Ident, place: Option<Place>, definition: &str) -> u64 {
    let place = place.map(|place| (near_end(&place.file), place.line, place.column));
    datajoint_schema::fingerprint(&format!("{table}\n{place:?}\n{definition}"))
}

/// The name of the macro that answers with the key of a table.
pub(crate) fn callback(table: &Ident, id: u64) -> Ident {
    Ident::new(&format!("__dj_{table}_{id:016x}"), Span::call_site())
}

/// The end of a path, which is the same on every machine: crate, folder and file.
fn near_end(file: &str) -> String {
    let names: Vec<&str> = file.split(['/', '\\']).collect();
    names[names.len().saturating_sub(3)..].join("/")
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
