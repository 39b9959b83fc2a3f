//! What was found against what is true, for recordings that were simulated.

use std::collections::BTreeMap;

use crate::results::NeuronResult;
use crate::simulation::Truth;

/// A spike is found when its crossing comes at most so many samples after it.
const LATEST: usize = 4;

/// How well spikes were found with one threshold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score {
    pub threshold: f64,
    /// How many true spikes there are.
    pub spikes: usize,
    /// How many of them were found.
    pub found: usize,
    /// How many were found where none is.
    pub false_alarms: usize,
}

/// The scores of all thresholds; none where the truth is not known.
pub fn compare(results: &[NeuronResult], truth: Option<&Truth>) -> Vec<Score> {
    let Some(truth) = truth else { return Vec::new() };
    let mut scores: BTreeMap<i32, Score> = BTreeMap::new();
    for NeuronResult { statistics, spikes } in results {
        let session = truth.get(&(statistics.mouse_id, statistics.session_date));
        let neuron = usize::try_from(statistics.neuron_id).ok();
        let Some(true_times) = session.zip(neuron).and_then(|(session, neuron)| session.get(neuron)) else {
            continue;
        };
        for way in spikes {
            let times: Vec<usize> =
                way.row.spike_times.iter().filter_map(|&time| usize::try_from(time).ok()).collect();
            let found = count_found(true_times, &times);
            let score = scores.entry(way.row.spike_param_id).or_default();
            score.threshold = way.threshold;
            score.spikes += true_times.len();
            score.found += found;
            score.false_alarms += times.len() - found;
        }
    }
    scores.into_values().collect()
}

/// How many true spikes have a crossing of their own; both are in order of time.
fn count_found(true_times: &[usize], crossings: &[usize]) -> usize {
    let mut crossings = crossings.iter().copied().peekable();
    let is_found = |spike: &&usize| {
        while crossings.next_if(|crossing| *crossing < **spike).is_some() {}
        crossings.next_if(|crossing| *crossing <= **spike + LATEST).is_some()
    };
    true_times.iter().filter(is_found).count()
}
