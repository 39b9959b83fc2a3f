//! Puts each example of the guide into its template, so that the prose shows nothing that the example is not about.
//!
//! An example that begins with `rust,NAME` takes the place of the line `// The example.` in `templates/NAME.rs`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=templates");
    #[expect(clippy::disallowed_methods, reason = "Cargo tells a build script in this way where to write")]
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?).join("src");
    fs::create_dir_all(&folder)?;
    for chapter in fs::read_dir("src")? {
        let chapter = chapter?;
        let text = in_templates(&fs::read_to_string(chapter.path())?)?;
        fs::write(folder.join(chapter.file_name()), text)?;
    }
    Ok(())
}

/// The chapter with each example in its template.
fn in_templates(chapter: &str) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let mut after = None;
    for line in chapter.lines() {
        let name = line.strip_prefix("```rust,").filter(|name| *name != "ignore");
        if let Some(name) = name {
            let template = fs::read_to_string(format!("templates/{name}.rs"))
                .map_err(|error| format!("templates/{name}.rs: {error}"))?;
            let (before, rest) = template.split_once("// The example.\n").ok_or("a template has a place")?;
            text += "```rust\n";
            text += before;
            after = Some(rest.to_owned());
            continue;
        }
        if line == "```" {
            text += &after.take().unwrap_or_default();
        }
        text += line;
        text.push('\n');
    }
    Ok(text)
}
