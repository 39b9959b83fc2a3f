//! DataJoint for Rust: scientific data pipelines declared in the type system and kept in a database.
//!
//! Tables are declared from DataJoint's definition language with [`macro@schema`], [`macro@table`] and
//! [`macro@part`]; an [`Instance`] is a client of one database, in which they are declared, filled and queried.
//!
//! ```
//! use datajoint::prelude::*;
//!
//! schema!("lab");
//!
//! #[table(Manual)]
//! /// # Who takes part
//! /// subject_id : int32
//! /// ---
//! /// name       : varchar(40)
//! pub struct Subject;
//!
//! #[table(Manual)]
//! /// -> Subject
//! /// session    : int16
//! /// ---
//! /// weight     : float64      # (g)
//! pub struct Session;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> datajoint::Result<()> {
//! let dj = Instance::connect(Settings::embedded(":memory:")).await?;
//! Subject.insert1(&dj, SubjectRow { subject_id: 1, name: "Ada".to_owned() }).await?;
//! Session.insert1(&dj, SessionRow { subject_id: 1, session: 1, weight: 21.5 }).await?;
//!
//! let heavy = (Session & Session::weight.gt(20.0)).fetch(&dj).await?;
//! assert_eq!(heavy[0].subject_id, 1);
//! # Ok(())
//! # }
//! ```

pub use datajoint_blob as blob;
pub use datajoint_blob::Value as Blob;
pub use datajoint_config::Settings;
pub use datajoint_diagram as diagram;
pub use datajoint_macros::{AttributeValue, FromRow, IntoRow, part, pipeline, schema, table};
pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, Column, FromRow, HasAncestor, IntoRow, OrDefault, Part, Pipeline, Table,
    ValueError,
};
pub use datajoint_pipeline::{
    Activation, Condition, Delete, DeleteReport, DropTable, DynamicDeclaration, DynamicRow, DynamicTable,
    Error, Insert, InsertOptions, Instance, PartIntegrity, Proj, Query, Relation, Restriction, Result,
    Schema, Target, Transaction, sql,
};
pub use datajoint_populate::{
    Error as PopulateError, FetchContext, InsertContext, Make, MakeContext, MakeError, MakeResult, PlainMake,
    Populate, PopulateReport, PopulateTable, Progress,
};
pub use datajoint_sql::Value;

pub mod prelude;

#[doc(hidden)]
pub mod codegen;
