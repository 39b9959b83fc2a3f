//! The sections of a store, and the paths of objects in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::hash::short_digest;
use crate::{Error, Protocol, Result, Spec, content_hash, is_content_hash};

/// The end of the name of an object that a collection set aside: nobody who looks for its content finds it.
pub const ASIDE: &str = ".quarantined";

/// A part of a store that one kind of objects has to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Objects that go by their contents.
    Hash,
    /// Objects that go by the row that they belong to.
    Schema,
    /// Everything else: files of the users'.
    Files,
}

/// Where an object of a row is to lie.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The schema in the database.
    pub schema: &'a str,
    /// The table in the database.
    pub table: &'a str,
    /// The primary key in its order, each value as [`key_part`] writes it.
    pub key: &'a [(String, String)],
    /// The attribute.
    pub attribute: &'a str,
    /// What tells it from others of the same row.
    pub token: &'a str,
    /// The end of its name: `.npy`, or `npy`.
    pub extension: Option<&'a str>,
}

impl Spec {
    /// The folder of a section; empty when it has none of its own.
    pub fn prefix(&self, section: Section) -> String {
        let (attribute, usual) = match section {
            Section::Hash => ("hash_prefix", "_hash"),
            Section::Schema => ("schema_prefix", "_schema"),
            Section::Files => ("filepath_prefix", ""),
        };
        let prefix = if self.attributes.has(attribute) { self.attributes.text(attribute) } else { None };
        prefix.unwrap_or(usual).trim_matches('/').to_owned()
    }

    /// How many characters the token of an object has.
    pub fn token_length(&self) -> usize {
        let given = self.attributes.numbers("token_length").and_then(|numbers| numbers.first().copied());
        given.unwrap_or(8).clamp(4, 16)
    }

    /// The section in which a path lies, whatever the case of its letters: folders of many machines don't tell them apart.
    pub fn section_of(&self, path: &str) -> Section {
        let path = path.to_lowercase();
        let lies_in = |section| {
            let prefix = self.prefix(section).to_lowercase();
            !prefix.is_empty() && (path == prefix || path.starts_with(&format!("{prefix}/")))
        };
        [Section::Hash, Section::Schema]
            .into_iter()
            .find(|section| lies_in(*section))
            .unwrap_or(Section::Files)
    }

    /// Returns the schema whose rows an object of a section belongs to; `None` for files of the users', and for what lies in no
    /// folder of a schema.
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_store::Spec;
    /// # let stores = r#"{"main": {"protocol": "file", "location": "/data/main"}}"#;
    /// # let settings = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load()?;
    /// # let spec = Spec::new("main", &settings.stores.named["main"])?;
    /// assert_eq!(spec.schema_of("_hash/lab/saavbgb42jh3bvuwh56sryl7oi"), Some("lab"));
    /// assert_eq!(spec.schema_of("_schema/subject=1/lab/scan/movie_A1b2C3d4"), Some("lab"));
    /// assert_eq!(spec.schema_of("raw/movie.avi"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn schema_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let section = self.section_of(path);
        if section == Section::Files {
            return None;
        }
        // The letters of a section may be of either case, of one length each way where they are ASCII.
        let rest = path.get(self.prefix(section).len()..)?;
        let mut steps = rest.split('/').filter(|step| !step.is_empty());
        // Steps `name=value` of a partition pattern may come before the schema.
        let schema = steps.find(|step| !step.contains('='))?;
        steps.next().map(|_| schema)
    }

    /// The path of an object that goes by its content, of this [name](content_hash).
    pub fn hash_path(&self, schema: &str, hash: &str) -> String {
        let mut steps = vec![self.prefix(Section::Hash), schema.to_owned()];
        let mut rest = hash;
        for length in self.attributes.numbers("subfolding").unwrap_or_default() {
            let (fold, after) = rest.split_at(length.min(rest.len()));
            steps.push(fold.to_owned());
            rest = after;
        }
        steps.push(hash.to_owned());
        joined(&steps)
    }

    /// Returns the object that a path belongs to: for what lies in a folder, and for its manifest, the folder; for what was set
    /// aside, where it lay.
    pub fn object_of<'p>(&self, path: &'p str) -> &'p str {
        let path = path.strip_suffix(ASIDE).unwrap_or(path);
        if self.section_of(path) != Section::Schema {
            return path;
        }
        let prefix = self.prefix(Section::Schema);
        // A partition, the schema, the table, and the key stand before the object: steps of the key have a `=`.
        let mut names = 0;
        let mut end = prefix.len();
        for step in path.get(prefix.len() + 1..).unwrap_or_default().split('/') {
            end += 1 + step.len();
            names += usize::from(!step.contains('='));
            if names == 3 {
                break;
            }
        }
        let object = path.get(..end).unwrap_or(path);
        object.strip_suffix(".manifest.json").unwrap_or(object)
    }

    /// Returns true for an object that goes by its content, by its section and its name.
    pub fn goes_by_content(&self, path: &str) -> bool {
        let path = path.strip_suffix(ASIDE).unwrap_or(path);
        self.section_of(path) == Section::Hash && is_content_hash(path.rsplit('/').next().unwrap_or_default())
    }

    /// The path of an object that goes by its row.
    ///
    /// The attributes that `partition_pattern` names in braces come first, in its order.
    pub fn row_path(&self, row: &Row<'_>) -> String {
        let pattern = self.attributes.text("partition_pattern").unwrap_or_default();
        let names: Vec<&str> = named(pattern).collect();
        let place = |name: &str| names.iter().position(|known| *known == name);
        let (mut first, rest): (Vec<_>, Vec<_>) = row.key.iter().partition(|(name, _)| place(name).is_some());
        first.sort_by_key(|(name, _)| place(name));
        let step = |(name, value): &&(String, String)| format!("{name}={value}");
        let mut steps = vec![self.prefix(Section::Schema)];
        steps.extend(first.iter().map(step));
        steps.extend([row.schema.to_owned(), row.table.to_owned()]);
        steps.extend(rest.iter().map(step));
        let extension = row.extension.unwrap_or_default();
        let dot = if extension.is_empty() || extension.starts_with('.') { "" } else { "." };
        steps.push(format!("{}_{}{dot}{extension}", row.attribute, row.token));
        joined(&steps)
    }

    /// Fails for a path that no object of a store has: one that leads out of it, or that others spell otherwise.
    pub fn check_path(&self, path: &str) -> Result<()> {
        let fault = |problem: &str| Err(self.bad_path(path, problem));
        if path.is_empty() {
            return fault("is empty: name an object");
        }
        if path.starts_with('/') {
            return fault("begins with `/`: write it as it is within the store");
        }
        if path.chars().any(char::is_control) {
            return fault("has a control character: take it out");
        }
        if cfg!(windows) && self.protocol == Protocol::File && path.contains(['\\', ':']) {
            return fault("has a `\\` or a `:`: write `/`");
        }
        for step in path.split('/') {
            match step {
                "" => {
                    return fault("has an empty step: write one `/` between two names, and none at the end");
                }
                "." | ".." => return fault("has a step `.` or `..`: write where the object lies"),
                _ => {}
            }
        }
        Ok(())
    }

    /// Fails for a path that a user's own file can't have: in a section that is not theirs, or outside of theirs.
    pub fn check_file_path(&self, path: &str) -> Result<()> {
        self.check_path(path)?;
        if self.section_of(path) != Section::Files {
            let problem = "lies in a section of the store that holds the objects of rows alone: \
                           put the file elsewhere, and refer to it there";
            return Err(self.bad_path(path, problem));
        }
        let prefix = self.prefix(Section::Files);
        if !prefix.is_empty() && !path.starts_with(&format!("{prefix}/")) {
            let problem = format!(
                "lies outside of `{prefix}/`, which `stores.{}.filepath_prefix` names for such files: put it there",
                self.name
            );
            return Err(self.bad_path(path, &problem));
        }
        Ok(())
    }

    pub(crate) fn bad_path(&self, path: &str, problem: &str) -> Error {
        let path = path.chars().take(200).collect();
        Error::Path { store: self.name.clone(), path, problem: problem.to_owned() }
    }
}

fn joined(steps: &[String]) -> String {
    let steps: Vec<&str> = steps.iter().map(String::as_str).filter(|step| !step.is_empty()).collect();
    steps.join("/")
}

/// The names in braces.
fn named(pattern: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(is_name)
}

/// What stands for itself in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The longest that a name of a file may be, with what comes around the value.
const LONGEST_STEP: usize = 180;

/// A value of a primary key as a step of a path has it.
///
/// What would be taken for another step, and what file systems refuse, is written with `%`; a long value is cut and ends in
/// a part of its digest.
///
/// ```
/// use datajoint_store::key_part;
///
/// assert_eq!(key_part("x y"), "x y");
/// assert_eq!(key_part("a/b c"), "a%2Fb%20c");
/// assert_eq!(key_part(&"x".repeat(101)), format!("{}_608367d7", "x".repeat(50)));
/// ```
pub fn key_part(value: &str) -> String {
    const SPECIAL: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];
    let quoted = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let part = if value.chars().count() > 100 {
        let start: String = value.chars().take(50).collect();
        quoted(&format!("{start}_{}", short_digest(value)))
    } else if value.contains(|c: char| SPECIAL.contains(&c) || c.is_control()) {
        quoted(value)
    } else {
        value.to_owned()
    };
    if part.len() > LONGEST_STEP { content_hash(value.as_bytes()) } else { part }
}
