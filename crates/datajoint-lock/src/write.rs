//! The file from the lock.

use std::fmt;

use serde::Serialize;

use crate::shape::{TableShape, VERSION};
use crate::{Lock, LockedTable};

/// One thing a line, so that a change of it is one in version control.
impl fmt::Display for Lock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{{\n  \"version\": {VERSION},\n  \"tables\": {{")?;
        let last = self.tables.len().saturating_sub(1);
        for (place, table) in self.tables.values().enumerate() {
            write_table(formatter, table)?;
            writeln!(formatter, "{}", if place == last { "" } else { "," })?;
        }
        writeln!(formatter, "  }}\n}}")
    }
}

fn write_table(formatter: &mut fmt::Formatter<'_>, table: &LockedTable) -> fmt::Result {
    let shape = TableShape::of(table.table(), Some(table.hash()));
    writeln!(formatter, "    {}: {{", line(&table.table().name.to_string()))?;
    writeln!(formatter, "      \"hash\": {},", line(&shape.hash))?;
    writeln!(formatter, "      \"class\": {},", line(&shape.class))?;
    for (name, value) in [("tier", &shape.tier), ("master", &shape.master)] {
        if let Some(value) = value {
            writeln!(formatter, "      \"{name}\": {},", line(value))?;
        }
    }
    write_list(formatter, "attributes", &shape.attributes)?;
    if !shape.foreign_keys.is_empty() {
        formatter.write_str(",\n")?;
        write_list(formatter, "foreign_keys", &shape.foreign_keys)?;
    }
    if !shape.indexes.is_empty() {
        formatter.write_str(",\n")?;
        write_list(formatter, "indexes", &shape.indexes)?;
    }
    write!(formatter, "\n    }}")
}

fn write_list(formatter: &mut fmt::Formatter<'_>, name: &str, items: &[impl Serialize]) -> fmt::Result {
    let lines: Vec<String> = items.iter().map(|item| format!("        {}", line(item))).collect();
    write!(formatter, "      \"{name}\": [\n{}\n      ]", lines.join(",\n"))
}

/// One line of JSON. What is written has strings and truths alone, which JSON can always say.
pub(crate) fn line(item: &impl Serialize) -> String {
    serde_json::to_string(item).unwrap_or_default()
}
