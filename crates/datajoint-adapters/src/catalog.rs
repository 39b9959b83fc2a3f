use datajoint_schema::Table;
use datajoint_sql::{CatalogRows, catalog_queries, lineage_query, read_catalog, read_stamps};
use futures_util::future::BoxFuture;

use crate::{Connection, Result};

/// What the database says of schemas.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Every table with columns, keys, foreign keys, indexes and lineage.
    pub tables: Vec<Table>,
    /// The schemas that have the hidden table asked for, with its comment.
    pub stamps: Vec<(String, String)>,
}

impl Connection {
    /// What the database says of schemas, in a constant number of queries; `stamp` is the hidden table whose comments
    /// are wanted.
    pub fn catalog<'a>(
        &'a mut self,
        schemas: &'a [String],
        stamp: &'a str,
    ) -> BoxFuture<'a, Result<Catalog>> {
        Box::pin(self.read_catalog(schemas, stamp))
    }

    async fn read_catalog(&mut self, schemas: &[String], stamp: &str) -> Result<Catalog> {
        let mut rows = CatalogRows::default();
        for query in catalog_queries(self.backend(), schemas) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        if let Some(query) = lineage_query(self.backend(), &rows) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        Ok(Catalog { tables: read_catalog(self.backend(), &rows)?, stamps: read_stamps(&rows, stamp) })
    }
}
