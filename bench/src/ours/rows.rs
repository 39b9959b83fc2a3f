//! Plain rows.

use datajoint::prelude::*;
use futures_util::TryStreamExt as _;

use super::tables::{Rows, RowsKey, RowsRow};
use crate::Result;
use crate::clock::Clock;
use crate::data::{Plain, ROWS, SINGLE, row};

fn typed(id: i64) -> RowsRow {
    let Plain { id, name, value, at, extra } = row(id);
    RowsRow { id, name, value, at, extra }
}

fn check(row: RowsRow) -> f64 {
    let RowsRow { id, name, value, at, extra } = row;
    Plain { id, name, value, at, extra }.check()
}

pub(super) async fn insert(dj: &Instance, rows: i64, at_once: i64) -> Result<f64> {
    Rows.delete_quick(dj).confirmed().await?;
    let data: Vec<RowsRow> = (0..rows).map(typed).collect();
    let mut rest = data.into_iter();
    let clock = Clock::start()?;
    if at_once == 1 {
        for row in rest {
            Rows.insert_one(dj, row).await?;
        }
    } else {
        for _ in 0..rows / at_once {
            Rows.insert(dj, rest.by_ref().take(at_once as usize)).await?;
        }
    }
    clock.stop()?;
    Ok(Rows.fetch(dj).await?.into_iter().map(check).sum())
}

/// Fills the table on first use.
async fn filled(dj: &Instance) -> Result<()> {
    if Rows.count(dj).await? != ROWS as u64 {
        Rows.delete_quick(dj).confirmed().await?;
        Rows.insert(dj, (0..ROWS).map(typed)).await?;
    }
    Ok(())
}

pub(super) async fn fetch(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let rows = Rows.fetch(dj).await?;
    clock.stop()?;
    Ok(rows.into_iter().map(check).sum())
}

pub(super) async fn stream(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let sum = Rows.stream(dj).try_fold(0.0, |sum, row| async move { Ok(sum + check(row)) }).await?;
    clock.stop()?;
    Ok(sum)
}

pub(super) async fn fetch_arrow(dj: &Instance) -> Result<f64> {
    use datajoint::arrow::FetchColumns as _;
    use datajoint::arrow::arrow_array::cast::AsArray as _;
    use datajoint::arrow::arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};

    filled(dj).await?;
    let clock = Clock::start()?;
    let batch = Rows.fetch_arrow(dj).await?;
    clock.stop()?;
    let ids = batch.column(0).as_primitive::<Int64Type>();
    let names = batch.column(1).as_string::<i32>();
    let values = batch.column(2).as_primitive::<Float64Type>();
    let moments = batch.column(3).as_primitive::<TimestampMicrosecondType>();
    let extras = batch.column(4).as_primitive::<Int32Type>();
    let row = |(place, extra): (usize, Option<i32>)| Plain {
        id: ids.value(place),
        name: names.value(place).to_owned(),
        value: values.value(place),
        at: chrono::DateTime::from_timestamp_micros(moments.value(place)).unwrap_or_default().naive_utc(),
        extra,
    };
    Ok(extras.iter().enumerate().map(|cell| row(cell).check()).sum())
}

pub(super) async fn fetch1(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let mut sum = 0.0;
    for number in 0..SINGLE {
        sum += check((Rows & RowsKey { id: number * 17 }).fetch_one(dj).await?);
    }
    clock.stop()?;
    Ok(sum)
}

pub(super) async fn count(dj: &Instance) -> Result<f64> {
    filled(dj).await?;
    let clock = Clock::start()?;
    let mut sum = 0;
    for number in 0..200_i64 {
        sum += (Rows & Rows::id.gt(number)).count(dj).await?;
    }
    clock.stop()?;
    Ok(sum as f64)
}
