//! When, and what the microscope left.

use datajoint::blob::npy;
use datajoint::prelude::*;

use crate::recordings::Recording;
use crate::subject::{self, Mouse, MouseRow, MouseSex};

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

/// Enters recordings by hand, as it were. Those that are there already stay as they are.
pub async fn enter(dj: &Instance, recordings: &[Recording]) -> crate::Result<Vec<SessionKey>> {
    let mut mice = Vec::new();
    let mut sessions = Vec::new();
    let mut cells = Vec::new();
    for Recording { mouse_id, session_date, path } in recordings {
        let (mouse_id, session_date) = (*mouse_id, *session_date);
        let recording = path.to_str().ok_or("the name of a recording is not Unicode")?.to_owned();
        let &[neurons, _] = npy::Header::parse(&std::fs::read(path)?)?.shape() else {
            return Err(format!("{recording} is not an array of neurons x samples").into());
        };
        mice.push(MouseRow { mouse_id, born: None, sex: MouseSex::U });
        sessions.push(SessionRow { mouse_id, session_date, recording });
        let neurons = 0..i32::try_from(neurons)?;
        cells.extend(neurons.map(|neuron_id| SessionCellRow { mouse_id, session_date, neuron_id }));
    }
    let keys = sessions.iter().map(SessionKey::from).collect();

    let new_ones = InsertOptions::new().skip_duplicates();
    Mouse.insert_with(dj, mice, new_ones).await?;
    Session.insert_with(dj, sessions, new_ones).await?;
    SessionCell.insert_with(dj, cells, new_ones).await?;
    Ok(keys)
}
