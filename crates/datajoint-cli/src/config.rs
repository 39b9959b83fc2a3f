//! The settings as a program would have them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use datajoint::settings::{Error, Reader, Settings, init};
use serde_json::{Value, json};

use crate::output::{print_json, say};
use crate::{Outcome, text};

/// Shows, checks and begins the settings of a project.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj config init\n  dj config explain\n  dj config check --json")]
pub(crate) struct Config {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows each setting, where it comes from, and what it hides; secrets stay hidden.
    Explain(Where),
    /// Says what is wrong with the settings; the exit status is 1 when they can't be used.
    Check(Where),
    /// Writes datajoint.json, and .secrets/ that its owner alone can read and git leaves out.
    Init {
        /// The folder of the project.
        #[arg(default_value = ".")]
        directory: PathBuf,
    },
}

#[derive(Args)]
struct Where {
    /// The folder from which files are searched upward.
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Takes unknown keys for warnings.
    #[arg(long)]
    lenient: bool,
}

impl Where {
    fn reader(&self) -> Reader {
        let reader = Settings::reader().directory(&self.directory);
        if self.lenient { reader.lenient() } else { reader }
    }
}

impl Config {
    pub(crate) fn run(&self) -> Outcome {
        match &self.task {
            Task::Explain(at) => {
                let settings = at.reader().load().map_err(text)?;
                let explanation = settings.explain();
                if at.json {
                    let files: Vec<_> =
                        settings.files().iter().map(|path| path.display().to_string()).collect();
                    print_json(
                        "config explain",
                        [
                            ("settings", explanation.json()),
                            ("files", json!(files)),
                            ("warnings", json!(settings.warnings())),
                        ],
                    );
                } else {
                    say!("{}", explanation.to_string().trim_end());
                }
                Ok(ExitCode::SUCCESS)
            }
            Task::Check(at) => check(at),
            Task::Init { directory } => {
                for path in init(directory).map_err(text)? {
                    say!("wrote {}", path.display());
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn check(at: &Where) -> Outcome {
    let (errors, warnings, files) = match at.reader().load() {
        Ok(settings) => {
            let files = settings.files().iter().map(|path| path.display().to_string()).collect();
            (Vec::new(), settings.warnings().to_vec(), files)
        }
        Err(Error::Values(faults)) => {
            (faults.iter().map(ToString::to_string).collect(), Vec::new(), Vec::new())
        }
        Err(error) => (vec![error.to_string()], Vec::new(), Vec::new()),
    };
    if at.json {
        let findings = |level: &str, messages: &[String]| -> Vec<Value> {
            messages.iter().map(|message| json!({"level": level, "message": message})).collect()
        };
        let all = [findings("error", &errors), findings("warning", &warnings)].concat();
        print_json("config check", [("files", json!(files)), ("findings", json!(all))]);
    } else {
        let files: &[String] = &files;
        for (word, lines) in
            [("read ", files), ("warning: ", warnings.as_slice()), ("error: ", errors.as_slice())]
        {
            for line in lines {
                say!("{word}{line}");
            }
        }
    }
    match errors.len() {
        0 => Ok(ExitCode::SUCCESS),
        1 => Err("one setting can't be used".to_owned()),
        count => Err(format!("{count} settings can't be used")),
    }
}
