//! What pages of a column say of their sizes, before memory is taken for them.

/// The most bytes that one byte of Snappy becomes: a copy of 64 bytes takes three.
const EXPANSION: u64 = 22;

/// The deepest that values of a header are in each other.
const DEEPEST: u8 = 8;

/// Says what is wrong with the sizes in the headers of a column's pages, which stand one after the other; nothing for a header that
/// can't be read, as whoever reads the pages says that better.
///
/// The reader takes memory for as many bytes and values as a header says, and a few bytes can say billions.
pub(crate) fn fault(mut column: &[u8], is_snappy: bool) -> Option<String> {
    while !column.is_empty() {
        let mut header = Header { rest: column, fields: Fields::default() };
        header.read()?;
        let Fields { unpacked, packed, values } = header.fields;
        let (unpacked, packed) = (u64::try_from(unpacked?).ok()?, usize::try_from(packed?).ok()?);
        column = header.rest.get(packed..)?;
        let most = if is_snappy { packed as u64 * EXPANSION + 64 } else { u64::MAX };
        if unpacked > most {
            return Some(format!("a page of {packed} bytes says that it holds {unpacked}"));
        }
        // Each value of a dictionary takes a byte at least.
        if let Some(values) = values.filter(|values| u64::try_from(*values).is_ok_and(|many| many > unpacked))
        {
            return Some(format!("a dictionary of {unpacked} bytes says that it has {values} values"));
        }
    }
    None
}

/// What a header says.
#[derive(Default)]
struct Fields {
    unpacked: Option<i64>,
    packed: Option<i64>,
    /// Of a page with a dictionary.
    values: Option<i64>,
}

/// A header as it is read: a structure of Thrift in its compact form.
struct Header<'a> {
    rest: &'a [u8],
    fields: Fields,
}

/// The number of each kind of value.
mod kind {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const STRUCT: u8 = 12;
}

/// The structures whose fields are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Page,
    Dictionary,
    Other,
}

impl Header<'_> {
    fn read(&mut self) -> Option<()> {
        self.structure(Within::Page, DEEPEST)
    }

    fn structure(&mut self, within: Within, deeper: u8) -> Option<()> {
        let deeper = deeper.checked_sub(1)?;
        let mut id = 0_i64;
        loop {
            let first = self.byte()?;
            if first == 0 {
                return Some(());
            }
            let (step, kind) = (first >> 4, first & 0x0f);
            id = if step == 0 { self.number()? } else { id + i64::from(step) };
            match (within, id, kind) {
                (Within::Page, 2, kind::I16..=kind::I64) => self.fields.unpacked = Some(self.number()?),
                (Within::Page, 3, kind::I16..=kind::I64) => self.fields.packed = Some(self.number()?),
                (Within::Page, 7, kind::STRUCT) => self.structure(Within::Dictionary, deeper)?,
                (Within::Dictionary, 1, kind::I16..=kind::I64) => self.fields.values = Some(self.number()?),
                (_, _, kind::TRUE | kind::FALSE) => {}
                _ => self.pass(kind, deeper)?,
            }
        }
    }

    /// Passes over a value.
    fn pass(&mut self, kind: u8, deeper: u8) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE | kind::BYTE => self.skip(1),
            kind::I16..=kind::I64 => self.number().map(drop),
            kind::DOUBLE => self.skip(8),
            kind::BINARY => {
                let length = self.plain_number()?;
                self.skip(length)
            }
            kind::LIST | kind::SET => {
                let first = self.byte()?;
                let length = if first >> 4 == 15 { self.plain_number()? } else { u64::from(first >> 4) };
                let deeper = deeper.checked_sub(1)?;
                // Each takes a byte at least, so that a length that lies ends soon.
                (0..length).try_for_each(|_| self.pass(first & 0x0f, deeper))
            }
            kind::STRUCT => self.structure(Within::Other, deeper),
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    fn plain_number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number whose lowest bit is its sign.
    fn number(&mut self) -> Option<i64> {
        let number = self.plain_number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    /// A header of a page with `packed` bytes that say `unpacked`, and the page.
    fn page(unpacked: u8, packed: u8) -> Vec<u8> {
        let mut page = vec![0x15, 0, 0x15, unpacked << 1, 0x15, packed << 1, 0];
        page.extend(vec![b'x'; usize::from(packed)]);
        page
    }

    /// The same of a dictionary of so many values.
    fn dictionary(unpacked: u8, values: &[u8]) -> Vec<u8> {
        let mut page = vec![0x15, 4, 0x15, unpacked << 1, 0x15, 4, 0x4c, 0x15];
        page.extend(values);
        page.extend([0x15, 4, 0, 0, b'x', b'x']);
        page
    }

    #[test]
    fn sizes_that_no_page_has_are_faults_wherever_the_page_stands() {
        assert_eq!(fault(&[page(5, 5), page(60, 3)].concat(), true), None);
        let large = [0x15, 0, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 2, 0, b'x'];
        let found = fault(&[page(5, 5), large.to_vec()].concat(), true).unwrap();
        assert_eq!(found, "a page of 1 bytes says that it holds 2147483647");
        assert_eq!(fault(&large, false), None, "others may expand further");
    }

    #[test]
    fn a_dictionary_has_no_more_values_than_bytes() {
        assert_eq!(fault(&dictionary(9, &[9 << 1]), true), None);
        let found = fault(&dictionary(9, &[0xfe, 0xff, 0xff, 0xff, 0x0f]), true).unwrap();
        assert_eq!(found, "a dictionary of 9 bytes says that it has 2147483647 values");
    }

    #[test]
    fn what_is_no_header_is_left_to_the_reader() {
        for bytes in [&[][..], &[0xff; 40], &[0x1c; 40], &[0x19, 0xff, 0xff, 0xff, 0xff, 0x0f], &[0x15, 0x80]]
        {
            assert_eq!(fault(bytes, true), None, "{bytes:?}");
        }
    }
}
