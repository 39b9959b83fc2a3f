//! `cargo xtask tidy`: format, lints, layers and the size of files.

mod files;
mod layers;

use std::process::Command;

use clap::Args;

/// Checks what the compiler does not: format, lints, the arrows between crates, the size of files.
#[derive(Args)]
pub(crate) struct Tidy {
    /// Without rustfmt, clippy and rustdoc.
    #[arg(long)]
    structure: bool,
}

/// What it is called, the arguments of cargo, and variables.
type Check<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

impl Tidy {
    pub(crate) fn run(&self) -> Result<(), String> {
        let mut faults = layers::check()?;
        faults.extend(files::check()?);
        if !self.structure {
            let commands: [Check<'_>; 3] = [
                ("rustfmt", &["fmt", "--all", "--check"], &[]),
                ("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[]),
                ("rustdoc", &["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")]),
            ];
            for (name, arguments, variables) in commands {
                let mut command = Command::new(env!("CARGO"));
                let status = command.args(arguments).envs(variables.iter().copied()).status();
                if !status.map_err(|error| format!("cargo can't run: {error}"))?.success() {
                    faults.push(format!("{name} has findings: `cargo {}`", arguments.join(" ")));
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }
}
