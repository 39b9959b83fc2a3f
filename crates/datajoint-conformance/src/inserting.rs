//! Inserts in every way: duplicates, extra fields, buffers; updates by tier.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Error, InsertOptions};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_inserting");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// name : varchar(20)
    /// weight = null : float64
    /// image = null : <blob>
    pub(super) struct Animal;

    #[table(Manual)]
    /// chip : int32
    /// ---
    /// owner : varchar(20)
    /// unique index (owner)
    pub(super) struct Chip;

    #[table(Computed)]
    /// -> Animal
    /// ---
    /// grams : float64
    pub(super) struct Weighed;

    impl PlainMake for Weighed {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(WeighedRow { id, grams: 0.0 }).await
        }
    }

    #[part(Weighed)]
    /// -> master
    /// scale : int32
    pub(super) struct WeighedScale;
}

use tables::{Animal, AnimalRow, Chip, ChipRow, Weighed, WeighedRow, WeighedScale, WeighedScaleRow};

static TURN: Turn = Turn::new("dj_conformance_inserting");

fn animal(id: i32, name: &str, weight: Option<f64>) -> AnimalRow {
    AnimalRow { id, name: name.to_owned(), weight, image: None }
}

fn chip(chip: i32, owner: &str) -> ChipRow {
    ChipRow { chip, owner: owner.to_owned() }
}

/// A row whose key is there is passed over; one that clashes in a unique index is an error.
pub async fn duplicates_are_skipped_by_their_key_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let skip = InsertOptions::new().skip_duplicates();
    Animal.insert_with(dj, [animal(1, "a", None), animal(2, "b", None)], skip).await.unwrap();
    Animal
        .insert_with(dj, [animal(2, "other", None), animal(3, "c", None), animal(3, "again", None)], skip)
        .await
        .unwrap();
    let names = Animal.order_by("KEY").column(Animal::name, dj).await.unwrap();
    assert_eq!(names, ["a", "b", "c"], "the row that was there stays, and of two the first counts");

    Chip.insert(dj, [chip(1, "ada"), chip(2, "bob")]).await.unwrap();
    Chip.insert_with(dj, [chip(1, "ada"), chip(3, "cyd")], skip).await.unwrap();
    let error = Chip.insert_with(dj, [chip(4, "dan"), chip(5, "ada")], skip).await.unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. } | Error::Adapter(_)), "{error}");
    assert_eq!(Chip.count(dj).await.unwrap(), 3, "all or none");

    // Two workers with the same rows: both succeed, and each row is there once.
    let rows = || (10..210).map(|id| animal(id, "x", None));
    let one = Animal.insert_with(dj, rows(), skip);
    let other = Animal.insert_with(dj, rows(), skip);
    let (one, other) = tokio::join!(one, other);
    one.unwrap();
    other.unwrap();
    assert_eq!(Animal.count(dj).await.unwrap(), 203);
    turn.end(dj).await;
}

/// A row that is to be there as it is says which attribute differs.
pub async fn identical_rows_are_skipped_and_others_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let same = InsertOptions::new().skip_identical();
    let full = || AnimalRow { image: Some(vec![1.5, 2.5].into()), ..animal(1, "a", Some(0.1)) };
    Animal.insert_with(dj, [full(), animal(2, "b", None)], same).await.unwrap();
    Animal.insert_with(dj, [full(), animal(2, "b", None), animal(3, "c", None)], same).await.unwrap();
    assert_eq!(Animal.count(dj).await.unwrap(), 3);
    let error =
        Animal.insert_with(dj, [animal(4, "d", None), animal(2, "b", Some(2.0))], same).await.unwrap_err();
    let Error::OtherRow { key, attribute, there, given, .. } = &error else { panic!("{error}") };
    assert_eq!(
        (key.as_str(), attribute.as_str(), there.as_str(), given.as_str()),
        ("id = 2", "weight", "null", "2.0")
    );
    assert_eq!(Animal.count(dj).await.unwrap(), 3, "nothing of it was inserted");
    let error = Animal.insert_with(dj, [AnimalRow { image: None, ..full() }], same).await.unwrap_err();
    assert!(error.to_string().contains("image"), "{error}");
    turn.end(dj).await;
}

/// What a table lacks is left out on request alone.
pub async fn extra_fields_are_left_out_on_request_alone(dj: &Instance, _: Capabilities) {
    #[derive(IntoRow)]
    struct Wide {
        id: i32,
        colour: String,
        name: String,
    }
    let turn = TURN.take(dj).await;
    let wide = |id| Wide { id, colour: "red".to_owned(), name: "a".to_owned() };
    let ignore = InsertOptions::new().ignore_extra_fields();
    let error = Animal.insert(dj, [wide(1)]).await.unwrap_err().to_string();
    assert!(error.contains("`colour`"), "{error}");
    Animal.insert_with(dj, [wide(1), wide(2)], ignore).await.unwrap();
    let table = dj.schema("dj_conformance_inserting").await.unwrap().table("Animal").unwrap().clone();
    let rows = [json!({"id": 3, "colour": 7, "name": "b"}), json!({"name": "c", "size": null, "id": 4})];
    assert!(table.insert(dj, rows.clone()).await.is_err());
    table.insert_with(dj, rows, ignore).await.unwrap();
    let names = Animal.order_by("KEY").column(Animal::name, dj).await.unwrap();
    assert_eq!(names, ["a", "a", "b", "c"]);
    Animal.update1_with(dj, Wide { name: "z".to_owned(), ..wide(1) }, ignore).await.unwrap();
    assert_eq!((Animal & Animal::name.eq("z")).count(dj).await.unwrap(), 1);
    turn.end(dj).await;
}

/// Rows come one after the other, and last all together.
pub async fn buffered_rows_last_when_they_are_finished(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let mut insert = Animal.buffered(dj, InsertOptions::new()).await.unwrap();
    for id in 0..70_000 {
        insert.push(animal(id, "x", Some(f64::from(id)))).await.unwrap();
    }
    assert_eq!(insert.finish().await.unwrap(), 70_000);
    assert_eq!(Animal.count(dj).await.unwrap(), 70_000);
    let mut dropped = Animal.buffered(dj, InsertOptions::new()).await.unwrap();
    for id in 100_000..170_000 {
        dropped.push(animal(id, "x", None)).await.unwrap();
    }
    drop(dropped);
    assert_eq!(Animal.count(dj).await.unwrap(), 70_000, "what is not finished is undone");
    turn.end(dj).await;
}

/// Tables that `populate` fills are changed on request alone.
pub async fn computed_rows_are_changed_on_request_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let allow = InsertOptions::new().allow_direct_insert();
    Animal.insert1(dj, animal(1, "a", None)).await.unwrap();
    let row = |grams| WeighedRow { id: 1, grams };
    assert!(matches!(Weighed.insert1(dj, row(1.0)).await, Err(Error::AutoPopulated { .. })));
    Weighed.insert_with(dj, [row(1.0)], allow).await.unwrap();
    assert!(matches!(Weighed.update1(dj, row(2.0)).await, Err(Error::AutoPopulated { .. })));
    Weighed.update1_with(dj, row(2.0), allow).await.unwrap();
    let part = WeighedScaleRow { id: 1, scale: 1 };
    assert!(matches!(WeighedScale.insert1(dj, part.clone()).await, Err(Error::AutoPopulated { .. })));
    WeighedScale.insert_with(dj, [part], allow).await.unwrap();
    assert_eq!(Weighed.column(Weighed::grams, dj).await.unwrap(), [2.0]);
    turn.end(dj).await;
}

/// A row that replaces another changes every attribute.
pub async fn replacing_puts_the_whole_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Animal.insert(dj, [animal(1, "a", Some(1.0)), animal(2, "b", None)]).await.unwrap();
    let replace = InsertOptions::new().replace();
    Animal.insert_with(dj, [animal(1, "z", None), animal(3, "c", None)], replace).await.unwrap();
    let rows = Animal.order_by("KEY").columns((Animal::name, Animal::weight.optional()), dj).await.unwrap();
    assert_eq!(rows, [("z".to_owned(), None), ("b".to_owned(), None), ("c".to_owned(), None)]);
    turn.end(dj).await;
}

/// Rows of a query go from table to table within the database; rows that are there are passed over by their key.
pub async fn rows_of_a_query_are_inserted_without_fetching_them(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Animal
        .insert(dj, [animal(1, "ada", None), animal(2, "bob", None), animal(3, "cyd", None)])
        .await
        .unwrap();
    let owners = Animal.proj(Proj::key().rename("owner", "name").rename("chip", "id"));
    let first = &owners & [("chip", 1)];
    assert_eq!(Chip.insert_query(dj, &first, InsertOptions::new()).await.unwrap(), 1);
    assert!(Chip.insert_query(dj, &owners, InsertOptions::new()).await.is_err());
    let skip = InsertOptions::new().skip_duplicates();
    Chip.insert_query(dj, &owners, skip).await.unwrap();
    assert_eq!(Chip.order_by("KEY").column(Chip::owner, dj).await.unwrap(), ["ada", "bob", "cyd"]);
    // Another key with an owner that is there.
    let clash =
        Animal.proj(Proj::key().rename("owner", "name").rename("old", "id").compute("chip", "id + 10"));
    let clash = U(["chip", "owner"]) & clash;
    assert!(Chip.insert_query(dj, &clash, skip).await.is_err());
    assert_eq!(Chip.count(dj).await.unwrap(), 3);
    turn.end(dj).await;
}

/// A row that is larger than the server takes is an error that names the setting; many rows that are not go in parts.
pub async fn a_row_too_large_for_the_server_is_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let large = dj
        .declare_dynamic(datajoint::DynamicDeclaration {
            schema: "dj_conformance_inserting",
            class_name: "Large",
            tier: datajoint::Tier::Manual,
            definition: "id : int32\n---\nraw : bytes",
            master: None,
        })
        .await
        .unwrap();
    let row = |id: i32, size: usize| {
        DynamicRow::new().with("id", id).unwrap().with("raw", vec![7_u8; size]).unwrap()
    };
    // More in all than any server takes at once.
    large.insert(dj, (0..40).map(|id| row(id, 1 << 21))).await.unwrap();
    assert_eq!(large.count(dj).await.unwrap(), 40);
    if matches!(dj.backend(), datajoint::Backend::Mysql | datajoint::Backend::Mariadb) {
        let question = datajoint_sql::Statement::plain("SELECT @@max_allowed_packet");
        let answer = dj.database().acquire().await.unwrap().fetch(&question).await.unwrap();
        let (datajoint::Value::Int(limit), 1) = (&answer[0][0], answer.len()) else { panic!("{answer:?}") };
        let error =
            large.insert1(dj, row(100, usize::try_from(*limit).unwrap())).await.unwrap_err().to_string();
        assert!(error.contains("max_allowed_packet") && error.contains(&limit.to_string()), "{error}");
        assert_eq!(large.count(dj).await.unwrap(), 40);
    }
    turn.end(dj).await;
}
