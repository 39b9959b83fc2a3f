//! `dj`: the commands for any DataJoint database. A pipeline that links its tables has them as its own `cargo xtask`.

use std::process::ExitCode;

use datajoint_cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run_without_tables()
}
