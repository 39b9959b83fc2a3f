use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use datajoint_definition::{CodecType, Store as Place, suggest};
use datajoint_sql::Value;
use datajoint_store::Stores;
use serde_json::Value as Json;

use crate::builtin;
use crate::codec::AnyCodec;
use crate::{Codec, Context, Error, Reference, Result, Row, Source};

/// The codecs that a program knows.
#[derive(Clone)]
pub struct Codecs {
    known: BTreeMap<String, Arc<dyn AnyCodec>>,
    source: Source,
}

/// How often codecs may hand a value on.
const LONGEST_CHAIN: usize = 8;

impl Codecs {
    /// Those of DataJoint itself: `blob` and `attach`, and with the feature `stores` `hash`, `object`, `npy` and `filepath`.
    pub fn standard() -> Self {
        let none = Self { known: BTreeMap::new(), source: Source::default() };
        let known = none.with(builtin::Blob).with(builtin::Attach);
        #[cfg(feature = "stores")]
        let known = crate::objects::added_to(known);
        known
    }

    /// The same with one more, which takes the place of one of the same name.
    #[must_use]
    pub fn with<C: Codec>(mut self, codec: C) -> Self {
        self.known.insert(C::NAME.to_owned(), Arc::new(codec));
        self
    }

    /// The same with tokens and times of a source of one's own, for tests.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// True for attributes whose values stand in the table as the program has them: `<blob>` and `<attach>`.
    pub fn is_plain(codec: &CodecType) -> bool {
        codec.store == Place::Table && matches!(codec.name.as_str(), "blob" | "attach")
    }

    /// What encodes and decodes the values of an attribute.
    ///
    /// Fails for a codec that is not known, and for one with a store when the program was built without stores.
    pub fn coder<'a>(
        &'a self,
        stores: &'a Stores,
        codec: &'a CodecType,
        attribute: &'a str,
    ) -> Result<Coder<'a>> {
        if !cfg!(feature = "stores") && codec.store != Place::Table {
            return Err(Error::NoStores { codec: codec.name.clone() });
        }
        let context = Context { stores, source: &self.source, codec, attribute, row: None };
        Ok(Coder { context, chain: self.chain(&context)? })
    }

    /// The objects that a value of an attribute speaks of which stands in the table.
    ///
    /// Fails for a codec that is not known, and for what it did not write: nothing may be collected then.
    pub fn referenced_paths(&self, codec: &CodecType, stored: &Json) -> Result<Vec<Reference>> {
        let stores = Stores::default();
        let context = Context { stores: &stores, source: &self.source, codec, attribute: "", row: None };
        let mut references = Vec::new();
        for codec in self.chain(&context)? {
            references.extend(codec.referenced_paths(stored)?);
        }
        Ok(references)
    }

    /// The codec of an attribute and those that it hands on to, in the order of encoding.
    fn chain(&self, context: &Context<'_>) -> Result<Vec<&dyn AnyCodec>> {
        let mut chain: Vec<&dyn AnyCodec> = Vec::new();
        let mut next = Some(context.codec.name.as_str());
        while let Some(name) = next {
            let codec = self.known.get(name).ok_or_else(|| {
                let near = suggest(name, self.names());
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Error::Unknown { codec: name.to_owned(), hint }
            })?;
            if chain.len() == LONGEST_CHAIN {
                return Err(Error::Circle { codec: context.codec.name.clone() });
            }
            chain.push(&**codec);
            next = codec.inner(context);
        }
        Ok(chain)
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.known.keys()).finish()
    }
}

/// What encodes and decodes the values of one attribute.
pub struct Coder<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) chain: Vec<&'a dyn AnyCodec>,
}

impl Coder<'_> {
    /// The value of a row as it stands in the table. Objects that belong to it are in the store when it ends.
    ///
    /// JSON that describes an object of the codec stays as it is, when that object is there. Fails for a value that the codec
    /// does not take.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, objects may have been written that no row speaks of.
    pub async fn encode(&self, row: Row<'_>, value: Value) -> Result<Value> {
        let context = Context { row: Some(row), ..self.context };
        #[cfg(feature = "stores")]
        if let Value::Json(document) = &value
            && self.describes(&context, document).await?
        {
            return Ok(value);
        }
        let mut value = value;
        for codec in &self.chain {
            value = codec.encode(&context, value).await?;
            let version = codec.version();
            if version > 1
                && let Value::Json(document) = &mut value
                && let Some(fields) = document.as_object_mut()
            {
                fields.insert("version".to_owned(), version.into());
            }
        }
        Ok(value)
    }

    /// The value of a row from what stands in the table.
    ///
    /// Fails when an object is not there, or is not what was written.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn decode(&self, row: Option<Row<'_>>, stored: Value) -> Result<Value> {
        let context = Context { row, ..self.context };
        if let (Value::Json(document), Some(last)) = (&stored, self.chain.last()) {
            let written = document.get("version").and_then(Json::as_u64).unwrap_or(1);
            let (codec, known) = (last.name().to_owned(), last.version());
            if written > known {
                return Err(Error::Newer { codec, written, known });
            }
        }
        let mut value = stored;
        for codec in self.chain.iter().rev() {
            value = codec.decode(&context, value).await?;
        }
        Ok(value)
    }
}

impl fmt::Debug for Coder<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.chain.iter().map(|codec| codec.name())).finish()
    }
}

#[cfg(all(test, not(feature = "stores")))]
mod tests {
    use datajoint_definition::{CodecType, Store};
    use datajoint_store::Stores;

    use super::Codecs;

    #[test]
    fn without_stores_a_codec_with_one_is_refused_and_its_feature_named() {
        let (codecs, stores) = (Codecs::standard(), Stores::default());
        let of = |name: &str, store| CodecType { name: name.to_owned(), store };
        for (name, store) in [("blob", Store::Default), ("object", Store::Named("main".to_owned()))] {
            let error = codecs.coder(&stores, &of(name, store), "x").unwrap_err().to_string();
            assert!(error.contains("the feature `stores`"), "{error}");
        }
        assert!(codecs.coder(&stores, &of("blob", Store::Table), "x").is_ok());
    }
}
