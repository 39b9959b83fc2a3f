//! A small pipeline: subjects, their sessions, and what is computed from them.
#![expect(clippy::print_stdout, reason = "it shows what it does")]

use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// # A subject of the experiment
/// subject_id : int32
/// ---
/// name       : varchar(40)
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session    : int16
/// ---
/// weight     : float64      # (g)
/// note = ""  : varchar(255)
pub struct Session;

#[table(Computed)]
/// -> Session
/// ---
/// kilograms  : float64      # (kg)
pub struct Weight;

impl PlainMake for Weight {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let session = cx.upstream::<Session>().fetch_one().await?;
        cx.insert(WeightRow::of(cx.key(), session.weight / 1000.0)).await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;

    let ada = SubjectRow { subject_id: 1, name: "Ada".to_owned() };
    Subject.insert_one(&dj, ada).await?;
    let sessions = (1..=3).map(|session| SessionRow::new(1, session, 20.0 + f64::from(session)));
    Session.insert(&dj, sessions).await?;

    println!("{}", Weight.populate(&dj).run().await?);
    for row in ((Session * Weight) & Session::weight.gt(21.5)).fetch(&dj).await? {
        println!("{row}");
    }
    println!("{}", Weight.populate(&dj).run().await?);
    Ok(())
}
