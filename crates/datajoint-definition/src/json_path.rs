//! Places within JSON documents, as users write them: one grammar for every backend.
//!
//! ```text
//! place   = attribute step+ [":" type]
//! step    = "." name           a member: letters, digits and `_`, also digits alone
//!         | "." '"' name '"'   a member of any other name; without a quote, a backslash and control characters, and with
//!                              no minus at its beginning
//!         | "[" number "]"     an element of an array, counted from 0
//! ```
//!
//! The list is closed. What servers have beyond it (`[*]`, `.*`, `**`, `[-1]`, `[last]`) means something else on each of
//! them, or several places at once, and is refused.

use std::fmt;

use crate::JsonType;

/// How many steps a place has at most: MariaDB looks no deeper.
const MOST_STEPS: usize = 30;

/// The largest number of an element that every backend takes.
const LAST_ELEMENT: u32 = i32::MAX.unsigned_abs();

/// A place within a JSON attribute, and the type that what stands there is converted to.
///
/// ```
/// use datajoint_definition::{JsonPath, JsonStep};
///
/// let place = JsonPath::parse("doc.list[0].\"first name\":char(20)")?;
/// assert_eq!(place.steps[1], JsonStep::Element(0));
/// assert!(JsonPath::parse("doc.list[*]").is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    /// The attribute.
    pub attribute: String,
    /// The way from the whole document to the place.
    pub steps: Vec<JsonStep>,
    /// The type after the colon.
    pub returning: Option<JsonType>,
}

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonStep {
    /// The member of an object with this name.
    Member(String),
    /// The element of an array at this place, counted from 0.
    Element(u32),
}

impl JsonPath {
    /// Returns the place that a string writes, such as `doc.list[0].name:char(20)`.
    ///
    /// Fails for what is no place, saying which piece of it can't stand there and what may.
    pub fn parse(text: &str) -> Result<Self, String> {
        read(text.trim())
    }

    /// Returns the place of a member of the document itself.
    pub fn member(attribute: &str, name: &str, returning: Option<JsonType>) -> Self {
        Self { attribute: attribute.to_owned(), steps: vec![JsonStep::Member(name.to_owned())], returning }
    }

    /// Returns the attribute in which a string would be a place; `None` for a name, and for what begins with none.
    pub fn attribute_of(text: &str) -> Option<&str> {
        let text = text.trim_start();
        let attribute = &text[..text.find(|letter: char| !in_attribute(letter))?];
        let is_one = !attribute.is_empty()
            && !attribute.starts_with(|letter: char| letter.is_ascii_digit())
            && text[attribute.len()..].starts_with(['.', '[']);
        is_one.then_some(attribute)
    }

    /// Returns the attribute in which an expression means a place, be it one or none, rather than SQL: it has nothing that
    /// SQL has besides names, points and square brackets.
    pub fn attribute_meant(text: &str) -> Option<&str> {
        let attribute = Self::attribute_of(text)?;
        let (path, kind) = split_type(&text.trim()[attribute.len()..]);
        let mut is_quoted = false;
        let is_path = path.chars().all(|letter| {
            is_quoted ^= letter == '"';
            is_quoted || letter.is_alphanumeric() || "_.*[]-\"".contains(letter)
        });
        let is_kind = |letter: char| letter.is_alphanumeric() || "_(), ".contains(letter);
        (is_path && kind.is_none_or(|kind| kind.chars().all(is_kind))).then_some(attribute)
    }

    /// Returns the way without the attribute and without a point at its beginning, as definitions write it.
    pub fn way(&self) -> String {
        let way = self.way_with(is_bare);
        way.strip_prefix('.').unwrap_or(&way).to_owned()
    }

    /// Returns the way with names between quotes that are not plain ones: `.a."b c"[0]`.
    pub fn way_with(&self, is_plain: fn(&str) -> bool) -> String {
        let steps = self.steps.iter().map(|step| match step {
            JsonStep::Member(name) if is_plain(name) => format!(".{name}"),
            JsonStep::Member(name) => format!(".\"{name}\""),
            JsonStep::Element(place) => format!("[{place}]"),
        });
        steps.collect()
    }
}

impl fmt::Display for JsonPath {
    /// Writes the place as a user does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.attribute, self.way_with(is_bare))?;
        match self.returning {
            Some(kind) => write!(formatter, ":{kind}"),
            None => Ok(()),
        }
    }
}

/// True for a name that needs no quotes where users write it.
fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.chars().all(in_name)
}

fn in_attribute(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn in_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// What stands before the colon of a type, and the type.
fn split_type(text: &str) -> (&str, Option<&str>) {
    let mut is_quoted = false;
    let colon = text.char_indices().find(|&(_, letter)| {
        is_quoted ^= letter == '"';
        letter == ':' && !is_quoted
    });
    colon.map_or((text, None), |(at, _)| (&text[..at], Some(&text[at + 1..])))
}

fn read(text: &str) -> Result<JsonPath, String> {
    let attribute = JsonPath::attribute_of(text).ok_or_else(|| refusal(text))?;
    let (path, kind) = split_type(&text[attribute.len()..]);
    let returning = kind.map(|kind| {
        JsonType::parse(kind)
            .ok_or_else(|| format!("`{}` is no type: write {}", kind.trim(), JsonType::NAMES))
    });
    let (mut rest, mut steps) = (path, Vec::new());
    while !rest.is_empty() {
        let (step, after) = step(rest).ok_or_else(|| refusal(piece(rest)))?;
        steps.push(step);
        rest = after;
    }
    if steps.len() > MOST_STEPS {
        return Err(format!("it has {} steps, and {MOST_STEPS} are the most", steps.len()));
    }
    Ok(JsonPath { attribute: attribute.to_owned(), steps, returning: returning.transpose()? })
}

/// The first step, and what stands after it.
fn step(text: &str) -> Option<(JsonStep, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        let (digits, rest) = inner.split_once(']')?;
        let is_number =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let place = digits.parse().ok().filter(|&place| is_number && place <= LAST_ELEMENT)?;
        return Some((JsonStep::Element(place), rest));
    }
    let name = text.strip_prefix('.')?;
    if let Some(inner) = name.strip_prefix('"') {
        let (name, rest) = inner.split_once('"')?;
        // MariaDB finds no name that begins with a minus.
        let is_one =
            !name.starts_with('-') && !name.contains(|letter: char| letter == '\\' || letter.is_control());
        return is_one.then(|| (JsonStep::Member(name.to_owned()), rest));
    }
    let (name, rest) = name.split_at(name.find(|letter| !in_name(letter)).unwrap_or(name.len()));
    (!name.is_empty()).then(|| (JsonStep::Member(name.to_owned()), rest))
}

/// The piece at which the rest of a place is none.
fn piece(rest: &str) -> &str {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let end = match rest.strip_prefix('[') {
        Some(inner) => inner.find(']').map(|at| at + 2),
        None if rest.starts_with(".\"") => rest[2..].find('"').map(|at| at + 3),
        None => rest[first..].find(['.', '[']).map(|at| at + first),
    };
    &rest[..end.unwrap_or(rest.len())]
}

fn refusal(piece: &str) -> String {
    format!(
        "`{piece}` can't stand in one; write a member as `.name`, with a name of letters, digits and `_`, or as `.\"a b\"`, \
         with any but a quote, a backslash, control characters and a minus at its beginning, and an element of an array as `[0]`, counted from 0"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn member(name: &str) -> JsonStep {
        JsonStep::Member(name.to_owned())
    }

    #[test]
    fn members_and_elements_are_told_apart() {
        for (text, steps) in [
            ("doc.a", vec![member("a")]),
            (" doc.a_1.B ", vec![member("a_1"), member("B")]),
            ("doc.0", vec![member("0")]),
            ("doc[0]", vec![JsonStep::Element(0)]),
            ("doc.k[10].é", vec![member("k"), JsonStep::Element(10), member("é")]),
            (
                "doc.\"a b\".\"\".\"[*].x:y\"[2][3]",
                vec![
                    member("a b"),
                    member(""),
                    member("[*].x:y"),
                    JsonStep::Element(2),
                    JsonStep::Element(3),
                ],
            ),
            ("doc[2147483647]", vec![JsonStep::Element(LAST_ELEMENT)]),
        ] {
            let place = JsonPath::parse(text).unwrap();
            assert_eq!(
                (place.attribute.as_str(), &place.steps, place.returning),
                ("doc", &steps, None),
                "{text}"
            );
        }
        assert_eq!(JsonPath::parse("doc.k[0]:int").unwrap().returning, Some(JsonType::Signed));
        let typed = JsonPath::parse("doc.\"a:b\" : decimal(6, 2)").map(|place| place.to_string());
        assert!(typed.is_err(), "a blank stands before the colon: {typed:?}");
        assert_eq!(
            JsonPath::parse("doc.\"a:b\":decimal(6, 2)").unwrap().to_string(),
            "doc.\"a:b\":decimal(6,2)"
        );
    }

    #[test]
    fn what_is_no_place_is_named() {
        for (text, named) in [
            ("doc.k[*]", "`[*]`"),
            ("doc.*", "`.*`"),
            ("doc.k.*.a", "`.*`"),
            ("doc**.a", "`doc**.a`"),
            ("doc.**.a", "`.**`"),
            ("doc.a**.b", "`**`"),
            ("doc.k[-1]", "`[-1]`"),
            ("doc.k[last]", "`[last]`"),
            ("doc.k[1 to 2]", "`[1 to 2]`"),
            ("doc.k[01]", "`[01]`"),
            ("doc.k[]", "`[]`"),
            ("doc.k[0", "`[0`"),
            ("doc.k[2147483648]", "`[2147483648]`"),
            ("doc.a-b", "`-b`"),
            ("doc.a b", "` b`"),
            ("doc.", "`.`"),
            ("doc..a", "`.`"),
            ("doc.a]", "`]`"),
            ("doc.$.a", "`.$`"),
            ("doc.\"a", "`.\"a`"),
            ("doc.\"a\\\".b", "`.\"a\\\"`"),
            ("doc.\"a\"b", "`b`"),
            ("doc.\"-1\".a", "`.\"-1\"`"),
            ("doc.a'", "`'`"),
            ("doc", "`doc`"),
            ("1.a", "`1.a`"),
            ("", "``"),
        ] {
            let error = JsonPath::parse(text).unwrap_err();
            assert!(error.starts_with(&format!("{named} can't stand in one")), "{text}: {error}");
            assert!(error.contains("`.name`") && error.contains("`[0]`"), "{error}");
        }
        let error = JsonPath::parse("doc.a:regclass").unwrap_err();
        assert!(error.contains("`regclass` is no type: write char(n), signed"), "{error}");
        assert!(JsonPath::parse(&format!("doc{}", ".a".repeat(30))).is_ok());
        assert!(JsonPath::parse(&format!("doc{}", "[0]".repeat(31))).unwrap_err().contains("31 steps"));
    }

    #[test]
    fn a_computed_value_is_a_place_only_where_no_sql_can_be_meant() {
        for text in
            ["doc.a", " doc[0] ", "doc.a[*]", "doc.*", "doc.a-b", "doc.\"a + b\"", "doc.a:regclass(1)"]
        {
            assert_eq!(JsonPath::attribute_meant(text), Some("doc"), "{text}");
        }
        for text in [
            "doc",
            "doc.a + 1",
            "doc.a::text",
            "lower(doc.a)",
            "doc -> 'a'",
            "doc.a = 'x'",
            "1.5",
            "doc.a||b",
        ] {
            assert_eq!(JsonPath::attribute_meant(text), None, "{text}");
        }
    }

    fn steps() -> impl Strategy<Value = Vec<JsonStep>> {
        let name = prop_oneof!["[A-Za-z0-9_é]{1,4}", "([^-\"\\\\\\p{Cc}][^\"\\\\\\p{Cc}]{0,5})?"];
        let step =
            prop_oneof![name.prop_map(JsonStep::Member), (0..=LAST_ELEMENT).prop_map(JsonStep::Element)];
        prop::collection::vec(step, 1..=MOST_STEPS)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn a_place_that_is_written_is_read_again(
            steps in steps(),
            kind in prop::option::of(prop::sample::select(vec!["char(20)", "signed", "decimal(6,2)", "bool"])),
        ) {
            let returning = kind.and_then(JsonType::parse);
            let place = JsonPath { attribute: "doc".to_owned(), steps, returning };
            prop_assert_eq!(JsonPath::parse(&place.to_string()), Ok(place));
        }

        #[test]
        fn any_string_that_is_a_place_is_written_as_one(text in "doc(\\PC|[.\\[\\]\"0-9*:é])*") {
            if let Ok(place) = JsonPath::parse(&text) {
                prop_assert_eq!(JsonPath::parse(&place.to_string()), Ok(place));
            }
        }
    }
}
