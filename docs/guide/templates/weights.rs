use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject_id  : int32
/// ---
/// name        : varchar(40)
/// born = null : date
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session     : int16
/// ---
/// weight      : float64
pub struct Session;

pub async fn fill() -> datajoint::Result<Instance> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    Subject.insert(&dj, [SubjectRow::new(1, "Ada"), SubjectRow::new(2, "Bob")]).await?;
    let rows = [(1, 1, 20.5), (1, 2, 21.5), (2, 1, 19.0)];
    Session.insert(&dj, rows.map(|(subject_id, session, weight)| SessionRow { subject_id, session, weight })).await?;
    Ok(dj)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = fill().await?;
    // The example.
    Ok(())
}
