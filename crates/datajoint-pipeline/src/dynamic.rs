//! The same without types known to the compiler: rows, tables and schemas as found in a database.

mod declare;
mod found;
mod json;
mod of_typed;
mod row;
mod schema;
mod table;

pub use declare::DynamicDeclaration;
pub use found::FoundSchemas;
pub use of_typed::AsDynamic;
pub use row::DynamicRow;
pub use schema::Schema;
pub use table::DynamicTable;

pub(crate) use json::fit;
