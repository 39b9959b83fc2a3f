//! The prefix of a project before the names of its schemas.

/// Returns the name in the database of a schema of a project.
///
/// A name that has the prefix already stays as it is, if the prefix shows where it ends: a name that begins with `lab_` has
/// it, and one that begins with `lab` need not.
///
/// ```
/// use datajoint_config::schema_name;
///
/// assert_eq!(schema_name("lab_", "ephys"), "lab_ephys");
/// assert_eq!(schema_name("lab_", "lab_ephys"), "lab_ephys");
/// assert_eq!(schema_name("s", "session"), "ssession");
/// ```
pub fn schema_name(prefix: &str, schema: &str) -> String {
    if !prefix.ends_with(char::is_alphanumeric) && schema.starts_with(prefix) {
        return schema.to_owned();
    }
    format!("{prefix}{schema}")
}
