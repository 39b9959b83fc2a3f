//! Other processes of this test program, which do as they are told by their standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The database in which a process works.
const URL: &str = "DJ_CONFORMANCE_PROCESS_URL";

/// What begins an answer, to tell it from what the test harness prints.
const MARK: char = '\u{1e}';

/// A process that runs one test of this program.
pub(crate) struct Process {
    child: Child,
    /// There until it is to end.
    requests: Option<ChildStdin>,
    answers: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the test of a name, which [serves](serve).
    pub(crate) fn start(test: &str, url: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(URL, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, requests, answers }
    }

    pub(crate) fn ask(&mut self, request: &str) {
        writeln!(self.requests.as_mut().unwrap(), "{request}").unwrap();
    }

    pub(crate) fn answer(&mut self) -> String {
        let marked = self.answers.find_map(|line| Some(line.unwrap().split_once(MARK)?.1.to_owned()));
        marked.unwrap_or_else(|| "no answer".to_owned())
    }

    /// Sends it a signal of the operating system, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    pub(crate) fn end(mut self) {
        self.requests = None;
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be stopped, when a test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The database of this process, if it is one that was started.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
pub(crate) fn url() -> Option<String> {
    std::env::var(URL).ok()
}

/// Answers each request.
pub(crate) async fn serve(mut answer: impl AsyncFnMut(String) -> String) {
    for request in std::io::stdin().lines() {
        println!("{MARK}{}", answer(request.unwrap()).await);
    }
}

/// The URL that a variable names, if it is set.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
pub(crate) fn named(variable: &str) -> Option<String> {
    let url = std::env::var(variable).ok();
    if url.is_none() {
        println!("{variable} names no server");
    }
    url
}
