//! Whether somebody wants it.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use datajoint_definition::printable;

use crate::Plan;

/// What is said beforehand about what would go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Confirmation {
    /// Nothing: with safemode on, somebody is asked.
    #[default]
    Ask,
    /// It may go, whatever it is.
    Given,
    /// It may go if it is the plan of this hash.
    Plan(String),
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It may go.
    Yes,
    /// It stays.
    No,
    /// There is nobody to ask.
    NobodyThere,
}

/// Somebody who can be asked.
pub trait Ask: Send + Sync {
    /// Shows a plan, and whether it may be carried out. May wait for as long as people do.
    fn ask(&self, plan: &Plan) -> Answer;
}

/// Asks at the terminal that the program runs in; nobody is there when input or output is something else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal;

impl Ask for Terminal {
    fn ask(&self, plan: &Plan) -> Answer {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Answer::NobodyThere;
        }
        let mut answer = String::new();
        let mut output = io::stderr().lock();
        let asked = write!(output, "{}\n{}? [yes, no] ", printable(&plan.to_string()), plan.verb)
            .and_then(|()| output.flush());
        if asked.is_err() || io::stdin().lock().read_line(&mut answer).is_err() {
            return Answer::NobodyThere;
        }
        if answer.trim().eq_ignore_ascii_case("yes") { Answer::Yes } else { Answer::No }
    }
}
