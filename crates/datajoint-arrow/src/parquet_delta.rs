//! How many strings a page of strings says that it has, where it gives their lengths as differences.

use crate::parquet_pages::Bytes;

/// Returns true where a list of lengths says that it has more of them than the page has values; where there are two lists, as of what
/// strings begin and end with, either of them.
pub(crate) fn has_too_many(page: &[u8], values: u64, is_two: bool) -> bool {
    let mut bytes = Bytes(page);
    let Some(first) = counted(&mut bytes, values) else { return false };
    first > values || (is_two && counted(&mut bytes, values).is_some_and(|second| second > values))
}

/// How many lengths the list has that begins here, which is passed over; nothing where it breaks off before it says so. One that
/// says that it has too many is not passed over.
fn counted(bytes: &mut Bytes<'_>, values: u64) -> Option<u64> {
    let (block, many, count) = (bytes.plain_number()?, bytes.plain_number()?, bytes.plain_number()?);
    let of_each = block.checked_div(many)?;
    let _ = bytes.plain_number()?;
    let mut rest = count.saturating_sub(1);
    while count <= values && rest > 0 && of_each > 0 {
        let Some(widths) = bytes.plain_number().and_then(|_| bytes.take(many)) else { break };
        for width in widths {
            if rest > 0 && bytes.take(u64::from(*width) * (of_each / 8)).is_none() {
                return Some(count);
            }
            rest = rest.saturating_sub(of_each);
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::has_too_many;

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
