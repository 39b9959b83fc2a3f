//! `cargo xtask new PATH`: a project of one's own, as `examples/pipeline` is laid out, or a blank one.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

mod manifests;

/// What is not part of a project.
const LEFT_OUT: &[&str] = &["target", "data", ".secrets", ".env", "Cargo.toml", "Cargo.lock"];

/// What of the example is about its own tables, and not in a blank project.
const OF_THE_EXAMPLE: &[&str] = &["src", "tests", "README.md", "server.toml", "postgres.toml"];

/// The workspace of the library.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Makes a pipeline project: modules for schemas, a worker, tests, settings, containers, and its own `cargo xtask`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask new ../my_lab\n  cargo xtask new ~/pipelines/my_lab --blank\n  \
                        cargo xtask new ../my_lab --path ."
)]
pub(crate) struct New {
    /// The folder of the project, outside of this checkout; its last part, in lower case, is the name of the project.
    folder: PathBuf,
    /// Makes one schema with one table instead of the tables of the example.
    #[arg(long)]
    blank: bool,
    /// Depends on a checkout of this workspace in this folder, instead of the repository.
    #[arg(long, value_name = "FOLDER")]
    path: Option<PathBuf>,
}

impl New {
    pub(crate) fn run(&self) -> Result<(), String> {
        let is_name = |text: &str| {
            let mut characters = text.chars();
            characters.next().is_some_and(|first| first.is_ascii_lowercase())
                && characters.all(|rest| rest.is_ascii_lowercase() || rest.is_ascii_digit() || rest == '_')
        };
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        if !is_name(&name) || name == "datajoint" {
            return Err(format!("`{name}` is no name for a project: write it like `../my_pipeline`"));
        }
        let folder = self.place(&name)?;
        if folder.exists() {
            return Err(format!("{} is there already", folder.display()));
        }
        let library = match &self.path {
            Some(path) => Some(path.canonicalize().map_err(|error| fault(path, &error))?),
            None => None,
        };
        let example = Path::new(ROOT).join("examples/pipeline");
        let left_out = if self.blank { [LEFT_OUT, OF_THE_EXAMPLE].concat() } else { LEFT_OUT.to_vec() };
        // The project's own commands have their sources in `src`, too.
        copy(&example, &folder, &name, &left_out)?;
        if self.blank {
            copy(&example.join("xtask"), &folder.join("xtask"), &name, LEFT_OUT)?;
            copy(&Path::new(ROOT).join("xtask/templates/blank"), &folder, &name, LEFT_OUT)?;
        }
        let library = library.map(|library| from_to(&folder, &library));
        write(&folder.join("Cargo.toml"), &manifests::project(&name, library.as_deref()))?;
        write(&folder.join("xtask/Cargo.toml"), &manifests::commands(&name, library.as_deref()))?;
        for file in ["LICENSE", "Cargo.lock"] {
            // The versions of the lock file were tested together.
            let from = Path::new(ROOT).join(file);
            fs::copy(&from, folder.join(file)).map_err(|error| fault(&from, &error))?;
        }
        let first = if self.blank { "cargo run" } else { "cargo run -- --demo data" };
        println!("made {}\n\n  cd {}\n  {first}", folder.display(), folder.display());
        Ok(())
    }

    /// Where the project is made: never within this checkout, whose workspace it would become a part of.
    fn place(&self, name: &str) -> Result<PathBuf, String> {
        let parent = match self.folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(|error| fault(parent, &error))?;
        let parent = parent.canonicalize().map_err(|error| fault(parent, &error))?;
        let root = Path::new(ROOT).canonicalize().map_err(|error| fault(Path::new(ROOT), &error))?;
        if parent.starts_with(&root) {
            let beside = root.parent().unwrap_or(&root).join(name);
            return Err(format!(
                "{} is inside of this checkout: give a folder outside, such as {}",
                parent.join(name).display(),
                beside.display()
            ));
        }
        Ok(parent.join(name))
    }
}

/// A folder as it is reached from another one.
fn from_to(from: &Path, to: &Path) -> String {
    let same = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(same).map(|_| "..".to_owned());
    let down = to.components().skip(same).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Copies files and folders, which then speak of another crate.
fn copy(from: &Path, to: &Path, name: &str, left_out: &[&str]) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| fault(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| fault(from, &error))? {
        let path = entry.map_err(|error| fault(from, &error))?.path();
        let Some(file) = path.file_name().filter(|file| !left_out.iter().any(|left| file == left)) else {
            continue;
        };
        let target = to.join(file);
        if path.is_dir() {
            copy(&path, &target, name, left_out)?;
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
    // Objects of Kubernetes have no `_` in their names.
    let text = text.replace("pipeline-worker", &format!("{}-worker", name.replace('_', "-")));
    let text = text.replace("pipeline-database", &format!("{}-database", name.replace('_', "-")));
    let text = text.replace("pipeline-xtask", &format!("{name}-xtask"));
    let text = text.replace("# pipeline\n", &format!("# {name}\n"));
    let text = text.replace("\nname: pipeline\n", &format!("\nname: {name}\n"));
    text.replace("image: pipeline:", &format!("image: {name}:"))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| fault(path, &error))
}

fn fault(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
