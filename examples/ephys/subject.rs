//! Who is recorded.

use datajoint::prelude::*;

schema!("ephys_subject");

#[table(Manual)]
/// # A mouse
/// mouse_id : int32
/// ---
/// born = null : date
/// sex = 'U'   : enum('F', 'M', 'U')
pub struct Mouse;
