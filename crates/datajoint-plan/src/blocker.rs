//! Who is in the way of a statement that waits for a lock.

use datajoint_adapters::Connection;
use datajoint_definition::Backend;
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value};

/// The sessions that hold something of a table, as far as the user may see them.
pub(crate) async fn blockers(connection: &mut Connection, table: Option<&TableName>) -> String {
    let object = table.map(ToString::to_string).unwrap_or_default();
    for query in queries(connection.backend()) {
        let statement = match *query {
            Query::OfTable(sql) => Statement {
                sql: sql.to_owned(),
                parameters: vec![Value::Text(object.clone())],
                ..Statement::default()
            },
            Query::OfAny(sql) => Statement::plain(sql),
        };
        // What a server does not have or show is asked of the next view.
        let Ok(rows) = connection.fetch(&statement).await else { continue };
        let sessions: Vec<String> = rows.iter().filter_map(|row| session(row)).collect();
        if !sessions.is_empty() {
            return format!("held by {}", sessions.join("; "));
        }
    }
    "held by a session that ended since, or that this user may not see".to_owned()
}

/// `session 7 of ada from 10.0.0.1, since 12 s: UPDATE …`.
fn session(row: &[Value]) -> Option<String> {
    let text = |place: usize| match row.get(place) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::UInt(number)) => number.to_string(),
        _ => String::new(),
    };
    let number = text(0);
    let query: String = text(4).chars().take(80).collect();
    (!number.is_empty()).then(|| {
        format!("session {number} of {} from {}, since {} s: {query}", text(1), text(2), text(3))
            .trim_end_matches([':', ' '])
            .to_owned()
    })
}

/// A query for sessions that may be in the way.
enum Query {
    /// Of those that hold something of a table, which is its one value.
    OfTable(&'static str),
    /// Of all that have a transaction open.
    OfAny(&'static str),
}

const fn queries(backend: Backend) -> &'static [Query] {
    match backend {
        Backend::Sqlite => &[],
        Backend::Postgresql => &[Query::OfTable(
            "SELECT DISTINCT a.pid::text, a.usename::text, coalesce(a.client_addr::text, 'here'), \
             extract(epoch FROM pg_catalog.now() - coalesce(a.xact_start, a.query_start))::bigint::text, a.query \
             FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.granted AND a.pid <> pg_catalog.pg_backend_pid() \
             AND l.mode <> 'SIReadLock' AND n.nspname::text || '.' || c.relname::text = $1",
        )],
        Backend::Mysql | Backend::Mariadb => &[
            Query::OfTable(
                "SELECT CAST(t.processlist_id AS CHAR), t.processlist_user, t.processlist_host, \
             CAST(t.processlist_time AS CHAR), coalesce(t.processlist_info, '') \
             FROM performance_schema.metadata_locks l JOIN performance_schema.threads t \
             ON t.thread_id = l.owner_thread_id WHERE l.lock_status = 'GRANTED' AND l.object_type = 'TABLE' \
             AND t.processlist_id <> connection_id() AND concat(l.object_schema, '.', l.object_name) = ?",
            ),
            // Without that, whoever has a transaction open.
            Query::OfAny(
                "SELECT CAST(p.id AS CHAR), p.user, p.host, CAST(timestampdiff(SECOND, x.trx_started, now()) AS CHAR), \
             coalesce(p.info, '') FROM information_schema.innodb_trx x JOIN information_schema.processlist p \
             ON p.id = x.trx_mysql_thread_id WHERE p.id <> connection_id()",
            ),
        ],
    }
}
