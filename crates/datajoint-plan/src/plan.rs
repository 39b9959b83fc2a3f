use std::fmt;

use datajoint_guard::{Finding, Fingerprint};
use serde_json::json;

use crate::{Item, Purpose, State, Step};

/// What would be done, or was.
///
/// `Display` is for people, [`json`](Self::json) for machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The server: `postgresql 15.2`.
    pub server: String,
    /// Whether it was applied.
    pub is_applied: bool,
    /// Every object that was looked at.
    pub items: Vec<Item>,
    /// What should be known beside.
    pub findings: Vec<Finding>,
    /// What carries it out, so that no plan of another kind has its hash.
    pub(crate) kind: &'static str,
    /// What was asked for, as the hash has it.
    pub(crate) asked: Vec<u8>,
    /// Whether a journal has steps that did not say how they ended.
    pub(crate) was_interrupted: bool,
}

impl Plan {
    /// The objects that are not as wanted yet, and can be made so.
    pub fn pending(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.state == State::WouldChange)
    }

    /// The objects that could not be made as wanted.
    pub fn failed(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| matches!(item.state, State::Failed { .. }))
    }

    /// Returns the item of an object, by the name of its operation.
    pub fn item(&self, operation: impl AsRef<str>, object: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.operation == operation.as_ref() && item.object == object)
    }

    /// 0 when nothing is to do, or all was done; 1 when something failed; 2 when changes are pending.
    pub fn exit_status(&self) -> u8 {
        if self.failed().next().is_some() {
            1
        } else if self.pending().next().is_some() {
            2
        } else {
            0
        }
    }

    /// A short text that no other plan has: of another wish, another state of the database or another server.
    pub fn hash(&self) -> String {
        let mut fingerprint = Fingerprint::new(self.kind);
        fingerprint.add(&self.server).add(&self.asked);
        for item in &self.items {
            let (state, why) = match &item.state {
                State::Unchanged => ("unchanged", ""),
                State::WouldChange => ("would-change", ""),
                State::Changed => ("changed", ""),
                State::Skipped { reason } => ("skipped", reason.as_str()),
                State::Failed { code, .. } => ("failed", code.as_str()),
            };
            let Item { operation, object, found, wanted, statements, .. } = item;
            fingerprint.add(operation).add(object).add(found).add(wanted).add(state).add(why);
            fingerprint.add((statements.len() as u64).to_be_bytes());
            for Step { task, atomicity, purpose, .. } in statements {
                task.add_to(&mut fingerprint);
                fingerprint.add(atomicity.name()).add(purpose.name());
            }
        }
        fingerprint.finish()
    }

    /// How many tables were looked at, as DataJoint for Python counts them.
    pub fn tables_analyzed(&self) -> usize {
        self.items.len()
    }

    /// How many were changed; none in a plan.
    pub fn tables_modified(&self) -> usize {
        self.items.iter().filter(|item| item.state == State::Changed).count()
    }

    /// The statements that would be run, or were, without those that only check.
    pub fn ddl(&self) -> Vec<String> {
        let steps =
            self.items.iter().flat_map(|item| &item.statements).filter(|step| step.purpose != Purpose::Check);
        steps.map(|step| step.task.to_string()).collect()
    }

    /// How many objects stand how, and the hash when something is to be done: the end of what is shown to people.
    pub fn summary(&self) -> String {
        let count = |wanted: fn(&State) -> bool| self.items.iter().filter(|item| wanted(&item.state)).count();
        let (done, verb) = if self.is_applied {
            (self.tables_modified(), "changed")
        } else {
            (self.pending().count(), "would change")
        };
        let unchanged = count(|state| *state == State::Unchanged);
        let skipped = count(|state| matches!(state, State::Skipped { .. }));
        let failed = self.failed().count();
        let hash =
            if self.is_applied || done == 0 { String::new() } else { format!("\nplan {}", self.hash()) };
        format!("{done} {verb}, {unchanged} as wanted, {skipped} skipped, {failed} failed{hash}")
    }

    /// The whole plan for machines; `version` changes when something in it does.
    pub fn json(&self) -> serde_json::Value {
        json!({
            "version": 1,
            "server": self.server,
            "applied": self.is_applied,
            "hash": self.hash(),
            "items": self.items,
            "findings": self.findings,
            "exit_status": self.exit_status(),
            "tables_analyzed": self.tables_analyzed(),
            "tables_modified": self.tables_modified(),
            "ddl": self.ddl(),
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.server)?;
        for item in self.items.iter().filter(|item| item.state != State::Unchanged) {
            writeln!(formatter, "{item}")?;
        }
        for finding in &self.findings {
            writeln!(formatter, "{finding}")?;
        }
        formatter.write_str(&self.summary())
    }
}

#[cfg(test)]
mod tests;
