//! What both say together.

use datajoint::prelude::*;
use datajoint::types::ndarray::Array1;

use crate::ephys::{self, SpikesEvent};
use crate::imaging::{self, Scan};

schema!("analysis");

/// The schema of this module.
pub const SCHEMA: &str = "analysis";

#[table(Computed)]
/// # How spikes and brightness go together
/// -> ephys::Spikes
/// -> imaging::Scan
/// ---
/// bright_spikes : int32            # spikes in frames brighter than the mean
/// fraction      : float64          # of all spikes
pub struct Correlation;

impl Make for Correlation {
    type Fetched = (Vec<i32>, Array1<f64>);
    type Computed = (i32, f64);

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<Self::Fetched> {
        let samples = cx.upstream_part::<SpikesEvent>().column(SpikesEvent::sample).await?;
        let brightness = cx.upstream::<Scan>().fetch_one().await?.brightness;
        Ok((samples, brightness))
    }

    fn compute(_: &CorrelationKey, (samples, brightness): Self::Fetched) -> MakeResult<Self::Computed> {
        let mean = brightness.mean().ok_or("the movie has no frames")?;
        let is_bright = |sample: &&i32| {
            usize::try_from(**sample)
                .is_ok_and(|frame| brightness.get(frame).is_some_and(|value| *value > mean))
        };
        let bright = i32::try_from(samples.iter().filter(is_bright).count())?;
        let all = f64::from(i32::try_from(samples.len())?);
        Ok((bright, if all > 0.0 { f64::from(bright) / all } else { 0.0 }))
    }

    async fn insert(
        cx: &mut InsertContext<'_, Self>,
        (bright_spikes, fraction): Self::Computed,
    ) -> MakeResult<()> {
        cx.insert(CorrelationRow::of(cx.key(), bright_spikes, fraction)).await
    }
}
