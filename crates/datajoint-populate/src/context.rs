//! What a `make` can reach: its key, what is upstream of the key, and its own table and parts.

mod fetch;
mod insert;
mod make;

pub use fetch::FetchContext;
pub use insert::InsertContext;
pub use make::MakeContext;
