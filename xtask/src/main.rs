//! The commands of this workspace: `cargo xtask COMMAND`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these commands speak to a person")]

mod bench;
mod book;
mod cargo;
mod forward;
mod interop;
mod new;
mod parse;
mod python;
mod seen;
mod servers;
mod test;
mod tidy;
mod tools;
mod wheel;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The commands of this workspace",
    after_help = "Any other command is one of `dj`, which works on databases: cargo xtask status, verify, deploy, doctor, \
                  query and more. `cargo run -p datajoint-cli -- help` lists them."
)]
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
    Bench(bench::Bench),
    Wheel(wheel::Wheel),
    Book(book::Book),
    /// The commands for databases, as `dj` has them: config, verify, deploy, doctor, query and more.
    #[command(external_subcommand)]
    Forwarded(Vec<String>),
}

fn main() -> ExitCode {
    if let Some(status) = tidy::as_rustdoc() {
        return status;
    }
    let outcome = match Arguments::parse().command {
        Task::Test(task) => task.run(),
        Task::Tidy(task) => task.run(),
        Task::Interop(task) => task.run(),
        Task::New(task) => task.run(),
        Task::Parse(task) => task.run(),
        Task::Forwarded(arguments) => return forward::run(&arguments),
        Task::Bench(task) => task.run(),
        Task::Wheel(task) => task.run(),
        Task::Book(task) => task.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
