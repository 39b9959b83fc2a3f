//! What pages of a column say of their sizes, before memory is taken for them.

use std::borrow::Cow;
use std::io::Read as _;

use crate::parquet_delta;

/// The most bytes that one byte of Snappy becomes: a copy of 64 bytes takes three.
pub(crate) const EXPANSION: u64 = 22;

/// The deepest that values of a header are in each other.
const DEEPEST: u8 = 8;

/// How much memory pages take when they are read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// As they are in the file.
    pub(crate) packed: u64,
    /// What is held of them at once.
    pub(crate) held: u64,
}

/// The sizes that the headers of a column's pages say, which stand one after the other. Fails with what is wrong with them.
///
/// The reader takes memory for as many bytes and values as a header says, and a few bytes can say billions.
pub(crate) fn sizes(column: &[u8], of: Column) -> Result<Sizes, String> {
    let mut rest = Bytes(column);
    let (mut dictionary, mut largest, mut all) = (0_u64, 0_u64, 0_u64);
    while !rest.0.is_empty() {
        let page = page(&mut rest, of)?;
        if page.is_dictionary {
            dictionary = dictionary.max(page.unpacked);
        } else {
            largest = largest.max(page.unpacked);
        }
        all = all.saturating_add(page.unpacked);
    }
    // Strings point into their pages, as long as a batch has one of them.
    let held = if of.is_bytes { all } else { dictionary.saturating_add(largest) };
    Ok(Sizes { packed: column.len() as u64, held })
}

/// A page that was passed over.
struct Page {
    unpacked: u64,
    is_dictionary: bool,
}

/// The page that comes next, which is passed over. Fails with what is wrong with it.
fn page(column: &mut Bytes<'_>, of: Column) -> Result<Page, String> {
    judged(column, of).unwrap_or_else(|| Err("a page or its header is cut off, or can't be read".to_owned()))
}

/// The same; nothing where it can't be read.
fn judged(column: &mut Bytes<'_>, of: Column) -> Option<Result<Page, String>> {
    let mut header = Header { rest: *column, fields: Fields::default() };
    header.read()?;
    let Header { rest, fields } = header;
    *column = rest;
    let (unpacked, packed) = (u64::try_from(fields.unpacked?).ok()?, u64::try_from(fields.packed?).ok()?);
    let page = column.take(packed)?;
    let most = match of.packing {
        Packing::Snappy => packed * EXPANSION + 64,
        Packing::None | Packing::Gzip | Packing::Zstd | Packing::Lz4 => LARGEST.max(packed * EXPANSION),
    };
    let is_packed = of.packing == Packing::Gzip && !fields.is_plain && unpacked > 0;
    if unpacked > most || (is_packed && fields.unzipped(page, unpacked)? > unpacked) {
        return Some(Err(format!("a page of {packed} bytes says that it holds {unpacked}")));
    }
    // Each value of a dictionary takes a byte at least.
    let values = u64::try_from(fields.of_dictionary.unwrap_or_default()).ok()?;
    if values > unpacked {
        return Some(Err(format!("a dictionary of {unpacked} bytes says that it has {values} values")));
    }
    let mut unpacked_strings = unpacked;
    if let Some(encoding @ (DELTA_LENGTHS | DELTA_STRINGS)) = fields.encoding {
        let values = u64::try_from(fields.values?).ok()?;
        let strings = fields.strings(page, unpacked, of)?;
        let lists = parquet_delta::lists(&strings, values, encoding == DELTA_STRINGS).unwrap_or_default();
        if lists.iter().any(|list| list.count > values) {
            return Some(Err(format!("a page of {values} values says that it has more strings")));
        }
        if encoding == DELTA_STRINGS {
            // What a string begins with is written once, and read again for each.
            unpacked_strings = lists.iter().fold(unpacked, |sum, list| sum.saturating_add(list.sum));
        }
    }
    Some(Ok(Page { unpacked: unpacked_strings, is_dictionary: fields.of_dictionary.is_some() }))
}

/// What pages of a row group may unpack to at most, all together, unless they are no more than [`EXPANSION`] times as large as what is
/// there: 256 MiB.
pub(crate) const LARGEST: u64 = 256 << 20;

/// Fails where columns that are read together would take more memory than they may.
pub(crate) fn check_held(columns: &[Sizes]) -> Result<(), String> {
    let packed: u64 = columns.iter().map(|sizes| sizes.packed).sum();
    let held = columns.iter().fold(0_u64, |sum, sizes| sum.saturating_add(sizes.held));
    if held <= LARGEST.max(packed.saturating_mul(EXPANSION)) {
        return Ok(());
    }
    Err(format!(
        "{packed} bytes of a row group unpack to {held}, and more than {} MiB are read only where they are no more than {EXPANSION} \
         times as much as what is packed: write the file anew with smaller row groups",
        LARGEST >> 20
    ))
}

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) packing: Packing,
    /// True where its values are strings or bytes, each of its own length.
    pub(crate) is_bytes: bool,
    /// True where its values may be null.
    pub(crate) has_nulls: bool,
    /// True where its values are lists.
    pub(crate) has_lists: bool,
}

/// How the pages of a column are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Snappy,
    Gzip,
    Zstd,
    Lz4,
}

impl Packing {
    /// What bytes unpack to, as far as that is no more than `most`; nothing where they can't be unpacked.
    fn unpack(self, bytes: &[u8], most: u64) -> Option<Cow<'_, [u8]>> {
        let length = usize::try_from(most).ok()?;
        Some(Cow::Owned(match self {
            Self::None => return Some(Cow::Borrowed(bytes)),
            Self::Snappy => {
                if snap::raw::decompress_len(bytes).ok()? > length {
                    return None;
                }
                snap::raw::Decoder::new().decompress_vec(bytes).ok()?
            }
            Self::Gzip => {
                let mut unpacked = Vec::new();
                flate2::read::MultiGzDecoder::new(bytes).take(most).read_to_end(&mut unpacked).ok()?;
                unpacked
            }
            Self::Zstd => zstd::bulk::decompress(bytes, length).ok()?,
            Self::Lz4 => lz4_flex::block::decompress(bytes, length).ok()?,
        }))
    }
}

/// The number of the encoding of strings in which all lengths come first, as differences.
const DELTA_LENGTHS: i64 = 6;

/// The number of that in which each string says how much of the one before it begins with.
const DELTA_STRINGS: i64 = 7;

/// The number of the encoding of what is null in which its length comes first.
const RLE: i64 = 3;

/// What a header says.
#[derive(Default)]
struct Fields {
    unpacked: Option<i64>,
    packed: Option<i64>,
    /// Of a page with a dictionary, how many values it has.
    of_dictionary: Option<i64>,
    /// Of a page with values, how many these are, nulls among them.
    values: Option<i64>,
    encoding: Option<i64>,
    /// How it encodes what is null and what is a list, in the older form of a page.
    levels: [Option<i64>; 2],
    /// How many bytes say what is null, before what is compressed, in the newer form of a page.
    before: Option<i64>,
    /// True where a page of the newer form is not compressed.
    is_plain: bool,
}

impl Fields {
    /// A page without what stands before that which is compressed, and how long that is.
    fn body<'p>(&self, page: &'p [u8]) -> Option<(&'p [u8], u64)> {
        let before = u64::try_from(self.before.unwrap_or_default()).ok()?;
        let mut page = Bytes(page);
        page.take(before)?;
        Some((page.0, before))
    }

    /// How much a page unpacks to that is packed by gzip, as far as that is no more than a byte more than it says: the reader takes what
    /// comes.
    fn unzipped(&self, page: &[u8], unpacked: u64) -> Option<u64> {
        let (body, before) = self.body(page)?;
        let mut unpacking = flate2::read::MultiGzDecoder::new(body).take(unpacked.saturating_add(1));
        // What is damaged is for the reader to tell.
        let unpacked = std::io::copy(&mut unpacking, &mut std::io::sink()).unwrap_or_default();
        Some(unpacked.saturating_add(before))
    }

    /// What stands behind that which says what is null in a page; nothing where that can't be told.
    fn strings<'p>(&self, page: &'p [u8], unpacked: u64, of: Column) -> Option<Cow<'p, [u8]>> {
        let (body, before) = self.body(page)?;
        let packing = if self.is_plain { Packing::None } else { of.packing };
        let page = packing.unpack(body, unpacked.checked_sub(before)?)?;
        if self.before.is_some() {
            return Some(page);
        }
        let mut rest = Bytes(&page);
        for (_, encoding) in [of.has_nulls, of.has_lists].into_iter().zip(self.levels).filter(|(has, _)| *has)
        {
            if encoding != Some(RLE) {
                return None;
            }
            let length = rest.take(4)?.try_into().ok()?;
            rest.take(u64::from(u32::from_le_bytes(length)))?;
        }
        Some(Cow::Owned(rest.0.to_vec()))
    }
}

/// A header as it is read: a structure of Thrift in its compact form.
struct Header<'a> {
    rest: Bytes<'a>,
    fields: Fields,
}

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

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
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
    pub(super) const UUID: u8 = 13;
}

/// The structures whose fields are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Page,
    Dictionary,
    Values,
    NewerValues,
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
            let first = self.rest.byte()?;
            if first == 0 {
                return Some(());
            }
            let (step, kind) = (first >> 4, first & 0x0f);
            id = if step == 0 { self.rest.number()? } else { id + i64::from(step) };
            match (within, id, kind) {
                (Within::Page, 5, kind::STRUCT) => self.structure(Within::Values, deeper)?,
                (Within::Page, 7, kind::STRUCT) => self.structure(Within::Dictionary, deeper)?,
                (Within::Page, 8, kind::STRUCT) => self.structure(Within::NewerValues, deeper)?,
                (Within::NewerValues, 7, kind::FALSE) => self.fields.is_plain = true,
                (_, _, kind::TRUE | kind::FALSE) => {}
                (_, _, kind::I16..=kind::I64) => {
                    let (number, fields) = (self.rest.number()?, &mut self.fields);
                    match (within, id) {
                        (Within::Page, 2) => fields.unpacked = Some(number),
                        (Within::Page, 3) => fields.packed = Some(number),
                        (Within::Dictionary, 1) => fields.of_dictionary = Some(number),
                        (Within::Values | Within::NewerValues, 1) => fields.values = Some(number),
                        (Within::Values, 2) | (Within::NewerValues, 4) => fields.encoding = Some(number),
                        (Within::Values, 3) => fields.levels[0] = Some(number),
                        (Within::Values, 4) => fields.levels[1] = Some(number),
                        (Within::NewerValues, 5 | 6) => {
                            fields.before = Some(fields.before.unwrap_or_default().checked_add(number)?);
                        }
                        _ => {}
                    }
                }
                _ => self.pass(kind, deeper)?,
            }
        }
    }

    /// Passes over a value.
    fn pass(&mut self, kind: u8, deeper: u8) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE | kind::BYTE => self.rest.skip(1),
            kind::I16..=kind::I64 => self.rest.number().map(drop),
            kind::DOUBLE => self.rest.skip(8),
            kind::BINARY => {
                let length = self.rest.plain_number()?;
                self.rest.skip(length)
            }
            kind::LIST | kind::SET => {
                let first = self.rest.byte()?;
                let length = if first >> 4 == 15 { self.rest.plain_number()? } else { u64::from(first >> 4) };
                let deeper = deeper.checked_sub(1)?;
                // Each takes a byte at least, so that a length that lies ends soon.
                (0..length).try_for_each(|_| self.pass(first & 0x0f, deeper))
            }
            kind::MAP => {
                let length = self.rest.plain_number()?;
                let kinds = if length == 0 { 0 } else { self.rest.byte()? };
                let deeper = deeper.checked_sub(1)?;
                (0..length).try_for_each(|_| {
                    self.pass(kinds >> 4, deeper)?;
                    self.pass(kinds & 0x0f, deeper)
                })
            }
            kind::STRUCT => self.structure(Within::Other, deeper),
            kind::UUID => self.rest.skip(16),
            _ => None,
        }
    }
}

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.take(length).map(drop)
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn plain_number(&mut self) -> Option<u64> {
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
    pub(crate) fn number(&mut self) -> Option<i64> {
        let number = self.plain_number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, LARGEST, Packing, Sizes, check_held, sizes};

    const PLAIN: Column =
        Column { packing: Packing::None, is_bytes: true, has_nulls: false, has_lists: false };
    const SNAPPY: Column = Column { packing: Packing::Snappy, ..PLAIN };
    const ZSTD: Column = Column { packing: Packing::Zstd, ..PLAIN };
    const GZIP: Column = Column { packing: Packing::Gzip, ..PLAIN };

    fn fault(column: &[u8], of: Column) -> Option<String> {
        sizes(column, of).err()
    }

    /// A page of three strings of the older form, in which so many lengths are told.
    fn strings(encoding: u8, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(body.len()).unwrap() << 1;
        let header =
            [0x15, 0, 0x15, length, 0x15, length, 0x2c, 0x15, 6, 0x15, encoding << 1, 0x15, 6, 0x15, 6, 0, 0];
        [&header[..], body].concat()
    }

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
        assert_eq!(fault(&[page(5, 5), page(60, 3)].concat(), SNAPPY), None);
        let large = [0x15, 0, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 2, 0, b'x'];
        let found = fault(&[page(5, 5), large.to_vec()].concat(), SNAPPY).unwrap();
        assert_eq!(found, "a page of 1 bytes says that it holds 2147483647");
        assert_eq!(fault(&large, ZSTD), Some(found));
        let many = Sizes { packed: 1, held: LARGEST / 2 + 1 };
        assert_eq!((check_held(&[many]), check_held(&[many, many]).is_err()), (Ok(()), true));
        assert_eq!(
            check_held(&[many, Sizes { packed: LARGEST, held: LARGEST * 9 }]),
            Ok(()),
            "there is as much"
        );
    }

    #[test]
    fn strings_are_held_with_all_their_pages_and_numbers_with_one() {
        let pages = [page(50, 5), page(60, 5), page(40, 5)].concat();
        assert_eq!(sizes(&pages, ZSTD).unwrap().held, 150);
        assert_eq!(sizes(&pages, Column { is_bytes: false, ..ZSTD }).unwrap().held, 60);
    }

    #[test]
    fn a_page_of_gzip_holds_no_more_than_it_says() {
        let mut packed = Vec::new();
        let mut packing = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::best());
        std::io::Write::write_all(&mut packing, &[0; 90]).unwrap();
        packing.finish().unwrap();
        let page = |unpacked: u8| {
            let length = u8::try_from(packed.len()).unwrap() << 1;
            [&[0x15, 0, 0x15, unpacked << 1, 0x15, length, 0][..], &packed].concat()
        };
        assert_eq!(
            fault(&page(60), GZIP),
            Some(format!("a page of {} bytes says that it holds 60", packed.len()))
        );
    }

    #[test]
    fn a_dictionary_has_no_more_values_than_bytes() {
        assert_eq!(fault(&dictionary(9, &[9 << 1]), SNAPPY), None);
        let found = fault(&dictionary(9, &[0xfe, 0xff, 0xff, 0xff, 0x0f]), SNAPPY).unwrap();
        assert_eq!(found, "a dictionary of 9 bytes says that it has 2147483647 values");
    }

    #[test]
    fn what_is_no_header_is_a_fault() {
        assert_eq!(fault(&[], SNAPPY), None);
        for bytes in [
            &[0xff; 40][..],
            &[0x1c; 40],
            &[0x19, 0xff, 0xff, 0xff, 0xff, 0x0f],
            &[0x15, 0x80],
            &page(5, 5)[..9],
        ] {
            assert!(fault(bytes, SNAPPY).is_some(), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_added_to_a_header_is_passed_over() {
        let mut page = page(5, 5);
        // A list of strings, a map of numbers to strings, a number of 128 bits.
        let more = [0x69, 0x18, 1, b'a', 0x1b, 1, 0x58, 2, 1, b'b', 0x1d];
        page.splice(6..6, more.into_iter().chain([0; 16]));
        assert_eq!(fault(&[&page[..], &page].concat(), SNAPPY), None);
    }

    #[test]
    fn a_page_has_no_more_strings_than_values() {
        let list = |count: &[u8]| [&[0x80, 1, 4][..], count, &[10, 2, 0, 0, 0, 0]].concat();
        let (three, huge) = (list(&[3]), list(&[0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]));
        let told = Some("a page of 3 values says that it has more strings".to_owned());
        assert_eq!(fault(&strings(6, &three), PLAIN), None);
        assert_eq!(fault(&strings(6, &huge), PLAIN), told);
        assert_eq!(fault(&strings(7, &[three.clone(), huge.clone()].concat()), PLAIN), told);
        assert_eq!(fault(&strings(5, &huge), PLAIN), None, "these are numbers");
        let with_nulls = Column { has_nulls: true, ..PLAIN };
        assert_eq!(fault(&strings(6, &[&[2, 0, 0, 0, 6, 1][..], &huge].concat()), with_nulls), told);
        assert_eq!(fault(&strings(6, &[&[2, 0, 0, 0, 6, 1][..], &three].concat()), with_nulls), None);
        let packed = snap::raw::Encoder::new().compress_vec(&huge).unwrap();
        assert_eq!(fault(&strings(6, &packed), SNAPPY), told);
        // The newer form: nothing says what is null.
        let header = [
            0x15, 6, 0x15, 26, 0x15, 26, 0x5c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 12, 0x15, 0, 0x15, 0, 0x12,
            0, 0,
        ];
        assert_eq!(fault(&[&header[..], &huge, b"x"].concat(), SNAPPY), told);
    }
}
