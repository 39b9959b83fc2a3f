//! Values to blobs.

use crate::{PackOptions, Result, ToBlob, Writer, compress};

pub(crate) const MATLAB: &[u8; 4] = b"mYm\0";
pub(crate) const EXTENDED: &[u8; 4] = b"dj0\0";

/// The blob with this value, as Python and MATLAB read it.
///
/// Fails if the format has no place for the value: see [`Error::Unrepresentable`](crate::Error::Unrepresentable).
///
/// ```
/// use datajoint_blob::{pack, unpack_as};
/// use ndarray::{Array2, array};
///
/// let traces = array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]];
/// let blob = pack(&traces)?;
/// assert_eq!(unpack_as::<Array2<f64>>(&blob)?, traces);
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
pub fn pack<T: ToBlob + ?Sized>(value: &T) -> Result<Vec<u8>> {
    pack_with(value, &PackOptions::default())
}

/// The blob with this value, compressed as the options say.
///
/// Fails as [`pack`] does. [`PackOptions`] has an example.
pub fn pack_with<T: ToBlob + ?Sized>(value: &T, options: &PackOptions) -> Result<Vec<u8>> {
    let mut writer = Writer::new(MATLAB.to_vec(), options.max_depth);
    value.write_blob(&mut writer)?;
    if writer.extended {
        writer.out[..EXTENDED.len()].copy_from_slice(EXTENDED);
    }
    Ok(compress::compress(writer.out, options.compression))
}
