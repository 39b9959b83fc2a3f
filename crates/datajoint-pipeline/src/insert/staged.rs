//! Objects that are written before the row that speaks of them.

use datajoint_codec::{Row as CodecRow, StagedObject};
use datajoint_definition::AttributeType;
use datajoint_schema::Table;
use datajoint_sql::{Value, bind_value, read_value};

use crate::error::{Hint, RowCodecError};
use crate::query::key_text;
use crate::{Error, Result, Target};

/// Begins to write an object for the row of a key.
pub(crate) fn stage(
    on: &Target<'_>,
    table: &Table,
    key: &[(String, Value)],
    attribute: &str,
    extension: Option<&str>,
) -> Result<StagedObject> {
    on.check_writable()?;
    let found = table.heading.get(attribute).filter(|found| !found.is_hidden()).ok_or_else(|| {
        let known = table.heading.visible().map(|attribute| attribute.name.as_str());
        let (attribute, of) = (attribute.to_owned(), format!("`{}`", table.name));
        Error::UnknownAttribute { hint: Hint::of(&attribute, known), attribute, of }
    })?;
    let mut given = Vec::new();
    for part in table.heading.primary_key().filter(|part| !part.is_hidden()) {
        let Some((name, value)) = key.iter().find(|(name, _)| *name == part.name) else {
            let (table, attribute) = (table.name.clone(), part.name.clone());
            return Err(Error::MissingAttribute { table, row: 1, attribute });
        };
        given.push((name.clone(), read_value(part, bind_value(on.backend(), part, value.clone())?)?));
    }
    let instance = on.instance();
    let staged = match &found.attribute_type {
        AttributeType::Codec(codec) => {
            let row = CodecRow { schema: &table.name.schema, table: &table.name.table, key: &given };
            let coder = instance.codecs().coder(instance.stores(), codec, attribute);
            coder.and_then(|coder| coder.stage(row, extension))
        }
        _ => Err(datajoint_codec::Error::value("it has no codec: an object is staged for `<object@>`")),
    };
    staged.map_err(|source| {
        let (names, values): (Vec<&str>, Vec<Value>) =
            given.iter().map(|(name, value)| (name.as_str(), value.clone())).unzip();
        let (of, key) = (format!("for `{}`", table.name), format!(" ({})", key_text(&names, &values)));
        Error::Encode(Box::new(RowCodecError { of, row: 1, key, attribute: attribute.to_owned(), source }))
    })
}
