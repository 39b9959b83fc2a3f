//! What is said between `cargo xtask bench` and a side: lines of JSON after a mark.
//!
//! The side hears the name of a workload, prepares, says `ready` and waits for a line; works, says `seconds` and waits
//! for a line; says `check`. One that has no such workload says `missing`, and one that fails `error`.

use std::time::Instant;

use serde_json::{Value, json};

use crate::Result;

/// What begins an answer.
const MARK: char = '\u{1e}';

/// Says an answer.
pub(crate) fn say(answer: &Value) {
    println!("{MARK}{answer}");
}

/// Waits for a line; `None` when there are no more.
pub(crate) fn hear() -> Result<Option<String>> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// Measures the work itself, without what comes before and after.
pub(crate) struct Clock(Instant);

impl Clock {
    /// Begins, when told to.
    pub(crate) fn start() -> Result<Self> {
        say(&json!({"ready": true}));
        hear()?;
        Ok(Self(Instant::now()))
    }

    /// Ends, and waits until the rest may be done.
    pub(crate) fn stop(self) -> Result<()> {
        let seconds = self.0.elapsed().as_secs_f64();
        say(&json!({"seconds": seconds}));
        hear()?;
        Ok(())
    }
}
