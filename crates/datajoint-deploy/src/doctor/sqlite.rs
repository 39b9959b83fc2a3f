use datajoint_definition::count;
use datajoint_guard::{Finding, FindingCode};
use datajoint_pipeline::Instance;
use datajoint_plan::Snapshot;
use datajoint_sql::{Statement, Value};

use crate::Result;

/// What helps where a file is damaged.
pub(super) const RESTORE: &str = "stop all programs, copy the file, and restore the last good copy; `.recover` of the sqlite3 shell saves what it can";

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    for row in snapshot.rows(INTEGRITY, Vec::new()).await? {
        snapshot.findings.extend(damaged(&row.text(0)));
    }
    let sql = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2";
    for row in snapshot.rows(sql, Vec::new()).await? {
        let name = row.text(0);
        let is_here =
            |schema: &String| name.strip_prefix(schema.as_str()).is_some_and(|rest| rest.starts_with('.'));
        if snapshot.scope.schemas.is_some() && !snapshot.schemas.iter().any(is_here) {
            continue;
        }
        snapshot.findings.push(Finding::error(
            FindingCode::Orphan,
            format!(
                "`{}` has {} that refer to rows of `{}` that are not there",
                row.text(0),
                count(row.number(2), "row"),
                row.text(1)
            ),
            "they were written with foreign keys off: insert the parents, or delete them",
        ));
    }
    Ok(())
}

/// What is damaged in a file of which no more can be read.
pub(super) async fn damage(dj: &Instance) -> Result<Vec<Finding>> {
    let rows = dj.database().acquire().await?.fetch(&Statement::plain(INTEGRITY)).await?;
    let said = rows.iter().filter_map(|row| match row.first() {
        Some(Value::Text(said)) => damaged(said),
        _ => None,
    });
    Ok(said.collect())
}

const INTEGRITY: &str = "SELECT integrity_check FROM pragma_integrity_check LIMIT 20";

fn damaged(said: &str) -> Option<Finding> {
    (said != "ok").then(|| Finding::error(FindingCode::DamagedFile, said, RESTORE))
}
