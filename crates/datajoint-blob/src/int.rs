//! Integers of any size.

mod convert;
mod digits;

use crate::{Error, FromBlob, Item, Result, ToBlob, Writer, code, reader::Reader};

/// An integer of any size, as Python has them; made from any integer of Rust.
///
/// ```
/// use datajoint_blob::Int;
///
/// let byte = Int::from(200);
/// assert_eq!(u8::try_from(&byte)?, 200);
/// assert!(i8::try_from(&byte).is_err());
/// # Ok::<(), datajoint_blob::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Int(Size);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Size {
    Small(i128),
    /// Two's complement, least byte first, no byte too many; more than an `i128` holds.
    Large(Box<[u8]>),
}

impl Int {
    /// The integer with these bytes: two's complement, least byte first. No bytes are zero.
    pub fn from_le_bytes(bytes: &[u8]) -> Self {
        let negative = bytes.last().is_some_and(|byte| byte.cast_signed() < 0);
        let fill = if negative { 0xFF } else { 0 };
        let bytes = shortest(bytes);
        if bytes.len() > size_of::<i128>() {
            return Self(Size::Large(bytes.into()));
        }
        let mut small = [fill; size_of::<i128>()];
        small[..bytes.len()].copy_from_slice(bytes);
        Self(Size::Small(i128::from_le_bytes(small)))
    }

    /// The fewest bytes that hold the integer: two's complement, least byte first.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Size::Small(small) => shortest(&small.to_le_bytes()).to_vec(),
            Size::Large(bytes) => bytes.to_vec(),
        }
    }

    /// The integer if an `i128` holds it.
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            Size::Small(small) => Some(*small),
            Size::Large(_) => None,
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) -> Result<()> {
        let mut bytes = self.to_le_bytes();
        // Python counts the bits without the sign, which makes -128, -32768 and so on one byte longer.
        if let Some((0x80, rest)) = bytes.split_last()
            && rest.iter().all(|&byte| byte == 0)
        {
            bytes.push(0xFF);
        }
        let length = u16::try_from(bytes.len()).map_err(|_| Error::Unrepresentable {
            what: format!("an integer of {} bytes", bytes.len()),
            advice: "65535 bytes is the limit; write it as text or bytes",
        })?;
        writer.code(code::INT);
        writer.bytes(&length.to_le_bytes());
        writer.bytes(&bytes);
        Ok(())
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let length = u16::from_le_bytes(reader.array()?);
        reader.take(length.into()).map(Self::from_le_bytes)
    }
}

/// Cuts off the most significant bytes that only repeat the sign.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [.., next, last] = bytes
        && *last == if next.cast_signed() < 0 { 0xFF } else { 0 }
    {
        bytes = &bytes[..bytes.len() - 1];
    }
    if bytes.is_empty() { &[0] } else { bytes }
}

/// The float that equals the integer, if there is one.
pub(crate) fn exact_f64(integer: i128) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "the way back shows a loss"
    )]
    let (float, back) = (integer as f64, (integer as f64) as i128);
    // The largest integers round up to a float that comes back clamped to their neighbour.
    (back == integer && integer != i128::MAX).then_some(float)
}

impl ToBlob for Int {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        self.write(writer)
    }
}

impl FromBlob for Int {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        crate::convert::integer(item, "an integer")
    }
}
