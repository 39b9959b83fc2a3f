//! Indexes of an export that the database of an import can't have.

use datajoint_definition::{Backend, IndexItem, Line, parse};
use datajoint_schema::TableName;
use datajoint_sql::index_fault;

use crate::{Error, LeftOut, Result};

/// A definition without the indexes that are left out, and these.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    table: TableName,
    lines: Vec<String>,
    /// True where unique indexes may be left out too.
    with_unique: bool,
    pub(crate) left_out: Vec<LeftOut>,
}

/// An index of a definition.
#[derive(Debug)]
struct Found {
    /// The number of its line.
    line: usize,
    is_unique: bool,
    text: String,
    /// Why a database has no such index.
    fault: Option<String>,
    /// True where it has an expression, which is the affair of a database.
    has_expression: bool,
}

impl Fitted {
    /// The definition of a table as far as a database has its indexes.
    ///
    /// Fails for a unique index that it can't have, unless these are left out too.
    pub(crate) fn new(
        backend: Backend,
        table: TableName,
        definition: &str,
        with_unique: bool,
    ) -> Result<Self> {
        let lines = definition.lines().map(str::to_owned).collect();
        let mut fitted = Self { table, lines, with_unique, left_out: Vec::new() };
        for found in fitted.indexes(backend) {
            let Some(reason) = found.fault.clone() else { continue };
            if found.is_unique && !with_unique {
                return Err(Error::UniqueIndex { table: fitted.table, index: found.text, reason });
            }
            fitted.leave_out(found, &reason);
        }
        Ok(fitted)
    }

    pub(crate) fn definition(&self) -> String {
        self.lines.join("\n")
    }

    /// The same without indexes that a database may have refused to make: without each of them alone, then without all.
    pub(crate) fn with_fewer(&self, backend: Backend, reason: &str) -> Vec<Self> {
        let may_go = |found: &Found| found.has_expression && (self.with_unique || !found.is_unique);
        let without = |found: Vec<Found>| {
            let mut fewer = self.clone();
            for found in found {
                fewer.leave_out(found, reason);
            }
            fewer
        };
        let uncertain = || self.indexes(backend).into_iter().filter(may_go);
        let mut tries: Vec<Self> = uncertain().map(|found| without(vec![found])).collect();
        if tries.len() > 1 {
            tries.push(without(uncertain().collect()));
        }
        tries
    }

    fn leave_out(&mut self, found: Found, reason: &str) {
        self.lines[found.line].clear();
        let (table, reason) = (self.table.to_string(), reason.to_owned());
        self.left_out.push(LeftOut { table, index: found.text, reason });
    }

    fn indexes(&self, backend: Backend) -> Vec<Found> {
        let found = |(line, text): (usize, &String)| {
            let text = text.trim();
            let words = text.to_ascii_lowercase();
            let (definition, faults) = parse(text);
            match definition.lines.into_iter().next() {
                Some(Line::Index(index)) => {
                    let has_expression =
                        index.items.iter().any(|item| !matches!(item, IndexItem::Attribute(_)));
                    let fault = index_fault(backend, &index.items);
                    let text = index.to_string();
                    Some(Found { line, is_unique: index.unique, text, fault, has_expression })
                }
                None if words.starts_with("index (") || words.starts_with("unique index (") => {
                    let fault = faults.into_iter().next().map(|fault| fault.message);
                    let is_unique = words.starts_with("unique");
                    Some(Found { line, is_unique, text: text.to_owned(), fault, has_expression: true })
                }
                _ => None,
            }
        };
        self.lines.iter().enumerate().filter_map(found).collect()
    }
}
