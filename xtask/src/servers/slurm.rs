//! A Slurm of one machine: a controller, a node that says it has many processors, and a key of their own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::throwaway::{free_port, program, run};

/// How long the node may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// How many processors the node says it has.
const PROCESSORS: u32 = 16;

/// What it consists of.
const PROGRAMS: [&str; 6] = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo"];

pub(super) fn is_installed() -> bool {
    PROGRAMS.iter().all(|name| program(name).is_some())
}

/// Starts it in a folder. Returns its processes, the last one first to end, and the file that tells clients of it.
pub(super) fn start(folder: &Path) -> Result<(Vec<Child>, PathBuf), String> {
    let mut processes = Vec::new();
    let started = start_all(folder, &mut processes);
    if started.is_err() {
        for process in &mut processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
    Ok((processes, started?))
}

fn start_all(folder: &Path, processes: &mut Vec<Child>) -> Result<PathBuf, String> {
    for part in ["state", "spool", "log"] {
        fs::create_dir_all(folder.join(part)).map_err(|error| error.to_string())?;
    }
    let socket = folder.join("munge.sock");
    let mut key = Vec::new();
    // Any bytes do: nobody else reaches the socket.
    key.extend((0..128_u8).map(|place| place.wrapping_mul(37)));
    fs::write(folder.join("key"), key).map_err(|error| error.to_string())?;
    run(Command::new("chmod").arg("600").arg(folder.join("key")))?;
    processes.push(spawn(
        Command::new(found("munged")?)
            .args(["--foreground", "--force"])
            .arg(option("--key-file", &folder.join("key")))
            .arg(option("--socket", &socket))
            .arg(option("--pid-file", &folder.join("munged.pid")))
            .arg(option("--log-file", &folder.join("log/munged")))
            .arg(option("--seed-file", &folder.join("seed"))),
    )?);
    let start = Instant::now();
    while !socket.exists() {
        if start.elapsed() > START_TIMEOUT {
            return Err("munged made no socket".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let file = folder.join("slurm.conf");
    fs::write(&file, settings(folder, &socket)?).map_err(|error| error.to_string())?;
    processes.push(spawn(Command::new(found("slurmctld")?).args(["-D", "-c", "-f"]).arg(&file))?);
    processes.push(spawn(Command::new(found("slurmd")?).args(["-D", "-c", "-N", "node", "-f"]).arg(&file))?);
    loop {
        let mut ask = Command::new(found("sinfo")?);
        let answer =
            ask.args(["--noheader", "--states=idle", "--format=%D"]).env("SLURM_CONF", &file).output();
        if answer.is_ok_and(|answer| answer.stdout.trim_ascii().starts_with(b"1")) {
            return Ok(file);
        }
        if start.elapsed() > START_TIMEOUT {
            return Err(format!("its node was not ready within {} s", START_TIMEOUT.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A partition for workers, and one whose jobs take their place.
fn settings(folder: &Path, socket: &Path) -> Result<String, String> {
    let answer = |name: &str, argument: &str| {
        let output = Command::new(name).arg(argument).output().map_err(|error| format!("{name}: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let (host, user) = (answer("hostname", "-s")?, answer("id", "-un")?);
    let ports = [free_port(), free_port()].map(|port| port.map_err(|error| error.to_string()));
    let [controller, node] = ports;
    let (controller, node, folder) = (controller?, node?, folder.display());
    let mut text = format!(
        "ClusterName=datajoint\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={controller}\nSlurmUser={user}\n\
         SlurmdUser={user}\nAuthType=auth/munge\nCryptoType=crypto/munge\nAuthInfo=socket={}\n",
        socket.display()
    );
    for (name, file) in [
        ("StateSaveLocation", "state"),
        ("SlurmdSpoolDir", "spool"),
        ("SlurmctldPidFile", "slurmctld.pid"),
        ("SlurmdPidFile", "slurmd.pid"),
        ("SlurmctldLogFile", "log/slurmctld"),
        ("SlurmdLogFile", "log/slurmd"),
        ("JobCompLoc", "log/ended"),
    ] {
        let _ = writeln!(text, "{name}={folder}/{file}");
    }
    // Nothing that needs a service of the system, and no waiting that is for the sake of large clusters.
    text.push_str(
        "JobCompType=jobcomp/filetxt\nMpiDefault=none\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n\
         JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n\
         SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nSchedulerType=sched/backfill\n\
         SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=2\n\
         SlurmdParameters=config_overrides\nReturnToService=2\nKillWait=5\nMinJobAge=300\nInactiveLimit=0\n\
         PreemptType=preempt/partition_prio\nPreemptMode=REQUEUE\nJobRequeue=1\n",
    );
    let _ = write!(
        text,
        "NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 Port={node} CPUs={PROCESSORS} RealMemory=4000 State=UNKNOWN\n\
         PartitionName=workers Nodes=ALL Default=YES MaxTime=600 DefaultTime=10 State=UP PriorityTier=1 PreemptMode=REQUEUE \
         GraceTime=10 DefMemPerCPU=1\n\
         PartitionName=urgent Nodes=ALL MaxTime=60 State=UP PriorityTier=10 PreemptMode=OFF DefMemPerCPU=1\n"
    );
    Ok(text)
}

fn found(name: &str) -> Result<PathBuf, String> {
    program(name).ok_or_else(|| format!("the program {name} is not found"))
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

fn spawn(command: &mut Command) -> Result<Child, String> {
    let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    process.map_err(|error| format!("{} can't run: {error}", command.get_program().display()))
}
