use std::fmt;

/// What a grant is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantPlace {
    /// The whole server.
    Everywhere,
    /// The schemas of a pattern, as [`is_like`](crate::is_like) reads it.
    Schemas(String),
    /// A table of a schema.
    Table(String, String),
    /// Something else, such as a routine, as the server writes it.
    Other(String),
}

impl fmt::Display for GrantPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => formatter.write_str("*.*"),
            Self::Schemas(pattern) => write!(formatter, "`{pattern}`.*"),
            Self::Table(schema, table) => write!(formatter, "`{schema}`.`{table}`"),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}

/// A line of `SHOW GRANTS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The privileges on the whole of the place; those on single columns are left out.
    pub privileges: Vec<String>,
    /// What they are on.
    pub place: GrantPlace,
    /// Whether they may be handed on.
    pub can_hand_on: bool,
}

/// Returns what a line of `SHOW GRANTS` says; `None` where it says nothing of privileges, such as who has a role.
///
/// ```
/// use datajoint_sql::{GrantPlace, read_grant};
///
/// let grant = read_grant("GRANT SELECT, UPDATE (`a`, `b`) ON `lab`.`#m` TO `ada`@`%` WITH GRANT OPTION").unwrap();
/// assert_eq!(grant.privileges, ["SELECT"]);
/// assert_eq!(grant.place, GrantPlace::Table("lab".to_owned(), "#m".to_owned()));
/// assert!(grant.can_hand_on);
/// assert_eq!(read_grant("GRANT `lab_viewer`@`%` TO `ada`@`%`"), None);
/// ```
pub fn read_grant(line: &str) -> Option<Grant> {
    let (what, rest) = line.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let (place, to) = rest.split_once(" TO ")?;
    let (mut privileges, mut rest) = (Vec::new(), what);
    while !rest.is_empty() {
        let end = rest.find([',', '(']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        if rest[end..].starts_with('(') {
            rest = rest[end..].split_once(')').map_or("", |(_, rest)| rest);
        } else {
            privileges.push(name.to_owned());
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches([',', ' ']);
    }
    let place = match quoted(place) {
        _ if place == "*.*" => GrantPlace::Everywhere,
        Some((schema, ".*")) => GrantPlace::Schemas(schema),
        Some((schema, rest)) => match rest.strip_prefix('.').and_then(quoted) {
            Some((table, "")) => GrantPlace::Table(schema, table),
            _ => GrantPlace::Other(place.to_owned()),
        },
        None => GrantPlace::Other(place.to_owned()),
    };
    Some(Grant { privileges, place, can_hand_on: to.ends_with(" WITH GRANT OPTION") })
}

/// The name between backticks at the beginning of a text, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text.strip_prefix('`')?);
    loop {
        let end = rest.find('`')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('`') {
            Some(more) => {
                name.push('`');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}
