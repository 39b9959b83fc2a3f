//! What is told at which level, and how.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use datajoint_config::{LogFormat, LogLevel, Settings};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is written of a message of each level.
fn told(level: LogLevel, format: LogFormat) -> String {
    let lines = Lines::default();
    let mut settings = Settings::default();
    (settings.loglevel, settings.logformat) = (level, format);
    tracing::subscriber::with_default(datajoint_log::subscriber(&settings, lines.clone()), || {
        tracing::debug!(table = "lab.session", "a detail");
        tracing::info!("news");
        tracing::warn!("a warning");
        tracing::error!("a failure");
        tracing::info!(target: "sqlx::query", "a statement");
    });
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn messages_of_the_level_and_above_are_told() {
    for (level, count) in [
        (LogLevel::Debug, 4),
        (LogLevel::Info, 3),
        (LogLevel::Warning, 2),
        (LogLevel::Error, 1),
        (LogLevel::Critical, 1),
    ] {
        let text = told(level, LogFormat::Text);
        assert_eq!(text.lines().count(), count, "{level:?}: {text}");
        assert!(!text.contains("a statement"), "{text}");
    }
}

#[test]
fn json_is_an_object_a_line() {
    let text = told(LogLevel::Debug, LogFormat::Json);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["table"], "lab.session");
    assert_eq!(lines[0]["message"], "a detail");
    assert_eq!(lines[3]["level"], "ERROR");
}
