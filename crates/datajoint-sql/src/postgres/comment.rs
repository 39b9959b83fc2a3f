use datajoint_schema::{Attribute, Table};

use super::quote::{quote, reference};
use crate::Statement;
use crate::declaration::marked_comment;
use crate::literal::literal;

/// The comments of a table and of the columns that no foreign key brings in.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let name = reference(&table.name);
    let mut statements =
        vec![Statement::plain(format!("COMMENT ON TABLE {name} IS {}", literal(&table.comment)))];
    statements.extend(
        table
            .heading
            .all()
            .iter()
            .filter(|attribute| !attribute.inherited)
            .filter_map(|it| column(table, it)),
    );
    statements
}

/// The comment of a column, where it has one.
pub(super) fn column(table: &Table, attribute: &Attribute) -> Option<Statement> {
    let text = marked_comment(attribute);
    let (name, column) = (reference(&table.name), quote(&attribute.name));
    (!text.is_empty())
        .then(|| Statement::plain(format!("COMMENT ON COLUMN {name}.{column} IS {}", literal(&text))))
}
