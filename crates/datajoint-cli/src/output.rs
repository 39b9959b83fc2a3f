//! How results are shown.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use datajoint::arrow::WholeFile;
pub(crate) use datajoint::definition::{count, printable};
use datajoint::guard::{Finding, Level};
use serde_json::{Value, json};

/// Prints a line of a result, with what would do something to a terminal as escapes.
macro_rules! say {
    ($($what:tt)*) => {
        $crate::output::line(&$crate::output::printable(&format!($($what)*)))
    };
}
pub(crate) use say;

/// Prints a line as it is; colours are left out where standard output is no terminal.
pub(crate) fn line(text: &str) {
    written(writeln!(anstream::stdout(), "{text}").and_then(|()| anstream::stdout().flush()));
}

/// Prints a line to the standard error, which may be closed: a command is never ended by what it says beside its result.
macro_rules! note {
    ($($what:tt)*) => {
        $crate::output::beside(&format!($($what)*))
    };
}
pub(crate) use note;

/// Prints a line as it is to the standard error.
pub(crate) fn beside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// True once a part of the result could not be written.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Takes what came of writing a part of the result to the standard output. The command does its work to the end in any case.
///
/// Whoever reads may have enough, as `head` has: that is no failure, and no success of a command that fails. Anything else is told
/// once, and is a failure: [`status`].
pub(crate) fn written(outcome: std::io::Result<()>) {
    let failure = outcome.err().filter(|error| error.kind() != std::io::ErrorKind::BrokenPipe);
    if let Some(error) = failure
        && !IS_LOST.swap(true, Ordering::Relaxed)
    {
        note!("the output can't be written: {error}; make room for it, or write it elsewhere");
    }
}

/// The exit status of a command that found this one: 1 in place of 0 where its result could not be written.
pub(crate) fn status(found: ExitCode) -> ExitCode {
    let is_lost = IS_LOST.load(Ordering::Relaxed);
    if is_lost && found == ExitCode::SUCCESS { ExitCode::FAILURE } else { found }
}

/// Colours, which are left out where standard output is no terminal.
pub(crate) const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().effects(anstyle::Effects::BOLD);
pub(crate) const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default();
pub(crate) const GREEN: anstyle::Style = anstyle::AnsiColor::Green.on_default();
pub(crate) const PLAIN: anstyle::Reset = anstyle::Reset;

/// The version of all documents: it changes when the meaning of something in them does.
const VERSION: u32 = 1;

/// What a command found, each part by its name: so that no other shape of JSON can be given, and be lost.
pub(crate) type Found<const N: usize> = [(&'static str, Value); N];

/// Prints one JSON document: what a command found, with its version and the command.
pub(crate) fn print_json<const N: usize>(command: &str, found: Found<N>) {
    print_members(command, found.map(|(name, value)| (name.to_owned(), value)));
}

/// The same of what a library gives as JSON; what is no object is the member `found`.
pub(crate) fn print_value(command: &str, found: Value) {
    match found {
        Value::Object(members) => print_members(command, members),
        other => print_json(command, [("found", other)]),
    }
}

fn print_members(command: &str, found: impl IntoIterator<Item = (String, Value)>) {
    let mut document = serde_json::Map::new();
    document.insert("version".to_owned(), json!(VERSION));
    document.insert("command".to_owned(), json!(command));
    document.extend(found);
    line(&format!("{:#}", Value::Object(document)));
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
    line(&shown(finding));
}

/// Prints a finding to the standard error, beside what a command was asked for.
pub(crate) fn warn(finding: &Finding) {
    beside(&shown(finding));
}

fn shown(finding: &Finding) -> String {
    let (style, level) = match finding.level {
        Level::Error => (RED, "error"),
        Level::Warning => (YELLOW, "warning"),
    };
    let Finding { code, message, help, .. } = finding;
    format!("{style}{level}[{code}]{PLAIN}: {}\n  {}", printable(message), printable(help))
}

/// Prints findings, and how many there are; gives the number of errors.
pub(crate) fn print_findings(server: Option<&str>, findings: &[Finding]) -> usize {
    findings.iter().for_each(print_finding);
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let server = server.map(|server| format!("{server}: ")).unwrap_or_default();
    say!("{server}{}, {}", count(errors, "error"), count(findings.len() - errors, "warning"));
    errors
}

/// Writes a file, whole or not at all.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), String> {
    let whole = WholeFile::new(path).and_then(|whole| {
        std::fs::write(whole.path(), text)?;
        whole.keep()
    });
    whole.map_err(|error| format!("{}: {error}", path.display()))
}
