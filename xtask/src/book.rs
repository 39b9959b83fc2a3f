//! `cargo xtask book`: the guide as a book, with every link followed.

mod browser;

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::tools::{LYCHEE, MDBOOK};

/// Where the book is written, after all that was there.
const BOOK: &str = "target/book";

/// What is read where it lies, beside the book: links between these files, to files of the repository, to headings.
const DOCUMENTS: &[&str] =
    &["*.md", "docs/guide/src", "examples/pipeline/README.md", "crates/datajoint/src/lib.rs"];

/// Addresses of files on the main branch, which are looked for here.
const ON_MAIN: &str = "https://github.com/datajoint/datajoint-rust/(?:blob|edit|tree)/main/(.*)";

/// Builds the guide as a book in `target/book`, and follows the links of the book and of the documents.
#[derive(Args)]
pub(crate) struct Book {
    /// Searches the book in Chromium, on a wide and on a narrow screen.
    #[arg(long)]
    browser: bool,
    /// Takes a picture of each page in Chromium, wide and narrow, light and dark, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
}

impl Book {
    /// What is looked at in a browser, too.
    pub(crate) const SEARCHED: Self = Self { browser: true, pictures: None };

    pub(crate) fn run(&self) -> Result<(), String> {
        let faults = check()?;
        if !faults.is_empty() {
            return Err(faults.join("\n"));
        }
        println!("The book begins at {}", PathBuf::from(BOOK).join("index.html").display());
        if self.browser {
            browser::search()?;
        }
        self.pictures.as_ref().map_or(Ok(()), |folder| browser::take_pictures(folder))
    }
}

/// What is wrong with the book or with a link, or why that is not known.
pub(crate) fn check() -> Result<Vec<String>, String> {
    let (mdbook, lychee) = match (MDBOOK.find(), LYCHEE.find()) {
        (Ok(mdbook), Ok(lychee)) => (mdbook, lychee),
        (Err(error), _) | (_, Err(error)) => return Ok(vec![format!("the book was not checked: {error}")]),
    };
    let out = std::path::absolute(BOOK).map_err(|error| format!("{BOOK}: {error}"))?;
    let here = std::path::absolute(".").map_err(|error| format!("this folder: {error}"))?;
    let mut faults = Vec::new();
    let built = Command::new(mdbook).args(["build", "docs/guide", "--dest-dir"]).arg(&out).output();
    let built = built.map_err(|error| format!("mdbook can't run: {error}"))?;
    // A warning is markup that readers would see as text, or not at all.
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() || said.contains("WARN") || said.contains("ERROR") {
        faults.push(format!("mdbook has findings:\n{}", said.trim()));
    }
    let mut links = Command::new(lychee);
    // Links to other sites depend on those. The folder of the book is one that git ignores.
    links.args(["--offline", "--include-fragments", "--no-ignore", "--no-progress"]);
    links.arg("--remap").arg(format!("{ON_MAIN} file://{}/$1", here.display()));
    let followed = links.arg("--root-dir").arg(&out).args(DOCUMENTS).arg(&out).output();
    let followed = followed.map_err(|error| format!("lychee can't run: {error}"))?;
    if !followed.status.success() {
        let said = [followed.stdout, followed.stderr].concat();
        faults.push(format!("links lead nowhere:\n{}", String::from_utf8_lossy(&said).trim()));
    }
    Ok(faults)
}
