use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject_id : int32
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session    : int16
pub struct Session;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    // The example.
    Ok(())
}
