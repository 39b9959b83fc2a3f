//! How what goes is confirmed on the command line.

use clap::Args;
use datajoint::{Dropped, Dropping};

use crate::text;

/// Options of the commands that destroy.
#[derive(Args)]
pub(crate) struct Confirm {
    /// Shows what would go, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Goes ahead without asking if what goes is the plan of this hash, which `--dry-run` shows.
    #[arg(long, value_name = "HASH")]
    yes_plan: Option<String>,
}

impl Confirm {
    /// Drops, or shows what would be dropped; `None` when nothing was to be done.
    ///
    /// Here somebody is asked whatever `safemode` is: a command is typed by hand, or names its plan.
    pub(crate) async fn carry_out(&self, dropping: impl Fn() -> Dropping) -> Result<Option<Dropped>, String> {
        if self.dry_run {
            let plan = dropping().plan().await.map_err(text)?;
            println!("{plan}\nplan {}", plan.hash());
            return Ok(None);
        }
        let dropping = match &self.yes_plan {
            Some(hash) => dropping().confirmed_plan(hash),
            None => dropping(),
        };
        dropping.await.map(Some).map_err(text)
    }
}
