//! Tables beside each other, each with the keys of one.

use datajoint::prelude::*;

schema!("siblings");

#[table(Manual)]
/// id : int32
pub struct Shared;

#[table(Computed)]
/// -> Shared
pub struct First;

#[table(Computed)]
/// -> Shared
pub struct Second;

#[table(Computed)]
/// -> Shared
pub struct Third;

#[table(Computed)]
/// -> Shared
pub struct Fourth;

/// Each key leaves its worker for a moment, so that the others ask for it.
macro_rules! makes {
    ($($table:ident $row:ident),+) => {
        $(impl PlainMake for $table {
            async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
                tokio::task::yield_now().await;
                cx.insert($row { id: cx.key().id }).await
            }
        })+
    };
}

makes!(First FirstRow, Second SecondRow, Third ThirdRow, Fourth FourthRow);
