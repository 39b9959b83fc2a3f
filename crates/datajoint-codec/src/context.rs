use datajoint_definition::{CodecType, Store as Place};
use datajoint_sql::Value;
use datajoint_store::Stores;

use crate::Source;

/// The row that a value belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The schema in the database.
    pub schema: &'a str,
    /// The table in the database.
    pub table: &'a str,
    /// The primary key in its order, as far as it is known.
    pub key: &'a [(String, Value)],
}

/// What a codec knows of the attribute whose value it encodes or decodes, and what it reaches.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub(crate) stores: &'a Stores,
    pub(crate) source: &'a Source,
    pub(crate) codec: &'a CodecType,
    pub(crate) attribute: &'a str,
    pub(crate) row: Option<Row<'a>>,
}

impl<'a> Context<'a> {
    /// The attribute.
    pub const fn attribute(&self) -> &'a str {
        self.attribute
    }

    /// The row that the value belongs to; `None` where that is not known, as in the rows of a join.
    pub const fn row(&self) -> Option<Row<'a>> {
        self.row
    }

    /// True for a codec without a store: its values stand in the table.
    pub fn is_in_table(&self) -> bool {
        self.codec.store == Place::Table
    }

    /// The stores of the settings.
    pub const fn stores(&self) -> &'a Stores {
        self.stores
    }

    /// The time, as objects have it in their JSON: `2026-11-20T20:29:41.401328+00:00`.
    pub fn timestamp(&self) -> String {
        self.source.timestamp()
    }
}
