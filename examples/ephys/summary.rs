//! What people read at the end.

#![expect(clippy::format_push_string, reason = "a few lines for a person")]

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use datajoint::prelude::*;
use datajoint::{PopulateEvent, PopulateReport};

use crate::analysis::{ActivityStatistics, SpikeParameters, Spikes, SpikesWaveform};
use crate::arguments::Arguments;
use crate::check::Score;
use crate::ephys::Neuron;
use crate::recordings::Recording;
use crate::session::{Session, SessionCell};
use crate::subject::Mouse;

/// What was done.
pub struct Summary {
    begin: Instant,
    recordings: String,
    database: String,
    populated: Vec<Populated>,
}

/// What became of a table that fills itself.
struct Populated {
    table: &'static str,
    made: usize,
    remaining: usize,
    elapsed: Duration,
    errors: Vec<String>,
}

impl Summary {
    pub fn new(arguments: &Arguments, recordings: &[Recording], dj: &Instance) -> Self {
        let count = recordings.len();
        let recordings = match &arguments.data {
            Some(folder) => format!("{count} in {}", folder.display()),
            None => format!("{count}, simulated, in {}", arguments.out.join("recordings").display()),
        };
        let database = match dj.backend().to_string().as_str() {
            "sqlite" => dj.settings().database.path.display().to_string(),
            server => {
                format!("{server} on {}", dj.settings().database.host.as_deref().unwrap_or("localhost"))
            }
        };
        Self { begin: Instant::now(), recordings, database, populated: Vec::new() }
    }

    /// Takes in what became of a table.
    pub fn add<K>(&mut self, report: PopulateReport<K>) {
        let PopulateReport { table, success_count: made, remaining, elapsed, errors, .. } = report;
        let errors = errors.into_iter().map(|(_, error)| error.to_string()).collect();
        self.populated.push(Populated { table, made, remaining, elapsed, errors });
    }

    /// True when nothing is left to do.
    pub fn is_complete(&self) -> bool {
        self.populated.iter().all(|table| table.remaining == 0)
    }

    /// Prints it.
    pub async fn show(&self, dj: &Instance, scores: &[Score], drawings: &[PathBuf]) -> crate::Result<()> {
        let rows = [
            ("Mouse", Mouse.count(dj).await?),
            ("Session", Session.count(dj).await?),
            ("SessionCell", SessionCell.count(dj).await?),
            ("Neuron", Neuron.count(dj).await?),
            ("ActivityStatistics", ActivityStatistics.count(dj).await?),
            ("SpikeParameters", SpikeParameters.count(dj).await?),
            ("Spikes", Spikes.count(dj).await?),
            ("SpikesWaveform", SpikesWaveform.count(dj).await?),
        ];
        let mut text = format!("\n  recordings  {}\n  database    {}\n\n", self.recordings, self.database);
        text += &format!(
            "  {:<20}{:>9}{:>10}{:>10}\n  {}\n",
            "table",
            "rows",
            "made now",
            "time",
            "─".repeat(49)
        );
        for (table, count) in rows {
            let made = self.populated.iter().find(|populated| populated.table == table);
            let (made, time) = match made {
                Some(table) if table.made > 0 => (table.made.to_string(), seconds(table.elapsed)),
                Some(_) => ("-".to_owned(), String::new()),
                None => Default::default(),
            };
            text += format!("  {table:<20}{count:>9}{made:>10}{time:>10}").trim_end();
            text.push('\n');
        }
        text.push('\n');
        for Score { threshold, spikes, found, false_alarms } in scores {
            text += &format!(
                "  threshold {threshold}: {found} of {spikes} true spikes found, {false_alarms} false\n"
            );
        }
        if self.populated.iter().all(|table| table.made == 0) && self.is_complete() {
            text += "  nothing to do: every neuron was analysed before\n";
        }
        for drawing in drawings {
            text += &format!("  drew {}\n", drawing.display());
        }
        text += &format!("  took {}\n\n", seconds(self.begin.elapsed()));
        for error in self.populated.iter().flat_map(|table| &table.errors) {
            text += &format!("  failed: {error}\n");
        }
        print(&text)?;
        Ok(())
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.2} s", elapsed.as_secs_f64())
}

/// Prints a text.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

/// Says why it ended.
pub fn complain(error: &dyn std::error::Error) {
    // Where even that can't be said, nothing is left to do.
    let _ = writeln!(io::stderr().lock(), "error: {error}");
}

/// Says on standard error which table is computed now.
pub fn begun(event: PopulateEvent<'_>) {
    if let PopulateEvent::Begun { table, keys } = event {
        let _ = writeln!(io::stderr().lock(), "{table}: {keys} to make");
    }
}
