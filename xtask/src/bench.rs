//! `cargo xtask bench`: ours beside Python and beside the driver alone, in one run on one server.

mod goal;
mod measure;
mod proxy;
mod queue;
mod side;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::cargo::cargo;
use crate::interop;
use crate::servers::Servers;
use goal::{Family, WORKLOADS, Workload};
use measure::{Measured, SIDES};
use proxy::Proxy;
use side::Side;

/// Measures DataJoint for Rust beside DataJoint for Python, and beside the driver alone ("wire").
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// A server: mysql://user@host:port, postgres://user@host:port/database, `sqlite` for the embedded database, or
    /// `all` for that and the servers that the tests use. May be given several times.
    #[arg(long, default_value = "all")]
    server: Vec<String>,
    /// Only workloads whose names contain this.
    #[arg(long, default_value = "")]
    workload: String,
    /// How often each is run, the sides taking turns; the median counts.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Without Python.
    #[arg(long)]
    no_python: bool,
    /// Counts how often a client waits for the server, instead of seconds.
    #[arg(long)]
    round_trips: bool,
    /// Inserts ten million rows as a stream, streams them back, and tells how much memory that took at most.
    #[arg(long)]
    memory: bool,
    /// Writes all that was measured as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Part {
    Populate(queue::Populate),
}

/// The program that is measured.
fn program() -> PathBuf {
    target().join("release").join(format!("datajoint-bench{}", std::env::consts::EXE_SUFFIX))
}

/// Builds the program that is measured.
fn build() -> Result<(), String> {
    let build = ["build", "--release", "--quiet", "--package", "datajoint-bench"];
    let built = cargo().args(build).status().map_err(|error| error.to_string())?;
    if built.success() { Ok(()) } else { Err("the benchmark does not build".to_owned()) }
}

/// How much memory ten million rows take on a server.
fn memory(url: &str) -> Result<(), String> {
    println!("\n{}\n", shown(url));
    let mut command = Command::new(program());
    let status = command.args(["memory", url]).status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err("the benchmark of memory failed".to_owned()) }
}

impl Bench {
    pub(crate) fn run(&self) -> Result<(), String> {
        if let Some(Part::Populate(populate)) = &self.part {
            return populate.run();
        }
        let workloads: Vec<&Workload> =
            WORKLOADS.iter().filter(|workload| workload.name.contains(&self.workload)).collect();
        if workloads.is_empty() {
            let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
            let names = names.join("\n  ");
            return Err(format!("no workload has {:?} in its name; there are\n  {names}", self.workload));
        }
        build()?;
        let python = if self.no_python || self.memory { None } else { Some(interop::environment()?) };
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let file = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
        let started =
            if self.server.iter().any(|server| server == "all") { Some(Servers::find()?) } else { None };
        let mut urls = Vec::new();
        for server in &self.server {
            match server.as_str() {
                "sqlite" => urls.push(file.clone()),
                "all" => {
                    urls.extend(
                        started.iter().flat_map(|servers| &servers.found).map(|found| found.url.clone()),
                    );
                    urls.push(file.clone());
                }
                url => urls.push(url.to_owned()),
            }
        }
        if self.memory {
            return urls.iter().try_for_each(|url| memory(url));
        }
        let mut all = Vec::new();
        if self.round_trips {
            urls.retain(|url| Family::of(url) != Family::Embedded);
        }
        for url in &urls {
            println!("\n{}\n", shown(url));
            let measured = self.on(url, &workloads, python.as_deref())?;
            all.push(json!({"server": shown(url), self.unit(): measured}));
        }
        if let Some(path) = &self.json {
            let text = format!("{:#}\n", Value::Array(all));
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    const fn unit(&self) -> &'static str {
        if self.round_trips { "round trips" } else { "seconds" }
    }

    /// Runs the workloads on one server and prints its table.
    fn on(
        &self,
        url: &str,
        workloads: &[&Workload],
        python: Option<&Path>,
    ) -> Result<Map<String, Value>, String> {
        let family = Family::of(url);
        let proxy = if self.round_trips { Some(Proxy::start(url)?) } else { None };
        let url = proxy.as_ref().map_or(url, |proxy| &proxy.url);
        let program = program();
        let mut sides = Vec::new();
        for name in SIDES {
            let command = match (name, python) {
                ("python", Some(python)) if family != Family::Embedded => {
                    let mut command = Command::new(python);
                    command.args(["bench/python_side.py", url]);
                    command
                }
                ("python", _) => continue,
                _ => {
                    let mut command = Command::new(&program);
                    command.args([name, url]);
                    command
                }
            };
            sides.push(Side::start(name, command)?);
        }
        let mut all = Map::new();
        println!("{}", table::head(self.unit()));
        for workload in workloads {
            let measured = if let Some(proxy) = &proxy {
                measure::round_trips(&mut sides, workload.name, || proxy.turns())
            } else {
                measure::times(&mut sides, workload.name, self.repeat)
            };
            // One that fails must not hide the others.
            let measured: Measured = match measured {
                Ok(measured) => measured,
                Err(error) => {
                    println!("{:32} failed: {error}", workload.name);
                    continue;
                }
            };
            match proxy {
                Some(_) => println!("{}", table::line_of_turns(workload, &measured)),
                None => println!("{}", table::line(workload, family, &measured)),
            }
            all.insert(workload.name.to_owned(), json!(measured));
        }
        for side in sides {
            side.end()?;
        }
        Ok(all)
    }
}

/// The folder that cargo builds into.
#[expect(clippy::disallowed_methods, reason = "cargo says so where it builds")]
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// The server without who one is there.
fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        (None, _) if url.starts_with("sqlite:") => "sqlite, in a file".to_owned(),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(shown("mysql://ada:secret@db:3306"), "mysql://db:3306");
    }
}
