//! What keeps DataJoint databases from accidents.
//!
//! It decides and sends nothing: the layers above bring it what would go ([`Plan`]) and what the database says of
//! itself ([`Stamp`]), and do only what [`Policy`] lets pass.
//!
//! * *Safemode*: what deletes or drops must be confirmed: in code, by the hash of the plan that was looked at, or at a
//!   terminal. Where there is none, it is refused, so that nothing ever waits for an answer that can't come.
//! * *Limits*: no more rows and bytes go at once than the settings allow, confirmed or not.
//! * *Environments*: what is in a schema that is stamped `production` is changed only by a client that says it is in
//!   production ([`Action`] has what that is), and the schema is not used at all by one that is older than the stamp
//!   asks for.

mod action;
mod code;
mod confirm;
mod environment;
mod error;
mod failure;
mod fingerprint;
mod plan;
mod policy;
mod verify;

pub use action::Action;
pub use code::{FindingCode, UnknownCode};
pub use confirm::{Answer, Ask, Confirmation, Terminal};
pub use environment::{ENVIRONMENT_TABLE, Stamp, StampChange, Step, version_step};
pub use error::{Error, Result};
pub use failure::FailureCode;
pub use fingerprint::{Fingerprint, Keys};
pub use plan::{Going, Plan, Verb, bytes_text};
pub use policy::Policy;
pub use verify::{Facts, Finding, Level, PRODUCTION, verify_server, verify_settings, version_numbers};
