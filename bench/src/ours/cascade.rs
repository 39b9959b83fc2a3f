//! A delete that spreads over four tables.

use datajoint::prelude::*;

use super::tables::{A, B, C, D};
use crate::Result;
use crate::clock::Clock;

pub(super) async fn run(dj: &Instance) -> Result<f64> {
    super::queries::filled(dj).await?;
    let clock = Clock::start()?;
    (A & A::x.eq(1)).delete(dj).confirmed().await?;
    clock.stop()?;
    Ok((A.count(dj).await? + B.count(dj).await? + C.count(dj).await? + D.count(dj).await?) as f64)
}
