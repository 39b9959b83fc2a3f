use datajoint_guard::Finding;

use crate::Result;
use crate::look::Look;

/// A key of InnoDB has at most so many bytes.
const LONGEST_KEY: i64 = 3072;

pub(super) async fn check(look: &mut Look<'_>) -> Result<()> {
    let sql = "SELECT table_schema, table_name, engine FROM information_schema.tables \
               WHERE table_type = 'BASE TABLE' AND engine <> 'InnoDB' AND table_schema IN ({}) ORDER BY 1, 2";
    for row in look.rows_of_schemas(sql).await? {
        look.findings.push(Finding::error(
            "other-engine",
            format!(
                "`{}.{}` is of the engine {}: no transactions, no foreign keys",
                row.text(0),
                row.text(1),
                row.text(2)
            ),
            "ALTER TABLE … ENGINE=InnoDB, when nobody writes",
        ));
    }
    // Names of columns and types are ASCII in any case; what texts hold is what matters.
    let sql = "SELECT c.table_schema, c.table_name, group_concat(DISTINCT c.character_set_name), \
               coalesce(sum(CASE WHEN c.column_key = 'PRI' THEN 4 * c.character_maximum_length ELSE 0 END), 0) \
               FROM information_schema.columns c WHERE c.character_set_name NOT IN ('utf8mb4', 'ascii') \
               AND c.table_schema IN ({}) AND c.data_type NOT IN ('json') GROUP BY 1, 2 ORDER BY 1, 2";
    for row in look.rows_of_schemas(sql).await? {
        let bytes = row.number(3);
        let help = if bytes > LONGEST_KEY {
            format!(
                "as utf8mb4 its key would have {bytes} bytes, beyond {LONGEST_KEY}: shorten its texts first"
            )
        } else {
            "ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4, when nobody writes, parents and children together"
                .to_owned()
        };
        look.findings.push(Finding::warning(
            "other-charset",
            format!(
                "`{}.{}` has texts of {}, which can't hold every character",
                row.text(0),
                row.text(1),
                row.text(2)
            ),
            help,
        ));
    }
    let sql = "SELECT @@log_bin, @@binlog_format, @@binlog_row_image";
    for row in look.rows(sql, Vec::new()).await? {
        let (format, image) = (row.text(1), row.text(2));
        if row.truth(0) && (format != "ROW" || image != "FULL") {
            look.findings.push(Finding::warning(
                "binlog",
                format!(
                    "the binary log is {format} with {image} rows: who reads changes from it misses some"
                ),
                "SET GLOBAL binlog_format = ROW, binlog_row_image = FULL",
            ));
        }
    }
    Ok(())
}
