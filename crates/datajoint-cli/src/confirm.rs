//! How what goes is confirmed on the command line.

use clap::Args;
use datajoint::{Dropping, Plan};
use serde_json::json;

use crate::output::{count, print_json, say};
use crate::text;
use crate::wording::in_options;

/// Options of the commands that destroy.
#[derive(Args)]
pub(crate) struct Confirm {
    /// Shows what would go, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Goes ahead without asking if what goes is the plan of this hash, which `--dry-run` shows.
    #[arg(long, value_name = "HASH")]
    yes_plan: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Confirm {
    /// True when nothing is to be done.
    pub(crate) const fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// The plan that was confirmed.
    pub(crate) fn hash(&self) -> Option<&str> {
        self.yes_plan.as_deref()
    }

    /// Shows what would go.
    pub(crate) fn show(&self, plan: &Plan, command: &str) {
        show(plan, command, self.json);
    }

    /// Drops, or shows what would be dropped, and says so.
    ///
    /// Here somebody is asked whatever `safemode` is: a command is typed by hand, or names its plan.
    pub(crate) async fn drop(&self, command: &str, dropping: impl Fn() -> Dropping) -> Result<(), String> {
        if self.dry_run {
            self.show(&dropping().plan().await.map_err(text)?, command);
            return Ok(());
        }
        let dropping = match &self.yes_plan {
            Some(hash) => dropping().confirmed_plan(hash),
            None => dropping(),
        };
        let dropped = dropping.await.map_err(|error| in_options(&error))?;
        if self.json {
            let names: Vec<String> = dropped.iter().map(ToString::to_string).collect();
            print_json(command, [("tables", json!(names))]);
        } else {
            let hidden = dropped.iter().filter(|table| table.is_hidden()).count();
            // As the plan counts them, which shows what users see.
            let tables = count(dropped.len() - hidden, "table");
            match hidden {
                0 => say!("dropped {tables}"),
                hidden => say!("dropped {tables}, with {}", count(hidden, "hidden table")),
            }
        }
        Ok(())
    }
}

/// Shows what would go.
pub(crate) fn show(plan: &Plan, command: &str, as_json: bool) {
    if !as_json {
        say!("{plan}\nplan {}", plan.hash());
        return;
    }
    let tables: Vec<_> = plan
        .tables
        .iter()
        .map(|going| {
            json!({
                "table": going.table, "rows": going.rows, "bytes": going.bytes,
                "objects": going.objects, "object_bytes": going.object_bytes,
            })
        })
        .collect();
    print_json(
        command,
        [
            ("plan", json!(plan.hash())),
            ("database", json!(plan.database)),
            ("restriction", json!(plan.restriction)),
            ("rows", json!(plan.rows())),
            ("tables", json!(tables)),
        ],
    );
}
