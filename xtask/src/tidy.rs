//! `cargo xtask tidy`: format, lints, features, layers, the size of files, packages, dependencies, the book, and names for
//! all public types.

mod backends;
mod dependencies;
mod facade;
mod features;
mod files;
mod layers;
mod packages;

use clap::Args;

use crate::cargo::cargo;

pub(crate) use facade::as_rustdoc;

/// Checks what the compiler does not: format, lints, the arrows between crates, the size of files.
#[derive(Args)]
pub(crate) struct Tidy {
    /// Without rustfmt, clippy and rustdoc.
    #[arg(long)]
    structure: bool,
    /// Only whether every public type can be named through `datajoint`.
    #[arg(long, conflicts_with = "structure")]
    names: bool,
    /// Only whether the dependencies are what `deny.toml` allows.
    #[arg(long, conflicts_with_all = ["structure", "names"])]
    deny: bool,
}

/// Arguments by which `cargo doc` documents all libraries, from what clippy compiled: with an example, what they depend on has
/// the features that tests need.
const WITH_ALL_FEATURES: &[&str] =
    &["--workspace", "--all-features", "--no-deps", "--lib", "--bins", "--example", "ephys"];

/// What it is called, the arguments of cargo, and variables.
type Check<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

impl Tidy {
    pub(crate) fn run(&self) -> Result<(), String> {
        if self.deny {
            return told(&dependencies::check()?);
        }
        let mut faults = Vec::new();
        if !self.names {
            faults.extend(layers::check()?);
            faults.extend(files::check()?);
            faults.extend(backends::check()?);
            faults.extend(packages::check()?);
        }
        if !self.structure && !self.names {
            let commands: [Check<'_>; 4] = [
                ("rustfmt", &["fmt", "--all", "--check"], &[]),
                (
                    "clippy",
                    &["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"],
                    &[],
                ),
                ("rustdoc", &[&["doc"][..], WITH_ALL_FEATURES].concat(), &[("RUSTDOCFLAGS", "-D warnings")]),
                // The fuzz targets are a workspace of their own, whose lock nothing else looks at.
                ("fuzz", &["tree", "--locked", "--depth", "0", "--manifest-path", "fuzz/Cargo.toml"], &[]),
            ];
            for (name, arguments, variables) in commands {
                let mut command = cargo();
                let status = command.args(arguments).envs(variables.iter().copied()).status();
                if !status.map_err(|error| format!("cargo can't run: {error}"))?.success() {
                    faults.push(format!("{name} has findings: `cargo {}`", arguments.join(" ")));
                }
            }
        }
        if !self.structure && !self.names {
            faults.extend(features::check()?);
            faults.extend(dependencies::check()?);
            faults.extend(crate::book::check()?);
        }
        if !self.structure {
            faults.extend(facade::check()?);
        }
        told(&faults)
    }
}

/// A failure where there are faults.
fn told(faults: &[String]) -> Result<(), String> {
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
