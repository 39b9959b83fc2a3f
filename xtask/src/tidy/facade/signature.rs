//! Which types stand in the signatures of items.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::documented::{Documented, Item, ItemPath, ids};

/// The types and traits in the signatures of items, each with what has it.
pub(super) fn types(
    crates: &BTreeMap<String, Documented>,
    items: &BTreeSet<(String, String)>,
) -> BTreeMap<ItemPath, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (name, id) in items {
        if let Some(documented) = crates.get(name) {
            Signatures { documented, found: &mut found }.of(id, "");
        }
    }
    found
}

struct Signatures<'a> {
    documented: &'a Documented,
    found: &'a mut BTreeMap<ItemPath, BTreeSet<String>>,
}

impl Signatures<'_> {
    fn of(&mut self, id: &str, within: &str) {
        let documented = self.documented;
        let Some(item) = documented.item(id) else { return };
        let name =
            if within.is_empty() { item.name().to_owned() } else { format!("{within}::{}", item.name()) };
        let inner = item.inner;
        match item.kind {
            "struct" | "union" | "enum" => {
                self.note(&inner["generics"], &name);
                for list in [&inner["kind"]["plain"]["fields"], &inner["kind"]["tuple"], &inner["variants"]] {
                    ids(list).for_each(|id| self.of(&id, &name));
                }
                ids(&inner["impls"]).for_each(|id| self.implementation(&id, &name));
            }
            "variant" => {
                for list in [&inner["kind"]["tuple"], &inner["kind"]["struct"]["fields"]] {
                    ids(list).for_each(|id| self.of(&id, &name));
                }
            }
            "trait" => {
                self.note(&inner["generics"], &name);
                self.note(&inner["bounds"], &name);
                ids(&inner["items"]).for_each(|id| self.of(&id, &name));
            }
            "struct_field" if !(item.is_public() || item.is_public_by_default()) => {}
            _ => self.note(inner, &name),
        }
    }

    fn implementation(&mut self, id: &str, name: &str) {
        let documented = self.documented;
        let Some(Item { inner, .. }) = documented.item(id) else { return };
        if inner["is_synthetic"] == true || !inner["blanket_impl"].is_null() {
            return;
        }
        let is_inherent = inner["trait"].is_null();
        self.note(&inner["trait"]["args"], name);
        for id in ids(&inner["items"]) {
            let counts =
                |item: Item<'_>| if is_inherent { item.is_public() } else { item.kind == "assoc_type" };
            if documented.item(&id).is_some_and(counts) {
                self.of(&id, name);
            }
        }
    }

    /// Notes every type and trait in a piece of a signature.
    fn note(&mut self, piece: &Value, name: &str) {
        match piece {
            Value::Object(entries) => {
                for (key, value) in entries {
                    if (key == "resolved_path" || key == "trait")
                        && let Some(path) =
                            value["id"].as_u64().and_then(|id| self.documented.path(&id.to_string()))
                    {
                        self.found.entry(path).or_default().insert(name.to_owned());
                    }
                    self.note(value, name);
                }
            }
            Value::Array(pieces) => pieces.iter().for_each(|piece| self.note(piece, name)),
            _ => {}
        }
    }
}
