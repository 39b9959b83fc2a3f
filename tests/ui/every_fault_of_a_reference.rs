use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual)]
/// --> Subject
/// -> Subject(animal)
/// ->
/// -> 'Subject'
/// ---
/// -> [nullable Subject
/// -> [] Subject
/// -> Subject.proj(animal=subject_id)
/// -> Subject.proj(animal='subject_id + 1')
/// -> Subject.proj(animal='subject_id'
/// -> Subject.proj(animal='subject_id').proj(rat='animal')
/// -> Subject.proj(_animal='subject_id')
/// -> Subject.proj(animal='subject_id', animal='subject_id')
pub struct Session;

fn main() {}
