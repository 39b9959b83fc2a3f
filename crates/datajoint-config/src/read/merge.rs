//! What was read becomes settings: of each the strongest.

use std::sync::Arc;

use figment::value::{Dict, Map as Profiles, Value as FigmentValue};
use figment::{Figment, Metadata, Profile, Provider};
use serde_json::{Map, Value};

use super::Found;
use crate::error::Fault;
use crate::origin::Given;
use crate::setting::Setting;
use crate::sources::Sources;
use crate::{Result, Settings};

/// Says when a setting and its older name differ in one place.
pub(super) fn check_older(found: &mut Found) {
    for older in std::mem::take(&mut found.older) {
        let mut same = found
            .given
            .iter()
            .filter(|given| given.key == older.key && given.origin.is_same_place(&older.origin));
        if let Some(today) = same.find(|given| !given.value.same(&older.value)) {
            let message = format!(
                "`{}` is `{}` by {}, and `{}` by its older name: remove one of them",
                older.key, today.value, today.origin, older.value
            );
            found.faults.push(Fault { key: older.key, origin: older.origin, message });
        }
    }
}

/// Returns the settings with the strongest value of each key.
///
/// Each place that gave values is one provider: one for each value would copy all that was read before it.
pub(super) fn settings(sources: Sources) -> Result<Settings> {
    let mut figment = Figment::new();
    // The strongest first: `join` keeps what is there.
    for given in sources.given.chunk_by(|one, next| one.origin.is_same_place(&next.origin)) {
        figment = figment.join(Place(given));
    }
    let mut settings: Settings = figment.extract()?;
    settings.sources = Arc::new(sources);
    Ok(settings)
}

/// The values that one place gave, the strongest first.
struct Place<'a>(&'a [Given]);

impl Provider for Place<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0.first().map(|given| given.origin.to_string()).unwrap_or_default())
    }

    fn data(&self) -> figment::Result<Profiles<Profile, Dict>> {
        let mut whole = Value::Object(Map::new());
        // The weakest first, so that stronger ones come over them.
        for given in self.0.iter().rev() {
            put(&mut whole, &path(&given.key), given.value.exposed());
        }
        let FigmentValue::Dict(_, dict) = FigmentValue::serialize(whole)? else { return Ok(Profiles::new()) };
        Ok(Profile::Default.collect(dict))
    }
}

/// Puts a value where a path leads; objects are merged.
fn put(whole: &mut Value, path: &[&str], value: Value) {
    if !whole.is_object() {
        *whole = Value::Object(Map::new());
    }
    let Value::Object(members) = whole else { return };
    let Some((name, rest)) = path.split_first() else {
        if let Value::Object(more) = value {
            members.extend(more);
        }
        return;
    };
    match (members.get_mut(*name), rest) {
        (Some(inner), rest) if !rest.is_empty() || (inner.is_object() && value.is_object()) => {
            put(inner, rest, value);
        }
        (_, []) => {
            members.insert((*name).to_owned(), value);
        }
        (_, rest) => {
            let mut inner = Value::Object(Map::new());
            put(&mut inner, rest, value);
            members.insert((*name).to_owned(), inner);
        }
    }
}

/// The names on the way to a setting; a store's own name may have dots.
fn path(key: &str) -> Vec<&str> {
    match Setting::of(key) {
        Some(setting) if setting.key == "stores" => match key.strip_prefix("stores.") {
            Some(place) => match place.rsplit_once('.') {
                Some((store, attribute)) => vec!["stores", store, attribute],
                None => vec!["stores", place],
            },
            None => vec![key],
        },
        _ => key.split('.').collect(),
    }
}
