use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Attribute, Table};

use super::Mysql;
use super::quote::{quote, reference};
use crate::dialect::Insert;
use crate::kind::is_string;
use crate::{InsertMode, Statement};

/// The variable of a session in which an insert counts the rows that it passes over.
const PASSED_OVER: &str = "@datajoint_passed_over";

impl Insert for Mysql {
    fn passed_over(&self) -> Option<[Statement; 2]> {
        let statements = [format!("SET {PASSED_OVER} = 0"), format!("SELECT CAST({PASSED_OVER} AS SIGNED)")];
        Some(statements.map(Statement::plain))
    }

    /// What is locked is read as it is now, all else as it was when the transaction began.
    fn changed_row(&self, table: &Table) -> Option<(String, &'static str, &'static str)> {
        if self.backend == Backend::Mariadb {
            return None;
        }
        let same = |attribute: &Attribute| {
            let sides = ["seen", "now"].map(|side| format!("{side}.{}", quote(&attribute.name)));
            let sides = if is_string(attribute) {
                sides.map(|side| format!("CAST({side} AS BINARY)"))
            } else {
                sides
            };
            sides.join(" <=> ")
        };
        let (key, others): (Vec<_>, Vec<_>) =
            table.heading.all().iter().partition(|attribute| attribute.in_key);
        let key: Vec<String> =
            key.iter().map(|attribute| format!("seen.{0} = now.{0}", quote(&attribute.name))).collect();
        let others: Vec<String> = others.iter().map(|attribute| same(attribute)).collect();
        let first = table.heading.all().iter().find(|attribute| attribute.in_key)?;
        let query = format!(
            "SELECT 1 FROM {name} AS now LEFT JOIN {name} AS seen ON {} \
             WHERE (seen.{} IS NULL OR NOT ({}))",
            key.join(" AND "),
            quote(&first.name),
            others.join(" AND "),
            name = reference(&table.name),
        );
        Some((query, " FOR UPDATE OF now", "now"))
    }

    /// To skip, the row that is there is given the key it has, to replace, all other values too: unlike `IGNORE` and
    /// `REPLACE`, that hides no other fault, and no row is deleted that others refer to.
    ///
    /// The row that is there may be another one: its key may be the same to the collation alone, or the clash be in another
    /// unique index. Then its key becomes null, which no key may be: the statement fails.
    ///
    /// Who passes over rows counts them in a variable: the client counts a row that is found as one that is changed.
    fn insert_mode(&self, table: &Table, mode: InsertMode) -> (&'static str, String) {
        let key: Vec<&Attribute> = table
            .heading
            .all()
            .iter()
            .filter(|attribute| attribute.in_key)
            .map(|attribute| &**attribute)
            .collect();
        let Some(first) = key.first().filter(|_| mode != InsertMode::Plain) else {
            return ("INSERT INTO", String::new());
        };
        let there = |attribute: &Attribute| format!("{}.{}", reference(&table.name), quote(&attribute.name));
        let given = |attribute: &Attribute| format!("VALUES({})", quote(&attribute.name));
        let same: Vec<String> = key
            .iter()
            .map(|attribute| {
                let (there, given) = (there(attribute), given(attribute));
                if is_string(attribute) {
                    format!("CAST({there} AS BINARY) = CAST({given} AS BINARY)")
                } else {
                    format!("{there} = {given}")
                }
            })
            .collect();
        let counted = if mode == InsertMode::SkipDuplicates {
            format!(" AND ({PASSED_OVER} := coalesce({PASSED_OVER}, 0) + 1)")
        } else {
            String::new()
        };
        let same = format!("{}{counted}", same.join(" AND "));
        let mut changes = vec![format!("{} = IF({same}, {}, NULL)", quote(&first.name), there(first))];
        if mode == InsertMode::Replace {
            let is_given = |attribute: &&Arc<Attribute>| !attribute.in_key && !attribute.is_generated();
            let others = table.heading.all().iter().filter(is_given);
            changes
                .extend(others.map(|attribute| format!("{} = {}", quote(&attribute.name), given(attribute))));
        }
        ("INSERT INTO", format!(" ON DUPLICATE KEY UPDATE {}", changes.join(", ")))
    }

    fn default_row(&self) -> &'static str {
        " () VALUES ()"
    }
}
