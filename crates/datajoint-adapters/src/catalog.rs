use std::collections::{BTreeSet, HashSet};

use datajoint_schema::{Table, TableName};
use datajoint_sql::{
    CatalogRows, Scope, Statement, Value, catalog_queries, lineage_query, read_catalog, read_stamps,
};
use futures_util::future::BoxFuture;

use crate::{Connection, Error, Result, RetryPolicy};

/// What the database says of schemas.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Every table with columns, keys, foreign keys, indexes and lineage.
    pub tables: Vec<Table>,
    /// The schemas that have the hidden table asked for, with its comment.
    pub stamps: Vec<(String, String)>,
}

impl Connection {
    /// Creates a schema, whose strings may have all characters; also when it is there already, but not safe against others
    /// that do so at the same time.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the schema may be there.
    #[doc(hidden)]
    pub fn create_schema<'a>(&'a mut self, schema: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let backend = self.backend();
            let has_own_characters = match datajoint_sql::wants_own_characters(backend) {
                Some(question) => !self.look_up(&question).await?.is_empty(),
                None => false,
            };
            self.script(&datajoint_sql::create_schema(backend, schema, has_own_characters)).await
        })
    }

    /// What the database says of schemas, in a constant number of queries, or of some tables and all that they refer to,
    /// in as many for each step upwards; `stamp` is the hidden table whose comments are wanted.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed.
    pub fn catalog<'a>(
        &'a mut self,
        scope: impl Into<Scope<'a>>,
        stamp: &'a str,
    ) -> BoxFuture<'a, Result<Catalog>> {
        Box::pin(self.read_catalog(scope.into(), stamp))
    }

    /// The rows of a query about what is there, again where others drop what it names while it is answered.
    ///
    /// For queries that name no table of a pipeline: one that is gone stays so.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed.
    pub fn look_up<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async {
            let mut backoff = RetryPolicy::CATALOG.start();
            loop {
                match self.fetch(statement).await {
                    Err(error) if self.looks_again(&error) && backoff.again().await => {}
                    outcome => return outcome,
                }
            }
        })
    }

    async fn read_catalog(&mut self, scope: Scope<'_>, stamp: &str) -> Result<Catalog> {
        let mut backoff = RetryPolicy::CATALOG.start();
        loop {
            let outcome = match scope {
                Scope::Schemas(_) => self.read_catalog_once(scope, stamp).await,
                Scope::Tables(tables) => self.read_upwards(tables, stamp).await,
            };
            match outcome {
                // `~lineage` was dropped since the columns were read: they are without it by now.
                Err(error) if self.looks_again(&error) && backoff.again().await => {}
                outcome => return outcome,
            }
        }
    }

    /// True when something was dropped or altered meanwhile. A transaction in which a statement failed takes no other.
    fn looks_again(&self, error: &Error) -> bool {
        (error.is_gone() || error.kind() == Some(crate::Kind::Altered)) && self.course().is_none()
    }

    async fn read_catalog_once(&mut self, scope: Scope<'_>, stamp: &str) -> Result<Catalog> {
        let mut rows = CatalogRows::default();
        self.read_rows(&mut rows, scope).await?;
        self.understood(&rows, stamp)
    }

    /// Tables, then those that they refer to which were not asked for yet, until there are none.
    async fn read_upwards(&mut self, tables: &[TableName], stamp: &str) -> Result<Catalog> {
        let mut rows = CatalogRows::default();
        let mut asked: HashSet<TableName> = HashSet::new();
        let mut next: Vec<TableName> = tables.to_vec();
        loop {
            let schemas: BTreeSet<String> = next.iter().map(|table| table.schema.clone()).collect();
            for schema in schemas {
                next.extend([TableName::new(schema.clone(), stamp), TableName::lineage(schema)]);
            }
            next.retain(|table| asked.insert(table.clone()));
            self.read_rows(&mut rows, Scope::Tables(&next)).await?;
            let found = self.understood(&rows, stamp)?;
            let parents = found.tables.iter().flat_map(|table| &table.foreign_keys).map(|key| &key.parent);
            next = parents.filter(|parent| !asked.contains(*parent)).cloned().collect();
            if next.is_empty() {
                return Ok(found);
            }
        }
    }

    async fn read_rows(&mut self, rows: &mut CatalogRows, scope: Scope<'_>) -> Result<()> {
        for query in catalog_queries(self.backend(), scope) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        if let Some(query) = lineage_query(self.backend(), rows, scope) {
            let answer = self.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        Ok(())
    }

    fn understood(&self, rows: &CatalogRows, stamp: &str) -> Result<Catalog> {
        Ok(Catalog { tables: read_catalog(self.backend(), rows)?, stamps: read_stamps(rows, stamp) })
    }
}
