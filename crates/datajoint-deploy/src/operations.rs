//! The operations of a deployment, a line each: its section of `deploy.toml`, what stands there, and its type.
//!
//! From this list come the file, the names that commands take with their help, and the order in which they are applied.

use std::collections::BTreeMap;
use std::fmt;

use datajoint_plan::{Item, Operation, Section as _, Snapshot};
use serde::{Deserialize, Serialize};

use crate::audit::Audit;
use crate::columns::{JobMetadata, MakeRecords, Provenance};
use crate::grants::{Grants, GrantsSpec};
use crate::maintenance::{Maintenance, MaintenanceSpec, Upkeep};
use crate::publication::{Publication, PublicationSpec};
use crate::queues::JobQueues;
use crate::replica_identity::{ReplicaIdentity, ReplicaIdentitySpec};
use crate::verify::VerifySpec;
use crate::{Error, Result};

/// Writes out what the list says.
macro_rules! operations {
    ($(#[doc = $summary:literal] $section:ident: $spec:ty => $name:ident,)+) => {
        /// One of the operations of a deployment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum OperationName {
            $(#[doc = $summary] $name,)+
        }

        impl OperationName {
            /// All of them, in the order in which they are applied.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns its name, as commands and plans write it: `replica-identity`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => <$name as Operation>::NAME,)+
                }
            }

            /// Returns its key in `deploy.toml`: `replica_identity`.
            pub const fn section(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($section),)+
                }
            }

            /// Returns what it puts in order, in a line.
            pub fn summary(self) -> &'static str {
                let summary = match self {
                    $(Self::$name => $summary,)+
                };
                summary.trim().trim_end_matches('.')
            }

            /// Returns what has to stand in `deploy.toml` where nothing is usual: `[grants]`.
            pub const fn required(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => <$name as Operation>::REQUIRED,)+
                }
            }
        }

        /// How the schemas of a pipeline are to be configured. What is left out is left as it is.
        ///
        /// ```
        /// use datajoint_deploy::{DesiredState, OperationName};
        ///
        /// let desired: DesiredState = r#"
        ///     job_metadata = true
        ///
        ///     [replica_identity]
        ///     mode = "full"
        ///
        ///     [publication.changes]
        ///     tiers = ["manual", "computed", "part"]
        ///
        ///     [grants.members]
        ///     viewer = ["ada"]
        /// "#.parse()?;
        /// assert!(desired.asks_for(OperationName::Grants) && !desired.asks_for(OperationName::Maintenance));
        /// # Ok::<(), datajoint_deploy::Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct DesiredState {
            /// The schemas, named as in `schema!`; without them, the pipelines among those with the prefix of the settings.
            pub schemas: Option<Vec<String>>,
            /// One table alone, as `schema.table` or `schema.Class`.
            pub table: Option<String>,
            /// The check before all else.
            pub verify: VerifySpec,
            $(#[doc = $summary] pub $section: $spec,)+
            /// What is done since somebody asks for it now, with a need or without; no file says that.
            #[serde(skip_deserializing)]
            pub request: Option<Upkeep>,
            /// What roles are called and may do, where `grants` is not asked for; no file says that.
            #[serde(skip)]
            pub roles: Option<GrantsSpec>,
        }

        impl DesiredState {
            /// Returns true when something is asked of an operation.
            pub fn asks_for(&self, operation: OperationName) -> bool {
                match operation {
                    $(OperationName::$name => self.$section.is_asked_for(),)+
                }
            }

            /// The same for one operation alone, with what it does when nothing else is said.
            #[must_use]
            pub fn only(self, operation: OperationName) -> Self {
                let (schemas, table, verify) = (self.schemas, self.table, self.verify);
                // Who is in which role decides of other operations, too.
                let roles = self.grants.clone().or(self.roles);
                let mut only = Self { schemas, table, verify, roles, ..Self::default() };
                match operation {
                    $(OperationName::$name => only.$section = self.$section.or_usual(),)+
                }
                only
            }

            /// What roles are called and may do.
            pub(crate) fn described(&self) -> GrantsSpec {
                self.grants.clone().or_else(|| self.roles.clone()).unwrap_or_default()
            }

            /// The items of all operations, in their order.
            pub(crate) async fn items(&self, snapshot: &mut Snapshot) -> Result<Vec<Item>, Error> {
                let mut items = Vec::new();
                $(items.extend(datajoint_plan::items::<$name>(snapshot, &self.$section, self).await?);)+
                Ok(items)
            }
        }
    };
}

operations! {
    /// The columns for where rows come from.
    provenance: bool => Provenance,
    /// The columns for when rows were computed.
    job_metadata: bool => JobMetadata,
    /// The columns for what rows were made by and from.
    make_records: bool => MakeRecords,
    /// The queues by which workers share keys.
    job_queues: bool => JobQueues,
    /// The tables in which changes are noted.
    audit: bool => Audit,
    /// What PostgreSQL logs of old rows.
    replica_identity: Option<ReplicaIdentitySpec> => ReplicaIdentity,
    /// Which tables PostgreSQL publishes.
    publication: BTreeMap<String, PublicationSpec> => Publication,
    /// Roles, their members, and what they may do.
    grants: Option<GrantsSpec> => Grants,
    /// Statistics, dead rows, indexes, storage parameters.
    maintenance: Option<MaintenanceSpec> => Maintenance,
}

impl fmt::Display for OperationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl AsRef<str> for OperationName {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

#[cfg(test)]
mod tests {
    use super::{DesiredState, OperationName};

    #[test]
    fn the_name_of_an_operation_is_that_of_its_section() {
        let file = serde_json::to_value(DesiredState::default()).unwrap();
        for operation in OperationName::ALL {
            assert_eq!(operation.name().replace('-', "_"), operation.section());
            assert_eq!(serde_json::json!(operation), operation.name());
            assert!(file.get(operation.section()).is_some(), "{operation}");
        }
    }
}
