//! The compile errors that the guide quotes are those that the compiler gives.

use std::fs;
use std::path::Path;

use datajoint_guide::CHAPTERS;

#[test]
fn quoted_errors_are_what_the_compiler_says() {
    let mut quoted = 0;
    for (file, text) in CHAPTERS {
        for part in text.split("<!-- tests/ui/").skip(1) {
            let (name, rest) =
                part.split_once(".stderr -->\n```text\n").expect("a comment before a block of text");
            let (quote, _) = rest.split_once("```").expect("the end of the block");
            let path = Path::new("ui").join(name).with_extension("stderr");
            let said =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let said = said.replace(&format!("--> {name}.rs"), "--> src/lab.rs");
            assert!(said.contains(quote), "{file} quotes what is not in {}:\n{quote}", path.display());
            quoted += 1;
        }
    }
    assert!(quoted > 5, "the guide quotes too few errors");
}
