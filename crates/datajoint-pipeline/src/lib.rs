//! Instances, activation, declaration, insert, fetch and delete of DataJoint tables.
//!
//! An [`Instance`] is a client of one database. Tables are declared with macros ([`typed`]) or found in a
//! database ([`DynamicTable`]); both are [`Relation`]s, from which [`Query`]s are put together with `&`, `-`, `*` and
//! `+`, and fetched. [`Insert`], [`Delete`] and [`DropTable`] have the verbs that change tables.

mod activation;
mod attribute;
mod audit;
mod codec;
mod comparison;
mod condition;
mod delete;
mod dynamic;
mod error;
mod executor;
mod hidden;
mod insert;
mod instance;
mod query;
mod reference;
mod restriction;
mod subset;
mod transaction;
pub mod typed;
mod update;

pub use activation::Activation;
pub use attribute::{Attribute, attribute};
#[doc(hidden)]
pub use audit::AuditEntry;
pub use audit::{AuditOutcome, AuditVerb};
#[doc(hidden)]
pub use codec::is_encoded;
pub use condition::Condition;
pub use datajoint_guard::{Action, Answer, Ask, Going, Plan, Stamp, Terminal, Verb};
pub use delete::{Delete, DeleteReport, Deletion, DropTable, Dropped, Dropping, PartIntegrity};
pub use dynamic::{AsDynamic, DynamicDeclaration, DynamicRow, DynamicTable, FoundSchemas, Schema};
pub use error::{
    Carried, CarriedOn, CommitUnknown, Doing, Error, Hint, KeyValues, Result, RowCodecError, TooLong,
    find_refusal, is_commit_unknown,
};
pub use executor::{Target, WriteTarget};
pub use insert::{BufferedInsert, Insert, InsertOptions, Inserted, MadeRows};
pub use instance::{FoundStamp, Instance, ReadOnly};
pub use query::{
    ColumnOf, ColumnsOf, IntoOrder, IntoProjection, Preview, Proj, Query, QueryRow, Relation, RowStream,
    StoredRow, Top, U, compute, of_table,
};
pub use restriction::{Bound, IntoParameters, Restriction, key_condition, match_condition, sql};
pub use subset::Subset;
pub use transaction::Transaction;
