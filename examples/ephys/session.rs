//! When, and what the microscope left.

use datajoint::prelude::*;

use crate::subject;

schema!("ephys_session");

#[table(Manual)]
/// # A day on which a mouse was recorded
/// -> subject::Mouse
/// session_date : date
/// ---
/// recording : varchar(1000)       # file of the traces, neurons x samples
pub struct Session;

#[part(Session)]
/// # A neuron in sight
/// -> master
/// neuron_id : int32               # row of the recording
pub struct SessionCell;
