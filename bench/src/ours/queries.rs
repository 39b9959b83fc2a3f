//! Joins and aggregations over the tables of the cascade.

use datajoint::prelude::*;

use super::tables::{A, ARow, B, BRow, C, CRow, D, DRow};
use crate::Result;
use crate::clock::Clock;
use crate::data::CASCADE;

/// Fills the tables, unless all of their rows are there.
pub(super) async fn filled(dj: &Instance) -> Result<()> {
    let [a, b, c, d] = CASCADE;
    if D.count(dj).await? == u64::from(d.unsigned_abs()) {
        return Ok(());
    }
    A.delete(dj).confirmed().await?;
    A.insert(dj, (0..a).map(|a| ARow { a, x: a % 2 })).await?;
    B.insert(dj, (0..b).map(|n| BRow { a: n / 10, b: n % 10 })).await?;
    C.insert(dj, (0..c).map(|n| CRow { a: n / 100, b: n / 10 % 10, c: n % 10 })).await?;
    let last = |n: i32| DRow { a: n / 1000, b: n / 100 % 10, c: n / 10 % 10, d: n % 10, v: 0.5 };
    D.insert(dj, (0..d).map(last)).await?;
    Ok(())
}

pub(super) async fn join(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let rows = (C * D).fetch_as::<DRow>(dj).await?;
    clock.stop()?;
    Ok(rows.iter().map(|row| row.v).sum())
}

pub(super) async fn aggregate(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let rows = C.aggr(&D, compute("n", "count(d)").compute("s", "sum(v)")).fetch(dj).await?;
    clock.stop()?;
    let mut sum = 0.0;
    for row in rows {
        sum += row.get::<i64>("n")? as f64 + row.get::<f64>("s")?;
    }
    Ok(sum)
}

/// An aggregation with two restrictions.
pub(super) async fn build(dj: &Instance) -> Result<f64> {
    let clock = Clock::start()?;
    let mut number = 0;
    for a in 0..500 {
        let query = (C & C::a.eq(a)).aggr(&D, compute("n", "count(d)")) & datajoint::attribute("n").gt(1);
        number += usize::from(!query.to_sql(dj).await?.is_empty());
    }
    clock.stop()?;
    Ok(number as f64)
}
