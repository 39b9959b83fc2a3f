//! Compares what rows refer to with what lies in the stores: objects that are missing, of another size or other contents, and
//! those that no row refers to.

mod error;
mod fsck;
mod judge;
mod report;
mod rows;

pub use datajoint_inventory::Error as InventoryError;
pub use error::Error;
pub use fsck::Fsck;
pub use report::{Fault, FsckReport, Orphan, Problem};
