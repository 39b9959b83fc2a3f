use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
pub struct Session;

#[part(Session)]
/// -> master
/// trial   : int16
pub struct SessionTrial;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    // The example.
    Ok(())
}
