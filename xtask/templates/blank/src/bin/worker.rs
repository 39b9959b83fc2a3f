//! Makes the database ready, and computes everything that is missing, together with every other worker.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use datajoint::Made;
use datajoint::prelude::*;

/// Computes everything that is missing, together with every other worker.
///
/// Exit status: 0 when no key is due (what is left, other workers have), 1 when keys failed, 143 when SIGTERM left keys to others.
#[derive(Parser)]
struct Arguments {
    /// Stays when nothing is left to compute, and waits for what is new until a signal ends it.
    #[arg(long)]
    stay: bool,
    /// How many keys are computed at once.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// How many seconds SIGTERM waits for the keys that are being computed, before they are given back.
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let arguments = Arguments::parse();
    let settings = Settings::load()?;
    datajoint::log::init(&settings);
    let dj = Instance::connect(settings).await?;
    print!("{}", pipeline::initialize(&dj).await?);
    let mut run = pipeline::populate().workers(arguments.workers).stay(arguments.stay);
    if let Some(seconds) = arguments.grace {
        run = run.grace(Duration::from_secs(seconds));
    }
    let made = run.run(&dj).await?;
    for table in &made {
        println!("{table}");
    }
    Ok(Made::exit_code(&made))
}
