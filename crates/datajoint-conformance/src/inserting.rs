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

    #[table(Manual)]
    /// name : varchar(20)
    /// ---
    /// room : int32
    pub(super) struct Keeper;

    #[table(Manual)]
    /// depth : float64
    /// ---
    /// label : varchar(20)
    /// unique index (label)
    pub(super) struct Layer;

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

use tables::{
    Animal, AnimalRow, Chip, ChipRow, Keeper, KeeperRow, Layer, LayerRow, Weighed, WeighedRow, WeighedScale,
    WeighedScaleRow,
};

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
    let names = Animal.order_by("KEY").column(dj, Animal::name).await.unwrap();
    assert_eq!(names, ["a", "b", "c"], "the row that was there stays, and of two the first counts");

    Chip.insert(dj, [chip(1, "ada"), chip(2, "bob")]).await.unwrap();
    Chip.insert_with(dj, [chip(1, "ada"), chip(3, "cyd")], skip).await.unwrap();
    let error = Chip.insert_with(dj, [chip(4, "dan"), chip(5, "ada")], skip).await.unwrap_err();
    assert!(matches!(error, Error::NotUnique { .. }), "{error}");
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
        (key.to_string().as_str(), attribute.as_str(), there.as_str(), given.as_str()),
        ("id = 2", "weight", "null", "2.0")
    );
    assert_eq!(Animal.count(dj).await.unwrap(), 3, "nothing of it was inserted");
    let error = Animal.insert_with(dj, [AnimalRow { image: None, ..full() }], same).await.unwrap_err();
    assert!(error.to_string().contains("image"), "{error}");
    turn.end(dj).await;
}

/// Zeros of either sign are one key.
pub async fn a_zero_is_a_duplicate_of_the_other_zero(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let layer = |depth: f64| LayerRow { depth, label: "surface".to_owned() };
    Layer.insert_one(dj, layer(0.0)).await.unwrap();
    for options in [InsertOptions::new().skip_identical(), InsertOptions::new().skip_duplicates()] {
        Layer.insert_with(dj, [layer(-0.0), layer(0.0)], options).await.unwrap();
    }
    assert_eq!(Layer.count(dj).await.unwrap(), 1);
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
    let names = Animal.order_by("KEY").column(dj, Animal::name).await.unwrap();
    assert_eq!(names, ["a", "a", "b", "c"]);
    Animal.update_one_with(dj, Wide { name: "z".to_owned(), ..wide(1) }, ignore).await.unwrap();
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
    Animal.insert_one(dj, animal(1, "a", None)).await.unwrap();
    let row = |grams| WeighedRow { id: 1, grams };
    assert!(matches!(Weighed.insert_one(dj, row(1.0)).await, Err(Error::AutoPopulated { .. })));
    Weighed.insert_with(dj, [row(1.0)], allow).await.unwrap();
    assert!(matches!(Weighed.update_one(dj, row(2.0)).await, Err(Error::AutoPopulated { .. })));
    Weighed.update_one_with(dj, row(2.0), allow).await.unwrap();
    let part = WeighedScaleRow { id: 1, scale: 1 };
    assert!(matches!(WeighedScale.insert_one(dj, part.clone()).await, Err(Error::AutoPopulated { .. })));
    WeighedScale.insert_with(dj, [part], allow).await.unwrap();
    assert_eq!(Weighed.column(dj, Weighed::grams).await.unwrap(), [2.0]);
    turn.end(dj).await;
}

/// A row that replaces another changes every attribute.
pub async fn replacing_puts_the_whole_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Animal.insert(dj, [animal(1, "a", Some(1.0)), animal(2, "b", None)]).await.unwrap();
    let replace = InsertOptions::new().replace();
    Animal.insert_with(dj, [animal(1, "z", None), animal(3, "c", None)], replace).await.unwrap();
    let rows = Animal.order_by("KEY").columns(dj, (Animal::name, Animal::weight.optional())).await.unwrap();
    assert_eq!(rows, [("z".to_owned(), None), ("b".to_owned(), None), ("c".to_owned(), None)]);
    // Of rows with one key the last one stays, whether they are sent together or not.
    for between in [0, 5_000] {
        let others = (10..10 + between).map(|id| animal(id, "x", None));
        let rows = [animal(4, "first", None)].into_iter().chain(others).chain([animal(4, "last", Some(2.0))]);
        Animal.insert_with(dj, rows, replace).await.unwrap();
        assert_eq!((Animal & [("id", 4)]).fetch_one(dj).await.unwrap(), animal(4, "last", Some(2.0)));
    }
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
    assert_eq!(Chip.order_by("KEY").column(dj, Chip::owner).await.unwrap(), ["ada", "bob", "cyd"]);
    // Another key with an owner that is there.
    let clash =
        Animal.proj(Proj::key().rename("owner", "name").rename("old", "id").compute("chip", "id + 10"));
    let clash = U(["chip", "owner"]) & clash;
    assert!(Chip.insert_query(dj, &clash, skip).await.is_err());
    assert_eq!(Chip.count(dj).await.unwrap(), 3);
    turn.end(dj).await;
}

/// Rows of a query are not rounded, cut or wrapped on their way.
pub async fn rows_of_a_query_are_refused_where_a_type_does_not_hold_them(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for (number, (to, from, holds)) in (0_u32..).zip([
        ("int8", "int32", false),
        ("int32", "float64", false),
        ("decimal(10,2)", "decimal(10,4)", false),
        ("datetime", "datetime(6)", false),
        ("varchar(3)", "varchar(20)", false),
        ("bool", "int32", false),
        ("enum('a', 'b')", "enum('a', 'c')", false),
        ("int64", "int32", true),
        ("decimal(12,4)", "decimal(10,2)", true),
        ("datetime(6)", "datetime", true),
        ("varchar(20)", "char(3)", true),
        ("varchar(20)", "enum('a', 'c')", true),
        ("float64", "int32", true),
    ]) {
        let declare = async |name: &str, kind: &str| {
            let definition = format!("id : int32\n---\nx = null : {kind}");
            let name = format!("{name}{number}");
            crate::matrix::declare(dj, "dj_conformance_inserting", &name, &definition).await
        };
        let (target, source) = (declare("To", to).await, declare("From", from).await);
        source.insert_one(dj, DynamicRow::new().with("id", 1).unwrap()).await.unwrap();
        match target.insert_query(dj, &source, InsertOptions::new()).await {
            Ok(rows) => assert!(holds && rows == 1, "{to} takes {from}"),
            Err(error) => {
                let error = error.to_string();
                let names = [target.name().table.as_str(), "`x`", to, from];
                assert!(!holds && names.iter().all(|name| error.contains(*name)), "{to} of {from}: {error}");
            }
        }
    }
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
    if dj.backend().is_mysql_family() {
        let question = datajoint_sql::Statement::plain("SELECT @@max_allowed_packet");
        let answer = dj.database().acquire().await.unwrap().fetch(&question).await.unwrap();
        let (datajoint::Value::Int(limit), 1) = (&answer[0][0], answer.len()) else { panic!("{answer:?}") };
        let error =
            large.insert_one(dj, row(100, usize::try_from(*limit).unwrap())).await.unwrap_err().to_string();
        assert!(error.contains("max_allowed_packet") && error.contains(&limit.to_string()), "{error}");
        assert_eq!(large.count(dj).await.unwrap(), 40);
    }
    turn.end(dj).await;
}

/// A row that others refer to is replaced; attributes that are not given get their defaults.
pub async fn replacing_keeps_what_refers_to_a_row(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Animal.insert_one(dj, animal(1, "ada", Some(2.0))).await.unwrap();
    let direct = InsertOptions::new().allow_direct_insert();
    Weighed.insert_with(dj, [WeighedRow { id: 1, grams: 1.0 }], direct).await.unwrap();
    let replace = InsertOptions::new().replace();
    let row = DynamicRow::new().with("id", 1).unwrap().with("name", "eve").unwrap();
    let animals = dj.table("dj_conformance_inserting.Animal").await.unwrap();
    animals.insert_with(dj, [row], replace).await.unwrap();
    assert_eq!(Animal.fetch_one(dj).await.unwrap(), animal(1, "eve", None));
    assert_eq!(Weighed.count(dj).await.unwrap(), 1);
    // In the place of another row.
    Chip.insert(dj, [chip(1, "ada"), chip(2, "bob")]).await.unwrap();
    Chip.insert_with(dj, [chip(3, "ada")], replace).await.unwrap_err();
    Chip.insert_with(dj, [chip(2, "ada")], replace).await.unwrap_err();
    assert_eq!(Chip.order_by("KEY").column(dj, Chip::owner).await.unwrap(), ["ada", "bob"]);
    turn.end(dj).await;
}

/// Where the database takes two keys for the same that differ in a letter, no row is passed over or renamed for it.
pub async fn a_key_that_only_looks_the_same_is_no_duplicate(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let keeper = |name: &str| KeeperRow { name: name.to_owned(), room: 1 };
    Keeper.insert_one(dj, keeper("Ann")).await.unwrap();
    let (skip, replace) = (InsertOptions::new().skip_duplicates(), InsertOptions::new().replace());
    Keeper.insert_with(dj, [keeper("Ann")], skip).await.unwrap();
    Keeper.insert_with(dj, [keeper("Ann")], replace).await.unwrap();
    let mut names = vec!["Ann"];
    let identical = InsertOptions::new().skip_identical();
    for options in [skip, replace, identical] {
        for name in ["ann", "Änn"] {
            match Keeper.insert_with(dj, [keeper(name)], options).await {
                Ok(_) if names.contains(&name) => {}
                Ok(_) => names.push(name),
                Err(error) => assert!(error.to_string().contains("another key"), "{error}"),
            }
        }
    }
    let mut there = Keeper.column(dj, Keeper::name).await.unwrap();
    there.sort();
    names.sort_unstable();
    assert_eq!(there, names);
    // Nor is it taken for what somebody else does at this moment, which trying again would mend.
    for (given, options) in [(["ANN", "Zoe"], identical), (["Bob", "bob"], identical)] {
        match Keeper.insert_with(dj, given.map(keeper), options).await {
            Ok(_) => {}
            Err(error) => assert!(matches!(error, Error::OtherKey { .. }), "{error}"),
        }
    }
    let retried = std::sync::atomic::AtomicUsize::new(0);
    let outcome = dj
        .retry_transaction(async |transaction| {
            retried.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Keeper.insert_with(transaction, [keeper("aNN")], identical).await
        })
        .await;
    assert!(matches!(outcome, Ok(_) | Err(Error::OtherKey { .. })), "{outcome:?}");
    assert_eq!(retried.into_inner(), 1);
    let retried = std::sync::atomic::AtomicUsize::new(0);
    let outcome = dj
        .retry_transaction(async |transaction| {
            retried.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Keeper.insert_with(transaction, ["Cid", "cid"].map(keeper), identical).await
        })
        .await;
    assert!(matches!(outcome, Ok(_) | Err(Error::OtherKey { .. })), "{outcome:?}");
    assert_eq!(retried.into_inner(), 1);
    turn.end(dj).await;
}
