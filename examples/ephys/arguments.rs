//! The command line.

use std::path::PathBuf;

/// What `--help` says.
pub const HELP: &str = "\
A pipeline from recordings to spikes.

Usage: cargo run --release --example ephys -- [OPTIONS]

  --data DIR   take the recordings data_{mouse_id}_{session_date}.npy of a folder; without it, they are simulated
  --out DIR    put the embedded database and the drawings there (ephys-output)
  --json       print the results as JSON, and nothing else
  --help       print this

It runs on an embedded database. Built with --features mysql or --features postgres, it runs on the server that DJ_BACKEND,
DJ_HOST, DJ_USER and DJ_PASS name.
";

/// What the command line asks for.
#[derive(Debug, Default)]
pub struct Arguments {
    pub data: Option<PathBuf>,
    pub out: PathBuf,
    pub json: bool,
    pub help: bool,
}

impl Arguments {
    /// Reads the command line.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { out: "ephys-output".into(), ..Self::default() };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut folder = || words.next().map(PathBuf::from).ok_or(format!("{word} wants a folder"));
            match word.as_str() {
                "--data" => arguments.data = Some(folder()?),
                "--out" => arguments.out = folder()?,
                "--json" => arguments.json = true,
                "--help" | "-h" => arguments.help = true,
                other => return Err(format!("`{other}` is no option; --help tells which there are")),
            }
        }
        Ok(arguments)
    }
}
