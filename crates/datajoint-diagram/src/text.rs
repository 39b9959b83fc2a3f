//! How wide a text is in Helvetica.

/// The widths of the characters from blank to `~`, in thousandths of the font size.
#[rustfmt::skip]
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // blank to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// The width of a text at a font size; characters that Helvetica lacks count as wide ones.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let thousandths: u32 = text.chars().map(character_width).sum();
    f64::from(thousandths) * size / 1000.0
}

fn character_width(character: char) -> u32 {
    let place = (character as usize).checked_sub(32);
    let known = place.and_then(|place| WIDTHS.get(place)).copied().map(u32::from);
    known.unwrap_or(if (character as u32) < 0x1100 { 600 } else { 1000 })
}
