//! Which writes of users the server would refuse: those to a table that is published by what is not in its replica
//! identity. Read from the catalog, so that no row is touched and no trigger fires.

use datajoint_plan::{Snapshot, Step};
use datajoint_schema::TableName;
use datajoint_sql::ReplicaIdentity;

use crate::Result;

/// The identity that tables are judged by.
enum Identity<'a> {
    /// Their own.
    Own,
    /// One that they may get.
    Of(ReplicaIdentity<'a>),
}

/// A step that fails where the server would refuse writes of users to one of these tables as it is then, and changes
/// nothing. What was done before in the transaction is undone then.
pub(crate) fn check(snapshot: &Snapshot, tables: &[&TableName]) -> Option<Step> {
    if tables.is_empty() {
        return None;
    }
    let list: Vec<String> = tables.iter().map(|table| regclass(snapshot, table)).collect();
    let body = format!(
        "DECLARE fault record; BEGIN {} LIMIT 1 INTO fault; IF FOUND THEN RAISE EXCEPTION USING ERRCODE = fault.code, \
         MESSAGE = fault.message; END IF; END",
        query(snapshot, &list.join(", "), &Identity::Own)
    );
    Some(Step::check(format!("DO {}", snapshot.literal(&body))))
}

/// Why the server would refuse writes of users to a table with this identity: its code, and in words.
pub(super) async fn foresee(
    snapshot: &mut Snapshot,
    table: &TableName,
    identity: ReplicaIdentity<'_>,
) -> Result<Option<(String, String)>> {
    let sql = query(snapshot, &regclass(snapshot, table), &Identity::Of(identity));
    let rows = snapshot.rows_of_table(sql).await?.unwrap_or_default();
    Ok(rows.first().map(|row| (row.text(0), row.text(1))))
}

fn regclass(snapshot: &Snapshot, table: &TableName) -> String {
    format!("{}::regclass", snapshot.literal(&snapshot.reference(table)))
}

/// A row with code and message for each fault.
fn query(snapshot: &Snapshot, tables: &str, identity: &Identity<'_>) -> String {
    let (letter, is_identity) = match identity {
        Identity::Own => ("c.relreplident::text".to_owned(), "i.indisreplident".to_owned()),
        Identity::Of(mode) => {
            let (letter, index) = match mode {
                ReplicaIdentity::Default => ("d", None),
                ReplicaIdentity::Full => ("f", None),
                ReplicaIdentity::Nothing => ("n", None),
                ReplicaIdentity::Index(name) => ("i", Some(name)),
            };
            let named = |name: &&str| {
                format!(
                    "(SELECT relname FROM pg_class WHERE oid = i.indexrelid) = {}",
                    snapshot.literal(name)
                )
            };
            (format!("'{letter}'"), index.map_or_else(|| "false".to_owned(), named))
        }
    };
    let by_schema = if snapshot.is_from(15) {
        "OR EXISTS (SELECT 1 FROM pg_publication_namespace s JOIN pg_class m ON m.relnamespace = s.pnnspid \
         WHERE s.pnpubid = p.oid AND m.oid IN (SELECT oid FROM over))"
    } else {
        ""
    };
    let details = if snapshot.is_from(15) {
        // A column of a condition is noted once more than the list of columns has it.
        "UNION ALL SELECT '42P10', pg_catalog.format('the condition on the rows of %s in the publication %s reads %s, which is not in \
         its replica identity: updates and deletes there would fail', t.name, p.pubname, a.attname) FROM it t \
         JOIN pg_publication_rel r ON true JOIN pg_publication p ON p.oid = r.prpubid AND (p.pubupdate OR p.pubdelete) \
         JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum > 0 WHERE (r.prrelid = t.oid OR (p.pubviaroot \
         AND r.prrelid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors(t.oid)))) AND r.prqual IS NOT NULL \
         AND (SELECT pg_catalog.count(*) FROM pg_depend d WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid \
         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.prrelid AND d.refobjsubid = a.attnum) \
         > (CASE WHEN a.attnum = ANY (r.prattrs::smallint[]) THEN 1 ELSE 0 END) \
         AND NOT a.attname = ANY (coalesce(t.identity, '{}')) \
         UNION ALL SELECT '42P10', pg_catalog.format('the publication %s leaves out columns of %s that are in its replica identity: \
         updates and deletes there would fail', p.pubname, t.name) FROM it t JOIN pg_publication_rel r ON true \
         JOIN pg_publication p ON p.oid = r.prpubid AND (p.pubupdate OR p.pubdelete) WHERE (r.prrelid = t.oid \
         OR (p.pubviaroot AND r.prrelid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors(t.oid)))) \
         AND r.prattrs IS NOT NULL AND (t.letter = 'f' OR EXISTS (SELECT 1 FROM pg_catalog.unnest(t.identity) AS n (name) \
         WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attname = n.name \
         AND a.attnum = ANY (r.prattrs::smallint[]))))"
    } else {
        ""
    };
    format!(
        "WITH it AS (SELECT c.oid, c.oid::regclass::text AS name, {letter} AS letter, (SELECT pg_catalog.array_agg(a.attname) \
         FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ({letter} = 'f' \
         OR EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey::smallint[]) \
         AND CASE {letter} WHEN 'd' THEN i.indisprimary WHEN 'i' THEN {is_identity} ELSE false END))) AS identity \
         FROM pg_class c WHERE c.relkind = 'r' AND c.oid IN ({tables})) \
         SELECT code::text, message::text FROM (SELECT '55000' AS code, pg_catalog.format('%s has no replica identity, and the \
         publication %s publishes it: updates and deletes there would fail', t.name, p.pubname) AS message \
         FROM it t JOIN pg_publication p ON (p.pubupdate OR p.pubdelete) WHERE t.identity IS NULL AND EXISTS (\
         WITH over AS (SELECT t.oid UNION SELECT relid FROM pg_catalog.pg_partition_ancestors(t.oid)) SELECT 1 WHERE p.puballtables \
         OR EXISTS (SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid IN (SELECT oid FROM over)) \
         {by_schema}) {details}) faults"
    )
}
