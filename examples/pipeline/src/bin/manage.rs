//! `cargo xtask`: settings, schemas, guards and the check of a deployment, with the tables of this pipeline.

use std::process::ExitCode;

use clap::Parser as _;
use datajoint::Pipeline as _;
use datajoint_cli::Cli;
use pipeline::{Pipeline, SCHEMA_VERSIONS};

fn main() -> ExitCode {
    Cli::parse().versions(SCHEMA_VERSIONS).run(&Pipeline::specs())
}
