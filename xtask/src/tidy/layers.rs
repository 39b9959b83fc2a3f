//! The arrows between the crates: each imports only from layers above it in this table.

use serde_json::Value;

use crate::cargo::cargo;

/// Every published crate with its layer. A crate may depend on crates of a smaller number alone.
const LAYERS: &[(&str, u8)] = &[
    ("datajoint-definition", 0),
    ("datajoint-blob", 0),
    ("datajoint-config", 1),
    ("datajoint-schema", 1),
    ("datajoint-guard", 2),
    ("datajoint-lock", 2),
    ("datajoint-log", 2),
    ("datajoint-sql", 2),
    ("datajoint-store", 2),
    ("datajoint-macros-core", 3),
    ("datajoint-adapters", 3),
    ("datajoint-codec", 3),
    ("datajoint-macros", 4),
    ("datajoint-inventory", 4),
    ("datajoint-pipeline", 4),
    ("datajoint-jobs", 5),
    ("datajoint-diagram", 5),
    ("datajoint-arrow", 5),
    ("datajoint-transfer", 5),
    ("datajoint-plan", 5),
    ("datajoint-deploy", 6),
    ("datajoint-populate", 6),
    ("datajoint-fsck", 6),
    ("datajoint-gc", 6),
    ("datajoint-dashboard", 7),
    ("datajoint", 8),
    ("datajoint-conformance", 9),
    ("datajoint-cli", 9),
];

/// What only one crate may depend on.
const KEEPERS: &[(&str, &[&str])] = &[
    ("sqlx", &["datajoint-adapters", "datajoint-bench"]),
    ("syn", &["datajoint-macros-core"]),
    ("object_store", &["datajoint-store"]),
    ("arrow-array", &["datajoint-arrow"]),
    ("petgraph", &["datajoint-schema"]),
    ("figment", &["datajoint-config"]),
    ("sqlparser", &["datajoint-sql", "datajoint-conformance"]),
    ("tokio-postgres", &["datajoint-adapters"]),
    ("cap-std", &["datajoint-transfer"]),
    ("axum", &["datajoint-dashboard"]),
];

pub(super) fn check() -> Result<Vec<String>, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| format!("cargo can't run: {error}"))?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let members: Vec<&str> = packages.filter_map(|package| package["name"].as_str()).collect();
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies {
            let on = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            faults.extend(judge(name, on, for_tests, &members));
        }
        if name.starts_with("datajoint") && package["publish"].is_null() && layer(name).is_none() {
            faults.push(format!(
                "{name} stands in no layer: add it to xtask/src/tidy/layers.rs and ARCHITECTURE.md"
            ));
        }
    }
    Ok(faults)
}

/// The crates that are published.
pub(super) fn published() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().map(|(name, _)| *name)
}

/// The crates of a layer up to the one of `name`, that one included.
pub(super) fn below(name: &str) -> Vec<&'static str> {
    let top = layer(name).unwrap_or_default();
    LAYERS.iter().filter(|(_, layer)| *layer <= top).map(|(name, _)| *name).collect()
}

/// What is wrong with a dependency of one package of the workspace, whose packages are the `members`, on another one.
fn judge(name: &str, on: &str, for_tests: bool, members: &[&str]) -> Option<String> {
    // As a path it is not in what is published.
    if for_tests {
        return None;
    }
    if let Some((_, keepers)) = KEEPERS.iter().find(|(kept, _)| *kept == on)
        && !keepers.contains(&name)
    {
        return Some(format!("{name} depends on {on}, which is for {} alone", keepers.join(", ")));
    }
    let own = layer(name)?;
    let Some(other) = layer(on) else {
        // Nobody else has it.
        return members.contains(&on).then(|| {
            format!("{name} is published, and depends on {on} of this workspace, which is in no layer")
        });
    };
    (other >= own)
        .then(|| format!("{name} (layer {own}) depends on {on} (layer {other}): arrows only point downward"))
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn an_arrow_upward_is_found() {
        assert!(judge("datajoint-schema", "datajoint-sql", false, &[]).is_some());
        assert!(judge("datajoint-sql", "datajoint-schema", false, &[]).is_none());
    }

    #[test]
    fn a_published_crate_needs_none_that_is_not() {
        let members = ["datajoint-tests-lab", "datajoint-schema"];
        assert!(judge("datajoint-schema", "datajoint-tests-lab", false, &members).is_some());
        assert!(judge("datajoint-schema", "datajoint-tests-lab", true, &members).is_none());
        assert!(judge("datajoint-examples", "datajoint-tests-lab", false, &members).is_none());
        assert!(judge("datajoint-schema", "petgraph", false, &members).is_none());
    }

    #[test]
    fn sqlx_outside_its_keeper_is_found() {
        assert!(judge("datajoint-pipeline", "sqlx", false, &[]).is_some());
        assert!(judge("datajoint-adapters", "sqlx", false, &[]).is_none());
    }
}
