//! Whether what was read of stores means something.

use std::collections::BTreeMap;

use datajoint_definition::suggest;
use serde_json::Value;

use super::Found;
use crate::error::Fault;
use crate::origin::{Given, Held};
use crate::protocol::{STORE_PROTOCOLS, StoreProtocol};

/// Says which stores there are not, which protocols, and which attributes a protocol lacks or does not know.
pub(super) fn check(found: &mut Found, lenient: bool) {
    let mut stores: BTreeMap<&str, BTreeMap<&str, &Given>> = BTreeMap::new();
    let mut defaults: BTreeMap<&str, &Given> = BTreeMap::new();
    for given in &found.given {
        match given.key.strip_prefix("stores.").map(|place| place.rsplit_once('.').ok_or(place)) {
            // The first is the strongest.
            Some(Ok((store, attribute))) => {
                stores.entry(store).or_default().entry(attribute).or_insert(given);
            }
            Some(Err(default)) => {
                defaults.entry(default).or_insert(given);
            }
            None => {}
        }
    }
    let is_configured = |attributes: &BTreeMap<&str, &Given>| attributes.contains_key("protocol");
    let names = || stores.iter().filter(|(_, attributes)| is_configured(attributes)).map(|(name, _)| *name);
    let no_store = |name: &str| match suggest(name, names()) {
        Some(near) => format!("there is no store `{name}`; did you mean `{near}`?"),
        None => {
            format!("there is no store `{name}`: give it a `protocol` and a `location`, or correct the name")
        }
    };
    let mut faults = Vec::new();
    let mut fault = |given: &Given, message: String| {
        faults.push(Fault { key: given.key.clone(), origin: given.origin.clone(), message });
    };
    for given in defaults.values() {
        if let Some(name) =
            text(given).filter(|name| !stores.contains_key(name) || !names().any(|it| it == *name))
        {
            fault(given, format!("`{}` is `{name}`, and {}", given.key, no_store(name)));
        }
    }
    for (name, attributes) in &stores {
        let Some(given) = attributes.get("protocol") else {
            if let Some(given) = attributes.values().next() {
                fault(given, format!("`{}` is of no store: {}", given.key, no_store(name)));
            }
            continue;
        };
        // What is no text is told of where it is used.
        let Some(word) = text(given) else { continue };
        let Some(protocol) = StoreProtocol::of(word) else {
            // One that is like none of ours is of a plugin, with attributes of its own.
            if let Some(near) = suggest(word, STORE_PROTOCOLS.map(|protocol| protocol.name)) {
                let key = &given.key;
                fault(
                    given,
                    format!(
                        "there is no protocol `{word}` of stores, as `{key}` says; did you mean `{near}`?"
                    ),
                );
            }
            continue;
        };
        for required in protocol.required.iter().filter(|required| !attributes.contains_key(**required)) {
            fault(
                given,
                format!(
                    "the store `{name}` has no `{required}`, which {word} needs: set `stores.{name}.{required}`"
                ),
            );
        }
        for (attribute, given) in attributes {
            let mut known = protocol.attributes();
            if !known.clone().any(|it| it == *attribute) {
                let way_out = match suggest(attribute, &mut known) {
                    Some(near) => format!("did you mean `stores.{name}.{near}`?"),
                    None => "remove it, or correct the protocol".to_owned(),
                };
                fault(
                    given,
                    format!(
                        "a store of the protocol {word} has no `{attribute}`, and `{name}` is one; {way_out}"
                    ),
                );
            }
        }
    }
    if lenient {
        found
            .warnings
            .extend(faults.iter().map(|fault| format!("{} (from {})", fault.message, fault.origin)));
    } else {
        found.faults.extend(faults);
    }
}

fn text(given: &Given) -> Option<&str> {
    match &given.value {
        Held::Plain(Value::String(text)) => Some(text),
        _ => None,
    }
}
