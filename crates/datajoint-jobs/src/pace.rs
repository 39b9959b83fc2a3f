/// How many keys are claimed at once: as many as a short while takes, by how long the last ones took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// How long a key takes, in seconds; the last ones count most.
    mean: Option<f64>,
}

impl Pace {
    /// How many seconds of work are claimed at once.
    const SPAN: f64 = 0.25;
    /// The most keys that are claimed at once.
    const MOST: u32 = 500;

    /// How many seconds of work share a transaction.
    const TOGETHER: f64 = 0.02;
    /// The most keys that share a transaction.
    const MOST_TOGETHER: f64 = 64.0;

    /// Notes how many seconds a key took.
    pub fn note(&mut self, seconds: f64) {
        self.mean = Some(self.mean.map_or(seconds, |mean| 0.9 * mean + 0.1 * seconds));
    }

    /// Returns how many seconds a key takes; 0 before anything is known.
    pub fn seconds(&self) -> f64 {
        self.mean.unwrap_or_default()
    }

    /// Returns how many keys to claim for this many hands: one each at least, and before anything is known.
    ///
    /// ```
    /// use datajoint_jobs::Pace;
    ///
    /// let mut pace = Pace::default();
    /// assert_eq!(pace.batch(4), 4);
    /// pace.note(0.01);
    /// assert_eq!(pace.batch(4), 100);
    /// ```
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above zero")]
    pub fn batch(&self, hands: usize) -> usize {
        let most = f64::from(Self::MOST);
        let each = self.mean.map_or(1.0, |mean| (Self::SPAN / mean.max(1e-6)).min(most));
        let all = each * u32::try_from(hands).map_or(most, f64::from);
        (all.min(most) as usize).max(hands)
    }

    /// Returns how many keys may share a transaction: one, unless they are quick.
    ///
    /// ```
    /// use datajoint_jobs::Pace;
    ///
    /// let mut pace = Pace::default();
    /// assert_eq!(pace.together(), 1);
    /// pace.note(0.001);
    /// assert_eq!(pace.together(), 20);
    /// ```
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above zero")]
    pub fn together(&self) -> usize {
        let Some(mean) = self.mean else { return 1 };
        (Self::TOGETHER / mean.max(1e-6)).clamp(1.0, Self::MOST_TOGETHER) as usize
    }
}
