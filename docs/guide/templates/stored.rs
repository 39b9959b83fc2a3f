use datajoint::prelude::*;
use datajoint::types::ndarray::{Array2, Ix2, array};
use datajoint::types::serde_json::json;

schema!("ephys");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let stores = json!({"default": "main", "main": {"protocol": "file", "location": folder.path()}});
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores.to_string())]).load()?;
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    let dj = dj.with_settings(|settings| settings.stores = read.stores);
    let file = folder.path().join("movie.avi");
    std::fs::write(&file, "frames")?;
    // The example.
    Ok(())
}
