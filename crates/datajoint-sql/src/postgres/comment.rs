use datajoint_schema::Table;

use super::{quote, reference};
use crate::Statement;
use crate::ddl::marked_comment;
use crate::quote::literal;

/// The comments of a table and of the columns that no foreign key brings in.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let name = reference(&table.name);
    let mut statements =
        vec![Statement::plain(format!("COMMENT ON TABLE {name} IS {}", literal(&table.comment)))];
    for attribute in table.heading.all().iter().filter(|attribute| !attribute.inherited) {
        let text = marked_comment(attribute);
        if !text.is_empty() {
            let column = quote(&attribute.name);
            statements
                .push(Statement::plain(format!("COMMENT ON COLUMN {name}.{column} IS {}", literal(&text))));
        }
    }
    statements
}
