//! The drawing of what was found: traces with their spikes, and the mean waveform of each.

mod canvas;
mod panel;
mod scale;

use canvas::{Anchor, Canvas, Font};
use scale::Scale;

/// A figure with one row for each neuron.
pub struct Figure {
    pub title: String,
    pub subtitle: String,
    pub neurons: Vec<Neuron>,
}

/// What is drawn of a neuron.
pub struct Neuron {
    pub label: String,
    /// The first samples of its trace.
    pub trace: Vec<f64>,
    pub threshold: f64,
    /// When it was found to fire.
    pub found: Vec<usize>,
    /// When it fired indeed, if that is known.
    pub truth: Option<Vec<usize>>,
    /// Mean and standard deviation, sample by sample.
    pub waveform: Vec<(f64, f64)>,
    /// Of how many waveforms.
    pub waveforms: usize,
}

const INK: &str = "#171C39";
const QUIET: &str = "#6B7280";
const RULE: &str = "#D9DCE3";
const TRACE: &str = "#0079B0";
const SPIKE: &str = "#FF5113";
const TRUTH: &str = "#3E7A52";

const WIDTH: f64 = 1200.0;
const HEADER: f64 = 112.0;
const ROW: f64 = 148.0;
const FOOTER: f64 = 62.0;

/// From left to right: the traces, then the waveforms.
const TRACES: (f64, f64) = (76.0, 852.0);
const WAVEFORMS: (f64, f64) = (944.0, 1164.0);

impl Figure {
    /// The figure as an SVG document.
    pub fn svg(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
        let rows_end = HEADER + ROW * self.neurons.len() as f64;
        let mut canvas = Canvas::new(WIDTH, rows_end + FOOTER);
        canvas.text(36.0, 46.0, &self.title, Font::new(22.0, INK).bold());
        canvas.text(36.0, 70.0, &self.subtitle, Font::new(13.5, QUIET));
        self.legend(&mut canvas);

        let time = Scale::new((0.0, longest(self.neurons.iter().map(|neuron| neuron.trace.len()))), TRACES);
        let reach = longest(self.neurons.iter().map(|neuron| neuron.waveform.len() / 2));
        let around = Scale::new((-reach, reach), WAVEFORMS);
        let mut top = HEADER;
        for neuron in &self.neurons {
            panel::draw(&mut canvas, neuron, top, (&time, &around));
            top += ROW;
        }
        time_axis(&mut canvas, &time, rows_end, "time (samples)");
        time_axis(&mut canvas, &around, rows_end, "time from the crossing (samples)");
        canvas.finish()
    }

    fn legend(&self, canvas: &mut Canvas) {
        let font = Font::new(12.5, INK);
        let mut right = TRACES.1;
        let mut entry = |canvas: &mut Canvas, text: &str, colour: &str| {
            #[expect(clippy::cast_precision_loss, reason = "a short text")]
            let width = 6.3 * text.len() as f64;
            right -= width;
            canvas.text(right, 70.0, text, font);
            canvas.line((right - 9.0, 60.0), (right - 9.0, 71.0), colour, 2.0);
            right -= 30.0;
        };
        entry(canvas, "spikes found", SPIKE);
        if self.neurons.iter().any(|neuron| neuron.truth.is_some()) {
            entry(canvas, "true spikes", TRUTH);
        }
        canvas.text(WAVEFORMS.0, 70.0, "mean waveform, ± standard deviation", font);
    }
}

fn time_axis(canvas: &mut Canvas, scale: &Scale, top: f64, label: &str) {
    let (from, to) = scale.onto();
    canvas.line((from, top), (to, top), INK, 1.0);
    for tick in scale.ticks(5) {
        let at = scale.place(tick);
        canvas.line((at, top), (at, top + 5.0), INK, 1.0);
        canvas.text(at, top + 20.0, &scale::number(tick), Font::new(11.5, QUIET).anchor(Anchor::Middle));
    }
    let middle = f64::midpoint(from, to);
    canvas.text(middle, top + 42.0, label, Font::new(12.5, INK).anchor(Anchor::Middle));
}

#[expect(clippy::cast_precision_loss, reason = "no trace has 2^52 samples")]
fn longest(lengths: impl Iterator<Item = usize>) -> f64 {
    lengths.max().unwrap_or(1).max(1) as f64
}
