//! What the pipeline knows of the neurons of some sessions.

use std::collections::HashMap;

use datajoint::prelude::*;
use serde_json::json;

use crate::analysis::{
    ActivityStatistics, ActivityStatisticsRow, SpikeParameters, Spikes, SpikesKey, SpikesRow, SpikesWaveform,
    SpikesWaveformKey,
};
use crate::ephys::NeuronKey;
use crate::session::SessionKey;

/// What was computed of a neuron.
pub struct NeuronResult {
    pub statistics: ActivityStatisticsRow,
    /// For each way to find spikes.
    pub spikes: Vec<SpikesResult>,
}

/// Spikes found in one way.
pub struct SpikesResult {
    pub threshold: f64,
    pub row: SpikesRow,
    /// How many of them have a waveform.
    pub waveforms: usize,
}

/// The results of sessions, in their order.
pub async fn fetch(dj: &Instance, sessions: &[SessionKey]) -> crate::Result<Vec<NeuronResult>> {
    let thresholds: HashMap<i32, f64> =
        SpikeParameters.fetch(dj).await?.into_iter().map(|row| (row.spike_param_id, row.threshold)).collect();

    let mut waveforms: HashMap<SpikesKey, usize> = HashMap::new();
    for key in (SpikesWaveform & sessions).fetch_as::<SpikesWaveformKey>(dj).await? {
        let SpikesWaveformKey { mouse_id, session_date, neuron_id, spike_param_id, .. } = key;
        *waveforms.entry(SpikesKey { mouse_id, session_date, neuron_id, spike_param_id }).or_default() += 1;
    }

    let mut spikes: HashMap<NeuronKey, Vec<SpikesResult>> = HashMap::new();
    for row in (Spikes & sessions).order_by(Spikes::spike_param_id).fetch(dj).await? {
        let key =
            NeuronKey { mouse_id: row.mouse_id, session_date: row.session_date, neuron_id: row.neuron_id };
        let waveforms = waveforms.get(&SpikesKey::from(&row)).copied().unwrap_or_default();
        let threshold = thresholds[&row.spike_param_id];
        spikes.entry(key).or_default().push(SpikesResult { threshold, row, waveforms });
    }

    let mut results = Vec::new();
    for statistics in
        (ActivityStatistics & sessions).order_by(ActivityStatistics::neuron_id).fetch(dj).await?
    {
        let ActivityStatisticsRow { mouse_id, session_date, neuron_id, .. } = statistics;
        let spikes = spikes.remove(&NeuronKey { mouse_id, session_date, neuron_id }).unwrap_or_default();
        results.push(NeuronResult { statistics, spikes });
    }
    let place = |result: &NeuronResult| {
        let ActivityStatisticsRow { mouse_id, session_date, .. } = result.statistics;
        sessions.iter().position(|session| *session == SessionKey { mouse_id, session_date })
    };
    results.sort_by_key(place);
    Ok(results)
}

/// The results as JSON.
pub fn json(results: &[NeuronResult]) -> String {
    let neurons = results.iter().map(|NeuronResult { statistics, spikes }| {
        let ways = spikes.iter().map(|SpikesResult { threshold, row, waveforms }| {
            let found = json!({
                "threshold": threshold,
                "spike_count": row.spike_count,
                "spike_times": row.spike_times.to_vec(),
                "waveforms": waveforms,
            });
            (row.spike_param_id.to_string(), found)
        });
        json!({
            "mouse_id": statistics.mouse_id,
            "session_date": statistics.session_date.to_string(),
            "neuron_id": statistics.neuron_id,
            "mean": statistics.mean,
            "std": statistics.stdev,
            "max": statistics.max,
            "spikes": ways.collect::<serde_json::Map<_, _>>(),
        })
    });
    format!("{:#}\n", serde_json::Value::Array(neurons.collect()))
}
