//! Objects that no row refers to.

use std::time::Duration;

use clap::{Args, Subcommand};
use datajoint::gc::{Collection, LockPolicy};

use crate::deploy::show;
use crate::{Outcome, connect, text};

/// Collects objects in stores that no row refers to: quarantine, grace, purge. Each run does what is due.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  dj gc plan\n  dj gc apply --plan HASH\n  dj gc plan ephys --most 30 --json"
)]
pub(crate) struct Gc {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows what would be done; the exit status is 0 when that is nothing, and 2 when there is something to do.
    Plan(What),
    /// Does it; the exit status is 1 when something failed.
    Apply {
        #[command(flatten)]
        what: What,
        /// Only if what would be done is the plan of this hash, which `plan` shows.
        #[arg(long, value_name = "HASH")]
        plan: Option<String>,
        /// How long to wait for another collection to end, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
    },
}

#[derive(Args)]
struct What {
    /// The schemas whose objects are collected; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Leaves objects alone that are younger than so many hours: longer than any transaction or staged insert lasts.
    #[arg(long, value_name = "HOURS", default_value_t = 48, value_parser = clap::value_parser!(u64).range(2..=87_600))]
    older_than: u64,
    /// Purges what has been in quarantine for so many hours.
    #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u64).range(2..=87_600))]
    grace: u64,
    /// Stops where no row refers to more than so many of a hundred objects of a schema.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    most: u8,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl What {
    async fn collection(&self) -> Result<Collection, String> {
        let hours = |hours| Duration::from_secs(3600 * hours);
        let collection = Collection::of(&connect().await?).schemas(&self.schemas).most(self.most);
        Ok(collection.older_than(hours(self.older_than)).grace(hours(self.grace)))
    }
}

impl Gc {
    pub(crate) async fn run(&self) -> Outcome {
        match &self.task {
            Task::Plan(what) => {
                let plan = what.collection().await?.plan().await.map_err(text)?;
                Ok(show("gc plan", &plan, what.json))
            }
            Task::Apply { what, plan, wait } => {
                let policy = LockPolicy { busy: Duration::from_secs(*wait), ..LockPolicy::default() };
                let collection = what.collection().await?.lock_policy(policy);
                let applied = collection.apply(plan.as_deref()).await.map_err(text)?;
                Ok(show("gc apply", &applied, what.json))
            }
        }
    }
}
