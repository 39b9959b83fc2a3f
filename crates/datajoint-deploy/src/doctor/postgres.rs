use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;

use crate::Result;
use crate::maintenance::invalid_indexes;
use crate::replica_identity::{Identity, observe};
use crate::search_path;

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    for index in invalid_indexes(snapshot).await? {
        snapshot.findings.push(Finding::error(
            FindingCode::InvalidIndex,
            format!(
                "the index `{}` of `{}` is invalid: no query uses it, and every write pays for it",
                index.name, index.table
            ),
            "`deploy apply maintenance` makes it again, or drops it when it is what an attempt left",
        ));
    }
    for table in observe(snapshot).await? {
        if table.identity == Identity::Broken {
            snapshot.findings.push(Finding::error(
                FindingCode::BrokenIdentity,
                format!("the replica identity of `{}` is an index that was dropped: updates of it fail once it is published", table.name),
                "`deploy apply replica-identity`",
            ));
        }
    }
    let open = search_path::open(snapshot).await?;
    snapshot.findings.extend(open);
    wraparound(snapshot).await?;
    dead_rows(snapshot).await?;
    bloat(snapshot).await?;
    let sql = "SELECT gid, owner::text, extract(epoch FROM pg_catalog.now() - prepared)::bigint FROM pg_prepared_xacts \
               WHERE database = pg_catalog.current_database()";
    for row in snapshot.rows(sql, Vec::new()).await? {
        snapshot.findings.push(Finding::warning(
            FindingCode::PreparedTransaction,
            format!(
                "the prepared transaction `{}` of {} waits since {} s, with all its locks",
                row.text(0),
                row.text(1),
                row.number(2)
            ),
            "COMMIT PREPARED or ROLLBACK PREPARED it",
        ));
    }
    if snapshot.is_from(15) {
        let sql = "SELECT datcollversion, pg_catalog.pg_database_collation_actual_version(oid) FROM pg_database \
                   WHERE datname = pg_catalog.current_database() AND datcollversion IS DISTINCT FROM \
                   pg_catalog.pg_database_collation_actual_version(oid) AND datcollversion IS NOT NULL";
        for row in snapshot.rows(sql, Vec::new()).await? {
            snapshot.findings.push(Finding::error(
                FindingCode::CollationVersion,
                format!(
                    "texts are ordered as by version {}, and indexes were made with {}",
                    row.text(1),
                    row.text(0)
                ),
                "REINDEX the database, then ALTER DATABASE … REFRESH COLLATION VERSION",
            ));
        }
    }
    Ok(())
}

async fn wraparound(snapshot: &mut Snapshot) -> Result<()> {
    let sql = "SELECT pg_catalog.age(datfrozenxid)::bigint, pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint FROM pg_database \
               WHERE datname = pg_catalog.current_database()";
    for row in snapshot.rows(sql, Vec::new()).await? {
        let (age, most) = (row.number(0), row.number(1));
        if age > most {
            snapshot.findings.push(Finding::error(
                FindingCode::Wraparound,
                format!("the oldest transaction number is {age} back, beyond {most}: the server stops writing at two thousand million"),
                "find what keeps VACUUM from its work (long transactions, slots), and VACUUM the database",
            ));
        }
    }
    Ok(())
}

async fn dead_rows(snapshot: &mut Snapshot) -> Result<()> {
    let sql = "SELECT s.schemaname::text, s.relname::text, s.n_live_tup, s.n_dead_tup FROM pg_stat_all_tables s \
               WHERE s.n_dead_tup > 10000 AND s.n_dead_tup > s.n_live_tup AND s.schemaname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        snapshot.findings.push(Finding::warning(
            FindingCode::DeadRows,
            format!(
                "`{}.{}` has {} dead rows and {} living ones",
                row.text(0),
                row.text(1),
                row.number(3),
                row.number(2)
            ),
            "`deploy apply maintenance`; if it comes back, tune it with `autovacuum = true`",
        ));
    }
    Ok(())
}

/// Tables that take more than twice the pages that their rows need, by the widths of the statistics: what was deleted once
/// is free and stays theirs.
async fn bloat(snapshot: &mut Snapshot) -> Result<()> {
    // Each row has a header of 24 bytes and a pointer of 4, each page a header of 24.
    let sql = "SELECT n.nspname::text, c.relname::text, c.relpages::bigint, pg_catalog.ceil(c.reltuples * \
               (28 + (SELECT pg_catalog.sum(s.avg_width * (1 - s.null_frac)) FROM pg_stats s WHERE s.schemaname = n.nspname \
               AND s.tablename = c.relname)) / (pg_catalog.current_setting('block_size')::numeric - 24))::bigint \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind = 'r' AND c.relpages > 128 AND c.reltuples >= 0 AND n.nspname::text IN ({})";
    for row in snapshot.rows_of_schemas(sql).await? {
        let (pages, needed) = (row.number(2), row.number(3));
        if row.maybe(3).is_some() && pages > 2 * needed + 128 {
            snapshot.findings.push(Finding::warning(
                FindingCode::Bloat,
                format!("`{}.{}` has {pages} pages, and its rows need about {needed}", row.text(0), row.text(1)),
                "new rows fill them by and by; to give them back, VACUUM FULL when nobody reads it, or pg_repack",
            ));
        }
    }
    Ok(())
}
