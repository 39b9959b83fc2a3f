//! The advice of the library, in the words of the command line.

use datajoint::Error;
use datajoint::error::KeyValues;

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
        error => error.to_string(),
    }
}

/// ` (subject = 1)`, or nothing.
fn in_brackets(key: &KeyValues) -> String {
    if key.is_empty() { String::new() } else { format!(" ({key})") }
}
