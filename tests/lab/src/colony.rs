//! The animals.

use datajoint::prelude::*;

schema!("colony");

/// A number on an ear tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AttributeValue)]
pub struct EarTag(pub i32);

#[table(Lookup, definition = "
    # Kinds of animals, see [the list] <and> `more`
    species : varchar(32)
    ---
    adult_weight : float32   # (g)
    is_nocturnal = true : bool
", contents = [("mouse", 25.0, true), ("finch", 12.5, false)])]
pub struct Species;

/// -> Species
/// ear_tag : int32
/// strain : enum('wild type', 'C57BL/6', '5xFAD')
/// ---
/// -> [nullable] Species.proj(fostered_by='species')
/// sex = 'U' : enum('M', 'F', 'U')
/// born = null : date
/// note = '' : varchar(200)   # anything [else]
/// type = null : json
/// photo = null : <attach>
/// scan : <blob>
/// created = CURRENT_TIMESTAMP : datetime
#[table(Manual, types(ear_tag = EarTag, scan = Vec<f64>))]
pub struct Subject;

/// The weight of an animal on a day.
///
/// ```definition
/// -> master
/// day : date
/// ---
/// weight : float32   # (g)
/// ```
#[part(Subject)]
pub struct SubjectWeight;
