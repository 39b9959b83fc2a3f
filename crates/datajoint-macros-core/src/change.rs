//! What a table says of how it has changed since it was locked.

use datajoint_definition::snake_case;
use datajoint_lock::Hash;
use datajoint_schema::Table;
use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{ParseStream, Result};
use syn::{Error, LitStr, Token};

/// The options of `#[table]` that declare a change.
#[derive(Default)]
pub(crate) struct Change {
    /// The hash of the locked definition that this one departs from.
    pub(crate) changed_from: Option<(Hash, Span)>,
    /// The class that the table had.
    pub(crate) renamed_from: Option<LitStr>,
    /// Attributes with the names that they had.
    pub(crate) was: Vec<(Ident, LitStr)>,
}

impl Change {
    /// Reads what follows `changed_from =`.
    pub(crate) fn parse_changed_from(&mut self, input: ParseStream<'_>) -> Result<()> {
        let advice = "name the hash that the lock has of the table: `changed_from = \"0123456789abcdef\"`";
        let literal: LitStr = input.parse().map_err(|error| Error::new(error.span(), advice))?;
        let hash = literal.value().parse();
        let hash = hash.map_err(|fault| Error::new(literal.span(), format!("{fault}; {advice}")))?;
        self.changed_from = Some((hash, literal.span()));
        Ok(())
    }

    /// Reads what follows `renamed_from =`.
    pub(crate) fn parse_renamed_from(&mut self, input: ParseStream<'_>) -> Result<()> {
        let advice = "name the class that the table had: `renamed_from = \"Session\"`";
        let literal: LitStr = input.parse().map_err(|error| Error::new(error.span(), advice))?;
        if snake_case(&literal.value()).is_none() {
            let message = format!("`{}` is no class; {advice}", literal.value());
            return Err(Error::new(literal.span(), message));
        }
        self.renamed_from = Some(literal);
        Ok(())
    }

    /// Reads what follows `was`.
    pub(crate) fn parse_was(&mut self, input: ParseStream<'_>) -> Result<()> {
        let content;
        syn::parenthesized!(content in input);
        while !content.is_empty() {
            let attribute = content.call(syn::ext::IdentExt::parse_any)?;
            content.parse::<Token![=]>()?;
            let advice = format!("name what the attribute was called: `was({attribute} = \"its_old_name\")`");
            let old: LitStr = content.parse().map_err(|error| Error::new(error.span(), advice))?;
            self.was.push((attribute, old));
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    /// The new name of each renamed attribute, and its old one.
    pub(crate) fn renames(&self) -> impl Iterator<Item = (String, String)> {
        self.was.iter().map(|(new, old)| (name(new), old.value()))
    }

    /// The errors for names that are no attributes of the table.
    pub(crate) fn misplaced(&self, table: &Table) -> TokenStream {
        let is_unknown = |(new, _): &&(Ident, LitStr)| table.heading.get(&name(new)).is_none();
        let errors = self.was.iter().filter(is_unknown).map(|(new, old)| {
            let message = format!(
                "the table has no attribute `{new}`; write the new name first: `was(new_name = \"{}\")`",
                old.value()
            );
            Error::new(new.span(), message).into_compile_error()
        });
        errors.collect()
    }
}

/// The attribute of an identifier: `r#type` is `type`.
pub(crate) fn name(identifier: &Ident) -> String {
    syn::ext::IdentExt::unraw(identifier).to_string()
}
