use datajoint_definition::Backend;
use datajoint_schema::TableName;

use crate::Error;

/// Makes queries of expressions for one statement.
#[derive(Debug)]
pub(crate) struct Lower {
    pub(super) backend: Backend,
    aliases: u32,
    /// How many expressions it was made of.
    pub(super) parts: u32,
    /// The table that the statement changes, which MySQL lets no subquery read.
    pub(super) target: Option<TableName>,
    /// What the server may not know.
    pub(super) unknown: Unknown,
}

/// A name in SQL of a user that may be known to nobody, for the case that the server says so.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unknown {
    /// One that is no attribute.
    pub name: Option<Box<Error>>,
}

impl Lower {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, aliases: 0, parts: 0, target: None, unknown: Unknown::default() }
    }

    /// A name that no other subquery of the statement has, and no table of a pipeline.
    pub(crate) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("~{}", self.aliases)
    }
}
