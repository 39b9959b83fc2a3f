use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;

use crate::Result;

/// A key of InnoDB has at most so many bytes.
const LONGEST_KEY: i64 = 3072;

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    let sql = "SELECT table_schema, table_name, engine FROM information_schema.tables \
               WHERE table_type = 'BASE TABLE' AND engine <> 'InnoDB' AND table_schema IN ({}) ORDER BY 1, 2";
    for row in snapshot.rows_of_schemas(sql).await? {
        snapshot.findings.push(Finding::error(
            FindingCode::OtherEngine,
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
    for row in snapshot.rows_of_schemas(sql).await? {
        let bytes = row.number(3);
        let help = if bytes > LONGEST_KEY {
            format!(
                "as utf8mb4 its key would have {bytes} bytes, beyond {LONGEST_KEY}: shorten its texts first"
            )
        } else {
            "ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4, when nobody writes, parents and children together"
                .to_owned()
        };
        snapshot.findings.push(Finding::warning(
            FindingCode::OtherCharset,
            format!(
                "`{}.{}` has texts of {}, which can't hold every character",
                row.text(0),
                row.text(1),
                row.text(2)
            ),
            help,
        ));
    }
    // Of MySQL `…_0900_bin`, of MariaDB `…_nopad_bin`; the others take blanks at the end for nothing, or more.
    let sql = "SELECT c.table_schema, group_concat(DISTINCT c.collation_name ORDER BY 1 SEPARATOR ', '), \
               CAST(count(*) AS SIGNED) FROM information_schema.columns c \
               WHERE c.column_key IN ('PRI', 'UNI') AND c.data_type IN ('char', 'varchar') \
               AND c.table_name NOT LIKE '~%' AND c.collation_name NOT LIKE '%\\_0900\\_bin' \
               AND c.collation_name NOT LIKE '%\\_nopad\\_bin' AND c.table_schema IN ({}) GROUP BY 1 ORDER BY 1";
    for row in snapshot.rows_of_schemas(sql).await? {
        snapshot.findings.push(Finding::warning(
            FindingCode::LooseCollation,
            format!(
                "`{}` compares strings by {} (columns in keys: {}): names that differ in case alone, in accents or in \
                 blanks at their end are one row there, and several on other backends",
                row.text(0),
                row.text(1),
                row.number(2)
            ),
            "new schemas: CREATE DATABASE … COLLATE utf8mb4_0900_bin (MySQL) or utf8mb4_nopad_bin (MariaDB) before the \
             first table; those that are there stay as they are, with one way to write each name",
        ));
    }
    let sql = "SELECT @@log_bin, @@binlog_format, @@binlog_row_image";
    for row in snapshot.rows(sql, Vec::new()).await? {
        let (format, image) = (row.text(1), row.text(2));
        if row.truth(0) && (format != "ROW" || image != "FULL") {
            snapshot.findings.push(Finding::warning(
                FindingCode::Binlog,
                format!(
                    "the binary log is {format}, its images of rows {image}: who reads changes from it misses some"
                ),
                "SET GLOBAL binlog_format = ROW, binlog_row_image = FULL",
            ));
        }
    }
    Ok(())
}
