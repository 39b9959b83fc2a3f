//! `cargo xtask new NAME`: a project of one's own, as `examples/pipeline` is laid out.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

/// What is not part of a project.
const LEFT_OUT: &[&str] = &["target", "data", ".secrets", "Cargo.toml", "Cargo.lock"];

/// Makes a pipeline project: modules for schemas, a worker, tests, settings, containers, and its own `cargo xtask`.
#[derive(Args)]
pub(crate) struct New {
    /// The name of the project, in lower case; also that of its folder.
    name: String,
    /// The folder in which the project's folder is made.
    #[arg(long, default_value = ".")]
    directory: PathBuf,
    /// Where `datajoint` is: a checkout of this workspace.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    datajoint: PathBuf,
}

impl New {
    pub(crate) fn run(&self) -> Result<(), String> {
        let is_name = |text: &str| {
            let mut characters = text.chars();
            characters.next().is_some_and(|first| first.is_ascii_lowercase())
                && characters.all(|rest| rest.is_ascii_lowercase() || rest.is_ascii_digit() || rest == '_')
        };
        if !is_name(&self.name) || self.name == "datajoint" {
            return Err(format!("`{}` is no name for a project: write it like `my_pipeline`", self.name));
        }
        let folder = self.directory.join(&self.name);
        if folder.exists() {
            return Err(format!("{} is there already", folder.display()));
        }
        let library = self.datajoint.canonicalize().map_err(|error| fault(&self.datajoint, &error))?;
        let template = library.join("examples").join("pipeline");
        copy(&template, &folder, &self.name)?;
        write(&folder.join("Cargo.toml"), &manifest(&self.name, &library))?;
        write(&folder.join("xtask").join("Cargo.toml"), &manifest_of_commands(&self.name, &library))?;
        // The versions that were tested together.
        let lock = library.join("Cargo.lock");
        fs::copy(&lock, folder.join("Cargo.lock")).map_err(|error| fault(&lock, &error))?;
        println!("made {}\n\n  cd {}\n  cargo run -- --demo data", folder.display(), folder.display());
        Ok(())
    }
}

/// Copies files and folders, which then speak of another crate.
fn copy(from: &Path, to: &Path, name: &str) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| fault(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| fault(from, &error))? {
        let path = entry.map_err(|error| fault(from, &error))?.path();
        let Some(file) = path.file_name().filter(|file| !LEFT_OUT.iter().any(|left| file == left)) else {
            continue;
        };
        let target = to.join(file);
        if path.is_dir() {
            copy(&path, &target, name)?;
        } else if path.extension().is_none_or(|extension| !extension.to_string_lossy().starts_with("sqlite"))
        {
            let text = fs::read_to_string(&path).map_err(|error| fault(&path, &error))?;
            write(&target, &renamed(&text, name))?;
            // A script stays one.
            let permissions = fs::metadata(&path).map_err(|error| fault(&path, &error))?.permissions();
            fs::set_permissions(&target, permissions).map_err(|error| fault(&target, &error))?;
        }
    }
    Ok(())
}

/// The text with the name of the crate where the template has its own.
fn renamed(text: &str, name: &str) -> String {
    let text = text.replace("use pipeline::", &format!("use {name}::"));
    // A path within code; `Pipeline::` is the list of tables.
    let text = text.replace(" pipeline::", &format!(" {name}::"));
    let text =
        text.replace("<pipeline::", &format!("<{name}::")).replace("(pipeline::", &format!("({name}::"));
    let text = text.replace("pipeline-xtask", &format!("{name}-xtask"));
    let text = text.replace("# pipeline\n", &format!("# {name}\n"));
    text.replace("image: pipeline:", &format!("image: {name}:"))
}

/// The manifest of a project that stands alone.
fn manifest(name: &str, library: &Path) -> String {
    let library = library.display();
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false
default-run = "worker"

[features]
default = ["mysql", "postgres"]
mysql = ["datajoint/mysql"]
postgres = ["datajoint/postgres"]

[dependencies]
clap = {{ version = "4.6", features = ["derive"] }}
datajoint = {{ path = "{library}/crates/datajoint", features = ["log"] }}
tokio = {{ version = "1.54", features = ["rt-multi-thread", "macros", "time"] }}

[dev-dependencies]
tempfile = "3.27"

[lints.rust]
unsafe_code = "forbid"

[workspace]
members = ["xtask"]
default-members = [".", "xtask"]
"#
    )
}

/// The manifest of the project's own `cargo xtask`.
fn manifest_of_commands(name: &str, library: &Path) -> String {
    let library = library.display();
    format!(
        r#"[package]
name = "{name}-xtask"
version = "0.1.0"
edition = "2024"
publish = false

[features]
default = ["mysql", "postgres"]
mysql = ["{name}/mysql", "datajoint-cli/mysql"]
postgres = ["{name}/postgres", "datajoint-cli/postgres"]

[dependencies]
datajoint-cli = {{ path = "{library}/crates/datajoint-cli", default-features = false, features = ["sqlite"] }}
{name} = {{ path = "..", default-features = false }}

[lints.rust]
unsafe_code = "forbid"
"#
    )
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| fault(path, &error))
}

fn fault(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
