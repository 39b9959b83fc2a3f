//! A pipeline with jobs in every state, and its page.

use std::net::SocketAddr;
use std::time::Duration;

use datajoint_config::Settings;
use datajoint_dashboard::Dashboard;
use datajoint_definition::Tier;
use datajoint_jobs::{Jobs, Limits, Refresh, Worker, WorkerOptions};
use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance};
use datajoint_populate::source_of;

pub(crate) struct Lab {
    pub(crate) dj: Instance,
    pub(crate) address: SocketAddr,
    pub(crate) url: String,
    server: tokio::task::JoinHandle<()>,
    // Whose job is under way.
    _worker: Worker,
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) async fn connect() -> Instance {
    Instance::connect(Settings::embedded(":memory:")).await.unwrap()
}

impl Lab {
    /// Six subjects: of three the spikes failed, of one they are under way.
    pub(crate) async fn new(dashboard: impl FnOnce(&Instance) -> Dashboard) -> Self {
        let dj = connect().await;
        for (class_name, tier, definition) in [
            ("Subject", Tier::Manual, "subject : int32\n---\nname : varchar(80)"),
            ("Spikes", Tier::Computed, "-> Subject\n---\nrate : float64"),
            ("Summary", Tier::Computed, "-> Spikes\n---\nmean : float64"),
        ] {
            let declaration =
                DynamicDeclaration { schema: "dj_dashboard", class_name, tier, definition, master: None };
            dj.declare_dynamic(declaration).await.unwrap();
        }
        for subject in 1..=6 {
            insert_subject(&dj, subject).await;
        }
        let spikes = dj.table("dj_dashboard.Spikes").await.unwrap();
        let jobs = Jobs::open(&dj, spikes.table()).await.unwrap();
        jobs.refresh(&source_of(&dj, &spikes).await.unwrap(), &Refresh { delay: -1.0, ..Refresh::default() })
            .await
            .unwrap();
        let options = WorkerOptions {
            lease: Duration::from_mins(5),
            limits: Limits::default(),
            keep_completed: false,
            version: String::new(),
            priority: None,
            among: None,
        };
        let worker = Worker::begin(&jobs, options).await.unwrap();
        let claimed = worker.claim(4, false).await.unwrap();
        let faults = ["the file <b>3</b> is broken", "the file <b>4</b> is broken", "no memory is left"];
        for (job, fault) in claimed.iter().zip(faults) {
            worker.fail(&job.key, &std::io::Error::other(fault), false).await.unwrap();
        }
        let serving = dashboard(&dj).address("127.0.0.1:0".parse().unwrap()).bind().await.unwrap();
        let (address, url) = (serving.address(), serving.url());
        let server = tokio::spawn(async { serving.run().await.unwrap() });
        Self { dj, address, url, server, _worker: worker }
    }

    pub(crate) async fn insert_subject(&self, subject: i32) {
        insert_subject(&self.dj, subject).await;
    }
}

async fn insert_subject(dj: &Instance, subject: i32) {
    let subjects = dj.table("dj_dashboard.Subject").await.unwrap();
    let row = DynamicRow::new()
        .with("subject", subject)
        .unwrap()
        .with("name", "<script>alert(1)</script>")
        .unwrap();
    subjects.insert(dj, [row]).await.unwrap();
}
