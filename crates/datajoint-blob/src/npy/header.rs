//! What stands before the elements of a file.

use super::literal::Literal;
use crate::{DType, DateTimeUnit, Error, Result, element::Endian};

pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// What an `.npy` file says of its array before the elements; enough to read a part of a large file.
///
/// ```
/// use datajoint_blob::npy::{Header, to_vec};
/// use ndarray::Array2;
///
/// let file = to_vec(&Array2::<f32>::zeros((384, 30_000)))?;
/// let header = Header::parse(&file[..128])?;
/// assert_eq!((header.shape(), header.data_offset()), (&[384, 30_000][..], 128));
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    dtype: DType,
    pub(super) endian: Endian,
    fortran_order: bool,
    shape: Vec<usize>,
    data_offset: usize,
}

impl Header {
    /// The header at the start of a file; more may follow it.
    ///
    /// Fails if the file is of another kind or version, the header is damaged, or the elements are not numbers.
    pub fn parse(file: &[u8]) -> Result<Self> {
        let (text, data_offset) = text(file)?;
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        for (key, value) in Literal::entries(text)? {
            match (key, value) {
                ("descr", Literal::Text(value)) => descr = Some(value),
                ("descr", Literal::Other(value)) => return Err(unsupported(value)),
                ("fortran_order", Literal::Bool(value)) => fortran_order = Some(value),
                ("shape", Literal::Tuple(value)) => shape = Some(value),
                (key, _) => return Err(Error::Npy(format!("unexpected entry {key:?} in the header"))),
            }
        }
        let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
            return Err(Error::Npy("the header lacks `descr`, `fortran_order` or `shape`".to_owned()));
        };
        let (dtype, endian) = parse_descr(descr).ok_or_else(|| unsupported(descr))?;
        Ok(Self { dtype, endian, fortran_order, shape, data_offset })
    }

    /// Returns true for the name of a type, as numpy writes it, whose arrays can be read: `float32`, `>i4`, `datetime64[ns]`.
    pub fn is_readable(dtype_name: &str) -> bool {
        const NAMES: [&str; 13] = [
            "bool",
            "int8",
            "uint8",
            "int16",
            "uint16",
            "int32",
            "uint32",
            "int64",
            "uint64",
            "float32",
            "float64",
            "complex64",
            "complex128",
        ];
        let of_moments = || dtype_name.strip_prefix("datetime64[")?.strip_suffix(']');
        NAMES.contains(&dtype_name)
            || parse_descr(dtype_name).is_some()
            || of_moments().and_then(DateTimeUnit::from_symbol).is_some()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the first axis is the fastest one.
    pub fn fortran_order(&self) -> bool {
        self.fortran_order
    }

    /// Where the elements begin in the file.
    pub fn data_offset(&self) -> usize {
        self.data_offset
    }
}

/// The header's text, and where it ends.
fn text(file: &[u8]) -> Result<(&str, usize)> {
    let cut_short = || Error::Npy("the file ends within its header".to_owned());
    let Some(rest) = file.strip_prefix(MAGIC) else {
        return Err(Error::Npy("it does not begin as one".to_owned()));
    };
    let (length, rest) = match *rest {
        [1, 0, a, b, ref rest @ ..] => (u16::from_le_bytes([a, b]).into(), rest),
        [2 | 3, 0, a, b, c, d, ref rest @ ..] => (u32::from_le_bytes([a, b, c, d]), rest),
        [major, minor, ..] if !(1..=3).contains(&major) || minor != 0 => {
            return Err(Error::Npy(format!("version {major}.{minor} is unknown: save it as version 1.0")));
        }
        _ => return Err(cut_short()),
    };
    let text = usize::try_from(length).ok().and_then(|length| rest.get(..length)).ok_or_else(cut_short)?;
    let offset = file.len() - rest.len() + text.len();
    let text = std::str::from_utf8(text).map_err(|fault| Error::Npy(fault.to_string()))?;
    Ok((text, offset))
}

fn unsupported(descr: &str) -> Error {
    Error::Npy(format!("elements of type `{descr}` are not supported: save numbers, booleans or datetime64"))
}

fn parse_descr(descr: &str) -> Option<(DType, Endian)> {
    let (endian, kind) = match descr.split_at_checked(1)? {
        ("<" | "|", kind) => (Endian::Little, kind),
        (">", kind) => (Endian::Big, kind),
        _ => return None,
    };
    let dtype = match kind {
        "b1" => DType::Bool,
        "i1" => DType::I8,
        "u1" => DType::U8,
        // Longer elements always have a byte order.
        _ if descr.starts_with('|') => return None,
        "i2" => DType::I16,
        "u2" => DType::U16,
        "i4" => DType::I32,
        "u4" => DType::U32,
        "i8" => DType::I64,
        "u8" => DType::U64,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "c8" => DType::C64,
        "c16" => DType::C128,
        _ => {
            let unit = kind.strip_prefix("M8[")?.strip_suffix(']')?;
            DType::DateTime(DateTimeUnit::from_symbol(unit)?)
        }
    };
    Some((dtype, endian))
}

/// The name of a type in a header, if it has one.
pub(super) fn descr(dtype: DType) -> Option<String> {
    Some(match dtype {
        DType::Bool => "|b1".to_owned(),
        DType::I8 => "|i1".to_owned(),
        DType::U8 => "|u1".to_owned(),
        DType::I16 => "<i2".to_owned(),
        DType::U16 => "<u2".to_owned(),
        DType::I32 => "<i4".to_owned(),
        DType::U32 => "<u4".to_owned(),
        DType::I64 => "<i8".to_owned(),
        DType::U64 => "<u8".to_owned(),
        DType::F32 => "<f4".to_owned(),
        DType::F64 => "<f8".to_owned(),
        DType::C64 => "<c8".to_owned(),
        DType::C128 => "<c16".to_owned(),
        DType::DateTime(unit) => format!("<M8[{}]", unit.symbol()),
        DType::Char | DType::Object => return None,
    })
}
