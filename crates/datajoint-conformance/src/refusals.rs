//! What the database refuses, said in terms of tables, rows and attributes, on every road.

use datajoint::prelude::*;
use datajoint::{Error, PopulateError};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_refusals");

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_refusals");

    #[table(Manual)]
    /// chip : int32
    /// ---
    /// owner : varchar(20)
    /// slot : int16
    /// unique index (owner, slot)
    pub(super) struct Chip;

    #[table(Manual)]
    /// visit : int32
    /// ---
    /// -> [nullable] Chip
    pub(super) struct Visit;

    #[table(Manual)]
    /// rack : int16
    /// place : int16
    pub(super) struct Place;

    #[table(Manual)]
    /// box : int32
    /// ---
    /// -> [nullable] Place
    pub(super) struct Stored;

    #[table(Manual)]
    /// site : int32
    pub(super) struct Site;

    #[part(Site)]
    /// -> master
    /// room : int16
    pub(super) struct SiteRoom;

    #[table(Lookup)]
    /// site_kind : int16
    pub(super) struct SiteKind;

    // References whose columns, and parents whose names, begin and end alike.
    #[table(Manual)]
    /// site_trip : int32
    /// ---
    /// -> SiteRoom
    /// -> Site.proj(home_site='site')
    /// -> Site.proj(last_site='site')
    /// -> SiteKind
    pub(super) struct SiteTrip;

    #[table(Computed)]
    /// -> Chip
    /// ---
    /// mark : varchar(8)
    /// unique index (mark)
    pub(super) struct Marked;

    impl PlainMake for Marked {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let chip = cx.key().chip;
            cx.insert(MarkedRow { chip, mark: "same".to_owned() }).await
        }
    }
}

use tables::{
    Chip, ChipRow, Marked, Place, PlaceRow, Site, SiteKind, SiteKindRow, SiteRoom, SiteRoomRow, SiteRow,
    SiteTrip, SiteTripRow, Stored, StoredRow, Visit, VisitRow,
};

fn chip(chip: i32, owner: &str, slot: i16) -> ChipRow {
    ChipRow { chip, owner: owner.to_owned(), slot }
}

/// Fails unless the error is that of the unique index of `Chip`, with these values, and advises what helps.
fn check(error: &Error, values: &str) {
    let Error::NotUnique { attributes, .. } = error else { panic!("{error}") };
    assert_eq!(attributes, &["owner", "slot"]);
    let text = error.to_string();
    assert!(text.contains("dj_conformance_refusals.chip") && text.contains(values), "{text}");
}

/// A clash in a unique index names the index and the values, on every road.
pub async fn a_clash_in_a_unique_index_is_told_as_that(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Chip.insert(dj, [chip(1, "ada", 1), chip(2, "bob", 1)]).await.unwrap();
    let values = "owner = \"ada\" and slot = 1 is there already";
    check(&Chip.insert(dj, [chip(3, "cyd", 1), chip(4, "ada", 1)]).await.unwrap_err(), values);
    // Twice among the rows.
    let twice = Chip.insert(dj, [chip(3, "cyd", 1), chip(4, "cyd", 1)]).await.unwrap_err();
    check(&twice, "owner = \"cyd\" and slot = 1");
    let many = (100..3_000).map(|id| {
        if id == 2_500 { chip(id, "ada", 1) } else { chip(id, "many", i16::try_from(id).unwrap()) }
    });
    check(&Chip.insert(dj, many.collect::<Vec<_>>()).await.unwrap_err(), values);
    let skip = InsertOptions::new().skip_duplicates();
    check(&Chip.insert_with(dj, [chip(5, "ada", 1)], skip).await.unwrap_err(), values);
    check(&Chip.update_one(dj, chip(2, "ada", 1)).await.unwrap_err(), values);
    let within = dj.transaction(async |within| Chip.insert_one(within, chip(6, "ada", 1)).await).await;
    check(&within.unwrap_err(), values);
    assert_eq!(Chip.count(dj).await.unwrap(), 2);
    // Rows that are passed over are not the ones that clash.
    let passed = [chip(1, "ada", 1), chip(2, "eve", 9), chip(5, "bob", 1), chip(7, "fay", 1)];
    let values = "owner = \"bob\" and slot = 1 is there already";
    check(&Chip.insert_with(dj, passed.clone(), skip).await.unwrap_err(), values);
    check(&Chip.insert_with(dj, passed[1..].to_vec(), skip).await.unwrap_err(), values);
    let twice = [chip(1, "ada", 1), chip(8, "gil", 1), chip(8, "bob", 1), chip(9, "gil", 1)];
    let error = Chip.insert_with(dj, twice, skip).await.unwrap_err();
    check(&error, "owner = \"gil\" and slot = 1");
    assert_eq!(Chip.count(dj).await.unwrap(), 2);
    // The key is told as the key, though the index clashes as well.
    let error = Chip.insert_one(dj, chip(1, "ada", 1)).await.unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }) && error.to_string().contains("(chip = 1)"), "{error}");
    turn.end(dj).await;
}

/// Of several unique indexes the one is named in which a row clashes, and with the values of that row.
pub async fn the_index_that_clashes_is_the_one_that_is_named(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\na : int32\nb : int32\nunique index (a)\nunique index (b)";
    let table = crate::matrix::declare(dj, "dj_conformance_refusals", "Twofold", definition).await;
    let row = |id: i32, a: i32, b: i32| {
        let row = DynamicRow::new().with("id", id).unwrap();
        row.with("a", a).unwrap().with("b", b).unwrap()
    };
    table.insert(dj, [row(1, 10, 100), row(2, 20, 200), row(3, 30, 300)]).await.unwrap();
    let told = |error: Error| {
        let Error::NotUnique { attributes, values, .. } = &error else { panic!("{error}") };
        (attributes.join(", "), values.to_string())
    };
    let of = |attribute: &str, values: &str| (attribute.to_owned(), values.to_owned());
    let (plain, skip) = (InsertOptions::new(), InsertOptions::new().skip_duplicates());
    for (rows, options, expected) in [
        (vec![row(4, 40, 400), row(5, 50, 200)], plain, of("b", "b = 200")),
        (vec![row(4, 40, 400), row(5, 20, 500)], plain, of("a", "a = 20")),
        (vec![row(1, 10, 100), row(2, 20, 200), row(4, 40, 300)], skip, of("b", "b = 300")),
        (vec![row(1, 40, 400), row(2, 20, 200), row(4, 20, 400)], skip, of("a", "a = 20")),
    ] {
        let shown = format!("{rows:?}");
        let error = table.insert_with(dj, rows, options).await.unwrap_err();
        assert_eq!(told(error), expected, "{shown}");
    }
    // What stays as it is clashes with nothing.
    let error = table.update_one(dj, row(2, 20, 300)).await.unwrap_err();
    assert_eq!(told(error), of("b", "b = 300"));
    if dj.backend().capability().has_conflict_target {
        let replace = InsertOptions::new().replace();
        let error = table.insert_with(dj, [row(1, 10, 100), row(2, 20, 300)], replace).await.unwrap_err();
        assert_eq!(told(error), of("b", "b = 300"));
    }
    turn.end(dj).await;
}

/// A missing parent in an update and a clash in `make` are explained as those of an insert are.
pub async fn what_the_database_refuses_names_table_and_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Chip.insert(dj, [chip(1, "ada", 1), chip(2, "bob", 1)]).await.unwrap();
    Visit.insert_one(dj, VisitRow { visit: 1, chip: Some(1) }).await.unwrap();
    let error = Visit.update_one(dj, VisitRow { visit: 1, chip: Some(9) }).await.unwrap_err();
    let Error::MissingParent { parent, key, .. } = &error else { panic!("{error}") };
    assert_eq!((parent.table.as_str(), key.to_string().as_str()), ("chip", "chip = 9"), "{error}");
    // The second one clashes with the first.
    let report = Marked.populate(dj).suppress_errors(true).run().await.unwrap();
    assert_eq!((report.success_count, report.errors.len()), (1, 1));
    let text = report.errors[0].1.to_string();
    assert!(text.contains("dj_conformance_refusals.__marked") && text.contains("mark = \"same\""), "{text}");
    assert!(!text.contains("UNIQUE constraint") && !text.starts_with("duplicate key"), "{text}");
    let _: Option<PopulateError> = None;
    turn.end(dj).await;
}

/// The parent that has no such row is named, and no other one whose name, or whose attribute's, is like it: outside of a
/// transaction and in one, where the server may answer no question.
pub async fn the_parent_that_is_missing_is_the_one_that_is_named(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Site.insert(dj, [SiteRow { site: 1 }]).await.unwrap();
    SiteRoom.insert_one(dj, SiteRoomRow { site: 1, room: 1 }).await.unwrap();
    SiteKind.insert_one(dj, SiteKindRow { site_kind: 1 }).await.unwrap();
    let good = SiteTripRow { site_trip: 1, site: 1, room: 1, home_site: 1, last_site: 1, site_kind: 1 };
    SiteTrip.insert_one(dj, good.clone()).await.unwrap();
    let new = SiteTripRow { site_trip: 2, ..good };
    for (row, parent, key) in [
        (SiteTripRow { room: 9, ..new.clone() }, "site__room", "room = 9"),
        (SiteTripRow { site: 9, ..new.clone() }, "site__room", "site = 9"),
        (SiteTripRow { home_site: 9, ..new.clone() }, "site", "9"),
        (SiteTripRow { last_site: 8, ..new.clone() }, "site", "8"),
        (SiteTripRow { site_kind: 9, ..new.clone() }, "#site_kind", "site_kind = 9"),
    ] {
        let alone = SiteTrip.insert_one(dj, row.clone()).await.unwrap_err();
        let within = dj.transaction(async |within| SiteTrip.insert_one(within, row).await).await.unwrap_err();
        for error in [alone, within] {
            let Error::MissingParent { parent: found, key: told, .. } = &error else { panic!("{error}") };
            assert!(
                found.table == parent && told.to_string().contains(key),
                "not `{parent}` with {key}: {error}"
            );
        }
    }
    assert_eq!(SiteTrip.count(dj).await.unwrap(), 1);
    turn.end(dj).await;
}

/// A reference of several attributes of which one is null refers to nothing, and takes any values in the others.
pub async fn a_reference_with_a_null_refers_to_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Place.insert_one(dj, PlaceRow { rack: 1, place: 1 }).await.unwrap();
    let stored = |r#box, rack, place| StoredRow { r#box, rack, place };
    let rows = [
        stored(1, Some(1), Some(1)),
        stored(2, None, None),
        stored(3, Some(9), None),
        stored(4, None, Some(9)),
    ];
    Stored.insert(dj, rows).await.unwrap();
    let error = Stored.insert_one(dj, stored(5, Some(9), Some(1))).await.unwrap_err();
    assert!(matches!(error, Error::MissingParent { .. }), "{error}");
    assert_eq!((Stored * Place).count(dj).await.unwrap(), 1);
    assert_eq!((Stored & Place).count(dj).await.unwrap(), 1);
    assert_eq!((Stored - Place).count(dj).await.unwrap(), 3);
    turn.end(dj).await;
}
