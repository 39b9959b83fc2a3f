//! What is granted on the server to our roles.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Row, Snapshot, State, placeholders};
use datajoint_schema::TableName;
use datajoint_sql::{GrantPlace, Value, read_grant};

use crate::Result;
use crate::rights::{Privileges, Rights};

/// Privileges on schemas, and the columns of `mysql.db` that have them.
pub(in crate::grants) const COLUMNS: [(&str, &str); 19] = [
    ("GRANT OPTION", "Grant_priv"),
    ("SELECT", "Select_priv"),
    ("INSERT", "Insert_priv"),
    ("UPDATE", "Update_priv"),
    ("DELETE", "Delete_priv"),
    ("CREATE", "Create_priv"),
    ("DROP", "Drop_priv"),
    ("REFERENCES", "References_priv"),
    ("INDEX", "Index_priv"),
    ("ALTER", "Alter_priv"),
    ("CREATE TEMPORARY TABLES", "Create_tmp_table_priv"),
    ("LOCK TABLES", "Lock_tables_priv"),
    ("CREATE VIEW", "Create_view_priv"),
    ("SHOW VIEW", "Show_view_priv"),
    ("TRIGGER", "Trigger_priv"),
    ("CREATE ROUTINE", "Create_routine_priv"),
    ("ALTER ROUTINE", "Alter_routine_priv"),
    ("EXECUTE", "Execute_priv"),
    ("EVENT", "Event_priv"),
];

/// An account: user and host. Roles of MariaDB have no host.
pub(super) type Account = (String, String);

/// What is granted on the server to our roles.
#[derive(Default)]
pub(super) struct Observed {
    /// All accounts, roles too.
    pub(super) accounts: BTreeSet<Account>,
    /// The names of those that are roles.
    pub(super) roles: BTreeSet<String>,
    /// The accounts that have a role, by its name.
    pub(super) members: BTreeMap<String, BTreeSet<Account>>,
    /// Those among them whom MariaDB put into the role when they made it, so as to hand it on.
    pub(super) makers: BTreeSet<(String, Account)>,
    /// The roles that accounts have when they connect, ours or not.
    pub(super) defaults: BTreeMap<Account, BTreeSet<Account>>,
    /// Privileges by role and pattern of schemas.
    pub(super) schemas: BTreeMap<(String, String), Privileges>,
    pub(super) tables: BTreeMap<String, Rights>,
    /// Privileges on single columns, which are never ours.
    pub(super) columns: BTreeMap<String, BTreeMap<(TableName, String), Privileges>>,
    /// The names of all schemas.
    pub(super) known: Vec<String>,
    pub(super) takes_patterns_literally: bool,
    /// Who deploys, as `user@host`: MariaDB makes them a member of the roles that they create.
    pub(super) user: String,
    /// Whether the user makes roles, puts others into them and shows them the tables of privileges.
    creates_users: bool,
}

impl Observed {
    /// The item, failed where the user may not do what it asks for: roles and who is in them are the server's, not a
    /// schema's.
    pub(super) fn may_change_people(&self, item: Item) -> Item {
        if self.creates_users || item.state != State::WouldChange {
            return item;
        }
        let statements: Vec<String> = item.statements.iter().map(|step| step.task.to_string()).collect();
        item.failed(
            FailureCode::MissingPrivilege,
            format!("{} may not make roles and put users into them", self.user),
            format!("the administrator of the server has to: {}", statements.join("; ")),
        )
    }

    /// The item, failed where the server takes the patterns of schemas for names.
    pub(super) fn may_take_patterns(&self, item: Item) -> Item {
        if !self.takes_patterns_literally || item.state != State::WouldChange {
            return item;
        }
        item.failed(
            FailureCode::PartialRevokes,
            "the server has partial_revokes on, and takes patterns for names",
            "turn partial_revokes off: SET PERSIST partial_revokes = OFF",
        )
    }
}

pub(super) async fn observe(snapshot: &mut Snapshot, names: &[String]) -> Result<Observed> {
    let mut observed = Observed::default();
    let is_mariadb = snapshot.backend == Backend::Mariadb;
    let known = snapshot.rows("SELECT schema_name FROM information_schema.schemata", Vec::new()).await?;
    observed.known = known.iter().map(|row| row.text(0)).collect();
    let is_role = if is_mariadb {
        "is_role = 'Y'"
    } else {
        // Read without the column of passwords: an account that is locked and expired from its beginning.
        "account_locked = 'Y' AND password_expired = 'Y' AND Host = '%'"
    };
    for row in snapshot.rows(&format!("SELECT User, Host, {is_role} FROM mysql.user"), Vec::new()).await? {
        if row.truth(2) {
            observed.roles.insert(row.text(0));
        }
        observed.accounts.insert((row.text(0), row.text(1)));
    }
    let user = snapshot.rows("SELECT CURRENT_USER()", Vec::new()).await?;
    observed.user = user.first().map(|row| row.text(0)).unwrap_or_default();
    let grants = snapshot.rows("SHOW GRANTS", Vec::new()).await?;
    observed.creates_users = grants.iter().filter_map(|row| read_grant(&row.text(0))).any(|grant| {
        let creates = |verb: &String| verb == "CREATE USER" || verb == "ALL PRIVILEGES";
        grant.place == GrantPlace::Everywhere && grant.privileges.iter().any(creates)
    });
    let list = placeholders(snapshot.backend, names);
    let values = || names.iter().cloned().map(Value::Text).collect::<Vec<_>>();
    let edges = if is_mariadb {
        format!(
            "SELECT Role, User, Host, Admin_option = 'Y' FROM mysql.roles_mapping WHERE Role IN ({list}) AND Host <> ''"
        )
    } else {
        format!("SELECT FROM_USER, TO_USER, TO_HOST, false FROM mysql.role_edges WHERE FROM_USER IN ({list})")
    };
    for row in snapshot.rows(&edges, values()).await? {
        let (role, key) = (row.text(0), (row.text(1), row.text(2)));
        if row.truth(3) {
            observed.makers.insert((role.clone(), key.clone()));
        }
        observed.members.entry(role).or_default().insert(key);
    }
    let defaults = if is_mariadb {
        "SELECT default_role, '', User, Host FROM mysql.user WHERE default_role <> ''"
    } else {
        "SELECT DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST, USER, HOST FROM mysql.default_roles"
    };
    for row in snapshot.rows(defaults, Vec::new()).await? {
        let known = observed.defaults.entry((row.text(2), row.text(3))).or_default();
        known.insert((row.text(0), row.text(1)));
    }
    if !is_mariadb {
        let variables = snapshot.rows("SELECT @@partial_revokes", Vec::new()).await?;
        observed.takes_patterns_literally = variables.first().is_some_and(|row| row.truth(0));
    }
    let columns: Vec<&str> = COLUMNS.iter().map(|(_, column)| *column).collect();
    let sql = format!("SELECT User, Db, {} FROM mysql.db WHERE User IN ({list})", columns.join(", "));
    for row in snapshot.rows(&sql, values()).await? {
        let granted = COLUMNS.iter().enumerate().filter(|(place, _)| row.text(2 + place) == "Y");
        let verbs = granted.map(|(_, (verb, _))| (*verb).to_owned()).collect();
        observed.schemas.insert((row.text(0), row.text(1)), verbs);
    }
    let sql =
        format!("SELECT User, Db, Table_name, Table_priv FROM mysql.tables_priv WHERE User IN ({list})");
    for row in snapshot.rows(&sql, values()).await? {
        let table = TableName::new(row.text(1), row.text(2));
        observed.tables.entry(row.text(0)).or_default().insert(table, verbs(&row, 3));
    }
    let sql = format!(
        "SELECT User, Db, Table_name, Column_name, Column_priv FROM mysql.columns_priv WHERE User IN ({list})"
    );
    for row in snapshot.rows(&sql, values()).await? {
        let place = (TableName::new(row.text(1), row.text(2)), row.text(3));
        observed.columns.entry(row.text(0)).or_default().insert(place, verbs(&row, 4));
    }
    // Privileges on columns show in those of their tables, as a set of its own.
    for rights in observed.tables.values_mut() {
        rights.retain(|_, verbs| !verbs.is_empty());
    }
    Ok(observed)
}

/// The members of a set in which the server keeps privileges.
fn verbs(row: &Row, place: usize) -> Privileges {
    let text = row.text(place);
    let words = text.split(',').filter(|word| !word.is_empty());
    words
        .map(|word| match word {
            "Grant" => "GRANT OPTION".to_owned(),
            word => word.to_ascii_uppercase(),
        })
        .collect()
}
