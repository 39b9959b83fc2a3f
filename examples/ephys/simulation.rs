//! Recordings with spikes at known times, the same ones on every machine.

mod random;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Days, NaiveDate};
use datajoint::blob::npy;
use ndarray::Array2;

use crate::recordings::Recording;
use random::Random;

const MICE: i32 = 4;
const SESSIONS: u32 = 4;
const SAMPLES: usize = 12_000;

/// No two spikes are closer: no neuron fires faster.
const REFRACTORY: f64 = 22.0;
const MEAN_INTERVAL: f64 = 55.0;

/// When each neuron of each recording fired.
pub type Truth = BTreeMap<(i32, NaiveDate), Vec<Vec<usize>>>;

/// Writes the recordings that the folder doesn't have yet, and tells when their neurons fired.
pub fn record(folder: &Path) -> Result<Truth, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    let first_day = NaiveDate::from_ymd_opt(2026, 3, 2).ok_or("no such day")?;
    let mut truth = Truth::new();
    for mouse_id in 1..=MICE {
        for week in 0..SESSIONS {
            let session_date =
                first_day + Days::new(u64::from(7 * week) + u64::from(mouse_id.unsigned_abs()));
            let mut random = Random::new(u64::from(mouse_id.unsigned_abs()), u64::from(week));
            let (traces, times) = simulate(&mut random);
            let path = folder.join(Recording::file_name(mouse_id, session_date));
            if !path.exists() {
                std::fs::write(path, npy::to_vec(&traces)?)?;
            }
            truth.insert((mouse_id, session_date), times);
        }
    }
    Ok(truth)
}

/// Neurons by samples, and the times at which each neuron fires.
fn simulate(random: &mut Random) -> (Array2<f64>, Vec<Vec<usize>>) {
    let neurons = 3 + random.below(3);
    let mut traces = Array2::zeros((neurons, SAMPLES));
    let mut times = Vec::with_capacity(neurons);
    for mut trace in traces.rows_mut() {
        let fired = spike_times(random);
        let mut drift = 0.0;
        for sample in &mut trace {
            drift = 0.995 * drift + 0.006 * random.normal();
            *sample = drift + 0.085 * random.normal();
        }
        let size = 1.25 + 0.5 * random.uniform();
        for &time in &fired {
            let height = size + 0.12 * random.normal();
            for (sample, value) in trace.iter_mut().skip(time).zip(SpikeShape(height)) {
                *sample += value;
            }
        }
        times.push(fired);
    }
    (traces, times)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times are positive and small")]
fn spike_times(random: &mut Random) -> Vec<usize> {
    let mut time = 0.0;
    let mut times = Vec::new();
    loop {
        time += REFRACTORY + MEAN_INTERVAL * random.exponential();
        if time as usize >= SAMPLES {
            return times;
        }
        times.push(time as usize);
    }
}

/// A spike, sample after sample: up at once, down more slowly, and for a while below rest.
struct SpikeShape(f64);

impl IntoIterator for SpikeShape {
    type Item = f64;
    type IntoIter = Box<dyn Iterator<Item = f64>>;

    fn into_iter(self) -> Self::IntoIter {
        let at = move |sample: u32| {
            let time = f64::from(sample);
            let spike = (1.0 - (-time / 0.7).exp()) * (-time / 3.5).exp();
            let after = (1.0 - (-time / 6.0).exp()) * (-time / 12.0).exp();
            self.0 * (1.45 * spike - 0.55 * after)
        };
        Box::new((1..60).map(at))
    }
}
