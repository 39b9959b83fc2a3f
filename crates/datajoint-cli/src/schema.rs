//! Tables as the program declares them, as they were deployed, and as the database has them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use datajoint::lock::{FILE, Lock, same_default};
use datajoint::schema::{
    Difference, Side, Table, TableComparison, Verdict, compare_tables, difference_between,
};
use serde_json::{Value, json};

use crate::output::{GREEN, PLAIN, YELLOW, count, line, print_json, printable, say, write_whole};
use crate::{Outcome, Program, connect, text};

/// Locks the tables of a program, and compares code, lock and database.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask schema lock\n  cargo xtask schema check\n  \
                        dj schema check lock database --json")]
pub(crate) struct Schema {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the lock: every table as this program declares it. From then on the compiler refuses definitions that deviate
    /// from it, unless they say so.
    Lock {
        /// The file; it is read beside the `Cargo.toml` of the crate that has the tables.
        #[arg(long, value_name = "FILE", default_value = FILE)]
        file: PathBuf,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compares two of the code, the lock and the database; the exit status is 0 when they are the same, and 2 when they
    /// differ.
    Check {
        /// Two of `code`, `lock` and `database`; without them, the code with the lock and the lock with the database, as far as
        /// these are there.
        #[arg(value_name = "SIDE", num_args = 0..=2)]
        sides: Vec<Side>,
        /// The lock.
        #[arg(long, value_name = "FILE", default_value = FILE)]
        file: PathBuf,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Schema {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        match &self.task {
            Task::Lock { file, json } => lock(program, file, *json),
            Task::Check { sides, file, json } => {
                let mut compared = Vec::new();
                for pair in pairs(sides, program, file)? {
                    compared.push((pair, compare(pair, program, file).await?));
                }
                Ok(show(&compared, *json))
            }
        }
    }
}

fn code(program: &Program) -> Result<Vec<Table>, String> {
    if program.tables.is_empty() {
        return Err(
            "this program has no tables: use the commands of a project that links its own, or compare \
                    `lock database`"
                .to_owned(),
        );
    }
    datajoint::typed::tables(&program.tables).map_err(text)
}

fn read(file: &Path) -> Result<Lock, String> {
    let found = std::fs::read_to_string(file).map_err(|error| {
        let advice = "write it with `cargo xtask schema lock` in the project that has the tables";
        format!("{}: {error}; {advice}", file.display())
    })?;
    Lock::parse(&found).map_err(|error| format!("{}: {error}", file.display()))
}

fn tables(lock: &Lock) -> Vec<Table> {
    lock.tables().map(|locked| locked.table().clone()).collect()
}

fn lock(program: &Program, file: &Path, as_json: bool) -> Outcome {
    let lock = Lock::new(&code(program)?);
    let is_there = file.exists();
    let known = match is_there.then(|| std::fs::read_to_string(file)).transpose() {
        Ok(found) => found.map(|found| Lock::parse(&found)),
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    // What is broken is written anew; what a later release wrote has what this one does not know.
    let before = match known {
        Some(Err(error @ datajoint::lock::Error::Newer { .. })) => {
            return Err(format!("{}: {error}", file.display()));
        }
        Some(Ok(before)) => before,
        Some(Err(_)) | None => Lock::default(),
    };
    let names = lock.tables().chain(before.tables()).map(|locked| &locked.table().name);
    let mut changed: Vec<String> = names
        .filter(|name| {
            lock.get(name).map(datajoint::lock::LockedTable::hash)
                != before.get(name).map(datajoint::lock::LockedTable::hash)
        })
        .map(ToString::to_string)
        .collect();
    changed.sort();
    changed.dedup();
    let written = lock.to_string();
    if std::fs::read_to_string(file).ok().as_ref() != Some(&written) {
        write_whole(file, &written)?;
    }
    let tables = lock.tables().count();
    if as_json {
        let members = [
            ("file", json!(file.display().to_string())),
            ("tables", json!(tables)),
            ("changed", json!(changed)),
        ];
        print_json("schema lock", members);
    } else {
        for name in &changed {
            line(&format!("{GREEN}  changed{PLAIN}  {}", printable(name)));
        }
        say!("{}: {}, {} changed", file.display(), count(tables, "table"), changed.len());
    }
    Ok(ExitCode::SUCCESS)
}

/// Which sides are compared.
fn pairs(sides: &[Side], program: &Program, file: &Path) -> Result<Vec<[Side; 2]>, String> {
    match *sides {
        [] => {}
        [first, second] if first != second => return Ok(vec![[first.min(second), first.max(second)]]),
        _ => return Err("name two sides to compare, as in `schema check code lock`".to_owned()),
    }
    match (!program.tables.is_empty(), file.exists()) {
        (true, true) => Ok(vec![[Side::Code, Side::Lock], [Side::Lock, Side::Database]]),
        (true, false) => Ok(vec![[Side::Code, Side::Database]]),
        (false, true) => Ok(vec![[Side::Lock, Side::Database]]),
        (false, false) => Err(format!(
            "there is nothing to compare: this program has no tables, and there is no {}; run it in a project, or name \
             the lock with --file",
            file.display()
        )),
    }
}

async fn compare(sides: [Side; 2], program: &Program, file: &Path) -> Result<Vec<TableComparison>, String> {
    let [first, second] = sides;
    let wanted = match first {
        Side::Code => code(program)?,
        Side::Lock | Side::Database => tables(&read(file)?),
    };
    if second == Side::Database {
        return connect().await?.compare(first, &wanted).await.map_err(text);
    }
    let found = tables(&read(file)?);
    Ok(compare_tables(sides, &wanted, &found, |ours, theirs| {
        difference_between(sides, ours, theirs, same_default)
    }))
}

/// Shows what was compared; gives the exit status.
fn show(compared: &[([Side; 2], Vec<TableComparison>)], as_json: bool) -> ExitCode {
    let is_met = compared.iter().flat_map(|(_, tables)| tables).any(TableComparison::is_met);
    let status = if is_met { 2 } else { 0 };
    if as_json {
        let pairs: Vec<Value> = compared.iter().map(|(sides, tables)| pair(*sides, tables)).collect();
        print_json("schema check", [("pairs", json!(pairs)), ("exit_status", json!(status))]);
        return status.into();
    }
    for ([first, second], tables) in compared {
        say!("{first} -> {second}");
        for table in tables {
            show_table(table, *second);
        }
        let differing = tables.iter().filter(|table| table.is_met()).count();
        say!("{differing} would change, {} as wanted", tables.len() - differing);
    }
    status.into()
}

fn show_table(compared: &TableComparison, second: Side) {
    let (style, word) = if compared.is_met() { (YELLOW, "would change") } else { (GREEN, "of no effect") };
    let table = &compared.table;
    let head = |rest: &str| {
        line(&format!("{style}  {word}{PLAIN}  {}", printable(&format!("{table}{rest}"))));
    };
    match &compared.verdict {
        Verdict::Both(differences) if differences.is_empty() => {}
        Verdict::Missing => head(&format!(": {} lacks it", second.name())),
        Verdict::Extra => head(&format!(": only {} has it", second.name())),
        Verdict::Both(differences) => {
            head("");
            for difference in differences {
                let effect =
                    if difference.aspect.is_harmless() && compared.is_met() { "of no effect: " } else { "" };
                say!("      {effect}{difference}");
            }
        }
        _ => {}
    }
}

fn pair([first, second]: [Side; 2], tables: &[TableComparison]) -> Value {
    let tables: Vec<Value> = tables
        .iter()
        .map(|compared| {
            let (state, differences) = match &compared.verdict {
                Verdict::Both(differences) if differences.is_empty() => ("as_wanted", Vec::new()),
                Verdict::Both(differences) => ("different", differences.iter().map(shown).collect()),
                Verdict::Missing => ("missing", Vec::new()),
                _ => ("extra", Vec::new()),
            };
            let table = compared.table.to_string();
            json!({"table": table, "state": state, "would_change": compared.is_met(), "differences": differences})
        })
        .collect();
    json!({"first": first.word(), "second": second.word(), "tables": tables})
}

fn shown(difference: &Difference) -> Value {
    let Difference { aspect, attribute, message, .. } = difference;
    json!({"aspect": aspect.word(), "attribute": attribute, "message": message, "has_effect": !aspect.is_harmless()})
}
