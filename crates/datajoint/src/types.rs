//! The crates whose types attributes have, in the versions that this crate uses.
//!
//! A program needs none of them as a dependency of its own, unless it wants more of their features, such as UUIDs that
//! are drawn at random.
//!
//! | attribute | Rust |
//! |---|---|
//! | `date` | [`chrono::NaiveDate`] |
//! | `datetime` | [`chrono::NaiveDateTime`] |
//! | `decimal(p, s)` | [`rust_decimal::Decimal`] |
//! | `json` | [`serde_json::Value`] |
//! | `uuid` | [`uuid::Uuid`] |
//! | `<blob>` | among others the arrays of [`ndarray`] |
//!
//! ```
//! use datajoint::types::chrono::NaiveDate;
//!
//! let born = NaiveDate::from_ymd_opt(2024, 2, 29);
//! # assert!(born.is_some());
//! ```

pub use {chrono, ndarray, rust_decimal, serde_json, uuid};
