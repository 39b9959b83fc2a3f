/// The longest name that every database takes.
const LONGEST: usize = 63;

/// Returns why no schema can have this name; `None` for one that every database takes.
///
/// ```
/// use datajoint_definition::schema_name_fault;
///
/// assert_eq!(schema_name_fault("lab_ephys"), None);
/// assert_eq!(schema_name_fault("a.b").unwrap(), "the name of a database schema can't contain `.`");
/// ```
pub fn schema_name_fault(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("a database schema needs a name: `schema!(\"lab\")`".to_owned());
    }
    if let Some(wrong) = name
        .chars()
        .find(|character| matches!(character, '"' | '\'' | '`' | '.' | '\\') || character.is_control())
    {
        let shown = if wrong.is_control() { wrong.escape_default().to_string() } else { wrong.to_string() };
        return Some(format!("the name of a database schema can't contain `{shown}`"));
    }
    if name.starts_with('~') {
        return Some("names that begin with `~` are hidden: leave it away".to_owned());
    }
    let length = name.chars().count();
    (length > LONGEST).then(|| {
        format!("`{name}` has {length} characters; the name of a database schema has at most {LONGEST}")
    })
}
