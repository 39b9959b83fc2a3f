//! The tables of our side.

use datajoint::prelude::*;

schema!("bench_ours");

#[table(Manual)]
/// id : int64
/// ---
/// name  : varchar(40)
/// value : float64
/// at    : datetime
/// extra = null : int32
pub(super) struct Rows;

#[table(Manual)]
/// id : int32
/// ---
/// data : <blob>
pub(super) struct Blobs;

#[table(Manual)]
/// id : int32
/// ---
/// x : float64
pub(super) struct Source;

#[table(Computed)]
/// -> Source
/// ---
/// y : float64
pub(super) struct Twice;

impl PlainMake for Twice {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let SourceRow { id, x } = cx.upstream::<Source>().fetch_one().await?;
        cx.insert(TwiceRow { id, y: 2.0 * x }).await
    }
}

#[table(Manual)]
/// a : int32
/// ---
/// x : int32
pub(super) struct A;

#[table(Manual)]
/// -> A
/// b : int32
pub(super) struct B;

#[table(Manual)]
/// -> B
/// c : int32
pub(super) struct C;

#[table(Manual)]
/// -> C
/// d : int32
/// ---
/// v : float64
pub(super) struct D;

#[table(Manual)]
/// id : int64
/// ---
/// name  : varchar(40)
/// value : float64
pub(super) struct Many;

pipeline! {
    pub(super) struct Tables { Rows, Many, Blobs, Source, Twice, A, B, C, D }
}
