//! When it was recorded, and what the instruments left.

use datajoint::prelude::*;

use crate::subject;

schema!("session");

/// The schema of this module.
pub const SCHEMA: &str = "session";

#[table(Manual)]
/// # A day on which an animal was recorded
/// -> subject::Subject
/// session_date : date
/// ---
/// trace        : varchar(255)      # .npy of one channel
/// movie        : varchar(255)      # .npy of frames x pixels
/// note = ""    : varchar(1000)
pub struct Session;
