//! Servers as teams run them: a pooler before one, a standby behind one, a cluster. Each is started for one run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::install::packages;
use super::slurm;
use super::throwaway::{
    Server, as_postgres, as_user, free_port, give_to_postgres, is_installed, postgresql_programs, program,
    run, run_postgresql, spawn,
};
use super::{Kind, greet};

/// How long a server may take to answer; a node of a cluster copies the data of another one first.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// What is to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Team {
    /// PostgreSQL behind PgBouncer, which hands out sessions by the transaction.
    Pooler,
    /// PostgreSQL with a standby that follows it, and two of MariaDB.
    Standby,
    /// Three nodes of MariaDB that are one database.
    Galera,
    /// PostgreSQL and MariaDB, which the tests end and start again.
    Restart,
    /// Slurm with one node, beside PostgreSQL.
    Slurm,
    /// A browser without a screen.
    Browser,
}

/// Why nothing came of a team.
pub(crate) enum Fault {
    /// This machine can't have what it needs.
    Missing(String),
    /// All is there, and it did not come up, or its tests failed.
    Failed(String),
}

/// What goes wrong where nothing else is said is no lack of the machine.
impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing(message) | Fault::Failed(message) => message,
        }
    }
}

impl Team {
    /// What the test program is told: which tests are about it.
    pub(crate) const fn tests(self) -> &'static [&'static str] {
        match self {
            // The whole suite works behind a pooler; none of it while others look for what is left in its sessions.
            Self::Pooler => &["--test-threads=1", "pooler::", "postgres::"],
            Self::Standby => &["standby::"],
            // One of them ends a node.
            Self::Galera => &["--test-threads=1", "cluster::"],
            Self::Restart => &["living::"],
            Self::Slurm => &["--test-threads=1", "slurm::"],
            Self::Browser => &["browser::"],
        }
    }

    /// Whose tests these are.
    pub(crate) const fn package(self) -> &'static str {
        match self {
            Self::Browser => "datajoint-dashboard",
            _ => "datajoint-conformance",
        }
    }

    /// What it needs on Debian.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Pooler => &["postgresql", "pgbouncer"],
            Self::Galera => &["mariadb-server", "galera-4", "rsync"],
            Self::Standby | Self::Restart => &["postgresql", "mariadb-server"],
            Self::Browser => &["chromium"],
            Self::Slurm => &["postgresql", "slurmctld", "slurmd", "slurm-client", "munge"],
        }
    }

    fn is_installed(self) -> bool {
        match self {
            Self::Pooler => postgresql_programs().is_some() && program("pgbouncer").is_some(),
            Self::Galera => is_installed(Kind::Mariadb) && provider().is_some() && program("rsync").is_some(),
            Self::Standby | Self::Restart => postgresql_programs().is_some() && is_installed(Kind::Mariadb),
            Self::Slurm => postgresql_programs().is_some() && slurm::is_installed(),
            Self::Browser => program("chromium").is_some(),
        }
    }

    /// Starts it, after what is missing was installed.
    pub(crate) fn start(self) -> Result<Running, Fault> {
        if !self.is_installed() {
            packages(self.packages()).map_err(Fault::Missing)?;
        }
        let folder = TempDir::with_prefix("datajoint-team-").map_err(text)?;
        let mut running =
            Running { variables: Vec::new(), processes: Vec::new(), servers: Vec::new(), folder };
        match self {
            Self::Pooler => running.start_pooler()?,
            Self::Standby => running.start_standby()?,
            Self::Galera => running.start_galera()?,
            Self::Restart => running.start_own()?,
            Self::Slurm => running.start_slurm()?,
            Self::Browser => {
                let chromium = program("chromium").ok_or_else(|| "chromium is not found".to_owned())?;
                running.variables.push(("DJ_TEST_CHROMIUM", chromium.display().to_string()));
            }
        }
        Ok(running)
    }
}

/// What was started. It ends when it is dropped.
pub(crate) struct Running {
    /// What tells the tests where it is.
    pub(crate) variables: Vec<(&'static str, String)>,
    processes: Vec<Child>,
    servers: Vec<Server>,
    folder: TempDir,
}

impl Running {
    fn start_pooler(&mut self) -> Result<(), String> {
        let server = Server::start(Kind::Postgresql)?;
        let behind =
            server.url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let port = free_port().map_err(text)?;
        let folder = self.folder.path();
        let users = folder.join("users");
        std::fs::write(&users, "\"postgres\" \"\"\n").map_err(text)?;
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={behind}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 8\n\
             max_client_conn = 1000\nlogfile = {}\n",
            users.display(),
            folder.join("log").display()
        );
        let file = folder.join("pgbouncer.ini");
        std::fs::write(&file, settings).map_err(text)?;
        give_to_postgres(folder)?;
        let pgbouncer = program("pgbouncer").ok_or("the program pgbouncer is not found")?;
        self.spawn(as_postgres(&pgbouncer).arg("-q").arg(&file))?;
        self.variables.push(("DJ_TEST_POOLED_URL", server.url.clone()));
        self.servers.push(server);
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        wait_for(&url)?;
        // The suite, too, goes there.
        self.variables.push(("DJ_TEST_POSTGRES_URL", url.clone()));
        self.variables.push(("DJ_TEST_POOLER_URL", url));
        Ok(())
    }

    fn start_standby(&mut self) -> Result<(), String> {
        let server = Server::start(Kind::Postgresql)?;
        let programs = postgresql_programs().ok_or("the programs of PostgreSQL are not found")?;
        let folder = self.folder.path().to_owned();
        give_to_postgres(&folder)?;
        let data = folder.join("standby");
        run(as_postgres(&programs.join("pg_basebackup"))
            .args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", &server.url, "-D"])
            .arg(&data))?;
        let (process, _, url) = run_postgresql(&programs, &folder, &data, free_port().map_err(text)?)?;
        self.processes.push(process);
        self.variables.push(("DJ_TEST_PRIMARY_URL", server.url.clone()));
        self.servers.push(server);
        wait_for(&url)?;
        self.variables.push(("DJ_TEST_STANDBY_URL", url));
        // Two that a switch-over leads from one to the other.
        let pair = [Server::start(Kind::Mariadb)?, Server::start(Kind::Mariadb)?];
        let urls: Vec<&str> = pair.iter().map(|server| server.url.as_str()).collect();
        self.variables.push(("DJ_TEST_SWITCHED_URLS", urls.join(" ")));
        self.servers.extend(pair);
        Ok(())
    }

    /// Each with what starts it again.
    fn start_own(&mut self) -> Result<(), String> {
        let own = [
            (Kind::Postgresql, "DJ_TEST_OWN_POSTGRES", "DJ_TEST_POSTGRES_URL"),
            (Kind::Mariadb, "DJ_TEST_OWN_MARIADB", "DJ_TEST_MARIADB_URL"),
        ];
        for (kind, variable, shared) in own {
            let server = Server::start(kind)?;
            self.variables.push((variable, told(&server.url, server.process(), &server.command)));
            self.servers.push(server);
            // Clients are stopped on one that stays.
            let server = Server::start(kind)?;
            self.variables.push((shared, server.url.clone()));
            self.servers.push(server);
        }
        Ok(())
    }

    fn start_slurm(&mut self) -> Result<(), String> {
        let server = Server::start(Kind::Postgresql)?;
        self.variables.push(("DJ_TEST_SLURM_URL", server.url.clone()));
        self.servers.push(server);
        let (processes, file) = slurm::start(self.folder.path())?;
        self.processes.extend(processes);
        self.variables.push(("SLURM_CONF", file.display().to_string()));
        Ok(())
    }

    fn start_galera(&mut self) -> Result<(), String> {
        let folder = self.folder.path().to_owned();
        // As root, what copies the data of a node would write as another user.
        if super::install::is_root() {
            run(Command::new("chown").arg("mysql").arg(&folder))?;
        }
        let mut ports = Vec::new();
        for _ in 0..12 {
            ports.push(free_port().map_err(text)?);
        }
        let ports: Vec<&[u16]> = ports.chunks(4).collect();
        let members: Vec<String> = ports.iter().map(|ports| format!("127.0.0.1:{}", ports[1])).collect();
        let (mut urls, mut last) = (Vec::new(), String::new());
        for (number, ports) in ports.iter().enumerate() {
            let mut node = node(&folder, number, ports, &members.join(","))?;
            if number == 0 {
                node.arg("--wsrep-new-cluster");
            }
            let url = format!("mysql://root@127.0.0.1:{}", ports[0]);
            let (process, command, url) = spawn(node.stderr(Stdio::null()), url)?;
            last = told(&url, process.id(), &command);
            self.processes.push(process);
            // A node that has not joined yet answers, and takes no statements.
            wait_for(&url)?;
            urls.push(url);
        }
        self.variables.push(("DJ_TEST_GALERA_URLS", urls.join(" ")));
        self.variables.push(("DJ_TEST_GALERA_NODE", last));
        Ok(())
    }

    fn spawn(&mut self, command: &mut Command) -> Result<(), String> {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(text)?;
        self.processes.push(process);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
        for server in &mut self.servers {
            server.stop();
        }
    }
}

/// What a test needs that ends a server and starts it again: a line each.
fn told(url: &str, process: u32, command: &[String]) -> String {
    format!("{url}\n{process}\n{}", command.join("\n"))
}

/// A node of a cluster: its port for clients, and three for the others.
fn node(folder: &Path, number: usize, ports: &[u16], members: &str) -> Result<Command, String> {
    let program = |name: &str| program(name).ok_or_else(|| format!("the program {name} is not found"));
    let data = folder.join(format!("node{number}"));
    let provider = provider().ok_or("the library of galera-4 is not found")?;
    run(as_user("mysql", &program("mariadb-install-db")?)
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--tmpdir={}", folder.display()))
        .arg(format!("--datadir={}", data.display())))?;
    let mut node = as_user("mysql", &program("mariadbd")?);
    node.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve", "--binlog-format=ROW"])
        .args(["--innodb-autoinc-lock-mode=2", "--innodb-flush-log-at-trx-commit=0", "--wsrep-on=ON"])
        .args(["--wsrep-cluster-name=datajoint", "--wsrep-sst-method=rsync"])
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}.sock", data.display()))
        .arg(format!("--pid-file={}.pid", data.display()))
        .arg(format!("--log-error={}.log", data.display()))
        .arg(format!("--port={}", ports[0]))
        .arg(format!("--wsrep-provider={}", provider.display()))
        .arg(format!("--wsrep-node-name=node{number}"))
        .arg(format!("--wsrep-cluster-address=gcomm://{members}"))
        .arg(format!("--wsrep-node-address=127.0.0.1:{}", ports[1]))
        .arg(format!("--wsrep-node-incoming-address=127.0.0.1:{}", ports[0]))
        .arg(format!("--wsrep-sst-receive-address=127.0.0.1:{}", ports[3]))
        .arg(format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{0};ist.recv_addr=127.0.0.1:{1};base_host=127.0.0.1;\
             base_port={0};gcache.size=32M",
            ports[1], ports[2]
        ));
    Ok(node)
}

/// The library that makes MariaDB a cluster.
fn provider() -> Option<PathBuf> {
    let places = ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"];
    places.iter().map(PathBuf::from).find(|path| path.exists())
}

fn wait_for(url: &str) -> Result<(), String> {
    let start = Instant::now();
    loop {
        match greet(url) {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > START_TIMEOUT => return Err(format!("{url}: {error}")),
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it")]
fn text(error: std::io::Error) -> String {
    error.to_string()
}
