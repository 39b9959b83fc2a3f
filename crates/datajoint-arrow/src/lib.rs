//! Rows of DataJoint tables as Arrow record batches, Parquet and CSV files, and back.
//!
//! [`FetchColumns`] gives every query `record_batches`, `fetch_arrow`, `write_csv` and `write_parquet`; [`InsertColumns`]
//! gives every table `insert_batches`, `insert_csv` and `insert_parquet`. Rows pass one batch at a time, so that memory
//! stays the same however many there are. Parquet needs the feature `parquet`.
//!
//! | attribute | Arrow |
//! |---|---|
//! | `int8` … `int64`, `float32`, `float64`, `bool` | the type of the same name |
//! | `decimal(p, s)` | `Decimal128(p, s)` |
//! | `char`, `varchar`, `enum` | `Utf8` |
//! | `date`, `datetime` | `Date32`, `Timestamp(µs)` without a time zone |
//! | `uuid` | `FixedSizeBinary(16)`, extension `arrow.uuid` |
//! | `json`, objects in stores | `Utf8`, extension `arrow.json` |
//! | `bytes`, `<blob>`, `<attach>` | `Binary`: the bytes as they are kept |
//! | a computed value | what its first value is: `Int64`, `Float64`, `Utf8`, … |
//!
//! ```
//! use datajoint::prelude::*;
//! use datajoint_arrow::{FetchColumns, InsertColumns};
//!
//! schema!("lab");
//!
//! #[table(Manual)]
//! /// session : int32
//! /// ---
//! /// weight = null : float64
//! pub struct Session;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dj = datajoint::Instance::connect(Settings::embedded(":memory:")).await?;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sessions.csv");
//! std::fs::write(&path, "session,weight\n1,20.5\n2,\n")?;
//! Session.insert_csv(&dj, &path, InsertOptions::new()).await?;
//!
//! let batch = Session.fetch_arrow(&dj).await?;
//! assert_eq!((batch.num_rows(), batch.column(1).null_count()), (2, 1));
//! # Ok(())
//! # }
//! ```

pub use {arrow_array, arrow_schema};

mod build;
mod csv_file;
mod error;
mod fetch;
mod insert;
#[cfg(feature = "parquet")]
mod parquet_delta;
#[cfg(feature = "parquet")]
mod parquet_file;
#[cfg(feature = "parquet")]
mod parquet_pages;
mod quotes;
mod read;
mod whole_file;

pub use error::{Error, Result};
pub use fetch::{BatchStream, FetchColumns};
pub use insert::InsertColumns;
#[doc(hidden)]
pub use whole_file::WholeFile;
