//! The crates whose types attributes have, in the versions that this crate uses.
//!
//! A program needs none of them as a dependency of its own, unless it wants more of their features, such as UUIDs that
//! are drawn at random.
//!
//! | attribute | Rust |
//! |---|---|
//! | `date` | [`chrono::NaiveDate`] |
//! | `datetime` | [`chrono::NaiveDateTime`] |
//! | `decimal(p, s)` | [`rust_decimal::Decimal`]; of more than 28 digits [`bigdecimal::BigDecimal`] |
//! | `time` | [`chrono::NaiveTime`], or [`chrono::TimeDelta`] |
//! | `json` | [`serde_json::Value`] |
//! | `uuid` | [`uuid::Uuid`] |
//! | `<blob>` | among others the arrays of [`ndarray`], and their [`num_complex::Complex`] numbers |
//!
//! Streams of rows are those of [`futures_core`].
//!
//! ```
//! use datajoint::types::chrono::NaiveDate;
//!
//! let born = NaiveDate::from_ymd_opt(2024, 2, 29);
//! # assert!(born.is_some());
//! ```

pub use {bigdecimal, chrono, futures_core, ndarray, num_complex, rust_decimal, serde_json, uuid};
