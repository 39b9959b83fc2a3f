use datajoint_definition::count;
use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;

use crate::Result;

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    for row in
        snapshot.rows("SELECT integrity_check FROM pragma_integrity_check LIMIT 20", Vec::new()).await?
    {
        if row.text(0) != "ok" {
            snapshot.findings.push(Finding::error(
                FindingCode::DamagedFile,
                row.text(0),
                "stop all programs, copy the file, and restore the last good copy; `.recover` of the sqlite3 shell saves what it can",
            ));
        }
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
