use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Table};

use crate::declaration::marked_comment;
use crate::{Error, Result};

/// Fails when a name that the server makes for a foreign key or a check would be too long: `table_ibfk_1`, `table_chk_1`.
pub(super) fn check_constraint_names(backend: Backend, table: &Table, checks: usize) -> Result<()> {
    let Some(longest) = backend.capability().max_identifier_length else { return Ok(()) };
    for (what, number, infix) in
        [("foreign keys", table.foreign_keys.len(), "ibfk"), ("checks", checks, "chk")]
    {
        let name = format!("{}_{infix}_{number}", table.name.table);
        let length = name.chars().count();
        if number > 0 && length > longest {
            return Err(Error::Declaration {
                table: table.name.clone(),
                advice: format!(
                    "{backend} names its {what} after it, as in `{name}`, which has {length} characters; {longest} are \
                     allowed: shorten the name of the class"
                ),
            });
        }
    }
    Ok(())
}

/// Fails when a comment or a default has letters that the catalog of the server would keep as question marks.
pub(super) fn check_letters(backend: Backend, table: &Table, attributes: &[&Attribute]) -> Result<()> {
    let beyond = |text: &str| text.chars().find(|letter| letter.len_utf8() > 3);
    let comments = attributes
        .iter()
        .map(|attribute| (format!("the comment of `{}`", attribute.name), marked_comment(attribute)));
    let defaults = attributes.iter().filter_map(|attribute| match &attribute.default {
        DefaultValue::Value(text) => Some((format!("the default of `{}`", attribute.name), text.clone())),
        _ => None,
    });
    let table_comment = ("the comment of the table".to_owned(), table.comment.clone());
    for (place, text) in std::iter::once(table_comment).chain(comments).chain(defaults) {
        if let Some(letter) = beyond(&text) {
            return Err(Error::Declaration {
                table: table.name.clone(),
                advice: format!(
                    "{place} has the letter `{letter}`, which the catalog of {backend} keeps as `?`: leave it out"
                ),
            });
        }
    }
    Ok(())
}

/// Fails for an enum with a member that ends with a blank, which the server drops.
pub(super) fn check_members(backend: Backend, table: &Table, attributes: &[&Attribute]) -> Result<()> {
    for attribute in attributes {
        let AttributeType::Core(CoreType::Enum(members)) = &attribute.attribute_type else { continue };
        if let Some(member) = members.iter().find(|member| member.ends_with(' ')) {
            return Err(Error::UnsupportedType {
                table: Box::new(table.name.clone()),
                attribute: attribute.name.clone(),
                type_text: attribute.type_text.clone(),
                backend,
                advice: format!("it drops the blanks at the end of `{member}`: take a member without them"),
            });
        }
    }
    Ok(())
}
