//! Looking into values, and from and to other types.

use crate::{Array, FromBlob, Int, Item, Result, ToBlob, UnpackOptions, Value, Writer, options::MAX_DEPTH};

impl Value {
    /// A mapping from names.
    pub fn map<N: Into<String>>(entries: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::Map(entries.into_iter().map(|(name, value)| (Self::Str(name.into()), value)).collect())
    }

    /// The value that `T` is packed as.
    ///
    /// Fails if it cannot be packed.
    pub fn of<T: ToBlob + ?Sized>(value: &T) -> Result<Self> {
        let mut writer = Writer::new(Vec::new(), MAX_DEPTH);
        value.write_blob(&mut writer)?;
        Item::new(&writer.out, &UnpackOptions::default(), 0).read()
    }

    /// The value as another type, as if it were unpacked as that.
    ///
    /// Fails if the value is of another kind. For large arrays, [`Array::view`] and [`Array::into_ndarray`] copy nothing.
    pub fn to<T: FromBlob>(&self) -> Result<T> {
        let mut writer = Writer::new(Vec::new(), MAX_DEPTH);
        self.write_blob(&mut writer)?;
        Item::new(&writer.out, &UnpackOptions::default(), 0).read()
    }

    /// Whether this is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<&Int> {
        match self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_int().and_then(|value| value.try_into().ok())
    }

    /// The float, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is some.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(value) => Some(value),
            _ => None,
        }
    }

    /// The bytes, if they are some.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(value) => Some(value),
            _ => None,
        }
    }

    /// The values of a tuple, list or set.
    pub fn as_sequence(&self) -> Option<&[Value]> {
        match self {
            Self::Tuple(values) | Self::List(values) | Self::Set(values) => Some(values),
            _ => None,
        }
    }

    /// The keys and values of a mapping.
    pub fn as_map(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The value under a name in a mapping, or the field of a MATLAB struct of one element.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(pairs) => {
                pairs.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
            }
            Self::Struct(fields) if fields.values().len() == fields.names().len() => fields.get(0, name),
            _ => None,
        }
    }
}
