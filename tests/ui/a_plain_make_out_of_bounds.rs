use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Computed, definition = "-> Subject")]
pub struct Session;

#[table(Manual, definition = "cage : int32")]
pub struct Cage;

#[part(Cage, definition = "-> master\nbottle : int32")]
pub struct CageBottle;

impl PlainMake for Session {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let _ = cx.upstream::<Cage>();
        let _ = cx.upstream_part::<CageBottle>();
        let _ = cx.upstream_part::<Subject>();
        cx.insert(CageRow::new(1)).await
    }
}

fn main() {}
