//! A pipeline from recordings to spikes.
//!
//! ```sh
//! cargo run --release --example ephys                        # simulates its recordings
//! cargo run --release --example ephys -- --data FOLDER       # takes those of a folder
//! ```
//!
//! The pipeline itself stands in `subject`, `session`, `ephys` and `analysis`; what is computed, in
//! `signal`. The rest enters data, and shows what came out.

#![expect(unreachable_pub, reason = "in a program, `pub` is what modules show each other")]

mod analysis;
mod arguments;
mod check;
mod drawing;
mod ephys;
mod figures;
mod recordings;
mod results;
mod session;
mod signal;
mod simulation;
mod subject;
mod summary;

use std::path::Path;
use std::process::ExitCode;

use datajoint::PopulateEvent;
use datajoint::prelude::*;

use analysis::{ActivityStatistics, Spikes};
use arguments::Arguments;
use ephys::Neuron;
use recordings::Recording;
use simulation::Truth;
use summary::Summary;

pipeline! {
    /// Every table of the pipeline.
    pub struct Tables {
        subject::Mouse,
        session::{Session, SessionCell},
        ephys::Neuron,
        analysis::{ActivityStatistics, SpikeParameters, Spikes, SpikesWaveform},
    }
}

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => run(&arguments).await,
        Err(message) => Err(message.into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            summary::complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// True when every key was made.
async fn run(arguments: &Arguments) -> Result<bool> {
    if arguments.help {
        summary::print(arguments::HELP)?;
        return Ok(true);
    }
    std::fs::create_dir_all(&arguments.out)?;
    let dj = connect(&arguments.out).await?;
    let _declared = dj.activate::<Tables>().await?;

    let (recordings, truth) = recordings(arguments)?;
    let sessions = session::enter(&dj, &recordings).await?;

    let mut summary = Summary::new(arguments, &recordings, &dj);
    let watch: fn(PopulateEvent<'_>) = if arguments.json { |_| {} } else { summary::begun };
    summary.add(
        Neuron.populate(&dj).restrict(&sessions).workers(4).watch(watch).suppress_errors(true).run().await?,
    );
    summary.add(
        ActivityStatistics
            .populate(&dj)
            .restrict(&sessions)
            .workers(4)
            .watch(watch)
            .suppress_errors(true)
            .run()
            .await?,
    );
    summary.add(
        Spikes.populate(&dj).restrict(&sessions).workers(4).watch(watch).suppress_errors(true).run().await?,
    );

    let results = results::fetch(&dj, &sessions).await?;
    if arguments.json {
        summary::print(&results::json(&results))?;
    } else {
        let drawings = figures::draw(&dj, &results, truth.as_ref(), &arguments.out).await?;
        summary.show(&dj, &check::compare(&results, truth.as_ref()), &drawings).await?;
    }
    Ok(summary.is_complete())
}

/// The database of the settings; without any, a file among the drawings.
async fn connect(out: &Path) -> Result<Instance> {
    let mut settings = Settings::load()?;
    if settings.database.path == Settings::default().database.path {
        settings.database.path = out.join("ephys.sqlite");
    }
    Ok(Instance::connect(settings).await?)
}

/// The recordings to analyse and, of simulated ones, when their neurons fired.
fn recordings(arguments: &Arguments) -> Result<(Vec<Recording>, Option<Truth>)> {
    if let Some(folder) = &arguments.data {
        return Ok((Recording::list(folder)?, None));
    }
    let folder = arguments.out.join("recordings");
    let truth = simulation::record(&folder)?;
    Ok((Recording::list(&folder)?, Some(truth)))
}
