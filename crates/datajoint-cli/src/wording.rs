//! The advice of the library, in the words of the command line.

use datajoint::Error;

/// The message of an error, with options where the library names functions.
pub(crate) fn in_options(error: &Error) -> String {
    match error {
        Error::AutoPopulated { table } => {
            format!("`{table}` is filled by `populate`: run that, or allow this with `--allow-direct-insert`")
        }
        Error::Duplicate { table, key, is_given_twice: true, .. } => format!(
            "two of the rows given for `{table}` have the same key{key}: give each row once, or pass over the others \
             with `--skip-duplicates`"
        ),
        Error::Duplicate { table, key, .. } => format!(
            "`{table}` already has a row with this key{key}: pass over such rows with `--skip-duplicates`, replace \
             them with `--replace`, or change them with `dj update`"
        ),
        Error::Unseen { table, key, .. } => {
            format!(
                "others insert rows with the same key{key} into `{table}` at this moment: run the command again"
            )
        }
        Error::NotUnique { table, attributes, values, .. } => format!(
            "`{table}` takes each value of its unique index on ({}) once{values}: change the value, or the row that has \
             it; `--skip-duplicates` passes over equal keys alone",
            attributes.join(", ")
        ),
        Error::PartWithoutMaster { part, master, verb } => format!(
            "`{part}` is a part of `{master}` and can't {verb} without it: start from `{master}`, or choose \
             `--part-integrity ignore` or `--part-integrity cascade`"
        ),
        error => error.to_string(),
    }
}
