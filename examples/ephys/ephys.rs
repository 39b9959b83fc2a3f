//! What the neurons did.

use std::path::PathBuf;

use datajoint::blob::npy;
use datajoint::prelude::*;
use ndarray::{Array1, Array2};

use crate::session::{self, Session};

schema!("ephys_activity");

#[table(Imported, types(activity = Array1<f64>))]
/// # The trace of a neuron
/// -> session::SessionCell
/// ---
/// activity : <blob>               # one value a sample
pub struct Neuron;

impl Make for Neuron {
    type Fetched = PathBuf;
    type Computed = Array1<f64>;

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<PathBuf> {
        Ok(cx.upstream::<Session>().fetch_one().await?.recording.into())
    }

    fn compute(key: &NeuronKey, recording: PathBuf) -> MakeResult<Array1<f64>> {
        let traces: Array2<f64> = npy::from_slice(&std::fs::read(recording)?)?;
        let row = usize::try_from(key.neuron_id)?;
        let trace = traces.outer_iter().nth(row).ok_or("the recording has fewer neurons")?;
        Ok(trace.to_owned())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, activity: Array1<f64>) -> MakeResult<()> {
        cx.insert(NeuronRow::of(cx.key(), activity)).await
    }
}
