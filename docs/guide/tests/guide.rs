//! The chapters hang together.

use std::collections::BTreeSet;
use std::fs;

use datajoint_guide::CHAPTERS;

const SUMMARY: &str = include_str!("../src/SUMMARY.md");

#[test]
fn the_summary_lists_every_chapter() {
    let listed: BTreeSet<String> = links(SUMMARY).map(|link| format!("src/{link}")).collect();
    let compiled: BTreeSet<String> = CHAPTERS.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(listed, compiled, "SUMMARY.md and guide.rs list other chapters");
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> =
        names.filter(|name| name != "SUMMARY.md").map(|name| format!("src/{name}")).collect();
    assert_eq!(there, compiled, "the folder and guide.rs have other chapters");
}

#[test]
fn every_link_leads_somewhere() {
    for (file, text) in CHAPTERS {
        for link in links(text).filter(|link| !link.starts_with("https://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let wanted = if path.is_empty() { (*file).to_owned() } else { format!("src/{path}") };
            let target = CHAPTERS.iter().find(|(file, _)| *file == wanted);
            let (_, target) = target.unwrap_or_else(|| panic!("{file}: there is no {path}"));
            let is_there =
                heading.is_empty() || prose(target).any(|line| anchor(line) == Some(heading.to_owned()));
            assert!(is_there, "{file}: {wanted} has no heading #{heading}");
        }
    }
}

/// GitHub shows them.
#[test]
fn no_example_has_hidden_lines() {
    for (file, text) in CHAPTERS {
        for example in text.split("\n```rust").skip(1) {
            let (example, _) = example.split_once("\n```").unwrap();
            let hidden = example.lines().find(|line| line.starts_with("# ") || *line == "#");
            assert_eq!(hidden, None, "{file}: put it into a template");
        }
    }
}

#[test]
fn every_template_is_used() {
    for template in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let path = template.unwrap().path();
        let fence = format!("```rust,{}\n", path.file_stem().unwrap().display());
        assert!(CHAPTERS.iter().any(|(_, text)| text.contains(&fence)), "{}", path.display());
    }
}

#[test]
fn every_setting_is_listed() {
    let (_, text) = CHAPTERS.iter().find(|(file, _)| file.ends_with("connecting.md")).unwrap();
    for setting in datajoint_config::SETTINGS {
        let key = format!("`{}`", setting.key);
        assert!(text.contains(&key), "{key} is not listed");
        let is_explained = text.lines().any(|line| line.starts_with(&format!("| {key} ")));
        let variable = setting.variables.first().copied().unwrap_or_default();
        assert!(!is_explained || text.contains(&format!("`{variable}`")), "{variable} is not listed");
        // Who writes one of some words has to know them.
        if let (true, datajoint_config::Kind::Choice(words)) = (is_explained, setting.kind) {
            for word in words {
                let is_named = text.contains(&format!("`{word}`"))
                    || text.contains(&format!("`{}`", word.to_lowercase()));
                assert!(is_named, "{key} takes {word}, which is not listed");
            }
        }
    }
    for variable in datajoint_config::variables() {
        assert!(
            is_accepted_alone(variable) || text.contains(&format!("`{variable}`")),
            "{variable} is not listed"
        );
    }
}

/// True for the variable of a setting that has no effect: the page lists the setting alone.
fn is_accepted_alone(variable: &str) -> bool {
    let mut settings = datajoint_config::SETTINGS.iter();
    settings.any(|setting| setting.variables.contains(&variable) && !setting.has_effect())
}

/// Every case that the comparison with Python names is one of the suite.
#[test]
fn every_case_that_is_named_is_run() {
    let suite = include_str!("../../../crates/datajoint-conformance/src/lib.rs");
    let (_, text) = CHAPTERS.iter().find(|(file, _)| file.ends_with("features.md")).unwrap();
    let named: Vec<&str> = text
        .split('`')
        .filter(|piece| {
            let parts = piece.split_once("::");
            parts.is_some_and(|(module, case)| {
                module.chars().chain(case.chars()).all(|c| c.is_lowercase() || c == '_')
            })
        })
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for case in named {
        assert!(suite.contains(&format!("            {case},")), "{case} is not in the suite");
    }
}

/// The lines outside of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What `](..)` leads to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| {
        line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link))
    })
}

/// The anchor of a heading.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let kept = heading.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    Some(kept.map(|character| if character == ' ' { '-' } else { character.to_ascii_lowercase() }).collect())
}
