//! What the microscope saw.

use datajoint::blob::npy;
use datajoint::prelude::*;
use datajoint::types::ndarray::{Array1, Array2, Axis};

use crate::session::{self, Session};

schema!("imaging");

/// The schema of this module.
pub const SCHEMA: &str = "imaging";

#[table(Imported, types(brightness = Array1<f64>))]
/// # The movie of a session
/// -> session::Session
/// ---
/// frames     : int32
/// brightness : <blob>              # mean of each frame
pub struct Scan;

impl PlainMake for Scan {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let path = cx.upstream::<Session>().fetch_one().await?.movie;
        let movie: Array2<f64> = npy::from_slice(&std::fs::read(path)?)?;
        let frames = i32::try_from(movie.nrows())?;
        let brightness = movie.mean_axis(Axis(1)).ok_or("the movie has no pixels")?;
        cx.insert(ScanRow::of(cx.key(), frames, brightness)).await
    }
}
