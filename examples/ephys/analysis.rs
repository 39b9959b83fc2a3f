//! What follows from it.

use datajoint::prelude::*;
use ndarray::Array1;

use crate::ephys::{self, Neuron};
use crate::signal::{self, Statistics};

schema!("ephys_analysis");

/// Samples before and after a spike in its waveform.
pub const REACH: usize = 40;

#[table(Computed)]
/// # How active a neuron was
/// -> ephys::Neuron
/// ---
/// mean  : float64
/// stdev : float64                 # of the whole population (ddof = 0)
/// max   : float64
pub struct ActivityStatistics;

impl PlainMake for ActivityStatistics {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let activity = cx.upstream::<Neuron>().fetch_one().await?.activity;
        let Statistics { mean, standard_deviation: stdev, maximum: max } =
            Statistics::of(&activity.to_vec()).ok_or("the trace is empty")?;
        cx.insert(ActivityStatisticsRow::of(cx.key(), mean, stdev, max)).await
    }
}

#[table(Lookup, contents = [(1, 0.5), (2, 0.9)])]
/// # Ways to find spikes
/// spike_param_id : int32
/// ---
/// threshold : float64             # a spike begins where the trace rises above
pub struct SpikeParameters;

#[table(Computed, types(spike_times = Array1<i64>))]
/// # The spikes of a neuron
/// -> ephys::Neuron
/// -> SpikeParameters
/// ---
/// spike_count : int32
/// spike_times : <blob>            # (samples)
pub struct Spikes;

#[part(Spikes, types(waveform = Array1<f64>))]
/// # The trace around a spike
/// -> master
/// spike_time : int32              # (samples)
/// ---
/// waveform : <blob>               # 40 samples before and after
pub struct SpikesWaveform;

impl Make for Spikes {
    type Fetched = (Array1<f64>, f64);
    type Computed = (SpikesRow, Vec<SpikesWaveformRow>);

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<Self::Fetched> {
        let activity = cx.upstream::<Neuron>().fetch_one().await?.activity;
        let threshold = cx.upstream::<SpikeParameters>().fetch_one().await?.threshold;
        Ok((activity, threshold))
    }

    fn compute(key: &SpikesKey, (activity, threshold): Self::Fetched) -> MakeResult<Self::Computed> {
        let &SpikesKey { mouse_id, session_date, neuron_id, spike_param_id } = key;
        let trace = activity.to_vec();
        let times = signal::rising_edges(&trace, threshold);

        let mut waveforms = Vec::with_capacity(times.len());
        for &time in &times {
            if let Some(waveform) = signal::waveform(&trace, time, REACH) {
                let (spike_time, waveform) = (i32::try_from(time)?, Array1::from(waveform.to_vec()));
                waveforms.push(SpikesWaveformRow {
                    mouse_id,
                    session_date,
                    neuron_id,
                    spike_param_id,
                    spike_time,
                    waveform,
                });
            }
        }
        let spike_count = i32::try_from(times.len())?;
        let spike_times = times.into_iter().map(i64::try_from).collect::<Result<_, _>>()?;
        let spikes =
            SpikesRow { mouse_id, session_date, neuron_id, spike_param_id, spike_count, spike_times };
        Ok((spikes, waveforms))
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (spikes, waveforms): Self::Computed) -> MakeResult<()> {
        cx.insert(spikes).await?;
        cx.insert_many(waveforms).await
    }
}
