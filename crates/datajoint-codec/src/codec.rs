use std::future::Future;

use datajoint_sql::Value;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use crate::{Context, Reference, Result};

/// How the values of attributes `<name@store>` become what stands in the table, and back.
///
/// The Rust type of such an attribute becomes a [`Value`] first (`datajoint::AttributeValue`), which needs no store; the codec
/// does the rest. It may hand its value [on](Self::inner) to another codec, as `<blob@>` hands bytes on to `<hash@>`, or write
/// objects itself and give the JSON that describes them.
///
/// ```
/// use datajoint_codec::{Codec, Context, Error, Reference, Result};
/// use datajoint_sql::Value;
///
/// /// A string whose bytes lie in a store, each with its bits turned around.
/// struct Mirrored;
///
/// impl Codec for Mirrored {
///     const NAME: &'static str = "mirrored";
///
///     fn inner(&self, _: &Context<'_>) -> Option<&str> {
///         Some("hash")
///     }
///
///     async fn encode(&self, _: &Context<'_>, value: Value) -> Result<Value> {
///         let Value::Text(text) = value else { return Err(Error::value("a mirrored value is a string")) };
///         Ok(Value::Bytes(text.bytes().map(u8::reverse_bits).collect()))
///     }
///
///     async fn decode(&self, _: &Context<'_>, stored: Value) -> Result<Value> {
///         let Value::Bytes(bytes) = stored else { return Err(Error::value("`<hash@>` gives bytes")) };
///         let text = String::from_utf8(bytes.into_iter().map(u8::reverse_bits).collect());
///         text.map(Value::Text).map_err(Error::other)
///     }
///
///     fn referenced_paths(&self, _: &serde_json::Value) -> Result<Vec<Reference>> {
///         Ok(Vec::new()) // what `<hash@>` writes, it knows itself
///     }
/// }
/// ```
pub trait Codec: Send + Sync + 'static {
    /// The name in definitions: letters, digits and `_`.
    const NAME: &'static str;

    /// The version of what it writes. What a later version wrote is not decoded.
    ///
    /// JSON has every version but 1 in its field `version`.
    const VERSION: u64 = 1;

    /// The codec that takes what this one gives, in the same store; `None` where that stands in the table: JSON of a codec
    /// with a store, bytes of one without.
    fn inner(&self, context: &Context<'_>) -> Option<&str>;

    /// The value of the attribute as the column, or the [inner](Self::inner) codec, takes it.
    ///
    /// Objects that it writes are there when it ends. Fails for a value that the attribute can't have.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, objects may have been written that no row speaks of.
    fn encode(&self, context: &Context<'_>, value: Value) -> impl Future<Output = Result<Value>> + Send;

    /// The value of the attribute from what the column, or the [inner](Self::inner) codec, gives.
    ///
    /// Reads the paths that it is given, and computes none from the row. Fails when an object is not what was written.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    fn decode(&self, context: &Context<'_>, stored: Value) -> impl Future<Output = Result<Value>> + Send;

    /// Reads the objects that a value speaks of, and compares them with what was written as far as the row says what that was:
    /// unless a codec says more, their sizes, and the files of folders.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    #[cfg(feature = "stores")]
    fn verify(&self, context: &Context<'_>, stored: &Json) -> impl Future<Output = Result<()>> + Send {
        async move {
            for reference in self.referenced_paths(stored)? {
                reference.read_through(context.stores).await?;
            }
            Ok(())
        }
    }

    /// The objects that a value speaks of which stands in the table.
    ///
    /// Nothing that a row speaks of is ever collected, so that it names every one. Fails for what the codec did not write. A
    /// codec with an [inner](Self::inner) one names what it wrote beside that.
    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>>;
}

/// The same for codecs of which only the name is known.
pub(crate) trait AnyCodec: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> u64;
    fn inner(&self, context: &Context<'_>) -> Option<&str>;
    fn encode<'a>(&'a self, context: &'a Context<'_>, value: Value) -> BoxFuture<'a, Result<Value>>;
    fn decode<'a>(&'a self, context: &'a Context<'_>, stored: Value) -> BoxFuture<'a, Result<Value>>;
    #[cfg(feature = "stores")]
    fn verify<'a>(&'a self, context: &'a Context<'_>, stored: &'a Json) -> BoxFuture<'a, Result<()>>;
    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>>;
}

impl<C: Codec> AnyCodec for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn version(&self) -> u64 {
        C::VERSION
    }

    fn inner(&self, context: &Context<'_>) -> Option<&str> {
        Codec::inner(self, context)
    }

    fn encode<'a>(&'a self, context: &'a Context<'_>, value: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(Codec::encode(self, context, value))
    }

    fn decode<'a>(&'a self, context: &'a Context<'_>, stored: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(Codec::decode(self, context, stored))
    }

    #[cfg(feature = "stores")]
    fn verify<'a>(&'a self, context: &'a Context<'_>, stored: &'a Json) -> BoxFuture<'a, Result<()>> {
        Box::pin(Codec::verify(self, context, stored))
    }

    fn referenced_paths(&self, stored: &Json) -> Result<Vec<Reference>> {
        Codec::referenced_paths(self, stored)
    }
}
