//! DataJoint for Rust: scientific data pipelines, declared in the type system and kept in a relational database.
//!
//! A *pipeline* is a set of tables joined by foreign keys that never lead in a circle. People and instruments fill
//! some of the tables. The others fill themselves: each says how its rows are computed from the tables it refers to,
//! and `populate` computes those that are missing.
//!
//! * Tables are declared in DataJoint's definition language, which the compiler checks: an unknown parent, a wrong
//!   type, a missing field, a computation that reads what is not upstream are compile errors.
//! * Databases are shared with DataJoint for Python, at the same time.
//! * Without any settings the database is embedded: a file, and nothing to install.
//!
//! # A pipeline, complete
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
//! /// # A day in the laboratory
//! /// -> Subject
//! /// session    : int16
//! /// ---
//! /// weight     : float64      # (g)
//! pub struct Session;
//!
//! #[table(Computed)]
//! /// # The weight in another unit
//! /// -> Session
//! /// ---
//! /// kilograms  : float64      # (kg)
//! pub struct Weight;
//!
//! impl PlainMake for Weight {
//!     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
//!         let session = cx.upstream::<Session>().fetch_one().await?;
//!         cx.insert(WeightRow::of(cx.key(), session.weight / 1000.0)).await
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dj = Instance::connect(Settings::embedded(":memory:")).await?;
//!
//! Subject.insert_one(&dj, SubjectRow::new(1, "Ada")).await?;
//! Session.insert(&dj, [SessionRow::new(1, 1, 20.5), SessionRow::new(1, 2, 21.5)]).await?;
//!
//! let report = Weight.populate(&dj).run().await?;
//! assert_eq!(report.success_count, 2);
//!
//! let heavy = (Session * Weight & Session::weight.gt(21.0)).fetch(&dj).await?;
//! assert_eq!(heavy[0].to_string(), "{subject_id: 1, session: 2, weight: 21.5, kilograms: 0.0215}");
//! # Ok(())
//! # }
//! ```
//!
//! # What there is, by task
//!
//! | to | |
//! |---|---|
//! | declare tables | [`schema!`](macro@schema), [`#[table]`](macro@table), [`#[part]`](macro@part), [`pipeline!`](macro@pipeline) |
//! | connect | [`Settings`], [`Instance::connect`] |
//! | declare what is missing in the database | [`Instance::activate`], [`Activation`] |
//! | insert and update | [`Insert`], [`InsertOptions`], [`Inserted`], [`IntoRow`](macro@IntoRow) |
//! | query | the operators `&`, `-`, `*`, `+` and the methods of [`Relation`]; [`Restriction`], [`Condition`], [`attribute`], [`sql`], [`Proj`], [`compute`], [`U`], [`Top`] |
//! | fetch | the methods of [`Relation`]; [`FromRow`](macro@FromRow), [`DynamicRow`] |
//! | delete and drop | [`Delete`], [`Deletion`], [`PartIntegrity`], [`DropTable`], [`Dropping`] |
//! | guard a database | [`Plan`], [`Ask`], [`Stamp`], [`ReadOnly`] |
//! | compute | [`Make`], [`PlainMake`], [`FetchContext`], [`InsertContext`], [`MakeContext`] |
//! | populate | [`PopulateTable`], [`Populate`], [`PopulateReport`] |
//! | look after queues of jobs | [`jobs::Jobs`] |
//! | know who did what | [`Instance::audit`], [`AuditVerb`] |
//! | know which rows other code made, or other inputs | [`macro@make`], [`Code`], [`PopulateTable::stale`], [`Stale`] |
//! | work in a transaction | [`Instance::transaction`], [`Transaction`] |
//! | keep arrays and files in the table | [`blob`], [`Blob`], [`Attachment`] |
//! | keep arrays, files and folders in a store | [`Object`], [`Npy`], and the same as in the table |
//! | write codecs of one's own | [`Codec`], [`Codecs`], [`Instance::with_codecs`]; [`codec`], [`store`] |
//! | copy rows with codecs as they stand in the table | [`StoredRow`], [`InsertOptions::as_stored`] |
//! | use dates, decimals, UUIDs and JSON | [`types`] |
//! | use types of one's own | [`AttributeValue`](macro@AttributeValue), [`OrDefault`] |
//! | work without types | [`Schema`], [`DynamicTable`], [`Instance::declare_dynamic`] |
//! | look at rows | [`Preview`]; [`Relation::explain`] for how they are found |
//! | know what belongs together | [`Subset`]: [`Instance::cascade`], [`Instance::trace`], [`Instance::restrict_all`] |
//! | draw | [`diagram`] |
//! | populate by name, and know how far it is | [`Makers`], [`progress_of`] |
//! | know what went wrong | [`Error`], [`PopulateError`], [`ValueError`]; [`error`](mod@error) has the kinds of each |
//! | write functions that take any table or query | [`typed`], [`query`] |
//! | compare code, lock and database | [`lock`], [`Instance::compare`]; [`schema::Side`] |
//! | read settings, headings, definitions, plans | [`settings`], [`schema`](mod@schema), [`definition`], [`guard`] |
//!
//! [`prelude`] has what a module with tables needs.
//!
//! # The guide
//!
//! The [guide] leads from the first table to a populated pipeline; these are [its chapters][chapters]. If you know
//! DataJoint for Python, start with [the page for you][python]. [Terms][terms] explains the words.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `sqlite` (on by default) | the embedded database |
//! | `mysql` | MySQL and MariaDB servers |
//! | `postgres` | PostgreSQL servers |
//! | `stores` | attributes whose values lie in a store (`<blob@>`, `<object@main>`), in folders; without it such a line is a compile error |
//! | `s3`, `gcs`, `azure` | the same in buckets of S3, Google Cloud Storage and Azure |
//! | `arrow` | `datajoint::arrow`: rows as Arrow record batches and CSV files, and back |
//! | `parquet` | the same with Parquet files |
//! | `deploy` | `datajoint::deploy`: replica identities, publications, roles, maintenance, as plans that are applied |
//! | `transfer` | `datajoint::transfer`: copies of rows with all that they need |
//! | `progress` | [`ProgressBars`](Populate::watch): progress bars of populations on a terminal |
//! | `webhook` | alerts of populations are posted to an address: `alerts.webhook` |
//! | `fsck` | `datajoint::fsck`: whether what rows refer to lies in the stores, and what no row refers to |
//! | `gc` | `datajoint::gc`: collects objects that no row refers to, as plans that are applied |
//! | `dashboard` | `datajoint::dashboard`: a page in the browser that shows how far everything is |
//! | `metrics` | the numbers of that page for Prometheus |
//! | `log` | `datajoint::log::init`, for programs without a `tracing` subscriber of their own |
//!
//! Features only add. Without any, tables can be declared and nothing can be connected to. `s3`, `gcs`, `azure`, `deploy`,
//! `transfer`, `fsck` and `gc` turn on `stores`.
//!
//! # Backends
//!
//! | backend | versions | feature |
//! |---|---|---|
//! | SQLite | bundled | `sqlite` |
//! | MySQL | 8 and later | `mysql` |
//! | MariaDB | 10.6 and later | `mysql` |
//! | PostgreSQL | 13 and later | `postgres` |
//!
//! A program behaves the same on all of them. [`Settings`] say which one it is, so that it is not a matter of code.
//!
//! [guide]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/introduction.md
//! [chapters]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/SUMMARY.md
//! [python]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/python.md
//! [terms]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/terms.md

#[cfg(feature = "arrow")]
pub use datajoint_arrow as arrow;
pub use datajoint_blob as blob;
pub use datajoint_blob::Value as Blob;
pub use datajoint_codec as codec;
#[cfg(feature = "stores")]
pub use datajoint_codec::StagedObject;
pub use datajoint_codec::{Codec, Codecs, Npy, Object};
pub use datajoint_config as settings;
pub use datajoint_config::Settings;
#[cfg(feature = "dashboard")]
pub use datajoint_dashboard as dashboard;
pub use datajoint_definition as definition;
pub use datajoint_definition::{Backend, Capability, Protocol, Tier};
#[cfg(feature = "deploy")]
pub use datajoint_deploy as deploy;
pub use datajoint_diagram as diagram;
#[cfg(feature = "fsck")]
pub use datajoint_fsck as fsck;
#[cfg(feature = "gc")]
pub use datajoint_gc as gc;
pub use datajoint_guard as guard;
pub use datajoint_jobs as jobs;
pub use datajoint_lock as lock;
#[cfg(feature = "log")]
pub use datajoint_log as log;
#[doc = include_str!("attribute_value.md")]
pub use datajoint_macros::AttributeValue;
#[doc = include_str!("from_row.md")]
pub use datajoint_macros::FromRow;
#[doc = include_str!("into_row.md")]
pub use datajoint_macros::IntoRow;
#[doc = include_str!("make.md")]
pub use datajoint_macros::make;
#[doc = include_str!("part.md")]
pub use datajoint_macros::part;
#[doc = include_str!("pipeline.md")]
pub use datajoint_macros::pipeline;
#[doc = include_str!("schema.md")]
pub use datajoint_macros::schema;
#[doc = include_str!("table.md")]
pub use datajoint_macros::table;
#[doc = include_str!("delete.md")]
pub use datajoint_pipeline::Delete;
#[doc = include_str!("insert.md")]
pub use datajoint_pipeline::Insert;
#[doc = include_str!("relation.md")]
pub use datajoint_pipeline::Relation;
pub use datajoint_pipeline::typed::{
    Attachment, AttributeValue, Column, FromRow, HasAncestor, IntoRow, OrDefault, Part, Pipeline, Table,
    ValueError,
};
pub use datajoint_pipeline::{
    Action, Activation, Answer, Ask, Attribute, AuditOutcome, AuditVerb, Bound, BufferedInsert, Condition,
    DeleteReport, Deletion, DropTable, Dropped, Dropping, DynamicDeclaration, DynamicRow, DynamicTable,
    Error, FoundSchemas, FoundStamp, Going, InsertOptions, Inserted, Instance, IntoParameters, PartIntegrity,
    Plan, Preview, Proj, Query, QueryRow, ReadOnly, Restriction, Result, RowStream, Schema, Stamp, StoredRow,
    Subset, Target, Terminal, Top, Transaction, U, Verb, WriteTarget, attribute, compute, sql,
};
#[cfg(feature = "progress")]
pub use datajoint_populate::ProgressBars;
pub use datajoint_populate::{
    Change, Code, Error as PopulateError, FetchContext, InsertContext, Made, Make, MakeContext, MakeError,
    MakeResult, Maker, Makers, Orders, PlainMake, Populate, PopulateEvent, PopulateReport, PopulateTable,
    PopulateWatcher, Progress, Recompute, Run, Stale, StaleRow, StaleRows, Upstream, Watching, progress_of,
    should_stop, source_of,
};
pub use datajoint_schema as schema;
pub use datajoint_schema::{Graph, TableName};
pub use datajoint_sql::Value;
pub use datajoint_store as store;
#[cfg(feature = "transfer")]
pub use datajoint_transfer as transfer;

pub mod error;
pub mod prelude;
pub mod query;
pub mod typed;
pub mod types;

#[doc(hidden)]
pub mod codegen;
