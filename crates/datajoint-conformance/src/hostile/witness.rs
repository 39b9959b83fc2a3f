//! What the server says that it was asked to do.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use datajoint::{Backend, Instance, Settings, Value};
use datajoint_sql::Statement;

use super::strings::count;

/// Who is watched; nobody else's statements are looked at.
const USER: &str = "dj_roads";

/// The log of a server, read from where it was read last.
pub struct Witness<'a> {
    admin: &'a Instance,
    log: Log,
}

enum Log {
    /// The table `mysql.general_log`.
    Table,
    /// The file to which PostgreSQL writes, and how much of it is read.
    File(PathBuf, u64),
}

impl<'a> Witness<'a> {
    /// A log that is written from now on, and who is watched there; none where it was not asked for, or in a file, where nobody
    /// writes one.
    #[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
    pub async fn of(admin: &'a Instance) -> Option<(Self, Instance)> {
        count()?;
        let log = match (admin.backend(), std::env::var_os("DATAJOINT_ROADS_LOG")) {
            (Backend::Mysql | Backend::Mariadb, _) => {
                let user = [
                    format!("CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{USER}'"),
                    format!("GRANT ALL ON *.* TO '{USER}'@'%'"),
                ];
                run(admin, &user.each_ref().map(String::as_str)).await;
                run(admin, &["SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON"]).await;
                Log::Table
            }
            (Backend::Postgresql, Some(path)) => {
                // It is there after a run that failed.
                let role = format!("CREATE ROLE {USER} SUPERUSER LOGIN PASSWORD '{USER}'");
                let mut connection = admin.database().acquire().await.unwrap();
                let _ = connection.script(&[Statement::plain(role)]).await;
                drop(connection);
                run(
                    admin,
                    &[
                        "ALTER SYSTEM SET log_line_prefix = '%q%u '",
                        "ALTER SYSTEM SET log_statement = 'all'",
                        "SELECT pg_reload_conf()",
                    ],
                )
                .await;
                let path = PathBuf::from(path);
                let read = std::fs::metadata(&path).unwrap().len();
                Log::File(path, read)
            }
            (Backend::Postgresql, None) => {
                panic!("DATAJOINT_ROADS has the log read: name PostgreSQL's file with DATAJOINT_ROADS_LOG")
            }
            (Backend::Sqlite, _) => return None,
        };
        let mut settings: Settings = admin.settings().clone();
        settings.database.user = Some(USER.to_owned());
        settings.database.password = Some(USER.into());
        let watched = Instance::connect(settings).await.unwrap();
        let mut witness = Self { admin, log };
        // The server reads its settings when it comes to it.
        for _ in 0..100 {
            run(&watched, &["SELECT 1"]).await;
            if !witness.statements().await.is_empty() {
                return Some((witness, watched));
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the log has none of the statements of `{USER}`");
    }

    /// The statements since the last time, whole.
    pub async fn statements(&mut self) -> Vec<String> {
        match &mut self.log {
            Log::Table => {
                let log = format!(
                    "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
                     WHERE command_type IN ('Query', 'Prepare') AND user_host LIKE '{USER}[%'"
                );
                let mut connection = self.admin.database().acquire().await.unwrap();
                let rows = connection.fetch(&Statement::plain(log)).await.unwrap();
                connection.script(&[Statement::plain("TRUNCATE TABLE mysql.general_log")]).await.unwrap();
                let texts = rows.into_iter().filter_map(|row| match row.into_iter().next() {
                    Some(Value::Text(text)) => Some(text),
                    _ => None,
                });
                texts.collect()
            }
            Log::File(path, read) => {
                let mut file = std::fs::File::open(path).unwrap();
                file.seek(SeekFrom::Start(*read)).unwrap();
                let mut bytes = Vec::new();
                *read += file.read_to_end(&mut bytes).unwrap() as u64;
                said(&String::from_utf8_lossy(&bytes))
            }
        }
    }

    pub async fn end(self, watched: Instance) {
        watched.close().await;
        match self.log {
            Log::Table => {
                run(self.admin, &["SET GLOBAL general_log = OFF", &format!("DROP USER '{USER}'@'%'")]).await;
            }
            Log::File(..) => {
                run(
                    self.admin,
                    &[
                        "ALTER SYSTEM RESET log_statement",
                        "ALTER SYSTEM RESET log_line_prefix",
                        "SELECT pg_reload_conf()",
                        &format!("REASSIGN OWNED BY {USER} TO CURRENT_USER"),
                        &format!("DROP OWNED BY {USER}"),
                        &format!("DROP ROLE {USER}"),
                    ],
                )
                .await;
            }
        }
    }
}

/// The statements of the user in a log of PostgreSQL, by either protocol, and those that failed before they ran.
///
/// A line that begins with a tab goes on with the last one.
pub fn said(log: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in log.lines() {
        if let Some(rest) = line.strip_prefix('\t') {
            if let Some(last) = statements.last_mut().filter(|_| goes_on) {
                last.push('\n');
                last.push_str(rest);
            }
            continue;
        }
        let said = line.strip_prefix(USER).and_then(|rest| rest.strip_prefix(' '));
        let sql = said.and_then(|said| {
            if let Some(sql) = said.strip_prefix("STATEMENT:  ") {
                return Some(sql);
            }
            let said = said.strip_prefix("LOG:  ")?;
            said.strip_prefix("statement: ")
                .or_else(|| Some(said.strip_prefix("execute ")?.split_once(": ")?.1))
        });
        goes_on = sql.is_some();
        statements.extend(sql.map(ToOwned::to_owned));
    }
    statements
}

async fn run(dj: &Instance, statements: &[&str]) {
    let mut connection = dj.database().acquire().await.unwrap();
    for statement in statements {
        connection.script(&[Statement::plain(*statement)]).await.unwrap();
    }
}
