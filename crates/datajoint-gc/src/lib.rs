//! Collects the objects in stores that no row refers to: scan, quarantine, grace, purge, each as a plan that is looked at and
//! approved by its hash.
//!
//! # What becomes of an object
//!
//! A scan compares what the rows of every schema of the database refer to with what lies in the stores. An object that no row refers to, and
//! that is older than any transaction or staged insert may last, is *quarantined*: it is noted in the hidden table `~quarantine` of its
//! schema. When the grace is over, and still no row refers to it, it is *purged*. What a row refers to again *returns*. The rules are
//! one function, [`verdict`]; a test takes writers and collectors through every order of their steps.
//!
//! # Why nothing is lost
//!
//! An object that goes by its row has a name that was never given before, so that only who has its row, or wrote it, refers to it. It stays
//! where it is while it is in quarantine, and whoever sees it in a row keeps it.
//!
//! An object that goes by its content is found by whoever has the same content: they look whether it is there, write nothing
//! when it is, and insert their row afterwards. DataJoint for Python does so, and can't be told of a quarantine. Were such an object deleted
//! after a look at the rows, a row that is inserted a moment later would refer to nothing, and no lock helps, since the object was looked for
//! before the statement that inserts the row. So a quarantined object is *set aside*: it gets another name, which nobody finds who looks for
//! the content. Who looks from then on writes it anew. Who looked before inserts a row whose object is aside, and comes back: the collection
//! reads the rows once more when it has set objects aside and waited for a moment, and each later one does. What is aside is purged
//! only when the grace is over, which is longer than the time between a look and its row, after all rows were read again in the transaction
//! that takes the note away. This library, too, writes an object again over itself when it finds one that is older than an hour, so that it is
//! too young to be collected.
//!
//! What is left: the row of a client that looked before its object was set aside, and that commits after the moment, has an object
//! that is not where the row says until the next collection puts it back. `dj fsck` tells it. And who takes longer than the grace between
//! a look and the commit of the row, or longer than the age between writing an object and its row, is not protected: set both
//! longer than anything that you run.
//!
//! # When nothing is collected
//!
//! A scan that did not see everything gives no plan: a schema that the user may not read, a store that does not tell all its objects, a path
//! that no object has, a codec that is not known, a value that its codec did not write, a store that rows name and the settings don't have, and
//! more candidates than the [share](Collection::most) that is expected. Two names of one location are one location; where two stores turn
//! out to be one that is spelled in two ways, the plan says so and stops.

mod chore;
mod collection;
mod erasure;
mod error;
mod heap;
mod notes;
mod purge;
mod quarantine;
mod restore;
mod rows;
mod scan;
mod state;
mod visible;

pub use collection::Collection;
pub use datajoint_inventory::Error as InventoryError;
pub use datajoint_plan::{Item, LockPolicy, Plan, State};
pub use erasure::{Certificate, Erased, Erasure};
pub use error::{Error, Result};
pub use state::{Facts, Note, Verdict, verdict};
