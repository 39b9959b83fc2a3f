//! Whether what rows refer to lies in the stores.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use datajoint::fsck::Fsck as Comparison;
use serde_json::json;

use crate::output::{print_value, say};
use crate::{Outcome, connect, text};

/// Compares what rows refer to with what lies in the stores, and changes nothing. The exit status is 1 when an object is missing
/// or not what was written, and 2 when there are only objects that no row refers to.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj fsck\n  dj fsck ephys --read-all\n  dj fsck --sample 5 --json")]
pub(crate) struct Fsck {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Reads every object, and compares it with what was written.
    #[arg(long)]
    read_all: bool,
    /// Reads so many of a hundred objects, each time the same ones.
    #[arg(long, value_name = "PERCENT", conflicts_with = "read_all", value_parser = clap::value_parser!(u8).range(1..=100))]
    sample: Option<u8>,
    /// Objects that no row refers to are told when they are older than so many hours: rows may be on their way.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    older_than: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Fsck {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let age = Duration::from_secs(self.older_than.saturating_mul(3600));
        let share = if self.read_all { 100 } else { self.sample.unwrap_or(0) };
        let comparison = Comparison::of(&dj).schemas(&self.schemas).older_than(age);
        let report = comparison.sample(f64::from(share) / 100.0).run().await.map_err(text)?;
        if self.json {
            print_value("fsck", json!(report));
        } else {
            say!("{report}");
        }
        Ok(ExitCode::from(report.exit_status()))
    }
}
