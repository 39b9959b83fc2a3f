use datajoint::ReadOnly;
use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

async fn work(dj: &ReadOnly) -> datajoint::Result<()> {
    let _ = Subject.fetch(dj).await?;
    Subject.insert_one(dj, SubjectRow::new(1)).await?;
    Subject.delete(dj).confirmed().await?;
    Ok(())
}

fn main() {}
