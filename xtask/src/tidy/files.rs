//! The size of the source files, and what must not stand in them.

use std::path::{Path, PathBuf};

/// No source file is longer.
const LONGEST: usize = 600;

/// Half of the source files are no longer.
const MEDIAN: usize = 150;

/// What must not be in a source file, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("to", "do!("), "finish it"),
    (concat!("unimpl", "emented!("), "finish it"),
    (concat!("FIX", "ME"), "mend it, or say what is missing in the documentation"),
    (concat!("#[", "ignore"), "a test that never runs shows nothing"),
];

pub(super) fn check() -> Result<Vec<String>, String> {
    let mut sources = Vec::new();
    for folder in ["crates", "examples", "tests", "xtask"] {
        collect(Path::new(folder), &mut sources).map_err(|error| format!("{folder}: {error}"))?;
    }
    let mut faults = Vec::new();
    let mut lengths = Vec::new();
    for path in sources {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let length = text.lines().count();
        if length > LONGEST {
            faults.push(format!("{} has {length} lines; split it (at most {LONGEST})", path.display()));
        }
        if path.ends_with("mod.rs") {
            faults.push(format!("{}: write `name.rs` beside `name/`", path.display()));
        }
        for (pattern, advice) in FORBIDDEN {
            if text.contains(pattern) {
                faults.push(format!("{} contains `{pattern}`: {advice}", path.display()));
            }
        }
        if path.components().any(|part| part.as_os_str() == "src") {
            lengths.push(length);
        }
    }
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let longest = lengths.last().copied().unwrap_or_default();
    println!("{} source files: median {median} lines, longest {longest}", lengths.len());
    if median > MEDIAN {
        faults.push(format!("the median source file has {median} lines; aim at {MEDIAN} at most"));
    }
    Ok(faults)
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}
