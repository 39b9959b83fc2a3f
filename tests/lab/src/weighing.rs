//! What is computed from the animals.

use datajoint::prelude::*;

use crate::colony::{Subject, SubjectKey, SubjectWeight};

schema!("weighing");

/// The mean weight of an animal.
///
/// ```definition
/// -> Subject
/// ---
/// mean : float64   # (g)
/// ```
#[table(Computed)]
pub struct MeanWeight;

/// A weight that went into the mean.
///
/// ```definition
/// -> master
/// n : int16
/// ---
/// weight : float64   # (g)
/// ```
#[part(MeanWeight)]
pub struct MeanWeightSample;

impl Make for MeanWeight {
    type Fetched = Vec<f32>;
    type Computed = Vec<f64>;

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<Self::Fetched> {
        let weights = cx.upstream_part::<SubjectWeight>().fetch().await?;
        Ok(weights.into_iter().map(|row| row.weight).collect())
    }

    fn compute(_: &MeanWeightKey, fetched: Self::Fetched) -> MakeResult<Self::Computed> {
        Ok(fetched.into_iter().map(f64::from).collect())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, computed: Self::Computed) -> MakeResult<()> {
        let MeanWeightKey { species, ear_tag, strain } = cx.key().clone();
        let count = f64::from(i32::try_from(computed.len())?);
        let mean = computed.iter().sum::<f64>() / count;
        cx.insert(MeanWeightRow { species: species.clone(), ear_tag, strain, mean }).await?;
        let samples = (0_i16..).zip(computed).map(|(n, weight)| {
            let SubjectKey { species, ear_tag, strain } =
                SubjectKey { species: species.clone(), ear_tag, strain };
            MeanWeightSampleRow { species, ear_tag, strain, n, weight }
        });
        cx.insert_many(samples).await
    }
}

/// Whether an animal is heavy.
///
/// ```definition
/// -> MeanWeight
/// ---
/// is_heavy : bool
/// ```
#[table(Computed)]
pub struct Verdict;

impl PlainMake for Verdict {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let mean = cx.upstream::<MeanWeight>().fetch_one().await?.mean;
        let VerdictKey { species, ear_tag, strain } = cx.key().clone();
        cx.insert(VerdictRow { species, ear_tag, strain, is_heavy: mean > 25.0 }).await
    }
}

pipeline! {
    /// Everything that is weighed.
    pub struct Weighing { MeanWeight, MeanWeightSample, Verdict }
}
