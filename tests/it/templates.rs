//! What the example gives to those who start workers says what its reader understands.

use std::path::{Path, PathBuf};
use std::process::Command;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/pipeline");

/// A program on the path, unless it is not installed here.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "this is no setting, and whoever runs it is told"
)]
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.exists());
    if found.is_none() {
        println!("{program} is not installed");
    }
    found
}

#[test]
fn the_unit_for_systemd_is_one() {
    let Some(analyze) = installed("systemd-analyze") else { return };
    let unit = std::fs::read_to_string(Path::new(EXAMPLE).join("deploy/worker.service")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipeline-worker@.service");
    // The worker is not installed here.
    let here = unit.replace("/usr/local/bin/worker", "/bin/true");
    assert_ne!(here, unit);
    std::fs::write(&path, here).unwrap();
    let output = Command::new(analyze).arg("verify").arg(&path).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_files_for_kubernetes_are_of_its_schema() {
    let Some(validate) = installed("kubernetes-validate") else { return };
    for file in ["kubernetes.yaml", "job.yaml"] {
        let path = Path::new(EXAMPLE).join("docker").join(file);
        let output = Command::new(&validate).arg("--strict").arg(path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{file}: {said}");
    }
}

/// A pod or a job that is told to leave has longer than the worker waits for its keys.
#[test]
fn the_grace_of_the_worker_is_shorter_than_that_of_who_ends_it() {
    let number = |text: &str, before: &str| -> u64 {
        let (_, after) = text.split_once(before).unwrap_or_else(|| panic!("{before} is not in\n{text}"));
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    for (file, grace, end) in [
        ("docker/kubernetes.yaml", "\"--grace\", \"", "terminationGracePeriodSeconds: "),
        ("docker/job.yaml", "\"--grace\", \"", "terminationGracePeriodSeconds: "),
        ("deploy/worker.service", "--grace ", "TimeoutStopSec="),
        ("deploy/slurm.sh", "grace=${GRACE:-", "--signal=B:TERM@"),
    ] {
        let text = std::fs::read_to_string(Path::new(EXAMPLE).join(file)).unwrap();
        assert!(number(&text, grace) < number(&text, end), "{file}");
    }
}
