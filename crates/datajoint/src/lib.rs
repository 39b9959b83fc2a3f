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
//!         let SessionRow { subject_id, session, weight } = cx.upstream::<Session>().fetch_one().await?;
//!         cx.insert(WeightRow { subject_id, session, kilograms: weight / 1000.0 }).await
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dj = Instance::connect(Settings::embedded(":memory:")).await?;
//!
//! Subject.insert1(&dj, SubjectRow::new(1, "Ada")).await?;
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
//! | insert and update | [`Insert`], [`InsertOptions`], [`IntoRow`](macro@IntoRow) |
//! | query | the operators `&`, `-`, `*`, `+` and the methods of [`Relation`]; [`Restriction`], [`Condition`], [`attribute`], [`sql`], [`Proj`], [`compute`], [`U`], [`Top`] |
//! | fetch | the methods of [`Relation`]; [`FromRow`](macro@FromRow), [`DynamicRow`] |
//! | delete and drop | [`Delete`], [`Deletion`], [`PartIntegrity`], [`DropTable`], [`Dropping`] |
//! | guard a database | [`Plan`], [`Ask`], [`Stamp`], [`ReadOnly`] |
//! | compute | [`Make`], [`PlainMake`], [`FetchContext`], [`InsertContext`], [`MakeContext`] |
//! | populate | [`PopulateTable`], [`Populate`], [`PopulateReport`] |
//! | work in a transaction | [`Instance::transaction`], [`Transaction`] |
//! | keep arrays and files | [`blob`], [`Blob`], [`Attachment`] |
//! | use dates, decimals, UUIDs and JSON | [`types`] |
//! | use types of one's own | [`AttributeValue`](macro@AttributeValue), [`OrDefault`] |
//! | work without types | [`Schema`], [`DynamicTable`], [`Instance::declare_dynamic`] |
//! | look at rows | [`Preview`]; [`Relation::explain`] for how they are found |
//! | know what belongs together | [`Subset`]: [`Instance::cascade`], [`Instance::trace`], [`Instance::restrict_all`] |
//! | draw | [`diagram`] |
//! | populate by name, and know how far it is | [`Makers`], [`progress_of`] |
//! | know what went wrong | [`Error`], [`PopulateError`], [`ValueError`] |
//!
//! [`prelude`] has what a module with tables needs.
//!
//! # The guide
//!
//! The [guide] leads from the first table to a populated pipeline. Its chapters: [a first pipeline], [the definition
//! language], [types], [foreign keys and parts], [connecting], [schemas], [production], [the way there],
//! [deployments], [commands], [inserting], [querying], [extending and counting], [fetching], [what belongs together],
//! [updating and deleting], [transactions], [blobs], [computed tables], [populating], [tables without types],
//! [diagrams], [compile errors], [errors], and [a page for those who know DataJoint for Python].
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `sqlite` (on by default) | the embedded database |
//! | `mysql` | MySQL and MariaDB servers |
//! | `postgres` | PostgreSQL servers |
//! | `arrow` | `datajoint::arrow`: rows as Arrow record batches and CSV files, and back |
//! | `parquet` | the same with Parquet files |
//! | `deploy` | `datajoint::deploy`: replica identities, publications, roles, maintenance, as plans that are applied |
//! | `transfer` | `datajoint::transfer`: copies of rows with all that they need |
//! | `s3`, `gcs`, `azure` | objects that go with them, in these stores too |
//! | `log` | `datajoint::log::init`, for programs without a `tracing` subscriber of their own |
//!
//! Features only add. Without any, tables can be declared and nothing can be connected to.
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
//! [a first pipeline]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/first-pipeline.md
//! [the definition language]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/definitions.md
//! [types]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/types.md
//! [foreign keys and parts]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/foreign-keys.md
//! [connecting]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/connecting.md
//! [schemas]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/schemas.md
//! [production]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/production.md
//! [the way there]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/promotion.md
//! [deployments]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/deploying.md
//! [commands]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/commands.md
//! [inserting]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/inserting.md
//! [querying]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/querying.md
//! [extending and counting]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/aggregating.md
//! [what belongs together]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/together.md
//! [fetching]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/fetching.md
//! [updating and deleting]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/changing.md
//! [transactions]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/transactions.md
//! [blobs]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/blobs.md
//! [computed tables]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/computing.md
//! [populating]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/populating.md
//! [tables without types]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/dynamic.md
//! [diagrams]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/diagrams.md
//! [compile errors]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/compile-errors.md
//! [errors]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/errors.md
//! [a page for those who know DataJoint for Python]: https://github.com/datajoint/datajoint-rust/blob/main/docs/guide/src/python.md

#[cfg(feature = "arrow")]
pub use datajoint_arrow as arrow;
pub use datajoint_blob as blob;
pub use datajoint_blob::Value as Blob;
pub use datajoint_config::Settings;
pub use datajoint_definition::{Backend, Tier};
#[cfg(feature = "deploy")]
pub use datajoint_deploy as deploy;
pub use datajoint_diagram as diagram;
#[cfg(feature = "log")]
pub use datajoint_log as log;
#[doc = include_str!("attribute_value.md")]
pub use datajoint_macros::AttributeValue;
#[doc = include_str!("from_row.md")]
pub use datajoint_macros::FromRow;
#[doc = include_str!("into_row.md")]
pub use datajoint_macros::IntoRow;
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
    Activation, Answer, Ask, Attribute, Bound, BufferedInsert, Condition, DeleteReport, Deletion, DropTable,
    Dropped, Dropping, DynamicDeclaration, DynamicRow, DynamicTable, Error, Going, InsertOptions, Instance,
    IntoParameters, PartIntegrity, Plan, Preview, Proj, Query, QueryRow, ReadOnly, Restriction, Result,
    RowStream, Schema, Stamp, Subset, Target, Terminal, Top, Transaction, U, Verb, WriteTarget, attribute,
    compute, sql,
};
pub use datajoint_populate::{
    Error as PopulateError, FetchContext, InsertContext, Made, Make, MakeContext, MakeError, MakeResult,
    Maker, Makers, Orders, PlainMake, Populate, PopulateReport, PopulateTable, Progress, Upstream,
    progress_of,
};
pub use datajoint_schema::{Graph, TableName};
pub use datajoint_sql::Value;
#[cfg(feature = "transfer")]
pub use datajoint_transfer as transfer;

pub mod prelude;
pub mod types;

#[doc(hidden)]
pub mod codegen;
