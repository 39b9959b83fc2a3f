/// A way from values to places on the page.
pub(super) struct Scale {
    from: (f64, f64),
    onto: (f64, f64),
}

impl Scale {
    pub(super) fn new(from: (f64, f64), onto: (f64, f64)) -> Self {
        Self { from, onto }
    }

    /// The two ends on the page.
    pub(super) fn onto(&self) -> (f64, f64) {
        self.onto
    }

    /// Where a value lies on the page.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.onto.0 + share * (self.onto.1 - self.onto.0)
    }

    /// Where a sample lies.
    #[expect(clippy::cast_precision_loss, reason = "no trace has 2^52 samples")]
    pub(super) fn place_of(&self, sample: usize) -> f64 {
        self.place(sample as f64)
    }

    /// Where a sample lies, counted from the one at `origin`.
    #[expect(clippy::cast_precision_loss, reason = "no trace has 2^52 samples")]
    pub(super) fn place_of_signed(&self, sample: usize, origin: usize) -> f64 {
        self.place(sample as f64 - origin as f64)
    }

    /// Round values in the scale, about so many.
    pub(super) fn ticks(&self, about: u32) -> Vec<f64> {
        let rough = (self.from.1 - self.from.0) / f64::from(about);
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
        let step = steps.into_iter().find(|&step| step >= rough * 0.999).unwrap_or(rough);
        let first = (self.from.0 / step).ceil();
        let values = (0..=2 * about).map(|count| (first + f64::from(count)) * step);
        values.take_while(|&value| value <= self.from.1 + step * 1e-9).collect()
    }
}

/// A number as people write it.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.replace('-', "\u{2212}") }
}
