//! Pieces of declarations, and what is looked at before one is made.

use datajoint_definition::{AttributeType, Backend, unheld_type};
use datajoint_schema::{Attribute, ForeignKey, Table, TableName};

use crate::backends::dialect;
use crate::{Error, Result, Statement};

/// The comment of a column with the marker of its type in front: `:int32:the id`. Native types have none.
pub(crate) fn marked_comment(attribute: &Attribute) -> String {
    match &attribute.attribute_type {
        AttributeType::Native(_) => attribute.comment.clone(),
        AttributeType::Core(_) | AttributeType::Codec(_) => {
            format!(":{}:{}", attribute.type_text, attribute.comment)
        }
    }
}

/// `FOREIGN KEY (…) REFERENCES … (…)` with the rules of DataJoint.
pub(crate) fn foreign_key_clause(
    foreign_key: &ForeignKey,
    quote: impl Fn(&str) -> String,
    reference: impl Fn(&TableName) -> String,
) -> String {
    let child: Vec<String> = foreign_key.child_columns().map(&quote).collect();
    let parent: Vec<String> = foreign_key.parent_columns().map(&quote).collect();
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}) ON UPDATE CASCADE ON DELETE RESTRICT",
        child.join(", "),
        reference(&foreign_key.parent),
        parent.join(", ")
    )
}

/// Fails when the backend would cut or refuse the name of a table or of an attribute.
pub(crate) fn check_name(backend: Backend, table: &Table) -> Result<()> {
    let Some(longest) = backend.capability().max_identifier_length else { return Ok(()) };
    let length = table.name.table.chars().count();
    if length > longest {
        return Err(Error::Declaration {
            table: table.name.clone(),
            advice: format!(
                "its name has {length} characters, {backend} allows {longest}: shorten the name of the class"
            ),
        });
    }
    match table.heading.all().iter().find(|attribute| attribute.name.len() > longest) {
        None => Ok(()),
        Some(attribute) => Err(Error::Declaration {
            table: table.name.clone(),
            advice: format!(
                "`{}` is longer than the {longest} characters that {backend} allows",
                attribute.name
            ),
        }),
    }
}

/// Fails when the backend has no column for an attribute, be it of its type or of its name.
pub(crate) fn check_types<'a>(
    backend: Backend,
    table: &Table,
    attributes: impl Iterator<Item = &'a Attribute>,
) -> Result<()> {
    for attribute in attributes {
        let name = &attribute.name;
        if dialect(backend).lexicon().no_columns.contains(&name.as_str()) {
            return Err(Error::Declaration {
                table: table.name.clone(),
                advice: format!(
                    "{backend} means something else by `{name}` than an attribute: give it another name"
                ),
            });
        }
        if let Some(unheld) = unheld_type(backend, name, None, &attribute.attribute_type, attribute.in_key) {
            return Err(Error::UnsupportedType {
                table: Box::new(table.name.clone()),
                attribute: name.clone(),
                type_text: attribute.type_text.clone(),
                backend,
                advice: format!("{}: {}", unheld.reason, unheld.help),
            });
        }
    }
    Ok(())
}

/// What adds columns to a table that is there: as few statements as the backend allows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AddColumns {
    /// What changes the table.
    pub alter: Vec<Statement>,
    /// What notes their comments, where these stand beside the table.
    pub comments: Vec<Statement>,
}

impl AddColumns {
    /// Returns all statements, in the order in which they are run.
    pub fn statements(self) -> impl Iterator<Item = Statement> {
        self.alter.into_iter().chain(self.comments)
    }

    /// The same, refused by servers that would have to write the table anew for it.
    #[must_use]
    pub fn instantly(mut self, backend: Backend) -> Self {
        if backend.capability().has_instant_alter {
            for statement in &mut self.alter {
                statement.sql.push_str(", ALGORITHM=INSTANT");
            }
        }
        self
    }
}
