use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// a : varchar
/// b : datetime(9)
/// c : decimal(2, 5)
/// d : decimal(many)
/// e : enum
/// f : enum(left, right)
/// g : enum('left', 'left')
/// h : enum('left)
/// i : enum('left',, 'right')
/// j : int32(4)
/// k : uint8
/// ---
/// l : blob@store
/// m : <>
/// n : double precision
pub struct Session;

fn main() {}
