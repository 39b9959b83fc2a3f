//! One side of the benchmark. It reads the names of workloads, and runs each when it is told to.
//!
//! `datajoint-bench ours|wire URL`; `cargo xtask bench` runs it. See [`clock`] for what is said.

#![expect(clippy::print_stdout, reason = "the answers are its output")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "its numbers are small and whole"
)]

mod clock;
mod data;
mod ours;
mod queue;
mod wire;

use std::process::ExitCode;

use serde_json::json;

use clock::{hear, say};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["memory", url] => ours::ten_million(url).await.map(|said| println!("{said}")),
        ["ours", url] => serve(ours::Side::connect(url).await).await,
        ["wire", url] => serve(wire::Side::connect(url).await).await,
        ["queue", url, keys] => match keys.parse() {
            Ok(keys) => queue::run(url, keys).await,
            Err(_) => Err(format!("{keys} is no number of keys").into()),
        },
        ["latency", url] => queue::latency(url).await,
        ["work", url, table, workers] => queue::work(url, table, workers.parse().unwrap_or(1)).await,
        _ => {
            println!("datajoint-bench ours|wire|memory URL, or queue URL KEYS, or latency URL");
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&json!({"error": error.to_string()}));
            ExitCode::FAILURE
        }
    }
}

/// One side of the benchmark.
trait Workloads {
    /// Runs a workload, and gives a number that is the same on all sides; `None` when the side has no such workload.
    async fn run(&mut self, workload: &str) -> Result<Option<f64>>;

    /// Drops what was made, and makes what workloads need.
    async fn begin(&mut self) -> Result<()>;

    /// Drops what was made.
    async fn end(&mut self) -> Result<()>;
}

async fn serve(side: Result<impl Workloads>) -> Result<()> {
    let mut side = side?;
    side.begin().await?;
    while let Some(workload) = hear()? {
        say(&match side.run(&workload).await {
            Ok(Some(check)) => json!({"check": check}),
            Ok(None) => json!({"missing": true}),
            Err(error) => json!({"error": error.to_string()}),
        });
    }
    side.end().await
}
