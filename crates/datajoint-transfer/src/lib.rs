//! Copies rows of a pipeline, with all that they need, to files and to other databases.
//!
//! What is copied is closed: the rows of a query over one table, every row that they refer to however far away, the parts
//! of every master among them, and, if asked for, every row that depends on them. Objects in stores go with the rows that
//! speak of them. The files name no backend: what one database wrote, a database of another kind takes.
//!
//! An index that the other database can't have is left out, which the report says; a unique one is an error before anything
//! is declared.
//!
//! An import is all or nothing, can be repeated, and is checked: the rows are read back, and their hash compared with that
//! of the rows that were written. Objects are written that rows speak of, and no others.
//!
//! ```
//! use datajoint::prelude::*;
//! use datajoint_transfer::{Export, Import};
//!
//! schema!("lab");
//!
//! #[table(Manual)]
//! /// subject : int32
//! pub struct Subject;
//!
//! #[table(Manual)]
//! /// -> Subject
//! /// session : int32
//! pub struct Session;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
//! # let other = Instance::connect(Settings::embedded(":memory:")).await?;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("export");
//! Subject.insert(&dj, [SubjectRow { subject: 1 }, SubjectRow { subject: 2 }]).await?;
//! Session.insert_one(&dj, SessionRow { subject: 2, session: 1 }).await?;
//!
//! Export::new(&dj, &Session).to(&path).await?;
//! let report = Import::new(&other, &path).run().await?;
//! assert_eq!(report.to_string(), "lab.subject: 1\nlab.session: 1");
//! # Ok(())
//! # }
//! ```

mod cell;
mod closure;
mod error;
mod export;
mod folder;
mod import;
mod indexes;
mod manifest;
mod object;
mod parents;
mod rows;
mod spoken;

pub use error::{Error, Result};
pub use export::{Export, copy};
pub use import::Import;
pub use manifest::{LeftOut, Manifest, Object, TransferReport, Transferred};
