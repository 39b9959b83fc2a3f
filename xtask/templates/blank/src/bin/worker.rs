//! Makes the database ready, and computes everything that is missing.

use std::error::Error;
use std::time::Duration;

use clap::Parser;
use datajoint::prelude::*;

/// Computes everything that is missing.
#[derive(Parser)]
struct Arguments {
    /// Goes on, and looks for what is new every so many seconds.
    #[arg(long, value_name = "SECONDS")]
    every: Option<u64>,
    /// How many keys are computed at once.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments = Arguments::parse();
    let settings = Settings::load()?;
    datajoint::log::init(&settings);
    let dj = Instance::connect(settings).await?;
    print!("{}", pipeline::initialize(&dj).await?);
    loop {
        for line in pipeline::populate(&dj, arguments.workers).await? {
            println!("{line}");
        }
        let Some(seconds) = arguments.every else { break };
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    Ok(())
}
