//! How long the compiler takes over many tables: with the macros, and over the same code written out.
//!
//! `cargo bench -p datajoint-tests --bench compile_time` makes crates of 300 and of 1000 tables below the target
//! folder and times `cargo check` of each: all of it, and after a change to one table. `-- 50` makes one of 50 instead.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod tables;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const REPEATS: usize = 3;

fn main() -> Result<()> {
    // `cargo test --all-targets` runs this file too, without the argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
    println!("{:>6}  {:<22}{:>10}{:>14}{:>16}", "tables", "written", "check", "after change", "lines");
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if given.is_empty() { vec![300, 1000] } else { given };
    for count in counts {
        let tables = tables::tables(count);
        measure(&root, count, "with the macros", "macros", &tables::with_macros(&tables), None)?;
        let lock = tables::locked(&tables);
        measure(&root, count, "beside a lock", "locked", &tables::with_macros(&tables), Some(&lock))?;
        measure(&root, count, "out, without callbacks", "by_hand", &tables::written_out(&tables), None)?;
    }
    Ok(())
}

fn measure(
    root: &Path,
    count: usize,
    title: &str,
    name: &str,
    modules: &[String],
    lock: Option<&str>,
) -> Result<()> {
    let name = format!("{name}_{count}");
    let folder = root.join(&name);
    write(&folder, &name, modules)?;
    if let Some(lock) = lock {
        fs::write(folder.join(datajoint::lock::FILE), lock)?;
    }
    check(root, &folder, false)?;
    check(root, &folder, true)?;
    let changed = folder.join("src/m3.rs");
    let full = median(|round| {
        touch(&changed, &modules[3], round)?;
        check(root, &folder, false)
    })?;
    let incremental = median(|round| {
        touch(&changed, &modules[3], round + REPEATS)?;
        check(root, &folder, true)
    })?;
    let lines: usize = modules.iter().map(|module| module.lines().count()).sum();
    println!(
        "{count:>6}  {title:<22}{:>8.2} s{:>12.2} s{lines:>16}",
        full.as_secs_f64(),
        incremental.as_secs_f64()
    );
    Ok(())
}

fn write(folder: &Path, name: &str, modules: &[String]) -> Result<()> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/datajoint").canonicalize()?;
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\ndatajoint = {{ path = \"{}\", default-features = false, features = [\"sqlite\"] }}\n",
        library.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut root = String::from("//! Tables to compile.\n");
    for (index, module) in modules.iter().enumerate() {
        let _ = writeln!(root, "pub mod m{index};");
        fs::write(folder.join(format!("src/m{index}.rs")), module)?;
    }
    fs::write(folder.join("src/lib.rs"), root)?;
    Ok(())
}

/// Changes the comment of an attribute of the first table of a module, which a lock admits.
fn touch(file: &PathBuf, module: &str, round: usize) -> Result<()> {
    Ok(fs::write(file, module.replacen("varchar(64)", &format!("varchar(64)  # {round}"), 1))?)
}

fn check(root: &Path, folder: &Path, incremental: bool) -> Result<Duration> {
    let start = Instant::now();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
        .stdout(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(start.elapsed())
}

fn median(mut run: impl FnMut(usize) -> Result<Duration>) -> Result<Duration> {
    let mut times: Vec<Duration> = (0..REPEATS).map(&mut run).collect::<Result<_>>()?;
    times.sort_unstable();
    Ok(times[REPEATS / 2])
}
