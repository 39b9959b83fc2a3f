//! Variables of the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::alike::alike;
use super::{Found, secrets};
use crate::error::Fault;
use crate::kind::Kind;
use crate::origin::Origin;
use crate::setting::{GROUPS, OLDER_VARIABLES, SETTINGS, Setting, VARIABLES_OF_PYTHON};

/// What tests of programs use, and no setting.
const OF_TESTS: &str = "DJ_TEST_";

/// The variables by name in capitals; empty ones are as if absent.
pub(super) fn variables(
    given: Option<&BTreeMap<String, String>>,
    found: &mut Found,
) -> BTreeMap<String, String> {
    let all: Vec<(String, String)> = match given {
        Some(given) => given.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        None => std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.into_string().ok()?;
                match value.into_string() {
                    Ok(value) => Some((name, value)),
                    Err(_) if !is_own(&name) => None,
                    Err(_) => {
                        let message = format!("{name} is not UTF-8: set it anew");
                        let origin = Origin::Variable(name.clone());
                        found.faults.push(Fault { key: name, origin, message });
                        None
                    }
                }
            })
            .collect(),
    };
    let is_set = |(_, value): &(String, String)| !value.is_empty();
    all.into_iter().filter(is_set).map(|(name, value)| (name.to_uppercase(), value)).collect()
}

/// True for the name of a variable that is meant for settings.
fn is_own(name: &str) -> bool {
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("DJ_"))
}

/// Takes what the variables say. True when one of them replaces the stores of the files.
pub(super) fn read(variables: &BTreeMap<String, String>, lenient: bool, found: &mut Found) -> bool {
    check_names(variables, lenient, found);
    for setting in SETTINGS {
        for variable in setting.variables {
            read_one(variables, variable, setting, found);
        }
    }
    for (variable, key) in OLDER_VARIABLES {
        if let Some(setting) = Setting::of(key)
            && variables.contains_key(*variable)
        {
            let today = setting.variables.first().copied().unwrap_or_default();
            found.warnings.push(format!("{variable} is an older name: use {today}"));
            let before = found.given.len();
            read_one(variables, variable, setting, found);
            found.older.extend_from_slice(&found.given[before..]);
        }
    }
    for (variable, group) in GROUPS {
        if let Some(text) = variables.get(*variable) {
            read_group(variable, group, text, found);
        }
    }
    for (variable, value) in variables {
        if let Some(place) = variable.strip_prefix("DJ_STORES__") {
            read_store(variable, place, value, found);
        }
    }
    variables.contains_key("DJ_STORES")
}

/// Says which variables there are not. Their values are not shown.
fn check_names(variables: &BTreeMap<String, String>, lenient: bool, found: &mut Found) {
    let is_known = |name: &str| crate::variables().any(|known| known == name);
    for variable in variables.keys().filter(|name| is_own(name)) {
        let of_file = variable.strip_suffix("_FILE").is_some_and(is_known);
        let is_left = variable.starts_with("DJ_STORES__") || variable.starts_with(OF_TESTS);
        if is_known(variable) || of_file || is_left {
            continue;
        }
        if VARIABLES_OF_PYTHON.contains(&variable.as_str()) {
            found.warnings.push(format!("{variable} has no effect here"));
            continue;
        }
        let message = match meant(variable) {
            Some(near) => format!("there is no variable {variable}; did you mean {near}?"),
            None => format!("there is no variable {variable}: unset it, or name it without DJ_"),
        };
        if lenient {
            found.warnings.push(message);
        } else {
            let origin = Origin::Variable(variable.clone());
            found.faults.push(Fault { key: variable.clone(), origin, message });
        }
    }
}

/// The variable that was probably meant: of those that somebody should use, and that do something.
fn meant(variable: &str) -> Option<String> {
    let name = variable.get(3..)?;
    let (name, end) = name.strip_suffix("_FILE").map_or((name, ""), |name| (name, "_FILE"));
    let own = SETTINGS.iter().filter(|setting| setting.has_effect());
    let own = own.filter_map(|setting| setting.variables.first()?.strip_prefix("DJ_"));
    let found = alike(name, own).map(|near| format!("DJ_{near}{end}"));
    // One that is misspelt as a whole: `DJ_PASS_FIEL`, `DJ_DATABSE`.
    found.or_else(|| {
        let all: Vec<String> =
            crate::variables().flat_map(|known| [known.to_owned(), format!("{known}_FILE")]).collect();
        datajoint_definition::suggest(variable, all.iter().map(String::as_str)).map(str::to_owned)
    })
}

/// Takes a variable, and the file that the variable with `_FILE` after its name names.
fn read_one(
    variables: &BTreeMap<String, String>,
    variable: &str,
    setting: &'static Setting,
    found: &mut Found,
) {
    let own = variables.get(variable).map(|text| (text.clone(), Origin::Variable(variable.to_owned())));
    let file_variable = format!("{variable}_FILE");
    let from_file = variables.get(&file_variable).map(|path| {
        let origin = Origin::VariableFile { variable: file_variable.clone(), path: PathBuf::from(path) };
        (std::fs::read_to_string(path), origin)
    });
    if let Some((text, origin)) = &own {
        take(setting, text, origin.clone(), found);
    }
    match from_file {
        Some((Ok(text), origin)) => {
            let text = secrets::without_end(&text);
            if own.as_ref().is_some_and(|(own, _)| own != text) {
                let message =
                    format!("{variable} and {file_variable} say different things: unset one of them");
                found.faults.push(Fault { key: setting.key.to_owned(), origin, message });
            } else {
                take(setting, text, origin, found);
            }
        }
        Some((Err(error), origin)) => {
            // It may be the secret itself that was set in place of its file.
            let is_secret = setting.kind == Kind::Secret;
            let origin = if is_secret { Origin::Variable(file_variable.clone()) } else { origin };
            let message = format!("{file_variable} names a file that can't be read ({error}): correct it");
            found.faults.push(Fault { key: setting.key.to_owned(), origin, message });
        }
        None => {}
    }
}

fn take(setting: &'static Setting, text: &str, origin: Origin, found: &mut Found) {
    match setting.kind.read(text) {
        Ok(value) => found.give(setting.key, value, origin, false),
        Err(expected) => {
            let message = format!("`{}` must be {expected}", setting.key);
            found.faults.push(Fault { key: setting.key.to_owned(), origin, message });
        }
    }
}

fn read_group(variable: &str, group: &str, text: &str, found: &mut Found) {
    let origin = Origin::Variable(variable.to_owned());
    let Ok(Value::Object(entries)) = serde_json::from_str(text) else {
        let message = format!("{variable} must be a JSON object");
        found.faults.push(Fault { key: group.to_owned(), origin, message });
        return;
    };
    for (name, value) in entries {
        // Python wants the names of variables here, where there are any.
        let by_variable = SETTINGS.iter().find(|setting| setting.variables.contains(&name.as_str()));
        let key = by_variable.map_or_else(|| format!("{group}.{name}"), |setting| setting.key.to_owned());
        found.give(&key, value, origin.clone(), false);
    }
}

/// `MAIN__ACCESS_KEY` after `DJ_STORES__`; names of stores are in lower case, or as another variable has them.
fn read_store(variable: &str, place: &str, value: &str, found: &mut Found) {
    let origin = Origin::Variable(variable.to_owned());
    let place = place.to_lowercase();
    let key = match place.split_once("__") {
        Some((store, attribute)) => {
            let known = found.given.iter().find_map(|given| {
                let name = given.key.strip_prefix("stores.")?.split('.').next()?;
                name.eq_ignore_ascii_case(store).then(|| name.to_owned())
            });
            format!("stores.{}.{attribute}", known.unwrap_or_else(|| store.to_owned()))
        }
        None => format!("stores.{place}"),
    };
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Value::from(text),
    };
    found.give(&key, value, origin, false);
}
