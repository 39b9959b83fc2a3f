//! What was read becomes settings: of each the strongest.

use std::collections::BTreeSet;
use std::sync::Arc;

use figment::value::{Dict, Map, Value as FigmentValue};
use figment::{Figment, Metadata, Profile, Provider};
use serde_json::Value;

use super::Found;
use crate::error::Fault;
use crate::origin::{Given, Origin};
use crate::setting::Setting;
use crate::sources::Sources;
use crate::{Result, Settings};

/// Says when a setting and its older name differ in one place.
pub(super) fn check_older(found: &mut Found) {
    for older in std::mem::take(&mut found.older) {
        let in_one_place = |given: &&Given| match (&given.origin, &older.origin) {
            (Origin::Variable(_), Origin::Variable(_)) => true,
            (Origin::File { path: one, .. }, Origin::File { path: other, .. }) => one == other,
            _ => false,
        };
        let mut same = found.given.iter().filter(|given| given.key == older.key).filter(in_one_place);
        if let Some(today) = same.find(|given| !given.value.same(&older.value)) {
            let message = format!(
                "`{}` is `{}` by {}, and `{}` by its older name: remove one of them",
                older.key, today.value, today.origin, older.value
            );
            found.faults.push(Fault { key: older.key, origin: older.origin, message });
        }
    }
}

/// The settings with the strongest value of each key.
pub(super) fn settings(sources: Sources) -> Result<Settings> {
    let mut figment = Figment::new();
    let mut seen = BTreeSet::new();
    for given in &sources.given {
        if seen.insert(given.key.as_str()) {
            figment = figment.merge(Entry(given));
        }
    }
    let mut settings: Settings = figment.extract()?;
    settings.sources = Arc::new(sources);
    Ok(settings)
}

/// One value, as figment takes it.
struct Entry<'a>(&'a Given);

impl Provider for Entry<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0.origin.to_string())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut value = self.0.value.exposed();
        for name in path(&self.0.key).into_iter().rev() {
            value = Value::Object([(name.to_owned(), value)].into_iter().collect());
        }
        let FigmentValue::Dict(_, dict) = FigmentValue::serialize(value)? else { return Ok(Map::new()) };
        Ok(Profile::Default.collect(dict))
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
