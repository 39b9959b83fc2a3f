use datajoint_guard::Finding;

use crate::Result;
use crate::look::Look;

pub(super) async fn check(look: &mut Look<'_>) -> Result<()> {
    for row in look.rows("SELECT integrity_check FROM pragma_integrity_check LIMIT 20", Vec::new()).await? {
        if row.text(0) != "ok" {
            look.findings.push(Finding::error(
                "damaged-file",
                row.text(0),
                "stop all programs, copy the file, and restore the last good copy; `.recover` of the sqlite3 shell saves what it can",
            ));
        }
    }
    let sql = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2";
    for row in look.rows(sql, Vec::new()).await? {
        look.findings.push(Finding::error(
            "orphan",
            format!(
                "{} rows of `{}` refer to rows of `{}` that are not there",
                row.number(2),
                row.text(0),
                row.text(1)
            ),
            "they were written with foreign keys off: insert the parents, or delete them",
        ));
    }
    Ok(())
}
