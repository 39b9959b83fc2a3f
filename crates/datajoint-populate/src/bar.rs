//! Progress bars on the terminal.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{PopulateEvent, PopulateWatcher};

/// A bar for each table, with rate and time left; nothing where standard error is no terminal. Feature `progress`.
#[derive(Debug, Default)]
pub struct ProgressBars {
    /// Draws them below each other on standard error.
    all: MultiProgress,
    bars: Mutex<HashMap<String, Bar>>,
}

#[derive(Debug)]
struct Bar {
    bar: ProgressBar,
    failed: usize,
}

impl ProgressBars {
    /// Returns one that shows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn add(&self, table: &str, keys: usize) -> ProgressBar {
        let bar = self.all.add(ProgressBar::new(keys as u64));
        let template =
            "{prefix:>20.bold} {bar:32.cyan/dim} {pos}/{len}  {per_sec:.dim}  {eta:.dim} left {msg:.red}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(table.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

impl PopulateWatcher for ProgressBars {
    fn event(&self, event: PopulateEvent<'_>) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if let PopulateEvent::Begun { table, keys } = event {
            bars.insert(table.to_owned(), Bar { bar: self.add(table, keys), failed: 0 });
        }
        let Some(Bar { bar, failed }) = bars.get_mut(event.table()) else { return };
        match event {
            PopulateEvent::Begun { .. } => {}
            PopulateEvent::Done { .. } => bar.inc(1),
            PopulateEvent::Failed { .. } => {
                *failed += 1;
                bar.set_message(format!("{failed} failed"));
                bar.inc(1);
            }
            PopulateEvent::Stopping { .. } => {
                bar.set_message("finishing the keys that run; Ctrl-C again to drop them");
            }
            PopulateEvent::Ended { table } => {
                bar.finish_and_clear();
                bars.remove(table);
            }
        }
    }
}
