//! The byte that begins each value.

pub(crate) const ARRAY: u8 = b'A';
pub(crate) const RECORDS: u8 = b'F';
pub(crate) const STRUCT: u8 = b'S';
pub(crate) const CELL: u8 = b'C';
pub(crate) const SPARSE: u8 = b'P';
pub(crate) const NONE: u8 = 0xFF;
pub(crate) const TUPLE: u8 = 1;
pub(crate) const LIST: u8 = 2;
pub(crate) const SET: u8 = 3;
pub(crate) const MAP: u8 = 4;
pub(crate) const STR: u8 = 5;
pub(crate) const BYTES: u8 = 6;
pub(crate) const INT: u8 = 0x0A;
pub(crate) const BOOL: u8 = 0x0B;
pub(crate) const COMPLEX: u8 = 0x0C;
pub(crate) const FLOAT: u8 = 0x0D;
pub(crate) const DECIMAL: u8 = b'd';
pub(crate) const TIME: u8 = b't';
pub(crate) const UUID: u8 = b'u';
