//! The advice of the library, in the words of the command line.

use datajoint::Error;
use datajoint::arrow::Error as ColumnsError;
use datajoint::error::KeyValues;
use datajoint::guard::Error as GuardError;

/// The message of an error, with options where the library names functions.
pub(crate) fn in_options(error: &Error) -> String {
    match error {
        Error::AutoPopulated { table } => {
            format!("`{table}` is filled by `populate`: run that, or allow this with `--allow-direct-insert`")
        }
        Error::Duplicate { table, key, is_given_twice: true, .. } => format!(
            "two of the rows given for `{table}` have the same key{}: give each row once, or pass over the others \
             with `--skip-duplicates`",
            in_brackets(key)
        ),
        Error::Duplicate { table, key, .. } => format!(
            "`{table}` already has a row with this key{}: pass over such rows with `--skip-duplicates`, replace \
             them with `--replace`, or change them with `dj update`",
            in_brackets(key)
        ),
        Error::Unseen { table, key, .. } => {
            format!(
                "others insert rows with the same key{} into `{table}` at this moment: run the command again",
                in_brackets(key)
            )
        }
        Error::NotUnique { table, attributes, values, .. } => format!(
            "`{table}` takes each value of its unique index on ({}) once{}: change the value, or the row that has \
             it; `--skip-duplicates` passes over equal keys alone",
            attributes.join(", "),
            if values.is_empty() { String::new() } else { format!(": {values} is there already") }
        ),
        Error::PartWithoutMaster { part, master, verb } => format!(
            "`{part}` is a part of `{master}` and can't {verb} without it: start from `{master}`, or choose \
             `--part-integrity ignore` or `--part-integrity cascade`"
        ),
        Error::Guard(GuardError::Unconfirmed { plan, .. }) => format!(
            "{plan}\nnobody is there to ask: look at it with `--dry-run`, and confirm it with `--yes-plan {}`",
            plan.hash()
        ),
        error => error.to_string(),
    }
}

/// The same of an error about columns.
pub(crate) fn of_columns(error: &ColumnsError) -> String {
    match error {
        ColumnsError::Pipeline(error) => in_options(error),
        ColumnsError::Bytes { query, attribute } => format!(
            "{query}: `{attribute}` holds bytes, which have no place in a CSV file: leave it out with `--columns`, write \
             Parquet (`--format parquet`), or export the rows with `dj export`"
        ),
        ColumnsError::NoParquet { path } => {
            format!(
                "{path} is no Parquet file: it doesn't begin with `PAR1`; of a CSV file the name ends in `.csv`"
            )
        }
        error => error.to_string(),
    }
}

/// ` (subject = 1)`, or nothing.
fn in_brackets(key: &KeyValues) -> String {
    if key.is_empty() { String::new() } else { format!(" ({key})") }
}
