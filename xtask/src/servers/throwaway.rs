//! A server of our own in a temporary folder, made from installed programs.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Kind;
use super::install::is_root;

/// How long a server may take to answer.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// The file in a server's folder to which it writes.
const LOG: &str = "log";

/// A running server; its process and its folder end with it.
pub(crate) struct Server {
    pub(crate) url: String,
    /// The program and its arguments, which start it again.
    pub(crate) command: Vec<String>,
    /// The file to which PostgreSQL writes what it does; MySQL and MariaDB write that into a table where they are told to.
    pub(crate) log: PathBuf,
    process: Child,
    // Deleted on drop.
    _folder: TempDir,
}

/// The folder of PostgreSQL's programs, if they are on this machine.
pub(super) fn postgresql_programs() -> Option<PathBuf> {
    match Programs::find(Kind::Postgresql) {
        Some(Programs::Postgresql { folder }) => Some(folder),
        _ => None,
    }
}

/// True when the programs of such a server are on this machine.
pub(crate) fn is_installed(kind: Kind) -> bool {
    Programs::find(kind).is_some()
}

/// The programs that make and run a server.
enum Programs {
    Postgresql { folder: PathBuf },
    Mariadb { server: PathBuf, install: PathBuf },
    Mysql { server: PathBuf },
}

impl Programs {
    fn find(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Postgresql => {
                let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
                    .filter(|folder| folder.join("initdb").exists())
                    .collect();
                folders.sort();
                let on_path = program("initdb").and_then(|path| Some(path.parent()?.to_owned()));
                folders.pop().or(on_path).map(|folder| Self::Postgresql { folder })
            }
            Kind::Mariadb => {
                Some(Self::Mariadb { server: program("mariadbd")?, install: program("mariadb-install-db")? })
            }
            Kind::Mysql => {
                let server = program("mysqld")?;
                // MariaDB's packages give its server this name too.
                let real = server.canonicalize().ok()?;
                (real.file_name()? == "mysqld").then_some(Self::Mysql { server })
            }
        }
    }
}

pub(crate) fn program(name: &str) -> Option<PathBuf> {
    const MORE: &str = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin";
    let path = super::environment("PATH").unwrap_or_default();
    std::env::split_paths(&format!("{path}:{MORE}"))
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

impl Server {
    /// Makes and starts a server on a free port of the loopback address.
    pub(crate) fn start(kind: Kind) -> Result<Self, String> {
        let programs =
            Programs::find(kind).ok_or_else(|| format!("the programs of {kind} are not installed"))?;
        let folder = TempDir::with_prefix("datajoint-test-")
            .map_err(|error| format!("no temporary folder: {error}"))?;
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let data = folder.path().join("data");
        let (process, command, url) = match programs {
            Programs::Postgresql { folder: programs } => {
                start_postgresql(&programs, folder.path(), &data, port)?
            }
            Programs::Mariadb { server, install } => {
                run(Command::new(install)
                    .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
                    .arg(format!("--datadir={}", data.display()))
                    .arg(own_temporary(folder.path())?)
                    .args(is_root().then_some("--user=root")))?;
                start_mysql(&server, folder.path(), &data, port)?
            }
            Programs::Mysql { server } => {
                run(Command::new(&server)
                    .args(["--no-defaults", "--initialize-insecure"])
                    .arg(format!("--datadir={}", data.display()))
                    .arg(own_temporary(folder.path())?)
                    .args(is_root().then_some("--user=root")))?;
                start_mysql(&server, folder.path(), &data, port)?
            }
        };
        let log = folder.path().join(LOG);
        let mut server = Self { url, command, log, process, _folder: folder };
        server.wait_until_ready(kind, port)?;
        Ok(server)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Ends the server's process.
    pub(crate) fn stop(&mut self) {
        // Its data are thrown away: nothing is lost by ending it at once.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn wait_until_ready(&mut self, kind: Kind, port: u16) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < START_TIMEOUT {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() && super::greet(&self.url).is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("{kind} ended while starting, with {status}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.stop();
        Err(format!("{kind} did not answer within {} s", START_TIMEOUT.as_secs()))
    }
}

/// A process that runs, the command that started it, and the URL of the server.
pub(super) type Started = (Child, Vec<String>, String);

/// Starts a server, and says by which command.
pub(super) fn spawn(command: &mut Command, url: String) -> Result<Started, String> {
    let process = command.stdout(Stdio::null()).spawn();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let process = process.map_err(|error| format!("{} can't run: {error}", words[0]))?;
    Ok((process, words, url))
}

/// Returns the option for a folder of its own for temporary tables.
///
/// MariaDB removes those of every other server as it starts, and such a server then ends by a fault at the table that is gone.
pub(super) fn own_temporary(folder: &Path) -> Result<String, String> {
    let own = folder.join("temporary");
    std::fs::create_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
    Ok(format!("--tmpdir={}", own.display()))
}

fn start_mysql(server: &Path, folder: &Path, data: &Path, port: u16) -> Result<Started, String> {
    let mut command = Command::new(server);
    command
        .args([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
        ])
        .arg(format!("--datadir={}", data.display()))
        .arg(own_temporary(folder)?)
        .arg(format!("--port={port}"))
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--log-error={}", folder.join(LOG).display()))
        .args(is_root().then_some("--user=root"))
        .stderr(Stdio::null());
    spawn(&mut command, format!("mysql://root@127.0.0.1:{port}"))
}

/// PostgreSQL refuses to run as root, so root runs it as the user that its package made.
fn start_postgresql(programs: &Path, folder: &Path, data: &Path, port: u16) -> Result<Started, String> {
    give_to_postgres(folder)?;
    run(as_postgres(&programs.join("initdb"))
        .args(["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(data))?;
    run_postgresql(programs, folder, data, port)
}

/// Runs PostgreSQL on data that are there.
pub(super) fn run_postgresql(
    programs: &Path,
    folder: &Path,
    data: &Path,
    port: u16,
) -> Result<Started, String> {
    let mut command = as_postgres(&programs.join("postgres"));
    command
        .arg("-D")
        .arg(data)
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"])
        .args(["-c", &format!("unix_socket_directories={}", folder.display()), "-p", &port.to_string()]);
    let log = File::options().create(true).append(true).open(folder.join(LOG));
    let log = log.map_err(|error| format!("no log of PostgreSQL: {error}"))?;
    command.stderr(log);
    spawn(&mut command, format!("postgres://postgres@127.0.0.1:{port}/postgres"))
}

/// A program that refuses to run as root, as the user of PostgreSQL where root runs it.
pub(super) fn as_postgres(program: &Path) -> Command {
    as_user("postgres", program)
}

/// A program as another user, where root runs it.
pub(super) fn as_user(user: &str, program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups", "--"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

/// Lets PostgreSQL write into a folder that root made.
pub(super) fn give_to_postgres(folder: &Path) -> Result<(), String> {
    if is_root() { run(Command::new("chown").arg("-R").arg("postgres").arg(folder)) } else { Ok(()) }
}

pub(super) fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{} can't run: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}:\n{}", command.get_program().display(), output.status, text.trim_end()))
}

pub(super) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Server, is_installed};

    #[test]
    fn every_installed_server_starts_answers_and_ends() {
        for kind in [Kind::Postgresql, Kind::Mariadb, Kind::Mysql] {
            if !is_installed(kind) {
                println!("{kind} is not installed");
                continue;
            }
            let mut server = Server::start(kind).unwrap();
            assert_eq!(super::super::greet(&server.url).unwrap().kind, kind);
            server.stop();
            assert!(super::super::greet(&server.url).is_err());
        }
    }
}
