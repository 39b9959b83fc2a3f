//! What a database says of itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The hidden table whose comment holds the stamp of its schema.
pub const ENVIRONMENT_TABLE: &str = "~environment";

/// What a schema is marked with: which environment it belongs to, which clients may use it, and which version of its
/// program it is of.
///
/// It is kept as JSON in the comment of the schema's hidden table [`ENVIRONMENT_TABLE`], which has no rows: so it comes
/// with what is read of the schema anyway.
///
/// ```
/// use datajoint_guard::Stamp;
///
/// let stamp = Stamp::new("production").minimum_client("0.2.0");
/// assert_eq!(stamp.to_comment(), r#"{"environment":"production","minimum_client":"0.2.0"}"#);
/// assert_eq!(Stamp::from_comment("lab", &stamp.to_comment())?, stamp);
/// # Ok::<(), datajoint_guard::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The environment, such as `production`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The oldest release of this library that may use the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_client: Option<String>,
    /// The version of the schema, as the program counts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The replica identity that new tables of the schema get: `default`, `full` or `nothing`. PostgreSQL only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_identity: Option<String>,
}

impl Stamp {
    /// A stamp that any client may use.
    pub fn new(environment: impl Into<String>) -> Self {
        Self { environment: Some(environment.into()), ..Self::default() }
    }

    /// The same of a version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The same with a replica identity for new tables.
    #[must_use]
    pub fn replica_identity(mut self, mode: Option<String>) -> Self {
        self.replica_identity = mode;
        self
    }

    /// The same for clients of this release and later ones.
    #[must_use]
    pub fn minimum_client(mut self, release: impl Into<String>) -> Self {
        self.minimum_client = Some(release.into());
        self
    }

    /// Reads the comment of the table of a schema.
    ///
    /// Fails when it is not a stamp, or has a field that this release doesn't know: what can't be understood must not be
    /// passed over, nor be lost when the stamp is written again.
    pub fn from_comment(schema: &str, comment: &str) -> Result<Self> {
        let fault = |message: String| Error::UnreadableStamp { schema: schema.to_owned(), message };
        let stamp: Self = serde_json::from_str(comment).map_err(|error| fault(error.to_string()))?;
        if let Some(release) = &stamp.minimum_client {
            parse_release(release)
                .ok_or_else(|| fault(format!("`{release}` is no release such as 1.2.0")))?;
        }
        Ok(stamp)
    }

    /// Fails for what a schema can't say of itself: nothing, blanks at an end, control characters, what is too long or has
    /// letters that some catalogs have no room for, and a release that is none. Whoever writes a stamp asks first.
    ///
    /// ```
    /// use datajoint_guard::Stamp;
    ///
    /// let error = Stamp::new("production\n").check("lab").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "nothing is recorded of the schema `lab`: the environment \"production\\n\" has control characters, such as a line feed: leave them out",
    /// );
    /// ```
    pub fn check(&self, schema: &str) -> Result<()> {
        let wrong = |message| Error::WrongStamp { schema: schema.to_owned(), message };
        let said = [
            ("the environment", "production", &self.environment),
            ("the version", "1.2.0", &self.version),
            ("the replica identity", "full", &self.replica_identity),
            ("the oldest release", "1.2.0", &self.minimum_client),
        ];
        for (what, example, said) in said {
            if let Some((said, problem)) =
                said.as_ref().and_then(|said| Some((said, problem(said, example)?)))
            {
                return Err(wrong(format!("{what} {said:?} {problem}")));
            }
        }
        // No version comes after it, and it comes after none.
        if let Some(version) = self.version.as_ref().filter(|version| numbers(version).is_none()) {
            return Err(wrong(format!("the version {version:?} has no numbers: write one, such as `1.2.0`")));
        }
        match &self.minimum_client {
            Some(release) if parse_release(release).is_none() => {
                Err(wrong(format!("`{release}` is no release such as 1.2.0: write one, of three numbers")))
            }
            _ => Ok(()),
        }
    }

    /// True for an environment that no client can name: nobody is kept in by it, and everybody out.
    pub fn is_of_nobody(&self) -> bool {
        self.environment.as_ref().is_some_and(|environment| environment.trim().is_empty())
    }

    /// The comment of the table.
    pub fn to_comment(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Fails when a client of this release is too old for what it would write: it would shut itself out.
    pub fn check_writer(&self, schema: &str, release: &str) -> Result<()> {
        self.check_client(schema, release).map_err(|_| {
            let minimum = self.minimum_client.as_deref().unwrap_or_default();
            let message = format!(
                "the oldest release would be {minimum}, and this client is {release}, which it would shut out: write a release \
                 up to {release}, or stamp with a newer client"
            );
            Error::WrongStamp { schema: schema.to_owned(), message }
        })
    }

    /// Fails when a client of this release is too old for the schema.
    pub fn check_client(&self, schema: &str, release: &str) -> Result<()> {
        let Some(minimum) = &self.minimum_client else { return Ok(()) };
        if parse_release(release) >= parse_release(minimum) {
            return Ok(());
        }
        Err(Error::ClientTooOld {
            schema: schema.to_owned(),
            minimum: minimum.clone(),
            release: release.to_owned(),
        })
    }
}

/// The most characters of a part of a stamp: all of them fit into the comment of a table, of which MySQL keeps 2,048.
const LONGEST: usize = 200;

/// Why a schema can't say this of itself, if it can't.
fn problem(said: &str, example: &str) -> Option<String> {
    if said.trim().is_empty() {
        Some(format!("names nothing: write one, such as `{example}`"))
    } else if said.contains(char::is_control) {
        Some("has control characters, such as a line feed: leave them out".to_owned())
    } else if said.trim() != said {
        Some("begins or ends with a blank: leave it out".to_owned())
    } else if said.chars().any(|letter| letter > '\u{ffff}') {
        Some("has a letter that the catalogs of MySQL and MariaDB have no room for: leave it out".to_owned())
    } else if said.chars().count() > LONGEST {
        Some(format!("is longer than {LONGEST} characters: shorten it"))
    } else {
        None
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = self.environment.clone();
        let client = self.minimum_client.as_ref().map(|release| format!("for clients from {release}"));
        let version = self.version.as_ref().map(|version| format!("version {version}"));
        let identity = self.replica_identity.as_ref().map(|mode| format!("replica identity {mode}"));
        let parts: Vec<String> = [environment, client, version, identity].into_iter().flatten().collect();
        // Whoever wrote it may not have been this library.
        formatter.write_str(&parts.join(", ").replace(char::is_control, "\u{fffd}"))
    }
}

/// A change of one thing that a schema says of itself. What else it says stays.
///
/// ```
/// use datajoint_guard::{Stamp, StampChange};
///
/// let change = StampChange::ReplicaIdentity(Some("full".to_owned()));
/// let stamp = change.made_to(Stamp::new("production"));
/// assert_eq!(stamp.to_string(), "production, replica identity full");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StampChange {
    /// The replica identity that new tables get; `None` for that of the server.
    ReplicaIdentity(Option<String>),
}

impl StampChange {
    /// Returns the stamp with this change.
    #[must_use]
    pub fn made_to(&self, stamp: Stamp) -> Stamp {
        match self {
            Self::ReplicaIdentity(mode) => stamp.replica_identity(mode.clone()),
        }
    }

    /// Returns its bytes for a fingerprint: the same ones for equal changes alone, from release to release.
    pub fn canonical(&self) -> Vec<u8> {
        let (field, value) = match self {
            Self::ReplicaIdentity(mode) => ("replica_identity", mode),
        };
        serde_json::json!([field, value]).to_string().into_bytes()
    }
}

impl fmt::Display for StampChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReplicaIdentity(Some(mode)) => write!(formatter, "replica identity of new tables: {mode}"),
            Self::ReplicaIdentity(None) => {
                formatter.write_str("nothing of the replica identity of new tables")
            }
        }
    }
}

/// How a version comes after another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// They are the same.
    None,
    /// It goes up.
    Up,
    /// It goes down.
    Down,
    /// Nobody can tell: the numbers are equal and the rest differs, or there are none.
    Unclear,
}

/// Returns how a version comes after another one: by their numbers, of which there may be any number.
///
/// ```
/// use datajoint_guard::{Step, version_step};
///
/// assert_eq!(version_step("1.9.0", "1.10"), Step::Up);
/// assert_eq!(version_step("9.9.9", "1.2.0"), Step::Down);
/// assert_eq!(version_step("1.0-a", "1.0-b"), Step::Unclear);
/// ```
pub fn version_step(from: &str, to: &str) -> Step {
    if from == to {
        return Step::None;
    }
    match (numbers(from), numbers(to)) {
        (Some(from), Some(to)) if from < to => Step::Up,
        (Some(from), Some(to)) if from > to => Step::Down,
        _ => Step::Unclear,
    }
}

/// The numbers of a version, without zeros at the end.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let numbers = version.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok());
    let mut numbers = numbers.collect::<Option<Vec<u64>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

/// `1.2.3` as numbers; a suffix such as `-beta` is left out.
fn parse_release(release: &str) -> Option<(u64, u64, u64)> {
    let numbers = release.split(['-', '+']).next()?;
    let mut parts = numbers.split('.').map(str::parse);
    let mut next = || parts.next().unwrap_or(Ok(0)).ok();
    let found = (next()?, next()?, next()?);
    parts.next().is_none().then_some(found)
}
