//! What the electrode saw.

use datajoint::blob::npy;
use datajoint::prelude::*;
use datajoint::types::ndarray::Array1;

use crate::session::{self, Session};

schema!("ephys");

/// The schema of this module.
pub const SCHEMA: &str = "ephys";

#[table(Imported, types(trace = Array1<f64>))]
/// # The trace of a session
/// -> session::Session
/// ---
/// trace : <blob>                   # (mV)
pub struct Recording;

impl PlainMake for Recording {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let path = cx.upstream::<Session>().fetch_one().await?.trace;
        let trace = npy::from_slice(&std::fs::read(path)?)?;
        cx.insert(RecordingRow::of(cx.key(), trace)).await
    }
}

#[table(Lookup, contents = [(1, 0.5), (2, 0.9)])]
/// # Ways to find spikes
/// method_id : int16
/// ---
/// threshold : float64              # (mV)
pub struct Method;

#[table(Computed)]
/// # The spikes of a trace
/// -> Recording
/// -> Method
/// ---
/// count : int32
pub struct Spikes;

#[part(Spikes)]
/// # Where the trace rises above the threshold
/// -> master
/// sample : int32
pub struct SpikesEvent;

impl Make for Spikes {
    type Fetched = (Array1<f64>, f64);
    type Computed = Vec<i32>;

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<Self::Fetched> {
        let trace = cx.upstream::<Recording>().fetch_one().await?.trace;
        let threshold = cx.upstream::<Method>().fetch_one().await?.threshold;
        Ok((trace, threshold))
    }

    fn compute(_: &SpikesKey, (trace, threshold): Self::Fetched) -> MakeResult<Self::Computed> {
        let pairs = trace.iter().zip(trace.iter().skip(1)).enumerate();
        let rises = pairs.filter(|(_, (before, after))| **before <= threshold && **after > threshold);
        rises.map(|(sample, _)| Ok(i32::try_from(sample + 1)?)).collect()
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, samples: Self::Computed) -> MakeResult<()> {
        let key = cx.key();
        let count = i32::try_from(samples.len())?;
        cx.insert(SpikesRow::of(key, count)).await?;
        cx.insert_many(samples.into_iter().map(|sample| SpikesEventRow::of(key, sample))).await
    }
}
