//! Keys that come from another crate, merged, renamed and nullable; children before parents.

use datajoint::codegen::Uuid;
use datajoint::{FromRow, HasAncestor};
use datajoint_tests_lab::colony::{self, EarTag, SubjectStrain};
use datajoint_tests_lab::rig::Rig;

mod ephys {
    use super::behaviour::{self, *};
    use super::{Rig, colony};
    use datajoint::prelude::*;

    schema!("ephys");

    #[table(
        Computed,
        external_make,
        definition = "
        -> Recording
        -> behaviour::Session
        ---
        spike_count : int64
    "
    )]
    pub(crate) struct Spikes;

    #[part(
        Spikes,
        definition = "
        -> master
        unit : int32
    "
    )]
    pub(crate) struct SpikesUnit;

    #[table(
        Imported,
        external_make,
        definition = "
        -> Session
        -> Rig
        ---
        -> [nullable] colony.Subject.proj(partner='ear_tag', partner_species='species', partner_strain='strain')
        -> [nullable] behaviour.Session.Trial.proj(first='trial')
    "
    )]
    pub(crate) struct Recording;

    #[table(
        Manual,
        definition = "
        -> Spikes.Unit
        ---
        label : varchar(20)
    "
    )]
    pub(super) struct Label;
}

mod sorting {
    use datajoint::prelude::*;

    schema!("sorting");

    #[table(
        Manual,
        definition = "
        key : int32
        ---
        note = null : varchar(20)
    "
    )]
    pub(crate) struct Sorted;

    #[part(
        Sorted,
        definition = "
        -> Sorted.proj(sorting='key')
        key : int32
        ---
        label : varchar(20)
    "
    )]
    pub(crate) struct SortedUnit;

    #[table(
        Lookup,
        definition = "
        ---
        gain : float64
    "
    )]
    pub(crate) struct Once;
}

mod behaviour {
    use datajoint::prelude::*;
    use datajoint_tests_lab::colony::Subject as Animal;

    schema!("behaviour");

    #[table(
        Manual,
        definition = "
        -> Animal
        session : int16
    "
    )]
    pub(crate) struct Session;

    #[part(
        Session,
        definition = "
        -> master
        trial : int32
    "
    )]
    pub(crate) struct SessionTrial;
}

#[test]
fn keys_are_merged_by_name() {
    let key = ["species", "ear_tag", "strain", "session", "rig"];
    assert_eq!(<ephys::SpikesKey as FromRow>::ATTRIBUTES, key);
    assert_eq!(<ephys::LabelRow as FromRow>::ATTRIBUTES.last(), Some(&"label"));
}

#[test]
fn types_come_from_where_they_were_declared() {
    let row = ephys::RecordingRow {
        partner: Some(EarTag(3)),
        partner_strain: Some(SubjectStrain::V5xFAD),
        ..ephys::RecordingRow::new("mouse", EarTag(1), SubjectStrain::WildType, 4, Uuid::nil())
    };
    assert_eq!(row.ear_tag, EarTag(1));
    assert_eq!(row.first, None);
    let label = ephys::LabelRow::new("mouse", EarTag(1), SubjectStrain::WildType, 4, Uuid::nil(), 9, "good");
    assert_eq!(label.unit, 9);
}

#[test]
fn a_row_of_a_key_asks_for_the_rest() {
    let all = ephys::SpikesRow::new("mouse", EarTag(1), SubjectStrain::WildType, 4, Uuid::nil(), 17);
    let key = ephys::SpikesKey::from(&all);
    assert_eq!(ephys::SpikesRow::of(&key, 17), all);
    let unit = ephys::SpikesUnitRow::of(&key, 9);
    assert_eq!((&unit.species[..], unit.ear_tag, unit.session, unit.unit), ("mouse", EarTag(1), 4, 9));
    // Attributes of a part that have other names than in its master, and one that is called like the parameter.
    let sorted = sorting::SortedRow::of(&sorting::SortedKey { key: 3 });
    assert_eq!(sorted, sorting::SortedRow { key: 3, note: None });
    let unit = sorting::SortedUnitRow::of(&sorting::SortedKey { key: 3 }, 8, "good");
    assert_eq!(unit, sorting::SortedUnitRow { sorting: 3, key: 8, label: "good".to_owned() });
    assert_eq!(sorting::OnceRow::of(&sorting::OnceKey {}, 2.5), sorting::OnceRow { gain: 2.5 });
}

const fn is_below<T: HasAncestor<A>, A>() {}

#[test]
fn ancestors_are_known_across_crates() {
    const {
        is_below::<ephys::Spikes, ephys::Recording>();
        is_below::<ephys::Spikes, behaviour::Session>();
        is_below::<ephys::Spikes, colony::Species>();
        is_below::<ephys::SpikesUnit, Rig>();
        is_below::<ephys::Label, ephys::Spikes>();
        is_below::<ephys::Label, ephys::SpikesUnit>();
    }
}

#[test]
fn tables_can_stand_in_a_function() {
    use datajoint::prelude::*;
    schema!("scratch");
    #[table(Manual, definition = "-> Mouse\nday : date")]
    struct Day;
    #[table(Manual, definition = "mouse : int32")]
    struct Mouse;
    assert_eq!(<DayKey as FromRow>::ATTRIBUTES, ["mouse", "day"]);
    let _ = (Day, Mouse);
}
