//! Whatever stands in a public signature can be named through the crate `datajoint` alone.
//!
//! The reachable items and the types of their signatures come from rustdoc's JSON, one file a crate. Its form changes
//! with the toolchain, so that only what is needed is read, by name.

mod documented;
mod reach;
mod signature;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use documented::Documented;

use crate::cargo::cargo;

/// The variable by which this program knows that cargo called it in the place of rustdoc.
const AS_RUSTDOC: &str = "XTASK_AS_RUSTDOC";

/// Crates whose types may stand in signatures without a name in the facade: the language's own.
const OF_THE_LANGUAGE: &[&str] = &["core", "std", "alloc", "proc_macro"];

/// Traits that keep others from being implemented elsewhere: nobody is to name them.
const SEALS: &[&[&str]] = &[&["datajoint_blob", "element", "codec", "Codec"]];

/// The types that stand in public signatures and have no public name.
pub(super) fn check() -> Result<Vec<String>, String> {
    let crates = document()?;
    let reached = reach::from(&crates, "datajoint")?;
    let mut faults = Vec::new();
    for (path, users) in signature::types(&crates, &reached.items) {
        let root = path.first().map_or("", String::as_str);
        let is_named =
            reached.names.contains(&path) || OF_THE_LANGUAGE.contains(&root) || reached.crates.contains(root);
        if !is_named && !SEALS.contains(&path.iter().map(String::as_str).collect::<Vec<_>>().as_slice()) {
            faults.push(format!(
                "`{}` stands in {}, and can't be named through `datajoint`: export it there, or hide what has it",
                path.join("::"),
                users.into_iter().take(3).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    println!("{} public names in the facade, {} types without one", reached.names.len(), faults.len());
    Ok(faults)
}

/// Every crate of the workspace that the facade may lead to, as rustdoc describes it.
fn document() -> Result<BTreeMap<String, Documented>, String> {
    let names = super::layers::below("datajoint");
    let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let mut command = cargo();
    command.args(["doc", "--quiet"]).args(super::WITH_ALL_FEATURES);
    let status = command.env("RUSTDOC", program).env(AS_RUSTDOC, "1").status();
    if !status.map_err(|error| format!("cargo can't run: {error}"))?.success() {
        return Err("rustdoc could not describe the crates".to_owned());
    }
    let read = |name: &&str| {
        let name = name.replace('-', "_");
        let documented = Documented::read(&crate::bench::target().join("doc").join(format!("{name}.json")))?;
        Ok((name, documented))
    };
    names.iter().map(read).collect()
}

/// Runs rustdoc as cargo asks for it, with JSON for its result, where this program was called in its place.
#[expect(clippy::disallowed_methods, reason = "cargo hands no argument on to rustdoc alone")]
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    std::env::var_os(AS_RUSTDOC)?;
    let rustdoc = Path::new(env!("CARGO")).with_file_name("rustdoc");
    // JSON is no stable form of output; the variable is for this one process, so that nothing is built anew.
    let status = Command::new(rustdoc)
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Zunstable-options", "--output-format", "json"])
        .args(std::env::args_os().skip(1))
        .status();
    Some(if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::documented::Documented;

    /// A facade that exports `shown` of the crate `inner`, whose one function takes a type of the same crate.
    fn unnamed(facade_exports: &serde_json::Value) -> Vec<String> {
        let summary = |path: &[&str], home: u8| json!({ "crate_id": home, "path": path, "kind": "any" });
        let inner = json!({ "root": 0, "index": {
            "0": { "visibility": "public", "inner": { "module": { "items": [1, 2] } } },
            "1": { "name": "shown", "visibility": "public", "inner": { "function": { "sig": { "inputs":
                [["it", { "resolved_path": { "path": "Taken", "id": 2 } }]] } } } },
            "2": { "name": "Taken", "visibility": "public", "inner": { "struct": { "impls": [] } } },
        }, "paths": { "1": summary(&["inner", "shown"], 0), "2": summary(&["inner", "hidden", "Taken"], 0) } });
        let exports: Vec<_> = facade_exports.as_array().into_iter().flatten().collect();
        let mut index = serde_json::Map::new();
        index.insert(
            "0".to_owned(),
            json!({ "visibility": "public", "inner": { "module": { "items": exports } } }),
        );
        for export in &exports {
            let used = export.as_u64().unwrap_or_default() - 10;
            let item =
                json!({ "visibility": "public", "inner": { "use": { "id": used, "is_glob": false } } });
            index.insert(export.to_string(), item);
        }
        let facade = json!({ "root": 0, "index": index, "paths": {
            "1": summary(&["inner", "shown"], 1), "2": summary(&["inner", "hidden", "Taken"], 1) } });
        let crates: BTreeMap<String, Documented> = [("inner", inner), ("facade", facade)]
            .map(|(name, described)| (name.to_owned(), Documented::new(described).unwrap()))
            .into();
        let reached = super::reach::from(&crates, "facade").unwrap();
        let types = super::signature::types(&crates, &reached.items);
        types.into_keys().filter(|path| !reached.names.contains(path)).map(|path| path.join("::")).collect()
    }

    #[test]
    fn a_type_that_a_signature_has_and_nothing_exports_is_found() {
        assert_eq!(unnamed(&json!([11])), ["inner::hidden::Taken"]);
        assert_eq!(unnamed(&json!([11, 12])), Vec::<String>::new());
    }
}
