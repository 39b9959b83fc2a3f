use datajoint_schema::Table;

use super::quote::{quoted_list, reference};
use crate::{Error, Place, Result};

/// The text that makes PostgreSQL take rows of these columns in its binary format.
///
/// Fails for columns that the table lacks.
pub fn copy_in(table: &Table, columns: &[&str]) -> Result<String> {
    for name in columns {
        if table.heading.get(name).is_none() {
            let known = table.heading.visible().map(|attribute| attribute.name.as_str());
            return Err(Error::unknown(name, Place::Table(table.name.clone()), known));
        }
    }
    let (name, columns) = (reference(&table.name), quoted_list(columns.iter().copied()));
    Ok(format!("COPY {name} ({columns}) FROM STDIN (FORMAT BINARY)"))
}
