use datajoint_schema::Table;
use datajoint_sql::{CatalogRows, catalog_queries, lineage_query, read_catalog};
use futures_util::future::BoxFuture;

use crate::{Connection, Result};

impl Connection {
    /// Every table of the schemas, with columns, keys, foreign keys, indexes and lineage, in a constant number
    /// of queries.
    pub fn catalog<'a>(&'a mut self, schemas: &'a [String]) -> BoxFuture<'a, Result<Vec<Table>>> {
        Box::pin(self.read_catalog(schemas))
    }

    async fn read_catalog(&mut self, schemas: &[String]) -> Result<Vec<Table>> {
        let mut rows = CatalogRows::default();
        for query in catalog_queries(self.backend(), schemas) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        if let Some(query) = lineage_query(self.backend(), &rows) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        Ok(read_catalog(self.backend(), &rows)?)
    }
}
