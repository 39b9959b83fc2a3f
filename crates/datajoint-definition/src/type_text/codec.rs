//! `<codec>`, `<codec@>` and `<codec@store>`.

use super::TypeFault;
use crate::{CodecType, Store, suggest};

/// The codecs that DataJoint brings along, and whether each can keep its data in the table.
pub(super) const BUILT_IN: [(&str, bool); 6] = [
    ("blob", true),
    ("attach", true),
    ("hash", false),
    ("object", false),
    ("npy", false),
    ("filepath", false),
];

pub(super) fn read(text: &str) -> Result<CodecType, TypeFault> {
    let example = "write a codec so: `<blob>` or `<blob@store>`";
    let inner = text.strip_prefix('<').unwrap_or(text);
    let Some((inner, after)) = inner.split_once('>') else {
        let name: String = inner.trim().chars().take_while(|character| !character.is_whitespace()).collect();
        let message = format!("`{text}` has no `>` at its end");
        return Err(if name.is_empty() {
            TypeFault::new(message, example)
        } else {
            TypeFault::corrected(message, "write", format!("<{name}>"))
        });
    };
    if !after.trim().is_empty() {
        let message = format!("`{}` can't follow a codec", after.trim());
        return Err(TypeFault::corrected(message, "write", format!("<{inner}>")));
    }
    let (name, store) = match inner.split_once('@') {
        None => (inner.trim(), Store::Table),
        Some((name, store)) if store.trim().is_empty() => (name.trim(), Store::Default),
        Some((name, store)) => (name.trim(), Store::Named(store.trim().to_owned())),
    };
    if name.is_empty() {
        return Err(TypeFault::new(format!("`{text}` names no codec"), example));
    }
    if name.contains('<') {
        let message = format!("`{text}` opens two brackets");
        return Err(TypeFault::corrected(message, "write", format!("<{}>", inner.replace('<', "").trim())));
    }
    if store == Store::Table && BUILT_IN.contains(&(name, false)) {
        let message = format!("`<{name}>` keeps its data in a store, but names none");
        let mut fault = TypeFault::corrected(message, "write", format!("<{name}@>"));
        fault.help.push_str(" for the default store, or name one after the `@`");
        return Err(fault);
    }
    Ok(CodecType { name: name.to_owned(), store })
}

impl CodecType {
    /// True for a codec that DataJoint brings along.
    pub fn is_built_in(&self) -> bool {
        BUILT_IN.iter().any(|(name, _)| *name == self.name)
    }

    /// The codec of DataJoint's own whose name looks like this one; `None` for its own, and when none does.
    pub fn nearest_built_in(&self) -> Option<&'static str> {
        suggest(&self.name, BUILT_IN.map(|(name, _)| name)).filter(|_| !self.is_built_in())
    }
}
