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

/// What is counted: a number before these in a string has `datajoint_definition::count`, as one is no "1 rows".
const COUNTED: &[&str] =
    &["rows", "jobs", "keys", "tables", "schemas", "files", "objects", "attributes", "changes"];

/// The words that stand after a number in a string of a library, in a plural that may be wrong.
fn plurals(source: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        COUNTED.iter().copied().filter(move |noun| {
            line.match_indices(&format!("}} {noun}")).any(|(place, found)| {
                let rest = &line[place + found.len()..];
                !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
                    && line[..place].rfind('{').is_some_and(|open| !line[open..place].contains(' '))
            })
        })
    })
}

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
        if text.matches("proptest_config(").count() > text.matches("rng_seed").count() {
            faults.push(format!("{} has random cases without a seed: others fail each time", path.display()));
        }
        for (pattern, advice) in FORBIDDEN {
            if text.contains(pattern) {
                faults.push(format!("{} contains `{pattern}`: {advice}", path.display()));
            }
        }
        if path.components().any(|part| part.as_os_str() == "src") {
            lengths.push(length);
            // What only tests print is read by nobody else.
            if !path.starts_with("crates/datajoint-conformance") && !path.starts_with("xtask") {
                faults.extend(plurals(&text).map(|noun| {
                    format!("{} has a number before `{noun}`: write `count(number, …)`", path.display())
                }));
            }
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

pub(super) fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // A build folder is known by its tag: a module may be called `target` too.
        if path.is_dir() && !path.join("CACHEDIR.TAG").exists() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plurals;

    #[test]
    fn a_number_before_a_plural_is_found() {
        for (source, found) in [
            ("format!(\"{} rows of `{table}`\", rows)", &["rows"][..]),
            ("\"{rows:>3} keys\"", &["keys"]),
            ("\"{of} tableset, {of}rows, rows, {} row\"", &[]),
            ("/// \"{} rows\"", &[]),
            ("if x { y } rows", &[]),
        ] {
            assert_eq!(plurals(source).collect::<Vec<_>>(), found, "{source}");
        }
    }
}
