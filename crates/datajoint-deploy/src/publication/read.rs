//! A publication as the server has it.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_plan::Snapshot;
use datajoint_schema::TableName;
use datajoint_sql::Value;

use super::PublishedOperation;
use crate::Result;

/// A member of a publication.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Member {
    /// The condition on its rows.
    pub(super) rows: Option<String>,
    /// The columns; all when there are none.
    pub(super) columns: Vec<String>,
}

/// A publication as the server has it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) owner: String,
    pub(super) may_change: bool,
    pub(super) has_all: bool,
    pub(super) publish: BTreeSet<PublishedOperation>,
    pub(super) via_root: bool,
    pub(super) schemas: Vec<String>,
    pub(super) members: BTreeMap<TableName, Member>,
    pub(super) noted: Noted,
}

/// What a deploy notes of a publication in its comment: the condition of each table, as it was written and as the server
/// keeps it, which is a form of its own.
pub(super) type Noted = BTreeMap<String, (String, String)>;

/// The comment.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Note {
    pub(super) rows: Noted,
}

pub(super) async fn read(snapshot: &mut Snapshot, name: &str) -> Result<Option<Found>> {
    let name = || vec![Value::Text(name.to_owned())];
    let via_root = if snapshot.is_from(13) { "pubviaroot" } else { "false" };
    let sql = format!(
        "SELECT pg_catalog.pg_get_userbyid(pubowner)::text, pg_catalog.pg_has_role(pubowner, 'USAGE'), puballtables, pubinsert, pubupdate, \
         pubdelete, pubtruncate, {via_root}, pg_catalog.obj_description(oid, 'pg_publication') FROM pg_publication \
         WHERE pubname = $1"
    );
    let rows = snapshot.rows(&sql, name()).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let publish = PublishedOperation::ALL.into_iter().enumerate().filter(|(place, _)| row.truth(3 + place));
    let noted = row.maybe(8).and_then(|text| serde_json::from_str::<Note>(&text).ok()).unwrap_or_default();
    let mut found = Found {
        owner: row.text(0),
        may_change: row.truth(1),
        has_all: row.truth(2),
        publish: publish.map(|(_, operation)| operation).collect(),
        via_root: row.truth(7),
        noted: noted.rows,
        ..Found::default()
    };
    let details = if snapshot.is_from(15) {
        "pg_catalog.pg_get_expr(r.prqual, r.prrelid), (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a \
         WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::smallint[]))"
    } else {
        "NULL::text, NULL::jsonb"
    };
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, {details} FROM pg_publication p \
         JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = $1 ORDER BY 1, 2"
    );
    for row in snapshot.rows(&sql, name()).await? {
        let member = Member { rows: row.maybe(2), columns: row.list(3) };
        found.members.insert(TableName::new(row.text(0), row.text(1)), member);
    }
    if snapshot.is_from(15) {
        let sql = "SELECT n.nspname::text FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid \
                   JOIN pg_namespace n ON n.oid = s.pnnspid WHERE p.pubname = $1 ORDER BY 1";
        found.schemas = snapshot.rows(sql, name()).await?.iter().map(|row| row.text(0)).collect();
    }
    Ok(Some(found))
}
