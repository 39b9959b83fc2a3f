use datajoint::prelude::*;
use datajoint::types::serde_json::json;

schema!("ephys");

#[table(Manual, types(trace = Vec<f64>))]
/// recording : int32
/// ---
/// trace      : <blob@>
/// movie=null : <object@>
pub struct Recording;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let stores = json!({"default": "main", "main": {"protocol": "file", "location": folder.path()}});
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores.to_string())]).load()?;
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    let dj = dj.with_settings(|settings| settings.stores = read.stores);
    let frames = [[0_u8; 1000]; 3];
    // The example.
    Ok(())
}
