//! What is computed from a trace, as plain functions: nothing here knows of a database.

/// Mean, standard deviation (of the whole population) and maximum of a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    pub mean: f64,
    pub standard_deviation: f64,
    pub maximum: f64,
}

impl Statistics {
    /// The statistics of a trace; none of an empty one.
    pub fn of(trace: &[f64]) -> Option<Self> {
        let maximum = trace.iter().copied().reduce(f64::max)?;
        let mean = average(trace.iter().copied())?;
        let variance = average(trace.iter().map(|sample| (sample - mean).powi(2)))?;
        Some(Self { mean, standard_deviation: variance.sqrt(), maximum })
    }
}

/// The first sample of every excursion above the threshold.
pub fn rising_edges(trace: &[f64], threshold: f64) -> Vec<usize> {
    let pairs = trace.windows(2).enumerate();
    pairs
        .filter(|(_, pair)| pair[0] <= threshold && threshold < pair[1])
        .map(|(before, _)| before + 1)
        .collect()
}

/// The samples from `reach` before to `reach` after a time; none when they don't all lie in the trace.
pub fn waveform(trace: &[f64], time: usize, reach: usize) -> Option<&[f64]> {
    trace.get(time.checked_sub(reach)?..=time + reach)
}

/// Mean and standard deviation, sample by sample, of waveforms of one length.
pub fn mean_waveform(waveforms: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let length = waveforms.first().map_or(0, Vec::len);
    let column = |sample: usize| waveforms.iter().map(move |waveform| waveform[sample]).collect::<Vec<_>>();
    let columns = (0..length).filter_map(|sample| Statistics::of(&column(sample)));
    columns.map(|column| (column.mean, column.standard_deviation)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "no trace has 2^52 samples")]
fn average(samples: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = samples.len();
    (count > 0).then(|| samples.sum::<f64>() / count as f64)
}
