use datajoint_adapters::Kind;
use datajoint_guard::{Finding, FindingCode};

use super::Schema;
use crate::{Error, Instance, Result};

/// The schemas of a database that a user may look into, and those that were passed over.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct FoundSchemas {
    /// Those that were read, in the order of their names.
    pub schemas: Vec<Schema>,
    /// A finding for each that was not, since its tables may not be read by this user, or its stamp keeps this client out.
    pub findings: Vec<Finding>,
}

impl Instance {
    /// Reads all schemas whose names in the database begin so; all of them for an empty prefix.
    ///
    /// A schema that this user may not read, and one that another project stamped for clients of its own, ends nothing: it is
    /// left out, with a [finding](FoundSchemas::findings). One that is dropped meanwhile is left out too. Fails when the
    /// database does not answer.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_pipeline::Instance;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// let found = dj.find_schemas("lab_").await?;
    /// assert!(found.schemas.is_empty() && found.findings.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn find_schemas(&self, prefix: &str) -> Result<FoundSchemas> {
        let mut found = FoundSchemas::default();
        for name in self.list_schemas().await?.iter().filter(|name| name.starts_with(prefix)) {
            match self.schema(name).await {
                Ok(schema) => found.schemas.push(schema),
                Err(error) if error.is_gone() => {}
                Err(error @ Error::Guard(_)) => found.findings.push(Finding::warning(
                    FindingCode::SchemaNotRead,
                    format!("the schema `{name}` can't be read: {error}"),
                    "its stamp says which clients and settings are let in",
                )),
                Err(error) if is_refused(&error) => {
                    let what = format!("the schema `{name}`");
                    found.findings.push(Finding::not_read(FindingCode::SchemaNotRead, &what, &error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

fn is_refused(error: &Error) -> bool {
    error.of_database().and_then(datajoint_adapters::Error::kind) == Some(Kind::MissingPrivilege)
}
