//! A delete that spreads over four tables.

use datajoint::prelude::*;

use super::tables::{A, ARow, B, BRow, C, CRow, D, DRow};
use crate::Result;
use crate::clock::Clock;
use crate::data::CASCADE;

pub(super) async fn run(dj: &Instance) -> Result<f64> {
    A.delete(dj).confirmed().await?;
    let [a, b, c, d] = CASCADE;
    A.insert(dj, (0..a).map(|a| ARow { a, x: a % 2 })).await?;
    B.insert(dj, (0..b).map(|n| BRow { a: n / 10, b: n % 10 })).await?;
    C.insert(dj, (0..c).map(|n| CRow { a: n / 100, b: n / 10 % 10, c: n % 10 })).await?;
    let last = |n: i32| DRow { a: n / 1000, b: n / 100 % 10, c: n / 10 % 10, d: n % 10, v: 0.5 };
    D.insert(dj, (0..d).map(last)).await?;
    let clock = Clock::start()?;
    (A & A::x.eq(1)).delete(dj).confirmed().await?;
    clock.stop()?;
    Ok((A.count(dj).await? + B.count(dj).await? + C.count(dj).await? + D.count(dj).await?) as f64)
}
