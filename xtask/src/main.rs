//! The commands of this workspace: `cargo xtask COMMAND`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these commands speak to a person")]

mod bench;
mod forward;
mod interop;
mod new;
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
    New(new::New),
    Parse(parse::Parse),
    /// The settings as a program would have them: explain, check, init.
    Config(forward::Rest),
    /// The schemas of the database: list, drop.
    Schemas(forward::Rest),
    /// The environments that schemas are stamped with: list, stamp, unstamp.
    Guard(forward::Rest),
    /// Checks a deployment: settings, secrets, server, privileges.
    Verify(forward::Rest),
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Task::Test(task) => task.run(),
        Task::Tidy(task) => task.run(),
        Task::Interop(task) => task.run(),
        Task::New(task) => task.run(),
        Task::Parse(task) => task.run(),
        Task::Config(rest) => return rest.run("config"),
        Task::Schemas(rest) => return rest.run("schemas"),
        Task::Guard(rest) => return rest.run("guard"),
        Task::Verify(rest) => return rest.run("verify"),
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
