//! Which files name a backend. All others ask its dialect or its capabilities, so that another backend is a row of facts
//! and a room of its own, not a search through the house.

use std::path::Path;

/// The crates that speak to databases, whose files by backend stand side by side.
const ROOMS: &[&str] = &["crates/datajoint-sql/src", "crates/datajoint-adapters/src"];

/// How files and folders are called that are of one backend.
const OF_ONE_BACKEND: &[&str] = &["mysql", "postgres", "sqlite"];

/// Other files that name one, and why. None is added: a caller gets a capability, or a function of the dialect.
const FILES: &[(&str, &str)] = &[
    ("crates/datajoint-definition/src/backend.rs", "it is the list of them"),
    ("crates/datajoint-definition/src/capability.rs", "it is the table of their facts"),
    (
        "crates/datajoint-definition/src/check/backend.rs",
        "which native types are one's own is part of the language",
    ),
    ("crates/datajoint-config/src/settings.rs", "settings without a backend mean one of them"),
];

/// Folders some of whose files name one: how many at most, and why. The numbers only fall.
const FOLDERS: &[(&str, usize, &str)] = &[
    ("crates/datajoint-deploy/src", 15, "what it deploys, one server alone has"),
    (
        "crates/datajoint-plan/src",
        3,
        "its lock, its journal and what blocks it are told by each server in words of its own",
    ),
    (PROVOKING, 36, "it provokes each server with statements of its own"),
];

/// What provokes servers with statements of its own may have an arm for the rest: what it provokes, one of them does.
const PROVOKING: &str = "crates/datajoint-conformance/src";

/// The variants.
const BACKENDS: &[&str] = &["Sqlite", "Mysql", "Mariadb", "Postgresql"];

pub(super) fn check() -> Result<Vec<String>, String> {
    let mut sources = Vec::new();
    super::files::collect(Path::new("crates"), &mut sources).map_err(|error| format!("crates: {error}"))?;
    let (mut faults, mut named) = (Vec::new(), Vec::new());
    for path in sources {
        let place = path.to_string_lossy().replace('\\', "/");
        if !place.contains("/src/") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{place}: {error}"))?;
        if names_backend(&text) && !is_of_one_backend(&path) {
            named.push(place.clone());
        }
        if !place.starts_with(PROVOKING) {
            faults.extend(open_arms(&text).into_iter().map(|line| {
                format!(
                    "{place}:{line} stands for backends that it doesn't name: name them, or ask a capability"
                )
            }));
        }
    }
    named.retain(|place| !ROOMS.iter().any(|room| place.starts_with(room)));
    for (folder, most, _) in FOLDERS {
        let found = named.iter().filter(|place| place.starts_with(folder)).count();
        if found > *most {
            faults.push(format!("{folder}: {found} files name a backend, {most} may: ask a capability"));
        }
    }
    for place in named.iter().filter(|place| !FOLDERS.iter().any(|(folder, ..)| place.starts_with(folder))) {
        if !FILES.iter().any(|(file, _)| file == place) {
            faults.push(format!("{place} names a backend: ask a capability, or a function of the dialect"));
        }
    }
    for (file, _) in FILES {
        if !named.iter().any(|place| place == file) {
            faults.push(format!("{file} names no backend any more: strike it off the list in xtask"));
        }
    }
    println!("{} files outside the rooms of backends name one", named.len());
    Ok(faults)
}

/// True for code, comments left aside, that names a backend.
fn names_backend(source: &str) -> bool {
    let mut code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.any(|line| {
        line.match_indices("Backend::").any(|(place, found)| {
            let rest = &line[place + found.len()..];
            let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
            BACKENDS.contains(&&rest[..end])
        })
    }) || source.contains("Self::Postgresql =>")
}

fn is_of_one_backend(path: &Path) -> bool {
    path.iter().any(|part| {
        let name = part.to_string_lossy();
        OF_ONE_BACKEND.iter().any(|backend| name.starts_with(backend))
    })
}

/// The lines of arms for everything else beside arms that name a backend.
fn open_arms(source: &str) -> Vec<usize> {
    let lines: Vec<(usize, &str)> =
        source.lines().map(|line| (line.len() - line.trim_start().len(), line.trim_start())).collect();
    let mut found = Vec::new();
    for (place, (depth, text)) in lines.iter().enumerate() {
        let Some(part) = part_with_backend(text) else { continue };
        let is_within = |&(_, (other, text)): &(usize, &(usize, &str))| text.is_empty() || other >= depth;
        let before = lines.iter().enumerate().take(place).rev().take_while(is_within);
        let after = lines.iter().enumerate().skip(place + 1).take_while(is_within);
        let is_open = |(_, (other, text)): &(usize, &(usize, &str))| {
            let is_any = |pattern: &str| pattern == "_" || is_name(pattern);
            other == depth
                && patterns(text)
                    .is_some_and(|all| all.get(part).or(all.first()).is_some_and(|it| is_any(it)))
        };
        found.extend(before.chain(after).filter(is_open).map(|(line, _)| line + 1));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The patterns of an arm: one, or those of its tuple.
fn patterns(line: &str) -> Option<Vec<&str>> {
    let (pattern, _) = line.split_once("=>")?;
    let pattern = pattern.split(" if ").next()?.trim();
    let tuple = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    Some(tuple.map_or_else(|| vec![pattern], |parts| parts.split(", ").collect()))
}

/// The place of the pattern that names a backend, in an arm that has one.
fn part_with_backend(line: &str) -> Option<usize> {
    patterns(line)?.iter().position(|pattern| {
        pattern.strip_prefix("datajoint_definition::").unwrap_or(pattern).starts_with("Backend::")
    })
}

/// True for a name that stands for every value.
fn is_name(pattern: &str) -> bool {
    pattern.starts_with(|letter: char| letter.is_ascii_lowercase())
        && pattern.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::{names_backend, open_arms};

    #[test]
    fn a_backend_is_found_in_code_alone() {
        for (source, is_named) in [
            ("if backend == Backend::Sqlite {", true),
            ("    /// assert_eq!(parameter_limit(Backend::Sqlite), 32_766);", false),
            ("for backend in Backend::ALL {", false),
            ("backend.capability().has_row_locks", false),
        ] {
            assert_eq!(names_backend(source), is_named, "{source}");
        }
    }

    #[test]
    fn an_arm_for_everything_else_is_found_beside_one_that_names_a_backend() {
        let open = "match backend {\n    Backend::Sqlite => {\n        1\n    }\n    _ => 2,\n}";
        assert_eq!(open_arms(open), [5]);
        let whole = "match backend {\n    Backend::Sqlite => match x {\n        _ => 1,\n    },\n    Backend::Mysql => 2,\n}";
        assert!(open_arms(whole).is_empty());
        let tuple = "match (backend, role) {\n    (Backend::Sqlite, Role::Admin) if x => 1,\n    (Backend::Mysql, _) => 2,\n    \
                     (_, Role::Viewer) => 3,\n    (backend, _) => 4,\n    _ => 5,\n}";
        assert_eq!(open_arms(tuple), [4, 5, 6]);
        let other = "match x {\n    _ => 1,\n}\nmatch backend {\n    Backend::Sqlite => 2,\n}";
        assert!(open_arms(other).is_empty());
    }
}
