//! Makes the database ready, and computes everything that is missing.

#![allow(clippy::print_stdout, reason = "it speaks to a person, or to a log")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use datajoint::prelude::*;
use pipeline::{analysis, demo};

/// Computes everything that is missing.
#[derive(Parser)]
struct Arguments {
    /// Enters made-up recordings first, which it writes into this folder.
    #[arg(long, value_name = "FOLDER")]
    demo: Option<PathBuf>,
    /// Goes on, and looks for new sessions every so many seconds.
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
    if let Some(folder) = &arguments.demo {
        demo::enter(&dj, folder).await?;
    }
    loop {
        println!("{}", pipeline::populate(&dj, arguments.workers).await?.join("\n"));
        let Some(seconds) = arguments.every else { break };
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    for row in analysis::Correlation.order_by("subject_id, method_id").fetch(&dj).await? {
        println!(
            "subject {}, method {}: {} spikes in bright frames, {:.0} %",
            row.subject_id,
            row.method_id,
            row.bright_spikes,
            100.0 * row.fraction
        );
    }
    Ok(())
}
