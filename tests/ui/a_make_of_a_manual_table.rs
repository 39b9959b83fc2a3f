use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
")]
pub struct Session;

impl PlainMake for Session {
    async fn make(_: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        Ok(())
    }
}

fn main() {}
