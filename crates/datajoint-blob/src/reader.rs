//! The bytes of a blob while they are read.

use crate::{Error, Item, Result, UnpackOptions};

/// What is left to read of one value. Nothing is allocated on the word of the blob alone.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    pub(crate) options: &'a UnpackOptions,
    depth: usize,
}

/// For so many values room is made at once. What is nested could announce the same bytes again at each level.
pub(crate) const ROOM: usize = 256;

/// Least bytes that a nested value takes: its length and its code.
pub(crate) fn least_item(options: &UnpackOptions) -> usize {
    size_width(options) + 1
}

fn size_width(options: &UnpackOptions) -> usize {
    if options.dims_32bit { 4 } else { 8 }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(rest: &'a [u8], options: &'a UnpackOptions, depth: usize) -> Self {
        Self { rest, options, depth }
    }

    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.cut_short(count));
        };
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.cut_short(N));
        };
        self.rest = rest;
        Ok(*taken)
    }

    fn cut_short(&self, wanted: usize) -> Error {
        Error::Truncated { wanted: wanted.saturating_sub(self.left()) as u64, left: self.left() }
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A length or a dimension.
    pub(crate) fn size(&mut self) -> Result<usize> {
        let size = if self.options.dims_32bit {
            u64::from(self.number()?)
        } else {
            u64::from_le_bytes(self.array()?)
        };
        usize::try_from(size).map_err(|_| Error::Truncated { wanted: size, left: self.left() })
    }

    /// A count of things that take at least `least` bytes each.
    pub(crate) fn count(&mut self, least: usize) -> Result<usize> {
        let count = self.size()?;
        self.justify(count, least)?;
        Ok(count)
    }

    /// Fails unless the rest can hold `count` things of at least `least` bytes.
    pub(crate) fn justify(&self, count: usize, least: usize) -> Result<()> {
        let wanted = (count as u128 * least as u128).saturating_sub(self.left() as u128);
        match wanted {
            0 => Ok(()),
            _ => {
                Err(Error::Truncated { wanted: u64::try_from(wanted).unwrap_or(u64::MAX), left: self.left() })
            }
        }
    }

    pub(crate) fn counted(&mut self) -> Result<&'a [u8]> {
        let size = self.size()?;
        self.take(size)
    }

    /// A nested value with its length before it.
    pub(crate) fn item(&mut self) -> Result<Item<'a>> {
        let bytes = self.counted()?;
        self.enter().map(|depth| Item::new(bytes, self.options, depth))
    }

    /// Reads a nested value that has no length before it.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth = self.enter()?;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// Drops the dimensions of length 1 if the options say so.
    pub(crate) fn squeeze(&self, shape: &mut Vec<usize>) {
        if self.options.squeeze {
            shape.retain(|&length| length != 1);
        }
    }

    fn enter(&self) -> Result<usize> {
        let limit = self.options.max_depth;
        if self.depth < limit { Ok(self.depth + 1) } else { Err(Error::TooDeep { limit }) }
    }

    /// The dimensions, and how many elements they make.
    pub(crate) fn shape(&mut self) -> Result<(Vec<usize>, usize)> {
        let count = self.count(size_width(self.options))?;
        let shape = (0..count).map(|_| self.size()).collect::<Result<Vec<_>>>()?;
        let elements = elements(&shape)?;
        Ok((shape, elements))
    }

    fn name(&mut self) -> Result<&'a str> {
        let end = self.rest.iter().position(|&byte| byte == 0);
        let end = end.ok_or(Error::Truncated { wanted: 1, left: self.left() })?;
        let name = self.take(end)?;
        self.byte()?;
        std::str::from_utf8(name).map_err(|fault| Error::invalid("field name", fault.to_string()))
    }

    /// How many fields there are, and their names.
    pub(crate) fn names(&mut self) -> Result<Vec<&'a str>> {
        let count = self.number()? as usize;
        self.justify(count, 1)?;
        (0..count).map(|_| self.name()).collect()
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.counted()?).map_err(|fault| Error::invalid("text", fault.to_string()))
    }

    pub(crate) fn finish(self) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            count => Err(Error::TrailingBytes { count }),
        }
    }
}

/// How many elements a shape has; zero in one dimension makes none, however long the others are.
pub(crate) fn elements(shape: &[usize]) -> Result<usize> {
    if shape.contains(&0) {
        return Ok(0);
    }
    let product = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    product
        .ok_or_else(|| Error::Shape { shape: shape.to_vec(), found: "the memory of this machine".to_owned() })
}
