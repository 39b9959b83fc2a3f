//! How to pack and what to accept.

/// How deep values may be nested unless an option says otherwise.
pub(crate) const MAX_DEPTH: usize = 256;

/// How to write a blob.
///
/// ```
/// use datajoint_blob::{Compression, PackOptions, pack_with};
///
/// let plain = PackOptions::default().compression(Compression::None);
/// assert_eq!(pack_with(&vec![0.0; 1000], &plain)?.len(), 8029);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PackOptions {
    pub(crate) compression: Compression,
    pub(crate) max_depth: usize,
}

impl Default for PackOptions {
    fn default() -> Self {
        Self { compression: Compression::default(), max_depth: MAX_DEPTH }
    }
}

impl PackOptions {
    /// Sets when and how hard to compress.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets how many values may be nested in one another (256 if not set).
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }
}

/// When and how hard to compress; any reader accepts every choice.
///
/// Whatever the choice, a blob is compressed only if it has more than 1000 bytes and gets shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Level 6, without looking for repetitions where samples of the data show next to none.
    #[default]
    Auto,
    /// A fixed zlib level from 0 to 9; more than 9 counts as 9.
    Level(u8),
    /// Not at all.
    None,
}

/// What to accept in a blob.
///
/// ```
/// use datajoint_blob::{UnpackOptions, pack, unpack_with};
///
/// let blob = pack(&vec![0_u8; 100_000])?;
/// assert!(blob.len() < 500);
/// assert!(unpack_with::<Vec<u8>>(&blob, &UnpackOptions::default().max_size(10_000)).is_err());
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UnpackOptions {
    pub(crate) max_size: u64,
    pub(crate) max_depth: usize,
    pub(crate) squeeze: bool,
    pub(crate) dims_32bit: bool,
}

impl Default for UnpackOptions {
    fn default() -> Self {
        Self { max_size: u64::from(u32::MAX), max_depth: MAX_DEPTH, squeeze: false, dims_32bit: false }
    }
}

impl UnpackOptions {
    /// Sets the largest blob to accept, in bytes after decompression (4 GiB if not set, as much as a `longblob` holds).
    ///
    /// Memory taken stays within a small multiple of it.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets how many values may be nested in one another (256 if not set, more than Python can write).
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }

    /// Drops the dimensions of length 1 from arrays; an array left with none becomes a plain number.
    pub fn squeeze(mut self, squeeze: bool) -> Self {
        self.squeeze = squeeze;
        self
    }

    /// Reads sizes as 32-bit numbers: for blobs of the old 32-bit mYm library.
    pub fn dims_32bit(mut self, dims_32bit: bool) -> Self {
        self.dims_32bit = dims_32bit;
        self
    }
}
