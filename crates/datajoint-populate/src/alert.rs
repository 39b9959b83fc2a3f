//! Tells somebody when too many keys fail.
//!
//! Whoever it is told by, a command or a webhook, runs beside the population: what goes wrong with it is logged, and no key waits
//! for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_config::Alerts as Settings;
use datajoint_pipeline::Instance;
use serde_json::json;
use tokio::task::JoinSet;

use rate::{Rates, Share};

mod rate;
mod send;

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

    /// Waits for what is being sent, no longer than that may take.
    pub(crate) async fn rest(&self) {
        let mut sending = std::mem::take(&mut *self.0.sending.lock().unwrap_or_else(PoisonError::into_inner));
        while sending.join_next().await.is_some() {}
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
        let document = json!({
            "version": 1,
            "event": "error-rate",
            "database": self.database,
            "table": self.table,
            "failed": failed,
            "done": done,
            "window_seconds": self.settings.window,
            "error": error.to_string(),
            "host": whoami::hostname().unwrap_or_default(),
            "pid": std::process::id(),
        });
        let sent = send::send(self.settings.clone(), document.to_string());
        let mut sending = self.alerts.0.sending.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are through need no place any more.
        while sending.try_join_next().is_some() {}
        sending.spawn(sent);
    }
}
