use super::canvas::{Anchor, Canvas, Font};
use super::scale::{self, Scale};
use super::{INK, Neuron, QUIET, ROW, RULE, SPIKE, TRACE, TRUTH};

/// Draws a neuron: its spikes, its trace, and its mean waveform.
pub(super) fn draw(canvas: &mut Canvas, neuron: &Neuron, top: f64, (time, around): (&Scale, &Scale)) {
    let (raster, bottom) = (top + 24.0, top + ROW - 14.0);
    let (left, right) = time.onto();
    canvas.text(left, top + 9.0, &neuron.label, Font::new(12.5, INK).bold());

    let height = level_scale(&neuron.trace, (bottom, raster + 16.0));
    levels(canvas, &height, (left, right));
    let threshold = height.place(neuron.threshold);
    canvas.dashed((left, threshold), (right, threshold), SPIKE);
    let label = format!("threshold {}", scale::number(neuron.threshold));
    canvas.text(right + 6.0, threshold + 4.0, &label, Font::new(10.5, SPIKE));
    let samples = neuron.trace.iter().enumerate();
    canvas.path(samples.map(|(sample, &value)| (time.place_of(sample), height.place(value))), TRACE, 1.1);

    ticks(canvas, &neuron.found, neuron.trace.len(), time, (raster + 3.0, raster + 11.0), SPIKE);
    if let Some(truth) = &neuron.truth {
        ticks(canvas, truth, neuron.trace.len(), time, (raster - 7.0, raster + 1.0), TRUTH);
    }
    for &spike in neuron.found.iter().filter(|&&spike| spike < neuron.trace.len()) {
        canvas.dot((time.place_of(spike), height.place(neuron.trace[spike])), 2.4, SPIKE);
    }
    mean_waveform(canvas, neuron, (top, raster, bottom), around);
}

fn mean_waveform(
    canvas: &mut Canvas,
    neuron: &Neuron,
    (top, raster, bottom): (f64, f64, f64),
    around: &Scale,
) {
    let (left, right) = around.onto();
    let count = format!("{} waveforms", neuron.waveforms);
    canvas.text(left, top + 9.0, &count, Font::new(12.5, INK).bold());
    let edges = neuron.waveform.iter().flat_map(|(mean, deviation)| [mean - deviation, mean + deviation]);
    let height = level_scale(&edges.collect::<Vec<_>>(), (bottom, raster));
    levels(canvas, &height, (left, right));
    canvas.dashed((around.place(0.0), raster), (around.place(0.0), bottom), QUIET);

    let reach = neuron.waveform.len() / 2;
    let place = |sample: usize| around.place_of_signed(sample, reach);
    let upper =
        neuron.waveform.iter().enumerate().map(|(at, (mean, sd))| (place(at), height.place(mean + sd)));
    let lower =
        neuron.waveform.iter().enumerate().map(|(at, (mean, sd))| (place(at), height.place(mean - sd)));
    canvas.area(upper.chain(lower.rev()), SPIKE);
    let middle = neuron.waveform.iter().enumerate().map(|(at, (mean, _))| (place(at), height.place(*mean)));
    canvas.path(middle, SPIKE, 2.0);
}

/// From the least to the greatest value, with zero, bottom to top.
fn level_scale(values: &[f64], onto: (f64, f64)) -> Scale {
    let least = values.iter().copied().fold(0.0, f64::min);
    let greatest = values.iter().copied().fold(0.5, f64::max);
    Scale::new((least, greatest), onto)
}

fn levels(canvas: &mut Canvas, scale: &Scale, (left, right): (f64, f64)) {
    for level in scale.ticks(3) {
        let at = scale.place(level);
        canvas.line((left, at), (right, at), RULE, 0.8);
        let font = Font::new(10.5, QUIET).anchor(Anchor::End);
        canvas.text(left - 8.0, at + 3.5, &scale::number(level), font);
    }
}

fn ticks(
    canvas: &mut Canvas,
    times: &[usize],
    end: usize,
    scale: &Scale,
    (from, to): (f64, f64),
    colour: &str,
) {
    for &time in times.iter().filter(|&&time| time < end) {
        let at = scale.place_of(time);
        canvas.line((at, from), (at, to), colour, 1.6);
    }
}
