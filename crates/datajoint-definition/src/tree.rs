//! What the parser makes of a definition.

use crate::{AttributeType, JsonType, Span};

/// A table definition as written: its comment and its lines, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// The comment of the table, from a first line that begins with `#`.
    pub comment: Option<String>,
    /// Attributes, foreign keys and indexes, in the order of the text.
    pub lines: Vec<Line>,
}

impl Definition {
    /// The attributes of the table's own, in the order of the text.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributeLine> {
        self.lines.iter().filter_map(|line| match line {
            Line::Attribute(attribute) => Some(attribute),
            Line::ForeignKey(_) | Line::Index(_) => None,
        })
    }

    /// The foreign keys, in the order of the text.
    pub fn foreign_keys(&self) -> impl Iterator<Item = &ForeignKeyLine> {
        self.lines.iter().filter_map(|line| match line {
            Line::ForeignKey(key) => Some(key),
            Line::Attribute(_) | Line::Index(_) => None,
        })
    }

    /// The indexes, in the order of the text.
    pub fn indexes(&self) -> impl Iterator<Item = &IndexLine> {
        self.lines.iter().filter_map(|line| match line {
            Line::Index(index) => Some(index),
            Line::Attribute(_) | Line::ForeignKey(_) => None,
        })
    }
}

/// One line that declares something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// `name = default : type  # comment`
    Attribute(AttributeLine),
    /// `-> [options] Parent.proj(new='old')`
    ForeignKey(ForeignKeyLine),
    /// `index (a, b)` or `unique index (a, b)`
    Index(IndexLine),
}

impl Line {
    /// Where the line stands.
    pub const fn span(&self) -> Span {
        match self {
            Self::Attribute(line) => line.span,
            Self::ForeignKey(line) => line.span,
            Self::Index(line) => line.span,
        }
    }
}

/// An attribute of the table's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeLine {
    /// Its name.
    pub name: String,
    /// True above `---`.
    pub in_key: bool,
    /// What stands after `=`.
    pub default: DefaultValue,
    /// The default as written, with its quotes; `None` without `=`.
    pub default_text: Option<String>,
    /// Its type.
    pub attribute_type: AttributeType,
    /// The type as written, which is what the database keeps as the type marker.
    pub type_text: String,
    /// The comment, without `#` and blanks around it; empty when there is none.
    pub comment: String,
    /// Where the line stands.
    pub span: Span,
    /// Where the name stands.
    pub name_span: Span,
    /// Where the type stands.
    pub type_span: Span,
}

impl AttributeLine {
    /// True when the attribute may be null: its default is `null`.
    pub fn is_nullable(&self) -> bool {
        self.default == DefaultValue::Null
    }
}

/// The default of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DefaultValue {
    /// None: a value must be given.
    #[default]
    Required,
    /// `null`, in any case: the attribute is nullable.
    Null,
    /// `CURRENT_TIMESTAMP`, in any case, with or without the number of digits after the second's point.
    CurrentTimestamp {
        /// The digits: 0 to 6.
        precision: Option<u8>,
    },
    /// Any other text, without its quotes and escapes.
    Value(String),
    /// What a server computes itself. Catalogs alone have it: no definition says it.
    OfServer(OfServer),
}

/// What a server fills an attribute with that a row leaves out, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfServer {
    /// An expression: `upper('abc')`.
    Expression(String),
    /// The next number, of a type that doesn't say so: `auto_increment`, `nextval('lab.scan_id_seq'::regclass)`.
    Number(String),
    /// An expression that holds for every row, whatever it gives.
    Generated(String),
    /// The moment of the insert, and of each change of the row.
    OnUpdate(String),
}

impl OfServer {
    /// The words of the server.
    pub fn text(&self) -> &str {
        match self {
            Self::Expression(text) | Self::Number(text) | Self::Generated(text) | Self::OnUpdate(text) => {
                text
            }
        }
    }
}

/// A reference to a parent table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyLine {
    /// The parent as written, without `()` and `.proj(…)`: `session.Session` or `session::Session`.
    pub parent: String,
    /// True with the option `nullable`.
    pub nullable: bool,
    /// True with the option `unique`.
    pub unique: bool,
    /// The renamed attributes, in the order of the text.
    pub renames: Vec<Rename>,
    /// True above `---`.
    pub in_key: bool,
    /// Where the line stands.
    pub span: Span,
    /// Where the parent stands.
    pub parent_span: Span,
}

impl ForeignKeyLine {
    /// The parent as a Rust path: `session.Session` becomes `session::Session`.
    pub fn rust_path(&self) -> String {
        self.parent.replace('.', "::")
    }
}

/// `new='old'` in a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name in the child.
    pub new: String,
    /// The name in the parent's primary key.
    pub old: String,
    /// Where it stands.
    pub span: Span,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexLine {
    /// True for `unique index`.
    pub unique: bool,
    /// Its parts, in order.
    pub items: Vec<IndexItem>,
    /// Where the line stands.
    pub span: Span,
}

/// One part of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IndexItem {
    /// An attribute.
    Attribute(String),
    /// A path into a JSON attribute: `doc.name:char(20)`.
    JsonPath {
        /// The attribute.
        attribute: String,
        /// The path below it: `name`, `names[0].first`, `[0]` or `"first name"`.
        path: String,
        /// The type after `:`.
        returning: Option<JsonType>,
    },
    /// Anything else, as written: `(year(d))`, `a(10)`, `a desc`. One expression, whose quotes and brackets match; what
    /// the database makes of it is its affair.
    Expression(String),
}
