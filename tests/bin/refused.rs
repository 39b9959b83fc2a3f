//! A program whose `main` returns what the database refused.

use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject : int32
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session : int16
pub struct Session;

#[tokio::main(flavor = "current_thread")]
async fn main() -> datajoint::Result<()> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    Session.insert_one(&dj, SessionRow::new(7, 1)).await
}
