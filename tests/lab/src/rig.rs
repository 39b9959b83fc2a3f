//! The instruments.

use datajoint::prelude::*;

use crate::colony;

schema!("rig");

#[table(
    Manual,
    definition = "
    rig : uuid
    ---
    place = '' : varchar(20)
"
)]
pub struct Rig;

#[table(
    Imported,
    external_make,
    definition = "
    -> Rig
    -> colony.Subject
    ---
    gain : decimal(6, 3)
"
)]
pub struct Calibration;
