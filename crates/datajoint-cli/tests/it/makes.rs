//! What the commands say of a program with tables of its own: why keys are made, and which rows are stale.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Parser as _;
use datajoint::jobs::{Jobs, Refresh};
use datajoint::prelude::*;
use datajoint::source_of;
use datajoint_cli::Cli;

schema!("bench");

#[table(Manual)]
/// session : int32
/// ---
/// weight : float64
pub struct Session;

#[table(Computed)]
/// -> Session
/// ---
/// root : float64
pub struct Root;

#[make]
impl PlainMake for Root {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let SessionRow { session, weight } = cx.upstream::<Session>().fetch_one().await?;
        if weight < 0.0 {
            return Err(format!("{weight} g is no weight").into());
        }
        cx.insert(RootRow { session, root: weight.sqrt() }).await
    }
}

#[table(Computed)]
/// -> Root
pub struct Told;

impl PlainMake for Told {
    const CODE: Code = Code::version("1");

    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        cx.insert(ToldRow { session: cx.key().session }).await
    }
}

pipeline! { pub struct Bench { Session, Root, Told } }

/// The arguments of the program that the test below is when it is begun again.
const ARGUMENTS: &str = "DJ_TEST_ARGUMENTS";

/// The program of a project, when another test begins it.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the test, not a setting")]
fn is_the_program_of_a_project() {
    let Some(arguments) = std::env::var_os(ARGUMENTS) else { return };
    let arguments = arguments.into_string().unwrap();
    println!("begin");
    let code = Cli::parse_from(arguments.split('\n')).run::<Bench>();
    // An exit status can't be looked at otherwise.
    let digits: String = format!("{code:?}").chars().filter(char::is_ascii_digit).collect();
    println!("end {digits}");
}

/// Runs a command of the project; gives its exit status and what it said.
fn project(folder: &Path, arguments: &[&str]) -> (u8, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "makes::is_the_program_of_a_project", "--nocapture"]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null()).env("DJ_JOBS_RECORD_MAKES", "true");
    command.env(ARGUMENTS, [&["project"], arguments].concat().join("\n"));
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let (_, rest) = said.split_once("begin\n").unwrap_or_else(|| panic!("{said}{error}"));
    let (said, rest) = rest.split_once("end ").unwrap_or_else(|| panic!("{said}{error}"));
    (rest[..1].parse().unwrap(), format!("{said}{error}"))
}

/// The same without times, processes and hosts.
fn timeless(said: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for line in said.lines() {
        let is_time = |word: &str| {
            let digits =
                |text: &str| text.chars().all(|letter| letter.is_ascii_digit() || "-:".contains(letter));
            word.len() >= 8 && digits(word)
        };
        let line: Vec<&str> = line.split(' ').map(|word| if is_time(word) { "TIME" } else { word }).collect();
        words.push(line.join(" ").replace("TIME TIME", "TIME"));
    }
    words.join("\n")
}

async fn bench() -> (tempfile::TempDir, Instance) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::embedded(folder.path().join("datajoint.sqlite"));
    settings.jobs.record_makes = true;
    let dj = Instance::connect(settings).await.unwrap();
    let weights = [4.0, 9.0, 16.0, 25.0, -1.0, 36.0];
    Session
        .insert(&dj, (1..).zip(weights).map(|(session, weight)| SessionRow { session, weight }))
        .await
        .unwrap();
    (folder, dj)
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_rows_are_listed_and_made_again() {
    let (folder, dj) = bench().await;
    let run = |arguments: &[&str]| project(folder.path(), arguments);
    assert_eq!(run(&["populate", "--quiet", "--where", "session < 5"]).0, 0);
    assert_eq!(
        run(&["stale"]),
        (0, "bench.__root: 0 stale, 4 current\nbench.__told: 0 stale, 4 current\n".to_owned())
    );

    Session.update_one(&dj, SessionRow { session: 3, weight: 64.0 }).await.unwrap();
    let row = DynamicRow::new().with("session", 6).unwrap().with("root", 6.0).unwrap();
    let options = InsertOptions::new().allow_direct_insert();
    dj.table("bench.Root").await.unwrap().insert_with(&dj, [row], options).await.unwrap();
    let (code, said) = run(&["stale"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!("stale", said);
    insta::assert_snapshot!("stale_json", run(&["stale", "bench.Root", "--json"]).1);

    let (code, said) = run(&["stale", "--recompute", "--dry-run"]);
    assert_eq!((code, said.contains("name the one table to recompute")), (1, true), "{said}");
    let again = ["stale", "bench.Root", "--recompute"];
    let (code, plan) = run(&[&again[..], &["--dry-run"]].concat());
    let hash = plan.trim().rsplit(' ').next().unwrap().to_owned();
    let place = dj.place();
    insta::assert_snapshot!("stale_plan", plan.replace(&hash, "HASH").replace(&place, "PLACE"));
    assert_eq!(code, 0);
    let (code, said) = run(&[&again[..], &["--yes-plan", "000000000000"]].concat());
    assert_eq!(code, 1, "{said}");
    let confirmed = [&again[..], &["--yes-plan", &hash]].concat();
    assert_eq!(run(&confirmed), (0, "bench.__root: 1 row to be made again; deleted 2 rows\n".to_owned()));
    // There is nothing left that would be made again.
    assert_eq!(
        run(&[&again[..], &["--yes-plan", &hash]].concat()),
        (0, "bench.__root: 0 rows to be made again; deleted 0 rows\n".to_owned())
    );
    assert_eq!(run(&["populate", "--quiet", "--where", "session < 5"]).0, 0);
    let (code, said) = run(&["stale"]);
    assert_eq!(
        (code, said.as_str()),
        (0, "bench.__root: 0 stale, 4 current, 1 unknown\nbench.__told: 0 stale, 4 current\n")
    );
    assert_eq!(run(&["stale", "bench.Session"]).0, 1);
    dj.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_of_each_key_why_it_is_made_or_not() {
    let (folder, dj) = bench().await;
    let run = |arguments: &[&str]| project(folder.path(), arguments);
    assert_eq!(run(&["populate", "Root", "--quiet", "--where", "session = 1"]).0, 0);
    assert_eq!(run(&["run", "Root", "--where", "session = 5"]).0, 1);
    let table = dj.table("bench.Root").await.unwrap();
    let (queue, source) =
        (Jobs::open(&dj, table.table()).await.unwrap(), source_of(&dj, &table).await.unwrap());
    for (session, delay, priority) in [(2, -1.0, None), (3, 3600.0, None), (4, -1.0, Some(9))] {
        let restrictions = vec![Session::session.eq(session)];
        let refresh = Refresh { restrictions, delay, priority, ..Refresh::default() };
        queue.refresh(&source, &refresh).await.unwrap();
    }
    queue.ignore(Session::session.eq(2)).await.unwrap();
    let shown = |arguments: &[&str]| {
        let (code, said) = run(arguments);
        assert_eq!(code, 0, "{said}");
        timeless(&said)
    };
    insta::assert_snapshot!("run_dry", shown(&["run", "--dry-run"]));
    insta::assert_snapshot!("run_dry_urgent", shown(&["run", "Root", "--dry-run", "--priority", "5"]));
    insta::assert_snapshot!("run_dry_json", shown(&["run", "Told", "--dry-run", "--json"]));
    insta::assert_snapshot!("populate_dry", shown(&["populate", "Root", "--dry-run"]));
    let reserved = ["populate", "Root", "--dry-run", "--reserve-jobs", "--no-refresh"];
    insta::assert_snapshot!("populate_dry_reserved", shown(&reserved));
    dj.close().await;
}
