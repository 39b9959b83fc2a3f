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
/// state       : enum('calm', 'nervous')
pub struct Session;

#[table(Manual)]
/// -> Session
/// ---
/// reason      : varchar(80)
pub struct Excluded;

pub async fn fill() -> datajoint::Result<Instance> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    Subject.insert(&dj, [SubjectRow::new(1, "Ada"), SubjectRow::new(2, "Bob"), SubjectRow::new(3, "Cleo")]).await?;
    let session = |subject_id, session, weight, state| SessionRow { subject_id, session, weight, state };
    Session
        .insert(&dj, [
            session(1, 1, 20.5, SessionState::Calm),
            session(1, 2, 21.5, SessionState::Nervous),
            session(2, 1, 19.0, SessionState::Calm),
        ])
        .await?;
    Excluded.insert_one(&dj, ExcludedRow::new(1, 2, "moved")).await?;
    Ok(dj)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = fill().await?;
    // The example.
    Ok(())
}
