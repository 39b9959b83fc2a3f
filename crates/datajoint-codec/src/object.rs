use std::ops::Range;
use std::path::{Path, PathBuf};

use datajoint_sql::Value;
use datajoint_store::{ObjectReader, Store, StoredObject, Stores};
use serde_json::Value as Json;
use tokio::io::AsyncWriteExt as _;

use crate::builtin::Fields;
use crate::folder::Told;
use crate::{Error, Result, folder, whole};

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

#[derive(Debug, Clone, PartialEq)]
struct Stored {
    document: Json,
    path: String,
    store: Option<String>,
    size: Option<u64>,
    extension: Option<String>,
    is_folder: bool,
    files: Option<u64>,
    /// True for one that a codec wrote, false for what the user put there.
    is_owned: bool,
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
            is_owned: document.get("item_count").is_some(),
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

    fn stored(&self) -> Result<&Stored> {
        match &self.0 {
            Kind::Stored(stored) => Ok(stored),
            _ => Err(Error::value("the object is not inserted yet: fetch it first")),
        }
    }

    fn open(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<(&Stored, Store)> {
        let stored = self.stored()?;
        Ok((stored, stores.as_ref().get(stored.store.as_deref())?))
    }

    /// All bytes of a file.
    ///
    /// Fails when they are not there, or not as many as were written, and for a folder.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<u8>> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        whole::bytes(&store, &stored.path, stored.size).await
    }

    /// Some bytes of a file: from the first, counted from 0, to the one before the last. Fewer where it ends before.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn read_range(
        &self,
        stores: &(impl AsRef<Stores> + ?Sized),
        range: Range<u64>,
    ) -> Result<Vec<u8>> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        Ok(store.get_range(&stored.path, range).await?)
    }

    /// Begins to read a file, a piece after the other: however large it is, little of it is in memory.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn reader(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<ObjectReader> {
        let (stored, store) = self.open(stores)?;
        stored.check_file()?;
        whole::reader(&store, &stored.path, stored.size).await
    }

    /// The files of a folder, each by its path in the store.
    ///
    /// Fails when they are not those that were written, as far as the row and the manifest beside the folder say.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn files(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<Vec<StoredObject>> {
        let (stored, store) = self.open(stores)?;
        stored.files_of(&store).await
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

    /// Writes the file, or all files of the folder, to a path of this machine. Gives how many bytes they have.
    ///
    /// Fails when a file is there already, and, before anything is written, when the folder does not hold what was written.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, a part of what was to be written stays.
    pub async fn download(
        &self,
        stores: &(impl AsRef<Stores> + ?Sized),
        to: impl AsRef<Path>,
    ) -> Result<u64> {
        let (stored, store) = self.open(stores)?;
        let to = to.as_ref();
        if !stored.is_folder {
            return download(&store, &stored.path, stored.size, to).await;
        }
        let mut total = 0;
        for file in stored.files_of(&store).await? {
            let within = file.path.strip_prefix(&stored.path).unwrap_or(&file.path);
            let to = to.join(within.trim_start_matches('/'));
            total += download(&store, &file.path, Some(file.size), &to).await?;
        }
        Ok(total)
    }

    /// Looks whether all that was written is there, with its size.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn verify(&self, stores: &(impl AsRef<Stores> + ?Sized)) -> Result<()> {
        let (stored, store) = self.open(stores)?;
        if stored.is_folder {
            return stored.files_of(&store).await.map(drop);
        }
        let found = store.head(&stored.path).await?.ok_or_else(|| store.missing(&stored.path))?;
        whole::check_size(&store, &stored.path, stored.size, found.size)
    }
}

impl Stored {
    fn check_file(&self) -> Result<()> {
        if self.is_folder {
            return Err(Error::value(format!("{} is a folder: read its files, each by `child`", self.path)));
        }
        Ok(())
    }

    async fn files_of(&self, store: &Store) -> Result<Vec<StoredObject>> {
        let told = Told { size: self.size, files: self.files, is_owned: self.is_owned };
        folder::files(store, &self.path, told).await
    }
}

/// Writes an object to a new file.
async fn download(store: &Store, path: &str, expected: Option<u64>, to: &Path) -> Result<u64> {
    let unwritten = |source| Error::File { path: to.to_owned(), action: "written", source };
    let mut reader = whole::reader(store, path, expected).await?;
    if let Some(folder) = to.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(unwritten)?;
    }
    let mut file =
        tokio::fs::OpenOptions::new().write(true).create_new(true).open(to).await.map_err(unwritten)?;
    let mut size = 0;
    while let Some(piece) = reader.next().await {
        let piece = piece?;
        file.write_all(&piece).await.map_err(unwritten)?;
        size += piece.len() as u64;
    }
    file.flush().await.map_err(unwritten)?;
    Ok(size)
}
