//! What rows refer to and what lies in the stores, side by side: two lists that are sorted outside of memory, and gone through
//! together.
//!
//! A store of a laboratory has tens of millions of objects, so that no list of them is kept in memory. Stores of
//! different kinds list in different orders (a folder in none), and so do servers with their collations; the order of both lists
//! is therefore made here: each list is written to files without names in the folder for temporary files, a
//! [sorted](Sorter) piece after the other, and the pieces are merged as they are read. That takes as much room on disk as the paths have, a few hundred
//! bytes an object, and [the same memory](Sorter) however many there are. A sorted query for each folder would spare the
//! disk, and ask the database as often as there are folders, for columns that have no index.
//!
//! The order is that of a [tree](Place): a folder stands right before all that lies in it. So a reference to a folder is told of
//! each object below it, and a reference to an object of that object, by looking at the heads of both lists.

mod comparison;
mod error;
mod listing;
mod place;
mod references;
mod sorter;

pub use comparison::{Comparison, Presence, Step};
pub use datajoint_codec::Reference;
pub use error::{Error, Result};
pub use listing::{Listed, list};
pub use place::{Location, Locations, Place};
pub use references::{Referred, StoredAttribute, attributes, references_of};
pub use sorter::{Sorted, Sorter};
