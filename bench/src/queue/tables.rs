//! The tables of the queues.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use datajoint::prelude::*;

schema!("bench_queue");

#[table(Manual)]
/// id : int32
/// ---
/// x : float64
pub(super) struct Source;

#[table(Computed)]
/// # In three parts
/// -> Source
/// ---
/// y : float64
pub(super) struct Parts;

impl Make for Parts {
    type Fetched = f64;
    type Computed = f64;

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<f64> {
        Ok(cx.upstream::<Source>().fetch_one().await?.x)
    }

    fn compute(_: &PartsKey, x: f64) -> MakeResult<f64> {
        Ok(2.0 * x)
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, y: f64) -> MakeResult<()> {
        cx.insert(PartsRow { id: cx.key().id, y }).await
    }
}

#[table(Computed)]
/// # In one function
/// -> Source
/// ---
/// y : float64
pub(super) struct Plain;

impl PlainMake for Plain {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let SourceRow { id, x } = cx.upstream::<Source>().fetch_one().await?;
        cx.insert(PlainRow { id, y: 2.0 * x }).await
    }
}

#[table(Computed)]
/// # Of which no row is made
/// -> Source
pub(super) struct Empty;

impl PlainMake for Empty {
    async fn make(_: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        Ok(())
    }
}

/// When each key was begun.
pub(super) static BEGUN: Mutex<Vec<(i32, Instant)>> = Mutex::new(Vec::new());

#[table(Computed)]
/// # That notes when it is begun
/// -> Source
pub(super) struct Timed;

impl PlainMake for Timed {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let id = cx.key().id;
        BEGUN.lock().unwrap_or_else(PoisonError::into_inner).push((id, Instant::now()));
        cx.insert(TimedRow { id }).await
    }
}

pipeline! {
    pub(super) struct Pipeline { Source, Parts, Plain, Empty, Timed }
}
