//! The other side: a process of DataJoint for Python that answers requests.

use std::fmt;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

use crate::server::variable;

/// What begins an answer, to tell it from what else is printed.
const MARK: char = '\u{1e}';

/// A process of Python with a connection of its own.
pub(crate) struct Python {
    child: Child,
    requests: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

/// An exception.
#[derive(Debug)]
pub(crate) struct Exception {
    class: String,
    message: String,
}

impl fmt::Display for Exception {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.class, self.message)
    }
}

impl Python {
    pub(crate) fn start(environment: Vec<(&'static str, String)>) -> Self {
        let Some(interpreter) = variable("DJ_INTEROP_PYTHON") else {
            panic!("set DJ_INTEROP_PYTHON to a Python with datajoint 2.3.5, or run `cargo xtask interop`");
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop").join("python_side.py");
        let mut child = Command::new(interpreter)
            .arg(script)
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, requests, answers }
    }

    /// Calls a function of the other side, which may fail.
    pub(crate) fn try_call(&mut self, function: &str, arguments: &Json) -> Result<Json, Exception> {
        self.ask(function, arguments);
        self.answer()
    }

    /// Calls a function of the other side, and does not wait for its [answer](Self::answer).
    pub(crate) fn ask(&mut self, function: &str, arguments: &Json) {
        let request = json!({"call": function, "with": arguments});
        writeln!(self.requests.as_mut().unwrap(), "{request}").unwrap();
    }

    /// What the function gave that was called last.
    pub(crate) fn answer(&mut self) -> Result<Json, Exception> {
        let answer = self.answers.find_map(|line| Some(line.unwrap().split_once(MARK)?.1.to_owned()));
        let Some(answer) = answer else { panic!("Python ended") };
        let mut answer: Json = serde_json::from_str(&answer).unwrap();
        match answer.get("error") {
            None => Ok(answer["ok"].take()),
            Some(error) => Err(Exception {
                class: error["type"].as_str().unwrap_or_default().to_owned(),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// Calls a function of the other side.
    pub(crate) fn call(&mut self, function: &str, arguments: &Json) -> Json {
        self.try_call(function, arguments).unwrap_or_else(|error| panic!("Python: {function}: {error}"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}
