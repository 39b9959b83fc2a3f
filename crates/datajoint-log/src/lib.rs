//! What a program logs, as its settings say: `loglevel` (DJ_LOG_LEVEL) and `logformat` (DJ_LOG_FORMAT).
//!
//! The library speaks through [`tracing`] alone, and says nothing by itself. A program that has no subscriber of its own
//! calls [`init`] once, at its start. Secrets are never logged, at whatever level.

use datajoint_config::{LogFormat, LogLevel, Settings};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Writes what is logged to the standard error from now on.
///
/// Does nothing when the program has a subscriber already.
///
/// ```
/// datajoint_log::init(&datajoint_config::Settings::default());
/// ```
pub fn init(settings: &Settings) {
    // Another subscriber is the program's own choice.
    let _ = subscriber(settings, std::io::stderr).try_init();
}

/// What writes lines of text, or a JSON object a line, for messages of the level of the settings and above.
///
/// Of the database driver only warnings and errors are told.
#[doc(hidden)]
pub fn subscriber<W>(settings: &Settings, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let level = match settings.loglevel {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        _ => LevelFilter::ERROR,
    };
    let told = Targets::new().with_default(level).with_target("sqlx", level.min(LevelFilter::WARN));
    let lines = layer().with_ansi(false).with_writer(writer);
    let lines = match settings.logformat {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        _ => lines.boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(told))
}
