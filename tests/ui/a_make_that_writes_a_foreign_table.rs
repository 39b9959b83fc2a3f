use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Computed, definition = "
    -> Subject
")]
pub struct Session;

#[table(Manual, definition = "cage : int32")]
pub struct Cage;

impl Make for Session {
    type Fetched = ();
    type Computed = ();

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<()> {
        let _ = cx;
        Ok(())
    }

    fn compute(_: &SessionKey, (): ()) -> MakeResult<()> {
        Ok(())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (): ()) -> MakeResult<()> {
        cx.insert(SessionRow::new(1)).await?;
        cx.insert(CageRow::new(1)).await?;
        Ok(())
    }
}

fn main() {}
