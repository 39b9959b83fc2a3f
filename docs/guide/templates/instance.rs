use datajoint::prelude::*;

schema!("lab");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    // The example.
    Ok(())
}
