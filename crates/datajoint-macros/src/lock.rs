//! The lock of the crate that is compiled.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use datajoint_lock::{FILE, Lock};

type Outcome = Result<Option<Arc<Lock>>, String>;

/// A file as it was read.
struct Known {
    modified: Option<SystemTime>,
    length: u64,
    outcome: Outcome,
}

/// What this process has read: a compiler expands every table of a crate, an editor those of many, again and again.
static KNOWN: LazyLock<Mutex<HashMap<PathBuf, Known>>> = LazyLock::new(Mutex::default);

/// Reads the lock beside the `Cargo.toml` of the crate; `None` where there is none.
pub(crate) fn of_crate() -> Outcome {
    #[expect(clippy::disallowed_methods, reason = "what the compiler says of a crate is no setting")]
    let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") else { return Ok(None) };
    of_file(&Path::new(&folder).join(FILE))
}

fn of_file(file: &Path) -> Outcome {
    let Ok(found) = std::fs::metadata(file) else { return Ok(None) };
    let (modified, length) = (found.modified().ok(), found.len());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(file).filter(|known| (known.modified, known.length) == (modified, length))
    {
        return known.outcome.clone();
    }
    let outcome = std::fs::read_to_string(file)
        .map_err(|error| format!("`{FILE}` of this crate can't be read: {error}"))
        .and_then(|text| Lock::parse(&text).map_err(|error| format!("`{FILE}` of this crate: {error}")))
        .map(|lock| Some(Arc::new(lock)));
    known.insert(file.to_owned(), Known { modified, length, outcome: outcome.clone() });
    outcome
}
