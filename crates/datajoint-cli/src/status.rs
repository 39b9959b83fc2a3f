//! How far everything is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use datajoint::Instance;
use datajoint::dashboard::{Dashboard, Overview, Rates, TableOverview};
use serde_json::json;

use crate::columns::schemas;
use crate::jobs::as_text;
use crate::output::{line, print_finding, print_json, print_table, say};
use crate::{Outcome, Program, connect, text};

/// Shows the tables with the number of their rows, how far those that fill themselves are, and their jobs.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  dj status\n  dj status lab ephys --json\n  dj status --watch 5\n  dj status --serve"
)]
pub(crate) struct Status {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Shows it again every so many seconds, with the rate and the time left, until it is ended.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    /// Serves it as a page for the browser, with the graph, failures and workers, until it is ended; to this machine, at port
    /// 8780, unless an address is given.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8780",
          conflicts_with_all = ["watch", "json"])]
    serve: Option<SocketAddr>,
    /// Asks those who open the page for the token in this file; where others than this machine reach the page, a token is made
    /// without it.
    #[arg(long, value_name = "FILE", requires = "serve")]
    token_file: Option<PathBuf>,
    /// Lets those who see the page have failed jobs tried again.
    #[arg(long, requires = "serve")]
    allow_retry: bool,
    /// Prints JSON.
    #[arg(long, conflicts_with = "watch")]
    json: bool,
}

impl Status {
    pub(crate) async fn run(&self, _: &Program) -> Outcome {
        let dj = connect().await?;
        if let Some(address) = self.serve {
            return self.serve(&dj, address).await;
        }
        let mut rates = Rates::default();
        loop {
            let read = schemas(&dj, &self.schemas).await?;
            let mut found = Overview::of(&dj, &read.schemas).await.map_err(text)?;
            found.findings.extend(read.findings);
            rates.note(&found, Instant::now());
            if self.json {
                print_json("status", [("tables", json!(found.tables)), ("findings", json!(found.findings))]);
            } else {
                if self.watch.is_some() {
                    // Clears the terminal, and begins at its top.
                    line("\u{1b}[2J\u{1b}[H");
                }
                show(&found.tables, &rates, self.watch.is_some());
                found.findings.iter().for_each(print_finding);
            }
            let Some(seconds) = self.watch else { return Ok(ExitCode::SUCCESS) };
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    async fn serve(&self, dj: &Instance, address: SocketAddr) -> Outcome {
        let mut dashboard =
            Dashboard::of(dj).schemas(&self.schemas).address(address).allow_retry(self.allow_retry);
        if let Some(path) = &self.token_file {
            let token = std::fs::read_to_string(path)
                .map_err(|error| format!("{}: {error}; name a file that can be read", path.display()))?;
            dashboard = dashboard.token(token.trim());
        }
        let serving = dashboard.bind().await.map_err(text)?;
        say!("open {} in a browser; Ctrl-C ends it", serving.url());
        serving.run().await.map_err(text)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn show(found: &[TableOverview], rates: &Rates, watches: bool) {
    let row = |table: &TableOverview| {
        let left = table.remaining.map(|remaining| remaining.to_string()).unwrap_or_default();
        let jobs = table.jobs.as_ref().map(|queue| as_text(queue.counts)).unwrap_or_default();
        let rows = table.rows.map_or_else(|| "?".to_owned(), |rows| rows.to_string());
        let mut row = vec![table.table.clone(), table.tier.clone(), rows, left];
        if watches {
            row.push(rates.per_second(table).map(|rate| format!("{rate:.1}")).unwrap_or_default());
            row.push(rates.time_left(table).map(duration).unwrap_or_default());
        }
        row.push(jobs);
        row
    };
    let title: &[&str] = if watches {
        &["table", "tier", "rows", "to do", "a second", "left", "jobs"]
    } else {
        &["table", "tier", "rows", "to do", "jobs"]
    };
    print_table(title, &found.iter().map(row).collect::<Vec<_>>());
    if !watches {
        return;
    }
    let mut held = Vec::new();
    for table in found {
        for holder in table.jobs.iter().flat_map(|queue| &queue.reserved_by) {
            let process = format!("{} on {}", holder.pid, holder.host);
            held.push(vec![table.table.clone(), holder.count.to_string(), process, holder.since.clone()]);
        }
    }
    if !held.is_empty() {
        line("");
        print_table(&["table", "reserved", "by process", "since"], &held);
    }
}

/// `3 d 4 h`, `4 h 5 min`, `5 min 6 s` or `6 s`
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown = parts.iter().skip_while(|(number, _)| *number == 0).take(2);
    let text = shown.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_two_largest_units() {
        let told = [0, 59, 60, 3_661, 90_000].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min 0 s", "1 h 1 min", "1 d 1 h"]);
    }
}
