//! Made-up recordings, to see the pipeline run.

use std::error::Error;
use std::path::Path;

use datajoint::blob::npy;
use datajoint::prelude::*;
use datajoint::types::chrono::NaiveDate;
use datajoint::types::ndarray::{Array1, Array2};

use crate::session::{Session, SessionRow};
use crate::subject::{Subject, SubjectRow};

/// How long a made-up recording is.
const SAMPLES: usize = 200;

/// Writes the recordings of two animals into a folder, and enters them. Those that are there already stay.
pub async fn enter(dj: &Instance, folder: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    std::fs::create_dir_all(folder)?;
    let new_ones = InsertOptions::new().skip_duplicates();
    let subject = |subject_id| SubjectRow { subject_id, species: "mouse".to_owned(), born: None };
    Subject.insert_with(dj, (1..=2).map(subject), new_ones).await?;
    let session_date = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default();
    for (subject_id, period) in [(1, 5), (2, 10)] {
        // A spike every few samples, every other one in a bright frame.
        let trace =
            Array1::from_shape_fn(SAMPLES, |sample| if sample % period == period - 1 { 1.0 } else { 0.0 });
        let movie =
            Array2::from_shape_fn((SAMPLES, 4), |(frame, _)| f64::from((frame / period).is_multiple_of(2)));
        let trace_path = folder.join(format!("{subject_id}-trace.npy"));
        let movie_path = folder.join(format!("{subject_id}-movie.npy"));
        std::fs::write(&trace_path, npy::to_vec(&trace)?)?;
        std::fs::write(&movie_path, npy::to_vec(&movie)?)?;
        let row = SessionRow {
            subject_id,
            session_date,
            trace: trace_path.display().to_string(),
            movie: movie_path.display().to_string(),
            note: "made up".to_owned(),
        };
        Session.insert_with(dj, [row], new_ones).await?;
    }
    Ok(())
}
