use datajoint_definition::count;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing is collected, and what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine of plans.
    #[error("{0}")]
    Plan(#[from] datajoint_plan::Error),
    /// The pipeline.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The database.
    #[error("{0}")]
    Adapter(#[from] datajoint_adapters::Error),
    /// A store, or the lists of what is compared.
    #[error("nothing is collected, since not everything was seen: {0}")]
    Inventory(#[from] datajoint_inventory::Error),
    /// It can't be told what some rows refer to.
    #[error(
        "nothing is collected, since it can't be told what these refer to: {}{}; put that right, or give the program the codecs \
         and stores that they name", .reasons.join("; "), more(*.others)
    )]
    Untold {
        /// Some of them, each with the reason.
        reasons: Vec<String>,
        /// How many more there are.
        others: u64,
    },
    /// There may be schemas that the user does not see.
    #[error(
        "nothing is collected, since the user sees only schemas that it has privileges on, and rows of another one may refer to \
         an object: grant it SHOW DATABASES, and SELECT on every schema whose rows refer to these stores"
    )]
    HiddenSchemas,
    /// More candidates than expected.
    #[error(
        "nothing is collected: no row refers to {candidates} of {} of `{schema}` in the store `{store}`, more than the {most} % \
         that are expected; look at them with `dj fsck {schema}`, and expect more (`--most`) when they are right",
        count(*.objects, "object")
    )]
    Share {
        /// The store.
        store: String,
        /// The schema.
        schema: String,
        /// How many objects no row refers to.
        candidates: u64,
        /// How many there are.
        objects: u64,
        /// The share that was expected, of a hundred.
        most: u8,
    },
    /// Two stores are one.
    #[error(
        "nothing is collected: the stores `{one}` and `{other}` are one location that is spelled in two ways; write \
         `stores.{other}` as `stores.{one}` is written, or take it out"
    )]
    OneLocation {
        /// One of them.
        one: String,
        /// The other.
        other: String,
    },
    /// The age is too short.
    #[error(
        "what is younger than two hours is never collected, since writers count on it: give an age of two hours or more"
    )]
    TooYoung,
}

fn more(others: u64) -> String {
    if others == 0 { String::new() } else { format!("; and {others} more") }
}

impl From<datajoint_store::Error> for Error {
    fn from(error: datajoint_store::Error) -> Self {
        Self::Inventory(error.into())
    }
}

impl From<Error> for datajoint_plan::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Plan(error) => error,
            Error::Pipeline(error) => error.into(),
            Error::Adapter(error) => error.into(),
            other => Self::Chore(Box::new(other)),
        }
    }
}

datajoint_definition::debug_as_report!(Error);
