//! Whether the user sees every schema whose rows may refer to an object.

use datajoint_adapters::Connection;
use datajoint_sql::{Statement, Value};

use crate::{Error, Result};

/// Whose privileges are meant.
const OWN: &str = "grantee = concat('''', replace(current_user(), '@', '''@'''), '''')";

/// Fails when there may be tables that the user does not see.
pub(crate) async fn check(connection: &mut Connection) -> Result<()> {
    let capability = connection.backend().capability();
    // Where schemas are the databases of a server, it shows only those, and of these only tables, that the user has privileges on.
    if capability.is_embedded || capability.usual_database.is_some() {
        return Ok(());
    }
    let held = texts(
        connection,
        format!(
            "SELECT privilege_type FROM information_schema.user_privileges WHERE {OWN} \
             AND privilege_type IN ('SELECT', 'SHOW DATABASES')"
        ),
    );
    let held = held.await?;
    if held.iter().any(|privilege| privilege == "SELECT") {
        return Ok(());
    }
    let unread = texts(
        connection,
        format!(
            "SELECT s.schema_name FROM information_schema.schemata s \
             WHERE s.schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') AND NOT EXISTS \
             (SELECT 1 FROM information_schema.schema_privileges p WHERE p.{OWN} AND p.privilege_type = 'SELECT' \
             AND s.schema_name LIKE p.table_schema)"
        ),
    );
    if held.is_empty() || !unread.await?.is_empty() { Err(Error::HiddenSchemas) } else { Ok(()) }
}

async fn texts(connection: &mut Connection, sql: String) -> Result<Vec<String>> {
    let rows = connection.look_up(&Statement::plain(sql)).await?;
    let text = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Bytes(bytes)) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(text).collect())
}
