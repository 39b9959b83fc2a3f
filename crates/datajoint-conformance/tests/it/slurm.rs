//! A real Slurm: an array of workers of the example pipeline, some of which are killed, and all of which have to leave.
//!
//! `cargo xtask test --slurm` starts it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use datajoint::blob::npy;
use datajoint::jobs::Jobs;
use datajoint::prelude::*;
use datajoint::types::chrono::NaiveDate;
use datajoint::types::ndarray::{Array1, Array2};
use pipeline::session::{Session, SessionRow};
use pipeline::subject::{Subject, SubjectRow};
use pipeline::{analysis, ephys, imaging};

use crate::cargo::cargo;
use crate::processes;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Six keys come of each: a recording, a scan, the spikes and the correlations of two methods.
const SESSIONS: i32 = 334;
const KEYS: u64 = 6 * SESSIONS as u64;

/// How long a recording is, so that a key takes some milliseconds.
const SAMPLES: usize = 10_000;

/// How long an array may take; Slurm lets a job that is queued again wait for two minutes.
const PATIENCE: Duration = Duration::from_mins(8);

/// What Slurm says to a command.
fn slurm(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A laboratory on the server of a Slurm, and what its workers are told.
struct Laboratory {
    dj: Instance,
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Laboratory {
    async fn new(url: &str, launch: &str) -> Self {
        let mut settings = Settings::from_url(url).unwrap();
        "dj_slurm_".clone_into(&mut settings.database.database_prefix);
        settings.safemode = false;
        let variables = vec![
            ("DJ_BACKEND", "postgresql".to_owned()),
            ("DJ_HOST", "127.0.0.1".to_owned()),
            ("DJ_PORT", settings.database.port.unwrap().to_string()),
            ("DJ_USER", "postgres".to_owned()),
            ("DJ_DATABASE_NAME", "postgres".to_owned()),
            ("DJ_DATABASE_PREFIX", "dj_slurm_".to_owned()),
            ("WORKER", program("worker").display().to_string()),
            ("LAUNCH", launch.to_owned()),
            // The partition lets it stay for ten.
            ("GRACE", "3".to_owned()),
        ];
        let dj = Instance::connect(settings).await.unwrap();
        dj.drop_schemas("dj_slurm_").confirmed().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let laboratory = Self { dj, folder, variables };
        laboratory.record().await;
        laboratory
    }

    /// Enters sessions, all of one recording.
    async fn record(&self) {
        let (dj, folder) = (&self.dj, self.folder.path());
        pipeline::initialize(dj).await.unwrap();
        let trace = Array1::from_shape_fn(SAMPLES, |sample| if sample % 50 == 49 { 1.0 } else { 0.0 });
        let movie =
            Array2::from_shape_fn((SAMPLES, 4), |(frame, _)| f64::from((frame / 50).is_multiple_of(2)));
        let write = |name: &str, bytes: Vec<u8>| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).unwrap();
            path.display().to_string()
        };
        let trace = write("trace.npy", npy::to_vec(&trace).unwrap());
        let movie = write("movie.npy", npy::to_vec(&movie).unwrap());
        let species = "mouse".to_owned();
        Subject.insert_one(dj, SubjectRow { subject_id: 1, species, born: None }).await.unwrap();
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let session = |day: i32| SessionRow {
            subject_id: 1,
            session_date: first + datajoint::types::chrono::Days::new(u64::from(day.unsigned_abs())),
            trace: trace.clone(),
            movie: movie.clone(),
            note: String::new(),
        };
        Session.insert(dj, (0..SESSIONS).map(session)).await.unwrap();
    }

    /// Submits the workers of the template; returns the number of the job.
    fn submit(&self, array: &str) -> String {
        let mut submit = Command::new("sbatch");
        let template = Path::new(ROOT).join("examples/pipeline/deploy/slurm.sh");
        submit
            .args(["--parsable", &format!("--array={array}")])
            .arg(template)
            .current_dir(self.folder.path());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
            submit.env_remove(name);
        }
        submit.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = submit.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    async fn made(&self) -> u64 {
        let dj = &self.dj;
        let recorded = ephys::Recording.count(dj).await.unwrap() + imaging::Scan.count(dj).await.unwrap();
        recorded + ephys::Spikes.count(dj).await.unwrap() + analysis::Correlation.count(dj).await.unwrap()
    }

    /// What the workers wrote.
    fn logs(&self) -> String {
        let mut logs = String::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "log") {
                logs += &std::fs::read_to_string(path).unwrap();
            }
        }
        logs
    }

    /// The jobs of all queues.
    async fn jobs(&self) -> u64 {
        let mut jobs = 0;
        for spec in [
            <ephys::Recording as datajoint::Table>::spec(),
            <ephys::Spikes as datajoint::Table>::spec(),
            <imaging::Scan as datajoint::Table>::spec(),
            <analysis::Correlation as datajoint::Table>::spec(),
        ] {
            let table = self.dj.resolve(spec).unwrap();
            jobs += Jobs::open(&self.dj, &table).await.unwrap().counts().await.unwrap().total();
        }
        jobs
    }
}

fn program(name: &str) -> PathBuf {
    let mut build = cargo();
    // With a test, what the tests depend on has the features that it was built with for them.
    build.args(["build", "--quiet", "--workspace", "--bin", name, "--test", "it"]);
    assert!(build.current_dir(ROOT).status().unwrap().success());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug").join(name)
}

/// The tasks of a job that are not at their end; of those that run, when `running`.
fn tasks(job: &str, running: bool) -> Vec<String> {
    let states = if running { "--states=RUNNING" } else { "--states=all" };
    let listed = slurm("squeue", &["--noheader", "--array", "--format=%i %T", states, "--jobs", job]);
    let ended = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"];
    let line = |line: &str| line.split_once(' ').map(|(task, state)| (task.to_owned(), state.to_owned()));
    listed
        .lines()
        .filter_map(line)
        .filter(|(_, state)| !ended.contains(&state.as_str()))
        .map(|(task, _)| task)
        .collect()
}

async fn an_array(url: &str, launch: &str) {
    let laboratory = Laboratory::new(url, launch).await;
    let begin = Instant::now();
    let job = laboratory.submit("1-16");
    let (mut kills, mut has_left) = (0, false);
    while !tasks(&job, false).is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{:?}\n{}", tasks(&job, false), laboratory.logs());
        tokio::time::sleep(Duration::from_millis(500)).await;
        let made = laboratory.made().await;
        let running = tasks(&job, true);
        if made > 0 && kills < 5 && running.len() > 2 {
            let task = &running[kills % running.len()];
            slurm("scancel", &["--signal=KILL", "--full", task]);
            kills += 1;
        }
        if made > KEYS / 3 && !has_left {
            // All workers have to make room for it.
            let urgent = ["--partition=urgent", "--cpus-per-task=16", "--output=/dev/null", "--wrap=sleep 2"];
            slurm("sbatch", &urgent);
            has_left = true;
        }
    }
    // What was killed last may have left keys to the next array.
    let mut arrays = 1;
    while laboratory.made().await < KEYS || laboratory.jobs().await > 0 {
        assert!(arrays < 4, "{} of {KEYS} keys\n{}", laboratory.made().await, laboratory.logs());
        let job = laboratory.submit("1");
        while !tasks(&job, false).is_empty() {
            assert!(begin.elapsed() < PATIENCE, "{}", laboratory.logs());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        arrays += 1;
    }
    let logs = laboratory.logs();
    let again = logs.matches("keys are left: queued again").count();
    assert!(kills == 5 && has_left && again > 0, "{kills} kills, {again} queued again\n{logs}");
    assert_eq!(laboratory.made().await, KEYS);
    // One more finds nothing to do, and says so by its status.
    let job = laboratory.submit("1");
    while !tasks(&job, false).is_empty() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let told = slurm("scontrol", &["--oneliner", "show", "job", &job]);
    assert!(
        told.contains("JobState=COMPLETED") && told.contains("ExitCode=0:0"),
        "{told}\n{}",
        laboratory.logs()
    );
    println!(
        "{KEYS} keys, started by {}: {kills} workers killed, {again} queued again, {arrays} arrays, {:.0?}",
        if launch.is_empty() { "the script" } else { launch },
        begin.elapsed()
    );
    laboratory.dj.drop_schemas("dj_slurm_").confirmed().await.unwrap();
}

#[tokio::test]
async fn each_key_is_made_once_by_an_array_of_steps() {
    if let Some(url) = processes::named("DJ_TEST_SLURM_URL") {
        an_array(&url, "srun").await;
    }
}

#[tokio::test]
async fn each_key_is_made_once_by_an_array_of_scripts() {
    if let Some(url) = processes::named("DJ_TEST_SLURM_URL") {
        an_array(&url, "").await;
    }
}
