//! A process that runs workloads, and what is said with it.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// What begins an answer.
const MARK: char = '\u{1e}';

/// A side of the benchmark, running.
pub(super) struct Side {
    pub(super) name: &'static str,
    child: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What became of a workload.
pub(super) struct Outcome {
    pub(super) seconds: f64,
    /// A number that all sides must have.
    pub(super) check: f64,
    /// How far the counter went meanwhile.
    pub(super) turns: u64,
}

impl Side {
    pub(super) fn start(name: &'static str, mut command: Command) -> Result<Self, String> {
        let fault = |error| format!("{name} can't start: {error}");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(fault)?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{name} has no input or output"));
        };
        Ok(Self { name, child, requests, answers: BufReader::new(answers).lines() })
    }

    /// Runs a workload; `None` when the side has no such.
    pub(super) fn run(
        &mut self,
        workload: &str,
        counter: impl Fn() -> u64,
    ) -> Result<Option<Outcome>, String> {
        self.say(workload)?;
        let ready = self.hear()?;
        if ready["missing"].as_bool() == Some(true) {
            return Ok(None);
        }
        let before = counter();
        self.say("go")?;
        let worked = self.hear()?;
        let turns = counter() - before;
        self.say("check")?;
        let checked = self.hear()?;
        match (worked["seconds"].as_f64(), checked["check"].as_f64()) {
            (Some(seconds), Some(check)) => Ok(Some(Outcome { seconds, check, turns })),
            _ => Err(format!("{} said {worked} and {checked}", self.name)),
        }
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        writeln!(self.requests, "{line}").map_err(|error| format!("{}: {error}", self.name))
    }

    /// The next answer; lines without the mark are passed over.
    fn hear(&mut self) -> Result<Value, String> {
        for line in self.answers.by_ref() {
            let line = line.map_err(|error| format!("{}: {error}", self.name))?;
            let Some((_, answer)) = line.split_once(MARK) else { continue };
            let answer: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
            return match answer["error"].as_str() {
                Some(error) => Err(format!("{}: {error}", self.name)),
                None => Ok(answer),
            };
        }
        Err(format!("{} ended", self.name))
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        drop(self.requests);
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", self.name)) }
    }
}
