//! Tests that are shown while they run, and whose outcomes are looked at afterwards: a filter that matches no test is no
//! error to cargo.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdout, Command, Stdio};

/// What the test harness said in a run.
pub(crate) struct Seen {
    /// Whether cargo was content.
    pub(crate) succeeded: bool,
    /// The lines that tell of a test, or of how many there were.
    lines: Vec<String>,
}

impl Seen {
    /// Runs `cargo test`, and shows each line as it comes.
    pub(crate) fn of(command: &mut Command) -> Result<Self, String> {
        let text = |error: std::io::Error| format!("cargo can't run: {error}");
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(text)?;
        let lines = child.stdout.take().map(show).transpose();
        // Also where its output could not be shown: it ends as nobody reads any more.
        let status = child.wait().map_err(text)?;
        let lines = lines.map_err(|error| format!("what the tests say can't be shown: {error}"))?;
        Ok(Self { succeeded: status.success(), lines: lines.unwrap_or_default() })
    }

    /// True when a test passed that has this text in its name. With `--nocapture` a name may be parted from its outcome.
    pub(crate) fn has_passed(&self, name: &str) -> bool {
        self.lines.iter().any(|line| line.contains(name) && line.ends_with(" ... ok"))
    }

    /// How many tests passed, by the last line of each test program.
    pub(crate) fn passed(&self) -> u64 {
        self.lines.iter().filter_map(|line| passed(line)).sum()
    }
}

fn passed(line: &str) -> Option<u64> {
    line.strip_prefix("test result: ok. ")?.split_once(" passed")?.0.parse().ok()
}

/// Shows all of it. Returns the lines of the harness.
fn show(output: ChildStdout) -> std::io::Result<Vec<String>> {
    let (mut output, mut shown) = (BufReader::new(output), std::io::stdout());
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    while output.read_until(b'\n', &mut line)? > 0 {
        shown.write_all(&line)?;
        if line.starts_with(b"test ") {
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        line.clear();
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::Seen;

    fn seen(lines: &[&str]) -> Seen {
        Seen { succeeded: true, lines: lines.iter().map(|&line| line.to_owned()).collect() }
    }

    #[test]
    fn a_name_that_no_test_has_is_not_passed() {
        let seen = seen(&["test mysql::a_case ... ok", "test mysql::another ... ignored"]);
        assert!(seen.has_passed("a_case"));
        assert!(!seen.has_passed("another"));
        assert!(!seen.has_passed("a_case_that_was_renamed"));
    }

    #[test]
    fn tests_are_counted_over_all_programs() {
        let none =
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s";
        assert_eq!(seen(&[none, none]).passed(), 0);
        let some =
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s";
        assert_eq!(seen(&[some, none, some]).passed(), 24);
    }
}
