use crate::{Action, Plan, Verb};

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something must not happen, and what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Safemode is on, and nobody has confirmed what would go.
    #[error(
        "{plan}\n`safemode` is on (from {origin}) and nobody is there to ask: confirm it in code with `.confirmed()`, \
         or as the plan {} with `.confirmed_plan(…)` or `--yes-plan`, or turn `safemode` off",
        .plan.hash()
    )]
    Unconfirmed {
        /// What would go.
        plan: Box<Plan>,
        /// Where the setting comes from.
        origin: String,
    },
    /// Somebody was asked and said no.
    #[error("it was not confirmed: nothing was done to the {}", datajoint_definition::count(.plan.rows(), "row"))]
    Declined {
        /// What would have gone.
        plan: Box<Plan>,
    },
    /// What was confirmed is not what would go now.
    #[error("{plan}\nis the plan {}, not {given}: look at it, and confirm it anew", .plan.hash())]
    OtherPlan {
        /// What would go now.
        plan: Box<Plan>,
        /// The hash that was given.
        given: String,
    },
    /// More would go than the settings allow.
    #[error(
        "{verb} would take {found}, and `{setting}` is {limit} (from {origin}): take less at a time, or raise the limit"
    )]
    TooMuch {
        /// What was to be done.
        verb: Verb,
        /// What would go.
        found: String,
        /// The setting.
        setting: &'static str,
        /// Its value.
        limit: String,
        /// Where it comes from.
        origin: String,
    },
    /// The database belongs to an environment that the client does not say it is in.
    #[error(
        "the schema `{schema}` is stamped `{stamped}`, and this client {}: to {action} there, set `environment` \
         (DJ_ENVIRONMENT) to `{stamped}`",
        said(.named.as_deref())
    )]
    OtherEnvironment {
        /// The schema.
        schema: String,
        /// Its environment.
        stamped: String,
        /// The environment that the client names.
        named: Option<String>,
        /// What was to be done.
        action: Action,
    },
    /// The client is older than the database asks for.
    #[error(
        "the schema `{schema}` is for clients from release {minimum} on, and this one is {release}: build the program \
         with a newer `datajoint`; where that release was a mistake, `guard unstamp --schema {schema} --regardless {schema}` \
         takes it away"
    )]
    ClientTooOld {
        /// The schema.
        schema: String,
        /// The oldest release that may use it.
        minimum: String,
        /// The release of this client.
        release: String,
    },
    /// The schema is of another version than the program.
    #[error(
        "the schema `{schema}` is of {}, and this program is for version {expected}: deploy the program that belongs to \
         the database, or migrate the schema and record its version",
        recorded.as_ref().map_or_else(|| "no recorded version".to_owned(), |version| format!("version {version}"))
    )]
    OtherVersion {
        /// The schema.
        schema: String,
        /// The version that the database has recorded.
        recorded: Option<String>,
        /// The version that the program is for.
        expected: String,
    },
    /// The version that was to be recorded is not later than the one that is.
    #[error(
        "the schema `{schema}` has version {recorded} recorded, and {given} is {}: deploy the program that belongs to the \
         database; where {recorded} was a mistake, `guard version --schema {schema} {given}` puts it right",
        if *.is_lower { "lower" } else { "neither higher nor lower" }
    )]
    NotLater {
        /// The schema.
        schema: String,
        /// The version that the database has recorded.
        recorded: String,
        /// The version that was given.
        given: String,
        /// True for a lower one; false when nobody can tell which is later.
        is_lower: bool,
    },
    /// A stamp that can't be understood.
    #[error(
        "the stamp of the schema `{schema}` can't be read ({message}): `guard unstamp --schema {schema} --regardless {schema}` \
         takes it away; then stamp it anew"
    )]
    UnreadableStamp {
        /// The schema.
        schema: String,
        /// What is wrong.
        message: String,
    },
    /// What a schema can't say of itself.
    #[error("nothing is recorded of the schema `{schema}`: {message}")]
    WrongStamp {
        /// The schema.
        schema: String,
        /// What is wrong, and what to do.
        message: String,
    },
}

fn said(environment: Option<&str>) -> String {
    match environment {
        Some(environment) => format!("says it is in `{environment}`"),
        None => "does not say which environment it is in".to_owned(),
    }
}

datajoint_definition::debug_as_report!(Error);
