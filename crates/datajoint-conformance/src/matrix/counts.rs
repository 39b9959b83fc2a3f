//! What came of the cells.

use std::fmt;

use datajoint::{Backend, Value};

use super::line::is_same;

/// How many cells there were, and what was wrong.
pub(super) struct Counts {
    backend: Backend,
    type_text: &'static str,
    table: String,
    same: usize,
    refused: usize,
    faults: Vec<String>,
}

impl Counts {
    pub(super) const fn of(backend: Backend) -> Self {
        Self { backend, type_text: "", table: String::new(), same: 0, refused: 0, faults: Vec::new() }
    }

    /// The cells that follow are of this type, in a table with this name.
    pub(super) fn begin(&mut self, type_text: &'static str, table: String) {
        (self.type_text, self.table) = (type_text, table);
    }

    /// Counts a cell: what was given, and what came back on a road.
    pub(super) fn see(&mut self, road: &str, given: &Value, end: &Result<Value, String>) {
        self.see_in(road, &self.table.clone(), given, end);
    }

    /// The same of a table with another name.
    pub(super) fn see_in(&mut self, road: &str, table: &str, given: &Value, end: &Result<Value, String>) {
        let at = || format!("{} by {road} of {given:?}", self.type_text);
        let fault = match end {
            Ok(read) if is_same(self.backend, given, read) => {
                self.same += 1;
                return;
            }
            Ok(read) => format!("{}: came back as {read:?}", at()),
            Err(error) => match lacking(road, table, given, error) {
                None => {
                    self.refused += 1;
                    return;
                }
                Some(lacking) => format!("{}: the error names no {lacking}: {error}", at()),
            },
        };
        self.faults.push(fault);
    }

    pub(super) fn check(&mut self, is_right: bool, given: &Value, fault: impl FnOnce() -> String) {
        if !is_right {
            self.faults.push(format!("{} of {given:?}: {}", self.type_text, fault()));
        }
    }

    pub(super) fn end(self) {
        let Self { faults, .. } = self;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { same, refused, faults, .. } = self;
        write!(
            formatter,
            "{} cells, {same} the same, {refused} refused by name",
            same + refused + faults.len()
        )
    }
}

/// The first of what an error must name and does not.
fn lacking(road: &str, table: &str, given: &Value, error: &str) -> Option<&'static str> {
    // A definition is refused before there is a row; a row that is made JSON is in the hand of who does so.
    let is_declared = road != "default" && !error.contains("can't be declared");
    // A type that a kind of file has no place for is refused before a row is read.
    let is_of_type = error.contains("have no place in a CSV file");
    let (has_row, has_table) = (is_declared && road != "JSON" && !is_of_type, road != "JSON");
    let row = ["row 1", "id=", "id = ", "line 2", "row 2"];
    match () {
        () if has_table && !error.contains(table) => Some("table"),
        () if !["`v`", "`v :", "v = "].iter().any(|name| error.contains(name)) => Some("attribute"),
        () if has_row && !row.iter().any(|row| error.contains(row)) => Some("row"),
        () if is_declared && !shown(given).iter().any(|shown| error.contains(shown.as_str())) => {
            Some("value")
        }
        () => None,
    }
}

/// The ways in which a value may be written in a message.
fn shown(value: &Value) -> Vec<String> {
    let text = |text: &str| format!("{text:?}").trim_matches('"').chars().take(12).collect::<String>();
    match value {
        Value::Text(value) => vec![text(value)],
        Value::Json(value) => vec![value.to_string().chars().take(12).collect(), text(&value.to_string())],
        Value::Bytes(_) => vec!["byte".to_owned()],
        Value::Float32(value) => vec![value.to_string(), format!("{value:?}")],
        Value::Float64(value) => vec![value.to_string(), format!("{value:?}")],
        Value::Bool(value) => vec![value.to_string()],
        Value::Int(value) => vec![value.to_string()],
        Value::UInt(value) => vec![value.to_string()],
        Value::Decimal(value) => vec![value.to_string()],
        Value::BigDecimal(value) => vec![value.to_plain_string().chars().take(30).collect()],
        Value::Duration(value) => vec![datajoint_sql::show_span(*value)],
        Value::Date(value) => vec![value.to_string()],
        Value::Time(value) => vec![value.to_string()],
        Value::DateTime(value) => vec![value.to_string(), value.to_string().replace(' ', "T")],
        Value::Uuid(value) => vec![value.to_string()],
        Value::Null | Value::Default => vec!["null".to_owned()],
    }
}
