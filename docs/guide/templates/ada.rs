use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject_id : int32
/// ---
/// name       : varchar(10)
pub struct Subject;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    Subject.insert_one(&dj, SubjectRow::new(1, "Ada")).await?;
    // The example.
    Ok(())
}
