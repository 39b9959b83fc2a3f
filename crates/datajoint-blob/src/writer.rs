//! The bytes of a blob while they are written.

use crate::{Error, Result, ToBlob, code};

/// The blob being written; handed to [`ToBlob::write_blob`].
///
/// An implementation for a type of your own writes one value: that of a field, a tuple, a collection, or [`map`](Writer::map).
#[derive(Debug)]
pub struct Writer {
    pub(crate) out: Vec<u8>,
    /// Something was written that MATLAB's format does not have.
    pub(crate) extended: bool,
    depth: usize,
    max_depth: usize,
}

impl Writer {
    pub(crate) fn new(out: Vec<u8>, max_depth: usize) -> Self {
        Self { out, extended: false, depth: 0, max_depth }
    }

    /// Writes a mapping from names to values of several types.
    ///
    /// Fails if one of the values does.
    ///
    /// ```
    /// use datajoint_blob::{Result, ToBlob, Value, Writer, unpack};
    ///
    /// struct Filter { order: u32, cutoff: f64 }
    ///
    /// impl ToBlob for Filter {
    ///     fn write_blob(&self, writer: &mut Writer) -> Result<()> {
    ///         writer.map(&[("order", &self.order), ("cutoff", &self.cutoff)])
    ///     }
    /// }
    ///
    /// let filter = unpack(&Filter { order: 4, cutoff: 300.0 }.to_blob()?)?;
    /// assert_eq!(filter.get("cutoff"), Some(&Value::from(300.0)));
    /// # Ok::<(), datajoint_blob::Error>(())
    /// ```
    pub fn map(&mut self, entries: &[(&str, &dyn ToBlob)]) -> Result<()> {
        self.pairs(entries.iter().copied())
    }

    pub(crate) fn pairs<K: ToBlob, V: ToBlob>(
        &mut self,
        pairs: impl ExactSizeIterator<Item = (K, V)>,
    ) -> Result<()> {
        self.code(code::MAP);
        self.size(pairs.len());
        for (key, value) in pairs {
            self.item(&key)?;
            self.item(&value)?;
        }
        Ok(())
    }

    pub(crate) fn sequence<T: ToBlob>(
        &mut self,
        code: u8,
        items: impl ExactSizeIterator<Item = T>,
    ) -> Result<()> {
        self.code(code);
        self.size(items.len());
        self.items(items)
    }

    pub(crate) fn items<T: ToBlob>(&mut self, mut items: impl Iterator<Item = T>) -> Result<()> {
        items.try_for_each(|item| self.item(&item))
    }

    /// Writes a value with its length before it.
    pub(crate) fn item<T: ToBlob + ?Sized>(&mut self, value: &T) -> Result<()> {
        let start = self.out.len();
        self.size(0);
        self.nested(|writer| value.write_blob(writer))?;
        let length = (self.out.len() - start - size_of::<u64>()) as u64;
        self.out[start..start + size_of::<u64>()].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// The bytes of a nested value, for where the order of writing is not known yet.
    pub(crate) fn apart<T: ToBlob + ?Sized>(&self, value: &T) -> Result<Vec<u8>> {
        let mut writer = Self { out: Vec::new(), ..*self };
        writer.nested(|writer| value.write_blob(writer))?;
        Ok(writer.out)
    }

    pub(crate) fn nested<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == self.max_depth {
            return Err(Error::TooDeep { limit: self.max_depth });
        }
        self.depth += 1;
        let written = write(self)?;
        self.depth -= 1;
        Ok(written)
    }

    /// Begins a value that only the extended format has.
    pub(crate) fn code(&mut self, code: u8) {
        self.extended = true;
        self.out.push(code);
    }

    /// Begins a value that MATLAB's format has too.
    pub(crate) fn matlab_code(&mut self, code: u8) {
        self.out.push(code);
    }

    pub(crate) fn size(&mut self, size: usize) {
        self.out.extend_from_slice(&(size as u64).to_le_bytes());
    }

    pub(crate) fn number(&mut self, number: u32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn counted(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.bytes(bytes);
    }

    pub(crate) fn shape(&mut self, shape: &[usize]) {
        self.size(shape.len());
        for &length in shape {
            self.size(length);
        }
    }

    /// Writes how many fields there are and their names.
    pub(crate) fn names<'a>(&mut self, names: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
        let count = u32::try_from(names.len()).map_err(|_| Error::Unrepresentable {
            what: format!("{} fields", names.len()),
            advice: "use a mapping instead",
        })?;
        self.number(count);
        for name in names {
            self.bytes(name.as_bytes());
            self.out.push(0);
        }
        Ok(())
    }
}
