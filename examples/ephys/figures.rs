//! The drawings, as files.

use std::path::{Path, PathBuf};

use datajoint::diagram::Diagram;
use datajoint::prelude::*;
use datajoint::{Graph, Pipeline as _};

use crate::Tables;
use crate::analysis::{SpikesKey, SpikesWaveform};
use crate::drawing::{self, Figure};
use crate::ephys::{Neuron, NeuronKey};
use crate::results::NeuronResult;
use crate::signal;
use crate::simulation::Truth;

/// How many neurons are drawn, of different mice if possible, and how much of their traces.
const NEURONS: usize = 4;
const SAMPLES: usize = 1000;

/// Draws spikes and pipeline into a folder.
pub async fn draw(
    dj: &Instance,
    results: &[NeuronResult],
    truth: Option<&Truth>,
    folder: &Path,
) -> crate::Result<Vec<PathBuf>> {
    let mut neurons = Vec::new();
    for result in choose(results) {
        neurons.push(neuron(dj, result, truth).await?);
    }
    let source = if truth.is_some() { "simulated" } else { "real" };
    let figure = Figure {
        title: format!("Spikes in {source} recordings"),
        subtitle: format!("{} of {} neurons, the first {SAMPLES} samples", neurons.len(), results.len()),
        neurons,
    };
    let tables = Tables::specs().into_iter().map(|spec| dj.resolve(spec)).collect::<Result<Vec<_>, _>>()?;
    let diagram = Diagram::new(Graph::new(tables)?);

    let files = [("spikes.svg", figure.svg()), ("pipeline.svg", diagram.svg())];
    let mut paths = Vec::new();
    for (name, svg) in files {
        let path = folder.join(name);
        std::fs::write(&path, svg)?;
        paths.push(path);
    }
    Ok(paths)
}

/// A neuron of each mouse, then others.
fn choose(results: &[NeuronResult]) -> Vec<&NeuronResult> {
    let is_first = |place: usize| {
        results[..place].iter().all(|other| other.statistics.mouse_id != results[place].statistics.mouse_id)
    };
    let (first, others): (Vec<usize>, Vec<usize>) = (0..results.len()).partition(|&place| is_first(place));
    first.into_iter().chain(others).take(NEURONS).map(|place| &results[place]).collect()
}

/// A neuron with the spikes of the first way.
async fn neuron(
    dj: &Instance,
    result: &NeuronResult,
    truth: Option<&Truth>,
) -> crate::Result<drawing::Neuron> {
    let way = result.spikes.first().ok_or("a neuron without spikes can't be drawn")?;
    let SpikesKey { mouse_id, session_date, neuron_id, .. } = SpikesKey::from(&way.row);
    let key = NeuronKey { mouse_id, session_date, neuron_id };
    let activity = (Neuron & key).fetch_one(dj).await?.activity;
    let waveforms = (SpikesWaveform & SpikesKey::from(&way.row)).fetch(dj).await?;
    let waveforms: Vec<Vec<f64>> = waveforms.into_iter().map(|row| row.waveform.to_vec()).collect();
    let true_times =
        truth.and_then(|truth| truth.get(&(mouse_id, session_date))?.get(usize::try_from(neuron_id).ok()?));
    Ok(drawing::Neuron {
        label: format!("mouse {mouse_id} · {session_date} · neuron {neuron_id}"),
        trace: activity.iter().copied().take(SAMPLES).collect(),
        threshold: way.threshold,
        found: way.row.spike_times.iter().filter_map(|&time| usize::try_from(time).ok()).collect(),
        truth: true_times.cloned(),
        waveform: signal::mean_waveform(&waveforms),
        waveforms: waveforms.len(),
    })
}
