use datajoint::types::serde_json::json;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let stores = json!({"main": {"protocol": "file", "location": folder.path()}});
    let read =
        Settings::reader().without_files().environment([("DJ_STORES", stores.to_string())]).load()?;
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    let dj = dj.with_settings(|settings| settings.stores = read.stores);
    used(&dj).await
}

// The example.
