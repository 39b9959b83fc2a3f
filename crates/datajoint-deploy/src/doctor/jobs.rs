use std::collections::BTreeSet;

use datajoint_adapters::Kind;
use datajoint_definition::Backend;
use datajoint_guard::Finding;

use crate::look::Look;
use crate::{Error, Result};

/// Jobs that are reserved by sessions that are gone.
pub(super) async fn check(look: &mut Look<'_>) -> Result<()> {
    let sql = match look.backend {
        Backend::Postgresql => "SELECT pid::bigint FROM pg_stat_activity",
        // Without the privilege PROCESS only the user's own sessions are seen, and nothing can be said of others.
        Backend::Mysql | Backend::Mariadb => {
            "SELECT id FROM information_schema.processlist WHERE EXISTS (SELECT 1 FROM \
             information_schema.user_privileges WHERE privilege_type = 'PROCESS')"
        }
        // A file has no sessions that could be asked for.
        Backend::Sqlite => return Ok(()),
    };
    let alive: BTreeSet<i64> = look.rows(sql, Vec::new()).await?.iter().map(|row| row.number(0)).collect();
    if alive.is_empty() {
        return Ok(());
    }
    let jobs: Vec<_> =
        look.hidden.iter().filter(|table| table.name.table.starts_with("~~")).cloned().collect();
    for table in jobs {
        if table.heading.get("connection_id").is_none() {
            continue;
        }
        let [connection, host, status] = ["connection_id", "host", "status"].map(|name| look.quote(name));
        let from = look.reference(&table.name);
        let sql = format!("SELECT {connection}, {host} FROM {from} WHERE {status} = 'reserved'");
        let rows = match look.rows(&sql, Vec::new()).await {
            Err(Error::Adapter(error)) if error.kind() == Some(Kind::MissingPrivilege) => {
                look.findings.push(Finding::warning(
                    "jobs-not-read",
                    format!(
                        "whether jobs of `{}` are held by workers that are gone can't be seen: {error}",
                        table.name
                    ),
                    "ask as a role that may read it",
                ));
                continue;
            }
            rows => rows?,
        };
        let dead: Vec<_> = rows.iter().filter(|row| !alive.contains(&row.number(0))).collect();
        if !dead.is_empty() {
            let hosts: BTreeSet<String> = dead.iter().map(|row| row.text(1)).collect();
            let hosts: Vec<String> = hosts.into_iter().collect();
            look.findings.push(Finding::warning(
                "dead-worker",
                format!(
                    "{} jobs of `{}` are reserved by sessions that are gone, of {}",
                    dead.len(),
                    table.name,
                    hosts.join(", ")
                ),
                "delete these jobs once nothing works on them any more, so that they are done by others",
            ));
        }
    }
    Ok(())
}
