//! Whether the user may change a table: PostgreSQL asks for its owner.

use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::Result;
use crate::look::Look;
use crate::plan::{Item, State};

/// The tables that the user does not own, with their owners.
pub(crate) struct Owned {
    others: HashMap<TableName, String>,
    user: String,
}

/// Reads who owns the tables of the deployed schemas.
pub(crate) async fn owned(look: &mut Look<'_>) -> Result<Owned> {
    let mut owned = Owned { others: HashMap::new(), user: String::new() };
    if look.backend != Backend::Postgresql {
        return Ok(owned);
    }
    let sql = "SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text, current_user::text \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE') AND n.nspname::text IN ({})";
    for row in look.rows_of_schemas(sql).await? {
        owned.others.insert(TableName::new(row.text(0), row.text(1)), row.text(2));
        owned.user = row.text(3);
    }
    Ok(owned)
}

impl Owned {
    /// The item, failed where the user may not do what it asks for.
    pub(crate) fn check(&self, item: Item, table: &TableName) -> Item {
        match self.others.get(table) {
            Some(owner) if item.state == State::WouldChange => item.failed(
                "42501",
                format!("{} does not own the table, {owner} does", self.user),
                format!(
                    "deploy as {owner}, or make {} a member of it: GRANT {owner} TO {}",
                    self.user, self.user
                ),
            ),
            _ => item,
        }
    }

    /// The owner, where it is somebody else.
    pub(crate) fn other(&self, table: &TableName) -> Option<&str> {
        self.others.get(table).map(String::as_str)
    }
}
