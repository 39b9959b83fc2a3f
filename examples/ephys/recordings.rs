//! The files that the microscope leaves: `data_{mouse_id}_{session_date}.npy`.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

/// A recording as found in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recording {
    pub mouse_id: i32,
    pub session_date: NaiveDate,
    pub path: PathBuf,
}

impl Recording {
    /// The name of the file of a session.
    pub fn file_name(mouse_id: i32, session_date: NaiveDate) -> String {
        format!("data_{mouse_id}_{session_date}.npy")
    }

    /// The recordings of a folder, in the order of their names; other files are none.
    pub fn list(folder: &Path) -> Result<Vec<Self>, Box<dyn std::error::Error>> {
        let mut recordings = Vec::new();
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        for file in std::fs::read_dir(&folder)? {
            recordings.extend(Self::of(file?.path()));
        }
        recordings.sort_by(|one, other| one.path.cmp(&other.path));
        if recordings.is_empty() {
            let wanted = "data_{mouse_id}_{session_date}.npy";
            return Err(format!("{} has no file named like {wanted}", folder.display()).into());
        }
        Ok(recordings)
    }

    fn of(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_prefix("data_")?.strip_suffix(".npy")?;
        let (mouse_id, session_date) = name.split_once('_')?;
        let (mouse_id, session_date) = (mouse_id.parse().ok()?, session_date.parse().ok()?);
        Some(Self { mouse_id, session_date, path })
    }
}
