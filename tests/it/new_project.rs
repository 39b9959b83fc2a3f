//! `cargo xtask new` makes a project that works.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs cargo in a folder without settings of the environment.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = crate::cargo::cargo();
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name.starts_with("DJ_") || name == "CARGO_TARGET_DIR"
    }) {
        command.env_remove(name);
    }
    built_together(&mut command).output().unwrap()
}

/// What was built for an earlier project serves again. Nobody looks at it in a debugger.
fn built_together(command: &mut Command) -> &mut Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new_project");
    command.env("CARGO_TARGET_DIR", target).env("CARGO_PROFILE_DEV_DEBUG", "0")
}

fn text(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn a_new_project_compiles_passes_its_tests_and_runs() {
    let root = Path::new(ROOT);
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("my_lab");
    let new = |more: &[&str]| {
        let mut new = crate::cargo::cargo();
        new.args(["run", "--quiet", "--package", "xtask", "--", "new"]).args(more);
        new.current_dir(root).output().unwrap()
    };
    let here = [project.to_str().unwrap(), "--path", "."];
    let made = new(&here);
    assert!(made.status.success(), "{}", text(&made));
    let read = |file: &str| std::fs::read_to_string(project.join(file)).unwrap();
    assert!(read("docker/compose.yaml").contains("\nname: my_lab\n"), "two projects share no volumes");
    assert!(read(".dockerignore").contains(".secrets") && read(".gitignore").contains(".env\n"));
    assert!(read("docker/kubernetes.yaml").contains("name: my-lab-worker"));
    assert!(!read("docker/kubernetes.yaml").contains("kind: Secret"), "applied again it would be emptied");
    assert!(read("LICENSE").contains("License") && read("docs/index.md").starts_with("# my_lab"));
    assert!(read("docker/.env.example").contains("WORKER_UID"));

    let within = new(&["their_lab"]);
    assert!(text(&within).contains("inside of this checkout") && !root.join("their_lab").exists());
    let blank = folder.path().join("blank_lab");
    assert!(new(&[blank.to_str().unwrap(), "--blank"]).status.success());
    let manifest = std::fs::read_to_string(blank.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("git = \"") && !manifest.contains(root.to_str().unwrap()), "{manifest}");
    std::fs::remove_dir_all(&blank).unwrap();
    assert!(new(&[blank.to_str().unwrap(), "--blank", "--path", "."]).status.success());
    let sqlite = ["--no-default-features"];
    let run = cargo(&project, &[&["run", "--quiet"][..], &sqlite, &["--", "--demo", "data"]].concat());
    assert!(run.status.success(), "{}", text(&run));
    assert!(text(&run).contains("subject 2, method 2: 10 spikes in bright frames, 50 %"), "{}", text(&run));
    assert!(project.join("datajoint.sqlite").exists());

    let again = cargo(&project, &[&["run", "--quiet"][..], &sqlite].concat());
    assert!(text(&again).contains("Spikes: nothing to do"), "{}", text(&again));

    let tested = cargo(&project, &[&["test", "--quiet"][..], &sqlite].concat());
    assert!(tested.status.success(), "{}", text(&tested));

    let commands = [&["run", "--quiet", "--package", "my_lab-xtask"][..], &sqlite, &["--"]].concat();
    let run = |arguments: &[&str]| cargo(&project, &[&commands, arguments].concat());
    assert_eq!(text(&run(&["schemas", "list"])).lines().count(), 5);
    assert!(
        text(&run(&["status", "ephys"])).contains("ephys.__spikes"),
        "{}",
        text(&run(&["status", "ephys"]))
    );
    assert!(text(&run(&["populate", "ephys.Spikes"])).contains("Spikes: nothing to do"));
    let wrong = run(&["populate", "Spike"]);
    assert!(text(&wrong).contains("name one of ephys.Recording"), "{}", text(&wrong));

    // The hook of a release, twice: the second time nothing happens.
    let xtask = format!("cargo {}", commands.join(" "));
    let worker = format!("cargo run --quiet {} --", sqlite.join(" "));
    let hook = || {
        let mut hook = Command::new(project.join("deploy/hook.sh"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
            hook.env_remove(name);
        }
        built_together(&mut hook).env("XTASK", &xtask).env("WORKER", &worker);
        hook.env("ACCEPT", "embedded-database,create-tables-on");
        hook.stdin(Stdio::null()).output().unwrap()
    };
    let first = hook();
    assert!(first.status.success(), "{}", text(&first));
    assert!(!text(&first).contains("\n0 changed"), "{}", text(&first));
    let second = hook();
    assert!(second.status.success() && text(&second).contains("\n0 changed"), "{}", text(&second));

    let other = new(&here);
    assert!(text(&other).contains("is there already"), "{}", text(&other));

    let blank_runs = cargo(&blank, &[&["run", "--quiet"][..], &sqlite].concat());
    assert!(blank_runs.status.success() && text(&blank_runs).contains("subject"), "{}", text(&blank_runs));
    let blank_tests = cargo(&blank, &[&["test", "--quiet"][..], &sqlite].concat());
    assert!(blank_tests.status.success(), "{}", text(&blank_tests));
}

/// No container engine is needed for this: the files are read, and what they name is there.
#[test]
fn the_files_for_containers_name_what_is_there() {
    let docker = Path::new(ROOT).join("examples/pipeline/docker");
    let read = |name: &str| std::fs::read_to_string(docker.join(name)).unwrap();
    let variables: Vec<&str> =
        datajoint_config::SETTINGS.iter().flat_map(|setting| setting.variables).copied().collect();
    for file in ["compose.yaml", "kubernetes.yaml"] {
        let text = read(file);
        let named = text.split(|character: char| !(character.is_ascii_uppercase() || character == '_'));
        let named: Vec<&str> = named.filter(|word| word.starts_with("DJ_")).collect();
        assert!(!named.is_empty());
        for name in named {
            assert!(variables.contains(&name), "{file} sets {name}, which is no setting");
        }
    }
    assert!(read("Dockerfile").contains("release/worker") && docker.join("../src/bin/worker.rs").exists());
    assert!(
        read("Dockerfile").contains("release/pipeline-xtask") && docker.join("../xtask/Cargo.toml").exists()
    );
}
