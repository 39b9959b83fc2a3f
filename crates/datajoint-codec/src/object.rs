use std::path::{Path, PathBuf};

use datajoint_sql::Value;
use serde_json::Value as Json;

use crate::builtin::Fields;
use crate::{Error, Result};

/// A file or folder in a store: the value of an `<object@>` or `<filepath@>` attribute.
///
/// One that was fetched is a handle: nothing of it is read before it is asked for. One that is to be inserted is made of
/// bytes, of a file or folder of this machine, or, for `<filepath@>`, of a path in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Object(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Bytes(Vec<u8>),
    /// A file or folder of this machine, or a path in the store.
    At(PathBuf),
    Stored(Stored),
}

/// What a table says of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) document: Json,
    pub(crate) path: String,
    pub(crate) store: Option<String>,
    pub(crate) size: Option<u64>,
    extension: Option<String>,
    pub(crate) is_folder: bool,
    pub(crate) files: Option<u64>,
    timestamp: Option<String>,
}

impl Object {
    /// A new object of these bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// A new object of a file or folder of this machine, which is copied into the store.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::At(path.into()))
    }

    /// A file or folder that is in the store already, by its path there: for `<filepath@>`.
    pub fn in_store(path: impl Into<String>) -> Self {
        Self(Kind::At(path.into().into()))
    }

    /// The object that a table speaks of with this JSON.
    ///
    /// Fails for JSON that describes none.
    pub fn of_json(document: Json) -> Result<Self> {
        let fields = Fields::of("object", &document)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let stored = Stored {
            path: fields.text("path")?.to_owned(),
            store: owned(fields.store()?),
            size: fields.optional_size("size")?,
            extension: owned(fields.optional_text("ext")?),
            is_folder: fields.flag("is_dir")?,
            files: fields.optional_size("item_count")?,
            timestamp: owned(fields.optional_text("timestamp")?),
            document: Json::Null,
        };
        Ok(Self(Kind::Stored(Stored { document, ..stored })))
    }

    /// The value as a codec takes it.
    ///
    /// Fails for a path that is not UTF-8.
    pub fn into_value(self) -> Result<Value> {
        Ok(match self.0 {
            Kind::Bytes(bytes) => Value::Bytes(bytes),
            Kind::At(path) => {
                let path = path.into_os_string().into_string();
                Value::Text(path.map_err(|path| {
                    Error::value(format!("the path {} is not UTF-8", Path::new(&path).display()))
                })?)
            }
            Kind::Stored(stored) => Value::Json(Box::new(stored.document)),
        })
    }

    /// The path in the store; `None` for an object that is not inserted yet.
    pub fn path(&self) -> Option<&str> {
        self.stored().ok().map(|stored| stored.path.as_str())
    }

    /// The name of the store; `None` for the default one, and for an object that is not inserted yet.
    pub fn store(&self) -> Option<&str> {
        self.stored().ok().and_then(|stored| stored.store.as_deref())
    }

    /// The size in bytes, where it is known: of all files together for a folder.
    pub fn size(&self) -> Option<u64> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes.len() as u64),
            Kind::At(_) => None,
            Kind::Stored(stored) => stored.size,
        }
    }

    /// The end of its name, as it was given: `.csv`.
    pub fn extension(&self) -> Option<&str> {
        self.stored().ok().and_then(|stored| stored.extension.as_deref())
    }

    /// True for a folder.
    pub fn is_folder(&self) -> bool {
        self.stored().is_ok_and(|stored| stored.is_folder)
    }

    /// How many files a folder has, where that is known.
    pub fn file_count(&self) -> Option<u64> {
        self.stored().ok().and_then(|stored| stored.files)
    }

    /// When it was inserted, as the client wrote it.
    pub fn timestamp(&self) -> Option<&str> {
        self.stored().ok().and_then(|stored| stored.timestamp.as_deref())
    }

    pub(crate) fn stored(&self) -> Result<&Stored> {
        match &self.0 {
            Kind::Stored(stored) => Ok(stored),
            _ => Err(Error::value("the object is not inserted yet: fetch it first")),
        }
    }

    /// A file of a folder, by its path within.
    ///
    /// Fails for one that is no folder. Whether the file is there is seen when it is read.
    pub fn child(&self, path: &str) -> Result<Self> {
        let stored = self.stored()?;
        if !stored.is_folder {
            return Err(Error::value(format!("{} is no folder: read it itself", stored.path)));
        }
        let child = Stored {
            path: format!("{}/{path}", stored.path),
            is_folder: false,
            size: None,
            extension: None,
            files: None,
            ..stored.clone()
        };
        Ok(Self(Kind::Stored(child)))
    }
}
