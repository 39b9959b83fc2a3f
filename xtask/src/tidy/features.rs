//! Whether each feature of what users depend on compiles alone, without warnings.

use serde_json::Value;

use crate::cargo::cargo;

/// The crate whose features are turned on one by one.
const LIBRARY: &str = "datajoint";

/// The crate that is compiled without any: each of its features is one of the library, and turns on no code of its own.
const COMMANDS: &str = "datajoint-cli";

/// The features that do not compile alone.
pub(super) fn check() -> Result<Vec<String>, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| format!("cargo can't run: {error}"))?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let Some(name) = package["name"].as_str().filter(|name| [LIBRARY, COMMANDS].contains(name)) else {
            continue;
        };
        let features =
            package["features"].as_object().into_iter().flatten().map(|(feature, _)| feature.as_str());
        let features = features.filter(|_| name == LIBRARY);
        for feature in [""].into_iter().chain(features.filter(|feature| *feature != "default")) {
            let mut command = cargo();
            command.args([
                "clippy",
                "--quiet",
                "--package",
                name,
                "--no-default-features",
                "--features",
                feature,
            ]);
            let status = command.args(["--", "-D", "warnings"]).status();
            if !status.map_err(|error| format!("cargo can't run: {error}"))?.success() {
                let alone =
                    if feature.is_empty() { "no feature".to_owned() } else { format!("`{feature}` alone") };
                faults.push(format!("{name} with {alone} has findings"));
            }
        }
    }
    Ok(faults)
}
