//! The commands of this workspace: `cargo xtask COMMAND`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these commands speak to a person")]

mod bench;
mod config;
mod interop;
mod parse;
mod servers;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The commands of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    Test(test::Test),
    Tidy(tidy::Tidy),
    Interop(interop::Interop),
    Parse(parse::Parse),
    Config(config::Config),
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Task::Test(task) => task.run(),
        Task::Tidy(task) => task.run(),
        Task::Interop(task) => task.run(),
        Task::Parse(task) => task.run(),
        Task::Config(task) => task.run(),
        Task::Bench(task) => task.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
