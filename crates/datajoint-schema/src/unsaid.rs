//! What a table of a database has that no definition says.

use std::fmt;

use datajoint_definition::{DefaultValue, OfServer, printable};

use crate::{Attribute, ForeignKey, Index};

/// What a table of a database has that no definition says, so that none declares the same table again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaid {
    /// An attribute that the server fills itself.
    Filled {
        /// The attribute.
        attribute: String,
        /// By what.
        by: OfServer,
    },
    /// An attribute that may be null though its default is another value.
    NullBesideDefault {
        /// The attribute.
        attribute: String,
        /// Its default, in words.
        default: String,
    },
    /// No primary key that users see.
    NoKey,
    /// An index.
    Index(UnsaidIndex),
    /// A reference to attributes that are not the primary key of their table.
    Reference(ForeignKey),
    /// A line that would be read as something else: a string of the catalog has a line break, or a name is none.
    Line {
        /// What of the table it is: `the comment of the table`, `` `weight` ``.
        what: String,
        /// The line.
        line: String,
        /// What is wrong with it.
        fault: String,
    },
}

/// An index that no definition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsaidIndex {
    /// Its name in the database.
    pub name: String,
    /// Its parts, and whether it is unique, as if that were all.
    pub index: Index,
    /// What there is besides.
    pub beside: Beside,
}

/// What an index has beside its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Beside {
    /// It has those rows alone of which this is true.
    Partial(String),
    /// Two nulls are the same to it.
    SameNulls,
    /// It is checked when a transaction is committed.
    Deferred,
    /// It keeps rows apart by other operators than equality.
    Exclusion,
    /// It has the beginnings of the attributes of the primary key alone.
    Beginnings,
    /// Columns that are kept in it, and are none of its parts.
    Included(String),
    /// It is of another kind than those that sort: `gin`, `FULLTEXT`.
    Method(String),
    /// Queries don't use it.
    Hidden,
    /// The server has not finished it.
    Invalid,
}

impl Beside {
    /// Returns the fact of this word of a catalog query, with what the server says of it; `None` for another word.
    pub fn of_word(word: &str, text: String) -> Option<Self> {
        Some(match word {
            "partial" => Self::Partial(text),
            "same nulls" => Self::SameNulls,
            "deferred" => Self::Deferred,
            "exclusion" => Self::Exclusion,
            "beginnings" => Self::Beginnings,
            "included" => Self::Included(text),
            "method" => Self::Method(text),
            "hidden" => Self::Hidden,
            "invalid" => Self::Invalid,
            _ => return None,
        })
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partial(text) => write!(formatter, "only rows WHERE {}", one_line(text)),
            Self::SameNulls => formatter.write_str("two nulls are the same to it"),
            Self::Deferred => formatter.write_str("it is checked at the end of transactions"),
            Self::Exclusion => formatter.write_str("it keeps rows apart by operators of its own"),
            Self::Beginnings => formatter.write_str("it has beginnings of strings alone"),
            Self::Included(text) => write!(formatter, "it includes ({})", one_line(text)),
            Self::Method(text) => write!(formatter, "it is of the kind {}", one_line(text)),
            Self::Hidden => formatter.write_str("it is hidden from queries"),
            Self::Invalid => formatter.write_str("the server has not finished it"),
        }
    }
}

impl UnsaidIndex {
    /// True where it says which rows a table may have.
    pub fn keeps_apart(&self) -> bool {
        (self.index.unique && self.beside != Beside::Invalid) || self.beside == Beside::Exclusion
    }
}

impl fmt::Display for UnsaidIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.index.items.iter().map(|item| one_line(&item.to_string())).collect();
        let kind = if self.index.unique { "unique index" } else { "index" };
        write!(formatter, "{kind} `{}` on ({}): {}", one_line(&self.name), items.join(", "), self.beside)
    }
}

impl Unsaid {
    /// What of the values of an attribute no definition says.
    pub(crate) fn of_attribute(attribute: &Attribute) -> Option<Self> {
        let name = attribute.name.clone();
        match &attribute.default {
            // A reference has no default but null.
            DefaultValue::Value(text) if attribute.inherited => {
                Some(Self::Filled { attribute: name, by: OfServer::Expression(text.clone()) })
            }
            DefaultValue::OfServer(by) => Some(Self::Filled { attribute: name, by: by.clone() }),
            DefaultValue::Value(_) | DefaultValue::CurrentTimestamp { .. } if attribute.nullable => {
                let default = attribute.default.to_string();
                Some(Self::NullBesideDefault { attribute: name, default })
            }
            DefaultValue::Required
            | DefaultValue::Null
            | DefaultValue::Value(_)
            | DefaultValue::CurrentTimestamp { .. } => None,
        }
    }

    /// The attribute that it is about, where it is about the values of one.
    pub(crate) fn attribute(&self) -> Option<String> {
        match self {
            Self::Filled { attribute, .. } | Self::NullBesideDefault { attribute, .. } => {
                Some(format!("`{attribute}`"))
            }
            Self::Line { what, .. } => Some(what.clone()),
            Self::NoKey | Self::Index(_) | Self::Reference(_) => None,
        }
    }

    /// True for what changes neither which rows a table may have nor what they hold, so that a description tells it and goes on.
    pub fn is_remark(&self) -> bool {
        matches!(self, Self::Index(index) if !index.keeps_apart())
    }
}

impl fmt::Display for Unsaid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filled { attribute, by } => {
                let found = of_server(by);
                write!(formatter, "`{}` has {found}: ", one_line(attribute))?;
                formatter.write_str(match by {
                    OfServer::Generated(_) => "make it a column of its own, or compute it in queries",
                    OfServer::Number(_) => {
                        "take the numbering from the column, and give the numbers with the rows"
                    }
                    OfServer::Expression(_) | OfServer::OnUpdate(_) => {
                        "give the column a default that is a value or CURRENT_TIMESTAMP, or none"
                    }
                })
            }
            Self::NullBesideDefault { attribute, default } => write!(
                formatter,
                "`{}` may be null and has the default {}: make it NOT NULL, or its default null",
                one_line(attribute),
                one_line(default)
            ),
            Self::NoKey => formatter.write_str("it has no primary key that users see: give it one"),
            Self::Index(index) => {
                write!(formatter, "it has the {index}: drop the index, or make another one")
            }
            Self::Reference(foreign_key) => {
                let list = |names: Vec<&str>| one_line(&names.join(", "));
                let children = list(foreign_key.child_columns().collect());
                let parents = list(foreign_key.parent_columns().collect());
                write!(
                    formatter,
                    "({children}) refers to ({parents}) of `{}`, which is not its primary key: drop the foreign key, or let it \
                     refer to the primary key",
                    foreign_key.parent
                )
            }
            Self::Line { what, line, fault } => write!(
                formatter,
                "{} can't be written in a line, `{}`: {}; change it in the database",
                one_line(what),
                one_line(line),
                one_line(fault)
            ),
        }
    }
}

/// What a server fills an attribute with, in words.
pub(crate) fn of_server(found: &OfServer) -> String {
    let text = one_line(found.text());
    match found {
        OfServer::Expression(_) => format!("the expression `{text}` as its default"),
        OfServer::Number(_) => format!("numbers that the server counts up, `{text}`"),
        OfServer::Generated(_) => format!("values that the server computes, `{text}`"),
        OfServer::OnUpdate(_) => format!("a moment that each change renews, `{text}`"),
    }
}

/// A string of a catalog within a line.
pub(crate) fn one_line(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|letter| match letter {
            '\n' | '\t' => letter.escape_default().collect::<Vec<_>>(),
            letter => vec![letter],
        })
        .collect();
    printable(&escaped).into_owned()
}

/// True for a letter that ends a line of text, wherever that is read.
pub(crate) const fn ends_line(letter: char) -> bool {
    matches!(
        letter,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}
