//! The traits and types in the signatures of queries: what may be a column, an order, a projection, a parameter.
//!
//! A program seldom names them. A function of yours that is generic over them does:
//!
//! ```
//! # use datajoint::prelude::*;
//! use datajoint::query::IntoOrder;
//!
//! /// The first rows of any query, in any order.
//! fn first<Q: Relation>(query: &Q, order: impl IntoOrder) -> datajoint::Query<Q::Row> {
//!     query.order_by(order).limit(10)
//! }
//! # schema!("lab");
//! # #[table(Manual)]
//! # /// image_id : int32
//! # pub struct Image;
//! # let _ = first(&Image, Image::image_id.descending());
//! ```

pub use datajoint_pipeline::typed::{Column, ComparableWith};
pub use datajoint_pipeline::{
    AsDynamic, Attribute, Bound, ColumnOf, ColumnsOf, Condition, IntoOrder, IntoParameters, IntoProjection,
    Proj, Query, QueryRow, Restriction, RowStream, Top, U,
};
pub use datajoint_sql::Order;
