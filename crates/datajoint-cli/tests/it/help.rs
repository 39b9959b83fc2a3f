//! What each command says of itself.

use datajoint_cli::Cli;

fn collect(command: &mut clap::Command, path: &str, pages: &mut Vec<(String, String)>) {
    let path = if path.is_empty() {
        command.get_name().to_owned()
    } else {
        format!("{path} {}", command.get_name())
    };
    pages.push((path.clone(), command.clone().bin_name(&path).render_long_help().to_string()));
    for inner in command.get_subcommands_mut().filter(|inner| inner.get_name() != "help") {
        collect(inner, &path, pages);
    }
}

fn pages() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut command = Cli::command().term_width(100);
    command.build();
    collect(&mut command, "", &mut pages);
    pages
}

#[test]
fn every_command_says_what_it_does() {
    let pages: Vec<String> =
        pages().into_iter().map(|(path, page)| format!("### {path}\n\n{page}")).collect();
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn every_command_at_the_top_has_an_example() {
    for command in Cli::command().get_subcommands() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(after.contains("Example"), "{} has no example", command.get_name());
    }
}

#[test]
fn there_are_completions_and_pages_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| super::datajoint(folder.path(), &[], arguments);
    for shell in ["bash", "zsh", "fish"] {
        let (done, said) = run(&["completions", shell]);
        assert!(done && said.contains("replica-identity"), "{shell}: {said}");
    }
    assert!(run(&["man", "."]).0);
    let page = std::fs::read_to_string(folder.path().join("dj-deploy-apply.1")).unwrap();
    assert!(page.contains("lock\\-timeout"), "{page}");
}

#[test]
fn the_guide_lists_every_command() {
    let page = include_str!("../../../../docs/guide/src/commands.md");
    for command in Cli::command().get_subcommands() {
        assert!(
            page.contains(&format!("`{}", command.get_name())),
            "{} is not in the guide",
            command.get_name()
        );
    }
}
