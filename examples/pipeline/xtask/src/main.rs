//! `cargo xtask`: the commands for databases, with the tables of this pipeline.

fn main() -> std::process::ExitCode {
    datajoint_cli::Cli::parse().versions(pipeline::SCHEMA_VERSIONS).run::<pipeline::Pipeline>()
}
