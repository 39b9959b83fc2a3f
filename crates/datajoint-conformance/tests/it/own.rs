//! Servers that a test may end and start again, which `cargo xtask test` starts for it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::processes::named;

/// A server that a test may end and start again.
pub(crate) struct Own {
    pub(crate) url: String,
    process: String,
    program: PathBuf,
    arguments: Vec<String>,
    again: Option<Child>,
}

impl Own {
    /// The one that a variable tells of: its URL, its process, and the command that starts it, a line each.
    pub(crate) fn named(variable: &str) -> Option<Self> {
        let text = named(variable)?;
        let mut lines = text.lines().map(str::to_owned);
        let (url, process, program) = (lines.next()?, lines.next()?, lines.next()?);
        Some(Self { url, process, program: PathBuf::from(program), arguments: lines.collect(), again: None })
    }

    /// Ends it, as its administrator would who does not wait for clients.
    pub(crate) fn end(&mut self) {
        self.end_by(if self.url.starts_with("postgres") { "INT" } else { "TERM" });
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.end_by("KILL");
    }

    fn end_by(&mut self, signal: &str) {
        let status = Command::new("kill").args(["-s", signal, &self.process]).status().unwrap();
        assert!(status.success());
        // As a child that nobody has waited for it stays, and has no command line any more.
        let line = format!("/proc/{}/cmdline", self.process);
        while std::fs::read(&line).is_ok_and(|line| !line.is_empty()) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn start(&mut self) {
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = child.id().to_string();
        self.again = Some(child);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(child) = &mut self.again {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
