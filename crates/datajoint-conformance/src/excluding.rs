//! One client at a time, whatever the size of its pool, and nothing left of one that gave up.

use std::collections::BTreeSet;
use std::time::Duration;

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, Settings, Tier};

use crate::{Capabilities, Turn};

mod first {
    use datajoint::prelude::*;

    schema!("dj_conformance_excl_first");

    #[table(Manual)]
    /// a : int64
    pub(super) struct A;
}

mod second {
    use datajoint::prelude::*;

    use super::first;

    schema!("dj_conformance_excl_second");

    #[table(Manual)]
    /// -> first::A
    /// b : int64
    pub(super) struct B;
}

mod third {
    use datajoint::prelude::*;

    use super::second;

    schema!("dj_conformance_excl_third");

    #[table(Lookup, contents = [("x",)])]
    /// kind : varchar(8)
    pub(super) struct Kind;

    #[table(Manual)]
    /// -> second::B
    /// -> Kind
    pub(super) struct C;
}

pipeline! {
    struct Pipeline { first::A, second::B, third::Kind, third::C }
}

const SCHEMAS: [&str; 3] =
    ["dj_conformance_excl_third", "dj_conformance_excl_second", "dj_conformance_excl_first"];

static TURN: Turn = Turn::new("dj_conformance_excl");

async fn drop_all(dj: &Instance) {
    for schema in SCHEMAS {
        // It is not there on a first run.
        let _ = dj.drop_schema(schema).confirmed().await;
    }
}

/// The same database by another pool.
async fn another(dj: &Instance, change: impl FnOnce(&mut Settings)) -> Instance {
    let mut settings = dj.settings().clone();
    change(&mut settings);
    Instance::connect(settings).await.unwrap()
}

/// One connection is enough, however many schemas are declared.
pub async fn declaring_takes_one_connection(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    drop_all(dj).await;
    let one = another(dj, |settings| settings.database.max_connections = 1).await;
    let activation = one.activate::<Pipeline>().await.unwrap();
    assert_eq!(activation.declared.len(), 4);
    third::Kind.delete(&one).confirmed().await.unwrap();
    drop_all(&one).await;
    one.close().await;
    turn.end(dj).await;
}

/// Clients that gave up waiting for another one that declares keep nobody from declaring.
pub async fn a_wait_that_was_given_up_keeps_nobody_out(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    drop_all(dj).await;
    let schemas: BTreeSet<String> = SCHEMAS.iter().map(ToString::to_string).collect();
    let busy = dj.database().change(&schemas, Duration::from_secs(10)).await.unwrap();
    let waiting = another(dj, |_| ()).await;
    for wait in [10, 50, 200, 700] {
        let activated =
            tokio::time::timeout(Duration::from_millis(wait), waiting.activate::<Pipeline>()).await;
        assert!(activated.is_err(), "somebody else declares");
    }
    let done: datajoint_adapters::Result<()> = busy.end(Ok(())).await;
    done.unwrap();
    for dj in [dj, &waiting] {
        tokio::time::timeout(Duration::from_secs(10), dj.activate::<Pipeline>())
            .await
            .expect("nobody declares any more")
            .unwrap();
    }
    drop_all(dj).await;
    waiting.close().await;
    turn.end(dj).await;
}

/// Whoever waits too long is told whom for.
pub async fn who_holds_a_lock_is_named(dj: &Instance, _: Capabilities) {
    let lock = dj.database().lock("dj_conformance_excl", &[], Duration::from_secs(10)).await.unwrap();
    lock.check().await.unwrap();
    let refused = dj.database().lock("dj_conformance_excl", &[], Duration::ZERO).await.unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("held by session") || text.contains("held by process"), "{text}");
    lock.release().await.unwrap();
    let again = dj.database().lock("dj_conformance_excl", &[], Duration::from_secs(10)).await.unwrap();
    again.release().await.unwrap();
}

/// Of two definitions of one table at the same time one is declared, and the other is told so.
pub async fn of_two_definitions_at_once_one_is_told_the_difference(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let declare = async |definition: &'static str| {
        dj.declare_dynamic(DynamicDeclaration {
            schema: "dj_conformance_excl",
            class_name: "Thing",
            tier: Tier::Manual,
            master: None,
            definition,
        })
        .await
        .unwrap()
    };
    for _ in 0..5 {
        let _ = dj.drop_schema("dj_conformance_excl").confirmed().await;
        let (one, other) =
            tokio::join!(declare("id : int64\n---\nx : int32"), declare("id : int64\n---\ny : varchar(8)"));
        let there = dj.schema("dj_conformance_excl").await.unwrap().table("Thing").unwrap();
        for told in [&one, &other] {
            assert_eq!(
                told.describe().unwrap(),
                there.describe().unwrap(),
                "each is given what is in the database"
            );
        }
        let differing = [&one, &other].iter().filter(|told| !told.differences().is_empty()).count();
        assert_eq!(differing, 1, "one of the two got what it wanted");
    }
    turn.end(dj).await;
}

/// A client that lives on works with a table that another one has dropped and declared again.
pub async fn a_table_that_was_made_anew_is_the_same_to_a_living_client(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let living = another(dj, |settings| settings.database.max_connections = 1).await;
    let mood = |id: i32| datajoint::types::serde_json::json!({"id": id, "mood": "bad"});
    for round in 0..3 {
        let declaration = DynamicDeclaration {
            schema: "dj_conformance_excl",
            class_name: "Mood",
            tier: Tier::Manual,
            master: None,
            definition: "id : int32\n---\nmood : enum('good', 'bad')",
        };
        let table = dj.declare_dynamic(declaration).await.unwrap();
        if round < 2 {
            table.insert(&living, [mood(1)]).await.unwrap_or_else(|error| panic!("{round}: {error}"));
        }
        let within = living.retry_transaction(async |transaction: &mut datajoint::Transaction| {
            table.insert(&mut *transaction, [mood(2)]).await
        });
        within.await.unwrap_or_else(|error| panic!("{round}, in a transaction: {error}"));
        assert!((&table & [("mood", "bad")]).count(&living).await.unwrap() > 0);
        table.drop(dj).confirmed().await.unwrap();
    }
    living.close().await;
    turn.end(dj).await;
}

/// In a schema that has no `~lineage`, as those of older versions, a drop takes all or nothing too.
pub async fn tables_without_lineage_are_dropped(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let declare = async |class_name: &'static str, definition: &'static str| {
        dj.declare_dynamic(DynamicDeclaration {
            schema: "dj_conformance_excl",
            class_name,
            tier: Tier::Manual,
            master: None,
            definition,
        })
        .await
        .unwrap()
    };
    let parent = declare("Parent", "id : int64").await;
    declare("Child", "-> Parent").await;
    let lineage = datajoint_schema::TableName::lineage("dj_conformance_excl");
    let drop = format!("DROP TABLE {}", datajoint_sql::table_reference(dj.backend(), &lineage));
    let mut connection = dj.database().acquire().await.unwrap();
    connection.script(&[datajoint_sql::Statement::plain(drop)]).await.unwrap();
    std::mem::drop(connection);
    let dropped = parent.drop(dj).confirmed().await.unwrap();
    assert_eq!(dropped.len(), 2, "the child and the parent");
    assert!(dj.schema("dj_conformance_excl").await.unwrap().list_tables().is_empty());
    turn.end(dj).await;
}
