//! Tells somebody when too many keys fail.
//!
//! Whoever it is told by, a command or a webhook, runs beside the population: what goes wrong with it is logged, and no key waits
//! for it.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_config::Alerts as Settings;
use datajoint_pipeline::Instance;
use serde_json::json;
use tokio::task::JoinSet;

use rate::{Rates, Share};

use crate::interrupt::Signal;

mod rate;
mod send;

/// How long an alert may take once there was a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(1);

/// How much of the text of an error is told.
const MOST: usize = 2048;

/// The alerts of a program that populates: one for all tables of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alerts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rates: Mutex<Rates>,
    sending: Mutex<JoinSet<()>>,
}

impl Alerts {
    /// Those of a table, where the settings name somebody who is told.
    pub(crate) fn of(&self, dj: &Instance, table: &'static str) -> Option<Alerting> {
        let settings = &dj.settings().alerts;
        let is_asked_for = settings.command.is_some() || settings.webhook.is_some();
        is_asked_for.then(|| Alerting {
            alerts: self.clone(),
            settings: settings.clone(),
            database: dj.place(),
            table,
        })
    }

    /// Waits for what is being sent, no longer than that may take, and no longer than a second after a signal. Gives the signal
    /// that came meanwhile.
    pub(crate) async fn rest(
        &self,
        was_stopped: bool,
        pressed: impl Future<Output = Signal>,
    ) -> Option<Signal> {
        let mut sending = std::mem::take(&mut *self.0.sending.lock().unwrap_or_else(PoisonError::into_inner));
        let mut sent = pin!(async { while sending.join_next().await.is_some() {} });
        let mut signal = None;
        if !was_stopped {
            tokio::select! {
                biased;
                () = &mut sent => return None,
                found = pressed => signal = Some(found),
            }
        }
        if tokio::time::timeout(AFTER_SIGNAL, sent).await.is_err() {
            tracing::warn!("an alert was given up, as the population was told to end");
        }
        signal
    }
}

/// The alerts of one table.
#[derive(Debug)]
pub(crate) struct Alerting {
    alerts: Alerts,
    settings: Settings,
    database: String,
    table: &'static str,
}

impl Alerting {
    /// Notes a key that came to its end without an error.
    pub(crate) fn done(&self) {
        self.note(false);
    }

    /// Notes a key that failed, and tells it where too many do.
    pub(crate) fn failed(&self, error: &crate::Error) {
        if let Some(share) = self.note(true) {
            self.send(share, error);
        }
    }

    fn note(&self, failed: bool) -> Option<Share> {
        let Settings { percent, failures, window, period, .. } = self.settings;
        let rule = rate::Rule {
            percent,
            failures,
            window: Duration::from_secs(window),
            period: Duration::from_secs(period),
        };
        let mut rates = self.alerts.0.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.note(self.table, failed, &rule, Instant::now())
    }

    fn send(&self, share: Share, error: &crate::Error) {
        let Share { done, failed } = share;
        tracing::warn!(table = self.table, done, failed, %error, "so many keys fail that an alert is sent");
        let text = error.to_string();
        let mut document = json!({
            "version": 1,
            "event": "error-rate",
            "database": self.database,
            "table": self.table,
            "failed": failed,
            "done": done,
            "window_seconds": self.settings.window,
            "kind": error.kind(),
            "fingerprint": crate::fingerprint::of_text(&datajoint_jobs::fingerprint(&text)),
            "host": whoami::hostname().unwrap_or_default(),
            "pid": std::process::id(),
        });
        if self.settings.include_error {
            document["error"] = shortened(&text).into();
        }
        let sent = send::send(self.settings.clone(), document.to_string());
        let mut sending = self.alerts.0.sending.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are through need no place any more.
        while sending.try_join_next().is_some() {}
        // One at a time: whoever is so slow to be told is told again after the next period.
        if sending.is_empty() {
            sending.spawn(sent);
        }
    }
}

/// The beginning of a text, of so many bytes at most.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST)]
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    fn sending() -> Alerts {
        let alerts = Alerts::default();
        alerts.0.sending.lock().unwrap().spawn(tokio::time::sleep(Duration::from_mins(1)));
        alerts
    }

    #[tokio::test]
    async fn a_signal_ends_the_wait_for_an_alert() {
        let begin = Instant::now();
        assert_eq!(sending().rest(false, ready(Signal::Terminate)).await, Some(Signal::Terminate));
        assert_eq!(sending().rest(true, pending()).await, None);
        assert!(begin.elapsed() < Duration::from_secs(10));
        assert_eq!(Alerts::default().rest(false, pending()).await, None);
    }

    #[test]
    fn a_long_text_is_cut_between_two_letters() {
        assert_eq!(shortened("short"), "short");
        let long = format!("x{}", "ä".repeat(2000));
        assert_eq!(shortened(&long).len(), 2047);
    }
}
