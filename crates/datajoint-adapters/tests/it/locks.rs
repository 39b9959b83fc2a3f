//! The locks of the engine on a file that several clients of a program have open.

use std::process::Command;

use datajoint_adapters::{ConnectOptions, Database};
use datajoint_definition::Backend;
use datajoint_sql::Statement;
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

/// The file that another program opens.
const FILE: &str = "DJ_ADAPTERS_LOCKS_FILE";

/// The bytes that the engine locks for as long as a client has a database open,
/// <https://www.sqlite.org/src/file/src/os.h>.
const SHARED: (u64, u64) = (0x4000_0002, 510);

/// The other program: fails where nobody has the database open, as far as it can see.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn a_program_that_looks() {
    let Ok(file) = std::env::var(FILE) else { return };
    let (start, length) = SHARED;
    let (typ, offset_type) = (FlockType::WriteLock, FlockOffsetType::Set);
    let wanted = Flock { start, length, pid: None, typ, offset_type };
    let held = fcntl_getlk(std::fs::File::open(file).unwrap(), &wanted).unwrap();
    assert!(held.is_some(), "nobody has it open");
}

#[tokio::test]
async fn another_program_sees_that_a_program_with_several_clients_has_the_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.sqlite");
    let options = |name: &str| ConnectOptions {
        backend: Backend::Sqlite,
        path: folder.path().join(name),
        ..ConnectOptions::default()
    };
    let read_only = |name: &str| {
        let mut options = options(name);
        options.session.is_read_only = true;
        options
    };
    let first = Database::connect(&options("lab.sqlite")).await.unwrap();
    let mut writer = first.acquire().await.unwrap();
    writer.execute(&Statement::plain("CREATE TABLE \"rows\" (id INTEGER) STRICT")).await.unwrap();
    let mut ways = vec![options("lab.sqlite"), read_only("lab.sqlite"), options("./lab.sqlite")];
    std::os::unix::fs::symlink(&path, folder.path().join("link.sqlite")).unwrap();
    ways.push(options("link.sqlite"));
    for (id, way) in ways.iter().enumerate() {
        // A client of the same file, which goes again in every second turn.
        let second = Database::connect(way).await.unwrap();
        let kept = (id % 2 == 0).then_some(second);
        let program = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "locks::a_program_that_looks", "--nocapture"])
            .env(FILE, &path)
            .output()
            .unwrap();
        assert!(program.status.success(), "{way:?}: {program:?}");
        drop(kept);
    }
}
