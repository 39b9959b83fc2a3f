//! What people see of a program that ends with an error.

use std::process::Command;

#[test]
fn a_main_that_returns_an_error_shows_it_as_people_read_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_refused")).output().expect("it is built");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "Error: `lab.session` refers to `lab.subject`, which has no row with subject = 7: \
             insert it there first, or refer to one that is there",
            "  because: FOREIGN KEY constraint failed; insert parents before children, and delete children before parents",
        ]
    );
}
