//! What a codec reaches of stores.

use chrono::{NaiveDate, NaiveDateTime};
use datajoint_definition::Store as Place;
use datajoint_sql::Value;
use datajoint_store::{Row as PathRow, Store, key_part};

use crate::{Context, Result, Row};

impl Context<'_> {
    /// The store that the attribute names; the default one where it names none.
    ///
    /// Fails when the settings have no such store.
    pub fn store(&self) -> Result<Store> {
        let name = match &self.codec.store {
            Place::Named(name) => Some(name.as_str()),
            Place::Default | Place::Table => None,
        };
        Ok(self.stores.get(name)?)
    }

    /// The store of this name; the default one of no name.
    ///
    /// Fails when the settings have no such store.
    pub fn store_named(&self, name: Option<&str>) -> Result<Store> {
        Ok(self.stores.get(name)?)
    }

    /// The same for files of the users', whose default store is one of its own.
    pub(crate) fn store_for_files(&self) -> Result<Store> {
        Ok(match &self.codec.store {
            Place::Named(name) => self.stores.get(Some(name))?,
            Place::Default | Place::Table => self.stores.for_files()?,
        })
    }

    /// A path for a new object of the row, which no other object has; the extension is its end: `.npy`.
    pub fn new_path(&self, store: &Store, extension: Option<&str>) -> String {
        let Row { schema, table, key } = self.row.unwrap_or(Row { schema: "", table: "", key: &[] });
        let part = |(name, value): &(String, Value)| (name.clone(), key_part(&key_text(value)));
        let key: Vec<(String, String)> = key.iter().map(part).collect();
        let token = self.source.token(store.spec().token_length());
        let attribute = self.attribute;
        store.spec().row_path(&PathRow { schema, table, key: &key, attribute, token: &token, extension })
    }
}

/// A value of a primary key as a string, as DataJoint for Python writes the value that has the type of the attribute.
fn key_text(value: &Value) -> String {
    let moment = |moment: &NaiveDateTime| moment.format("%Y-%m-%dT%H-%M-%S").to_string();
    let date = |date: &NaiveDate| date.format("%Y-%m-%d").to_string();
    match value {
        Value::Null | Value::Default => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float32(number) => format!("{number:?}"),
        Value::Float64(number) => format!("{number:?}"),
        Value::Decimal(number) => number.to_string(),
        Value::BigDecimal(number) => number.to_plain_string(),
        Value::Duration(span) => datajoint_sql::show_span(*span),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => datajoint_store::content_hash(bytes),
        Value::Date(day) => date(day),
        Value::Time(time) => time.format("%H:%M:%S%.f").to_string(),
        Value::DateTime(time) => moment(time),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::Json(document) => document.to_string(),
    }
}
