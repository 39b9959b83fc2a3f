//! The book in Chromium without a screen.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::Team;

/// What is searched for, and the page that is to be found.
const WORD: &str = "populate";
const FOUND: &str = "populating.html";

/// Its name, the size of the window, and the scheme of colors that the reader prefers.
const LOOKS: [(&str, &str, &str); 4] = [
    ("wide-light", "1280,2400", "--blink-settings=preferredColorScheme=1"),
    ("wide-dark", "1280,2400", "--blink-settings=preferredColorScheme=0"),
    ("narrow-light", "400,2400", "--blink-settings=preferredColorScheme=1"),
    ("narrow-dark", "400,2400", "--blink-settings=preferredColorScheme=0"),
];

/// Searches as a reader's browser does.
pub(super) fn search() -> Result<(), String> {
    let chromium = chromium()?;
    for look in LOOKS {
        let page = format!("{}?search={WORD}", address("introduction.html")?);
        let shown = browse(&chromium, look, &["--dump-dom".to_owned()], &page)?;
        let is_found = shown.contains(&format!("search results for '{WORD}'"))
            && shown.contains(&format!("href=\"{FOUND}?highlight={WORD}"));
        if !is_found {
            return Err(format!("a search for `{WORD}` does not find {FOUND} ({})", look.0));
        }
    }
    println!("A search for `{WORD}` finds {FOUND}");
    Ok(())
}

/// A picture of the top of each page, however it is looked at.
pub(super) fn take_pictures(folder: &Path) -> Result<(), String> {
    let chromium = chromium()?;
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folder = std::path::absolute(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let pages = std::fs::read_dir("docs/guide/src").map_err(|error| format!("docs/guide/src: {error}"))?;
    let pages = pages.flatten().map(|page| PathBuf::from(page.file_name()).with_extension("html"));
    for page in pages.filter(|page| !page.starts_with("SUMMARY.html")) {
        for look in LOOKS {
            let picture = folder.join(page.with_extension(format!("{}.png", look.0)));
            let address = address(&page.display().to_string())?;
            browse(&chromium, look, &[format!("--screenshot={}", picture.display())], &address)?;
        }
    }
    println!("The pictures are in {}", folder.display());
    Ok(())
}

fn address(page: &str) -> Result<String, String> {
    let path =
        std::path::absolute(Path::new(super::BOOK).join(page)).map_err(|error| format!("{page}: {error}"))?;
    Ok(format!("file://{}", path.display()))
}

/// Chromium, installed where that is possible.
fn chromium() -> Result<String, String> {
    let program = Team::Browser.start()?.variables.pop();
    program.map(|(_, program)| program).ok_or_else(|| "chromium is not found".to_owned())
}

/// Opens a page, and returns what the browser prints.
fn browse(
    chromium: &str,
    look: (&str, &str, &str),
    more: &[String],
    address: &str,
) -> Result<String, String> {
    let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = Command::new(chromium)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        .args(["--virtual-time-budget=4000", look.2])
        .arg(format!("--window-size={}", look.1))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(more)
        .arg(address)
        .output()
        .map_err(|error| format!("chromium can't run: {error}"))?;
    if !output.status.success() {
        return Err(format!("chromium: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
