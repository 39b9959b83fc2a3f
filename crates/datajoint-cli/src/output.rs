//! How results are shown.

use std::io::Write as _;

use datajoint_guard::{Finding, Level};
use serde_json::{Value, json};

/// Prints a line of a result.
///
/// Whoever reads it may have enough, as `head` has: then the program ends.
macro_rules! say {
    ($($what:tt)*) => {
        $crate::output::line(&format!($($what)*))
    };
}
pub(crate) use say;

/// Prints a line; colours are left out where standard output is no terminal.
pub(crate) fn line(text: &str) {
    if writeln!(anstream::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// Colours, which are left out where standard output is no terminal.
pub(crate) const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().effects(anstyle::Effects::BOLD);
pub(crate) const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default();
pub(crate) const GREEN: anstyle::Style = anstyle::AnsiColor::Green.on_default();
pub(crate) const PLAIN: anstyle::Reset = anstyle::Reset;

/// The version of all documents: it changes when the meaning of something in them does.
const VERSION: u32 = 1;

/// Prints one JSON document: what a command found, with its version and the command.
pub(crate) fn print_json(command: &str, found: Value) {
    let mut document = json!({"version": VERSION, "command": command});
    if let (Some(document), Value::Object(found)) = (document.as_object_mut(), found) {
        document.extend(found);
    }
    say!("{document:#}");
}

/// Prints lines in columns, the first of them a title.
pub(crate) fn print_table(title: &[&str], rows: &[Vec<String>]) {
    let width = |place: usize| {
        let cells = rows.iter().map(|row| row[place].chars().count());
        cells.chain([title[place].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..title.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let cells: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    say!("{}", line(title.to_vec()));
    for row in rows {
        say!("{}", line(row.iter().map(String::as_str).collect()));
    }
}

/// Prints a finding, its level in colour.
pub(crate) fn print_finding(finding: &Finding) {
    let (style, level) = match finding.level {
        Level::Error => (RED, "error"),
        Level::Warning => (YELLOW, "warning"),
    };
    let Finding { code, message, help, .. } = finding;
    say!("{style}{level}[{code}]{PLAIN}: {message}\n  {help}");
}

/// Prints findings, and how many there are; gives the number of errors.
pub(crate) fn print_findings(server: Option<&str>, findings: &[Finding]) -> usize {
    findings.iter().for_each(print_finding);
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let server = server.map(|server| format!("{server}: ")).unwrap_or_default();
    say!("{server}{errors} errors, {} warnings", findings.len() - errors);
    errors
}

/// `1 table`, `2 tables`.
pub(crate) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
