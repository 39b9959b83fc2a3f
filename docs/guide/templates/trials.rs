use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject : int32
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session : int16
/// ---
/// room    : varchar(10)
pub struct Session;

#[table(Manual)]
/// -> Session
/// trial   : int16
/// ---
/// latency : float64      # (s)
/// setup = null : json
pub struct Trial;

pub async fn fill() -> datajoint::Result<Instance> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    Subject.insert(&dj, [1, 2, 3].map(|subject| SubjectRow { subject })).await?;
    let session = |subject, session, room| SessionRow::new(subject, session, room);
    Session.insert(&dj, [session(1, 1, "east"), session(1, 2, "west"), session(2, 1, "east")]).await?;
    let trial = |subject, session, trial, latency| TrialRow::new(subject, session, trial, latency);
    Trial.insert(&dj, [trial(1, 1, 1, 0.25), trial(1, 1, 2, 0.75), trial(2, 1, 1, 0.5)]).await?;
    Ok(dj)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = fill().await?;
    let folder = tempfile::tempdir()?;
    // The example.
    Ok(())
}
