//! Tuples.

use crate::{FromBlob, Item, Result, ToBlob, Writer, code, reader::least_item};

macro_rules! tuples {
    ($($count:literal: $($part:ident $index:tt),+;)*) => {
        $(
            impl<$($part: ToBlob),+> ToBlob for ($($part,)+) {
                fn write_blob(&self, writer: &mut Writer) -> Result<()> {
                    writer.code(code::TUPLE);
                    writer.size($count);
                    $(writer.item(&self.$index)?;)+
                    Ok(())
                }
            }

            impl<$($part: FromBlob),+> FromBlob for ($($part,)+) {
                fn read_blob(item: Item<'_>) -> Result<Self> {
                    let mismatch = || item.mismatch(concat!("a tuple of ", $count));
                    let (code::TUPLE | code::LIST, mut reader) = item.open()? else {
                        return Err(mismatch());
                    };
                    if reader.count(least_item(reader.options))? != $count {
                        return Err(mismatch());
                    }
                    let tuple = ($(
                        reader.item()?.read::<$part>().map_err(|fault| fault.at(&concat!("[", $index, "]")))?,
                    )+);
                    reader.finish()?;
                    Ok(tuple)
                }
            }
        )*
    };
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}
