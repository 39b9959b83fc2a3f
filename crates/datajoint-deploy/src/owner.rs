//! Whether the user may change a table: PostgreSQL asks for its owner.

use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Snapshot, State};
use datajoint_schema::TableName;

use crate::Result;

/// The tables that the user does not own, with their owners.
pub(crate) struct Owned {
    others: HashMap<TableName, Owner>,
    user: String,
}

struct Owner {
    name: String,
    is_superuser: bool,
}

/// Reads who owns the tables of the deployed schemas.
pub(crate) async fn owned(snapshot: &mut Snapshot) -> Result<Owned> {
    let mut owned = Owned { others: HashMap::new(), user: String::new() };
    if snapshot.backend != Backend::Postgresql {
        return Ok(owned);
    }
    let sql = "SELECT n.nspname::text, c.relname::text, o.rolname::text, o.rolsuper, current_user::text \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner \
               WHERE c.relkind IN ('r', 'p') AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let owner = Owner { name: row.text(2), is_superuser: row.truth(3) };
        owned.others.insert(TableName::new(row.text(0), row.text(1)), owner);
        owned.user = row.text(4);
    }
    Ok(owned)
}

impl Owned {
    /// The item, failed where the user may not do what it asks for.
    pub(crate) fn check(&self, item: Item, table: &TableName) -> Item {
        match self.others.get(table) {
            Some(owner) if item.state == State::WouldChange => item.failed(
                FailureCode::NotOwner,
                format!("{} does not own the table, {} does", self.user, owner.name),
                self.way_out(owner, &format!("ALTER TABLE {table} OWNER TO {}", self.user)),
            ),
            _ => item,
        }
    }

    /// What lets the user do it. Nobody is made a superuser for that.
    fn way_out(&self, owner: &Owner, hand_over: &str) -> String {
        let (name, user) = (&owner.name, &self.user);
        if owner.is_superuser {
            format!("deploy as {name}, which is a superuser, or let it hand the table over: {hand_over}")
        } else {
            format!("deploy as {name}, or make {user} a member of it: GRANT {name} TO {user}")
        }
    }

    /// The owner, where it is somebody else.
    pub(crate) fn other(&self, table: &TableName) -> Option<&str> {
        self.others.get(table).map(|owner| owner.name.as_str())
    }
}
