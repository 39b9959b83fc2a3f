//! The progress bar.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on the terminal with rate and time left; nothing where standard error is none.
pub(crate) struct Bar {
    bar: ProgressBar,
    failed: usize,
}

impl Bar {
    pub(crate) fn new(table: &'static str, keys: usize, shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(keys as u64), target);
        let template =
            "{prefix:>20.bold} {bar:32.cyan/dim} {pos}/{len}  {per_sec:.dim}  {eta:.dim} left {msg:.red}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(table);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, failed: 0 }
    }

    pub(crate) fn done(&mut self) {
        self.bar.inc(1);
    }

    pub(crate) fn failed(&mut self) {
        self.failed += 1;
        self.bar.set_message(format!("{} failed", self.failed));
        self.bar.inc(1);
    }

    pub(crate) fn stopping(&self) {
        self.bar.set_message("finishing the keys that run; Ctrl-C again to drop them");
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
