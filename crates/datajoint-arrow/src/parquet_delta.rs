//! What a page of strings says of its lengths, where it gives these as differences.

use crate::parquet_pages::Bytes;

/// The lengths that a list says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// How many there are.
    pub(crate) count: u64,
    /// What they are together.
    pub(crate) sum: u64,
}

/// What the lists of lengths say with which a page begins: one, or, where each string says how much of the one before it begins with,
/// two. Nothing where that can't be told, which is left to the reader.
pub(crate) fn lists(page: &[u8], values: u64, is_two: bool) -> Option<Vec<Lengths>> {
    let mut bytes = Bytes(page);
    let mut found = vec![read(&mut bytes, values)?];
    if is_two && found[0].count <= values {
        found.extend(read(&mut bytes, values));
    }
    Some(found)
}

/// The list that begins here, which is passed over. One that says that it has more than `values`, or that breaks off, is not.
fn read(bytes: &mut Bytes<'_>, values: u64) -> Option<Lengths> {
    let (block, many, count) = (bytes.plain_number()?, bytes.plain_number()?, bytes.plain_number()?);
    let of_each = block.checked_div(many)?;
    let mut length = bytes.number()?;
    let mut lengths =
        Lengths { count, sum: if count > 0 { u64::try_from(length).unwrap_or_default() } else { 0 } };
    let mut rest = count.saturating_sub(1);
    while count <= values && rest > 0 && of_each > 0 {
        let Some((least, widths)) = bytes.number().and_then(|least| Some((least, bytes.take(many)?))) else {
            break;
        };
        for width in widths {
            if rest == 0 {
                break;
            }
            let Some(packed) = bytes.take(u64::from(*width) * (of_each / 8)) else { return Some(lengths) };
            for place in 0..of_each.min(rest) {
                let step = least.wrapping_add(bits(packed, place, *width).cast_signed());
                length = length.wrapping_add(step);
                lengths.sum = lengths.sum.saturating_add(u64::try_from(length).unwrap_or_default());
            }
            rest = rest.saturating_sub(of_each);
        }
    }
    Some(lengths)
}

/// The number at a place among numbers of so many bits each.
fn bits(packed: &[u8], place: u64, width: u8) -> u64 {
    let start = place * u64::from(width);
    (0..u64::from(width.min(64))).fold(0, |number, bit| {
        let at = start + bit;
        let byte = usize::try_from(at / 8).ok().and_then(|at| packed.get(at)).copied().unwrap_or_default();
        number | u64::from(byte >> (at % 8) & 1) << bit
    })
}

#[cfg(test)]
mod tests {
    use super::lists;

    fn has_too_many(page: &[u8], values: u64, is_two: bool) -> bool {
        lists(page, values, is_two).is_some_and(|lists| lists.iter().any(|list| list.count > values))
    }

    #[test]
    fn lengths_are_summed() {
        let sum = |page: &[u8]| lists(page, 99, false).unwrap().remove(0).sum;
        // The first is 5, the others are 1 more each, in 0 bits.
        assert_eq!(sum(&[0x80, 1, 4, 3, 10, 2, 0, 0, 0, 0]), 5 + 6 + 7);
        // In 2 bits: 1, 0, 3 more than 1 more.
        let wide = [&[0x80, 1, 4, 4, 10, 2, 2, 0, 0, 0, 0b11_00_01][..], &[0; 7]].concat();
        assert_eq!(sum(&wide), 5 + 7 + 8 + 12);
        assert_eq!(sum(&[0x80, 1, 4, 0, 10]), 0);
    }

    #[test]
    fn each_list_of_lengths_is_counted() {
        // 128 to a block, of 4 parts; 3 lengths: the first is 5, the others are 1 more each, in 0 bits.
        let list = |count: u8| vec![0x80, 1, 4, count, 10, 2, 0, 0, 0, 0];
        assert!(!has_too_many(&list(3), 3, false));
        assert!(has_too_many(&list(4), 3, false));
        assert!(!has_too_many(&[list(3), list(3), b"text".to_vec()].concat(), 3, true));
        assert!(has_too_many(&[list(3), list(4)].concat(), 3, true));
        let huge = [0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 10];
        assert!(has_too_many(&[&list(3)[..], &huge].concat(), 3, true));
        // In 2 bits each, a part of 32 takes 8 bytes.
        let wide = [&[0x80, 1, 4, 34, 10, 2, 2, 2, 0, 0][..], &[0; 16], &huge].concat();
        assert!(has_too_many(&wide, 34, true));
        for cut in 0..wide.len() {
            has_too_many(&wide[..cut], 34, true);
        }
    }

    #[test]
    fn what_is_no_list_is_left_to_the_reader() {
        for bytes in [&[][..], &[0xff; 30], &[0x80, 1, 0, 9, 9], &[0, 0, 0, 0]] {
            assert!(!has_too_many(bytes, 3, true), "{bytes:?}");
        }
    }
}
