//! What keeps a database from accidents, and ways round it that must not be.

use std::sync::Arc;

use datajoint::prelude::*;
use datajoint::{Answer, Ask, DynamicDeclaration, DynamicRow, Error, Plan, ReadOnly, Stamp, Target, Tier};

use datajoint_schema::TableName;
use serde_json::json;

use crate::turn::Taken;
use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_guarding");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// trace : <blob>
    pub(super) struct Recording;

    #[table(Manual)]
    /// -> Recording
    /// n : int16
    pub(super) struct Event;

    #[table(Manual)]
    /// id : int32
    pub(super) struct Later;

    #[table(Lookup, contents = [(1,), (2,)])]
    /// id : int32
    pub(super) struct Method;
}

use tables::{Event, EventRow, Later, Method, Recording, RecordingRow};

const SCHEMA: &str = "dj_conformance_guarding";

static TURN: Turn = Turn::new(SCHEMA);

/// Two recordings with three events.
async fn fill(dj: &Instance) {
    Recording.insert(dj, (1..=2).map(|id| RecordingRow { id, trace: vec![0.5; 8].into() })).await.unwrap();
    Event.insert(dj, [(1, 1), (1, 2), (2, 1)].map(|(id, n)| EventRow { id, n })).await.unwrap();
}

/// Waits for the turn, and takes away the stamp that an earlier run may have left.
async fn begin(dj: &Instance) -> Taken<'static> {
    unstamp(dj).await;
    TURN.take(dj).await
}

/// What only another program can do: a statement of one's own.
async fn unstamp(dj: &Instance) {
    let mut connection = dj.database().acquire().await.unwrap();
    let table = TableName::new(SCHEMA, "~environment");
    // There is none on a first run, and no schema either.
    let _ = connection.script(&datajoint_sql::drop_stamp(dj.backend(), &table)).await;
}

/// How many recordings and events there are.
async fn counts(dj: &Instance) -> (u64, u64) {
    (Recording.count(dj).await.unwrap(), Event.count(dj).await.unwrap())
}

/// Somebody who always answers the same.
struct Says(Answer);

impl Ask for Says {
    fn ask(&self, _: &Plan) -> Answer {
        self.0
    }
}

fn asking(dj: &Instance, answer: Answer) -> Instance {
    dj.with_ask(Arc::new(Says(answer)))
}

/// With safemode on and nobody there, every destructive verb is refused, and nothing goes.
pub async fn without_a_confirmation_nothing_goes(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    for (answer, text) in [(Answer::NobodyThere, "nobody is there to ask"), (Answer::No, "not confirmed")] {
        let dj = asking(dj, answer);
        let refused = [
            Recording.delete(&dj).await.unwrap_err(),
            Event.delete_quick(&dj).await.unwrap_err(),
            Recording.drop(&dj).await.unwrap_err(),
            dj.drop_schema(SCHEMA).await.unwrap_err(),
            dj.drop_schemas(SCHEMA).await.unwrap_err(),
            dj.table(&format!("{SCHEMA}.Event")).await.unwrap().drop(&dj).await.unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(error, Error::Guard(_)) && error.to_string().contains(text), "{error}");
        }
        let mut transaction = dj.begin().await.unwrap();
        Recording.delete(&mut transaction).await.unwrap_err();
        transaction.commit().await.unwrap();
    }
    assert_eq!(counts(dj).await, (2, 3));
    let report = Recording.delete(&asking(dj, Answer::Yes)).await.unwrap();
    assert_eq!((report.rows, report.total()), (2, 5));
    turn.end(dj).await;
}

/// What is confirmed by its hash goes; the hash of another day does not do.
pub async fn the_hash_of_a_plan_confirms_that_plan_alone(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    let one = Recording & Recording::id.eq(1);
    let plan = one.delete(dj).plan().await.unwrap();
    assert_eq!((plan.rows(), plan.tables.len()), (3, 2), "{plan}");
    assert!(plan.bytes() >= 64, "{plan}");
    assert_eq!(counts(dj).await, (2, 3), "a plan changes nothing");

    Event.insert1(dj, EventRow { id: 1, n: 3 }).await.unwrap();
    let error = one.delete(dj).confirmed_plan(plan.hash()).await.unwrap_err();
    assert!(error.to_string().contains("confirm it anew"), "{error}");
    let plan = one.delete(dj).plan().await.unwrap();
    assert_eq!(one.delete(dj).confirmed_plan(plan.hash()).await.unwrap().total(), 4);

    let plan = dj.drop_schema(SCHEMA).plan().await.unwrap();
    assert_eq!(plan.rows(), 2, "{plan}");
    let dropped = dj.drop_schema(SCHEMA).confirmed_plan(plan.hash()).await.unwrap();
    assert!(dropped.iter().any(|table| table.table == "recording"));
    assert!(!dj.list_schemas().await.unwrap().contains(&SCHEMA.to_owned()));
    turn.end(dj).await;
}

/// Limits hold whether it was confirmed or not, and with safemode off.
pub async fn no_more_goes_than_the_limits_allow(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    for safemode in [true, false] {
        let rows = dj.with_settings(|settings| {
            settings.safemode = safemode;
            settings.guard.max_rows = Some(4);
        });
        let bytes = dj.with_settings(|settings| {
            settings.safemode = safemode;
            settings.guard.max_bytes = Some(64);
        });
        for (dj, setting) in [(&rows, "guard.max_rows"), (&bytes, "guard.max_bytes")] {
            for error in [
                Recording.delete(dj).confirmed().await.unwrap_err(),
                Recording.drop(dj).confirmed().await.unwrap_err(),
                dj.drop_schema(SCHEMA).confirmed().await.unwrap_err(),
            ] {
                assert!(error.to_string().contains(setting), "{error}");
            }
        }
    }
    assert_eq!(counts(dj).await, (2, 3));
    let automatic = dj.with_settings(|settings| settings.safemode = false);
    assert_eq!(Recording.delete(&automatic).await.unwrap().total(), 5);
    turn.end(dj).await;
}

/// A stamped schema is read and filled by all, and changed by clients of its environment alone.
pub async fn a_stamped_schema_is_changed_in_its_environment_alone(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    dj.stamp(&[SCHEMA], Some(&Stamp::new("production"))).await.unwrap();
    let named = |name: &str| dj.with_settings(|settings| settings.environment = Some(name.to_owned()));
    for stranger in [dj.with_settings(|_| {}), named("staging")] {
        // Reading and inserting go on.
        assert_eq!(counts(&stranger).await, (2, 3));
        for error in [
            Recording.delete(&stranger).confirmed().await.unwrap_err(),
            Event.delete_quick(&stranger).confirmed().await.unwrap_err(),
            Recording.drop(&stranger).confirmed().await.unwrap_err(),
            stranger.drop_schema(SCHEMA).confirmed().await.unwrap_err(),
            stranger.drop_schemas("dj_conformance_guard").confirmed().await.unwrap_err(),
            Later.count(&stranger).await.unwrap_err(),
            stranger.stamp(&[SCHEMA], None).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains("is stamped `production`"), "{error}");
        }
        let unprefixed = stranger.with_schema_prefix("dj_conformance_");
        assert!(unprefixed.drop_schema(SCHEMA).confirmed().await.is_err());
        let allowed = stranger.with_create_tables([SCHEMA]);
        assert!(Later.count(&allowed).await.is_err(), "an exception for tables is none for the environment");
    }
    let home = named("production");
    assert_eq!(Later.count(&home).await.unwrap(), 0);
    assert_eq!(Recording.delete(&home).confirmed().await.unwrap().total(), 5);
    assert_eq!(home.stamps().await.unwrap()[SCHEMA], Stamp::new("production"));
    home.stamp(&[SCHEMA], None).await.unwrap();
    assert!(!home.stamps().await.unwrap().contains_key(SCHEMA));
    turn.end(dj).await;
}

/// Versions are recorded once, checked, and kept when the environment changes.
pub async fn versions_of_schemas_are_recorded_and_checked(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    let first = [(SCHEMA, "1.0.0")];
    let error = dj.check_versions(&first).await.unwrap_err();
    assert!(error.to_string().contains("no recorded version"), "{error}");
    dj.record_versions(&first).await.unwrap();
    dj.record_versions(&first).await.unwrap();
    dj.stamp(&[SCHEMA], Some(&Stamp::new("production"))).await.unwrap();
    dj.check_versions(&first).await.unwrap();

    let error = dj.check_versions(&[(SCHEMA, "1.1.0")]).await.unwrap_err();
    assert!(
        error.to_string().contains("is of version 1.0.0, and this program is for version 1.1.0"),
        "{error}"
    );
    let error = dj.record_versions(&[(SCHEMA, "1.1.0")]).await.unwrap_err();
    assert!(error.to_string().contains("is stamped `production`"), "{error}");
    let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    home.record_versions(&[(SCHEMA, "1.1.0")]).await.unwrap();
    home.check_versions(&[(SCHEMA, "1.1.0")]).await.unwrap();
    unstamp(dj).await;
    turn.end(dj).await;
}

/// A client that is too old for a schema can't even read it.
pub async fn a_client_that_is_too_old_is_refused(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    dj.stamp(&[SCHEMA], Some(&Stamp::new("lab").minimum_client("0.0.1"))).await.unwrap();
    let fresh = || dj.with_settings(|settings| settings.environment = Some("lab".to_owned()));
    assert_eq!(counts(&fresh()).await, (2, 3));
    let stamped = fresh().stamp(&[SCHEMA], Some(&Stamp::new("lab").minimum_client("9999.0.0"))).await;
    assert!(stamped.unwrap_err().to_string().contains("release 9999.0.0"), "the client locks itself out");
    let dj = fresh();
    for error in [
        Recording.count(&dj).await.unwrap_err(),
        Recording.insert1(&dj, RecordingRow { id: 7, trace: Blob::None }).await.unwrap_err(),
        dj.schema(SCHEMA).await.unwrap_err(),
        dj.drop_schema(SCHEMA).confirmed().await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("for clients from release 9999.0.0"), "{error}");
    }
    unstamp(&dj).await;
    turn.end(&dj).await;
}

/// With `create_tables` off nothing is created, save in a schema that is named.
pub async fn nothing_is_created_where_that_is_off(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    let production = dj.with_settings(|settings| settings.database.create_tables = false);
    for error in [
        Recording.count(&production).await.unwrap_err(),
        Method.count(&production).await.unwrap_err(),
        Recording.insert1(&production, RecordingRow { id: 1, trace: Blob::None }).await.unwrap_err(),
        production.activate_specs(&[<Method as datajoint::Table>::spec()]).await.unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(matches!(error, Error::NotDeclared { .. }), "{text}");
        assert!(text.contains(SCHEMA) && text.contains("`database.create_tables` is off (from"), "{text}");
        assert!(text.contains("with_create_tables"), "{text}");
    }
    assert!(!dj.list_schemas().await.unwrap().contains(&SCHEMA.to_owned()), "not even the schema");

    let excepted = production.with_create_tables([SCHEMA]);
    assert_eq!(Method.count(&excepted).await.unwrap(), 2);
    assert_eq!(Method.count(&production).await.unwrap(), 2);
    Method.delete(dj).confirmed().await.unwrap();
    let fresh = production.with_settings(|_| {});
    assert_eq!(Method.count(&fresh).await.unwrap(), 0, "contents are not written either");
    turn.end(dj).await;
}

/// Whoever waits for a lock gives up after the time of the settings.
pub async fn waiting_for_a_lock_has_an_end(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    let mut settings = dj.settings().clone();
    settings.connection.lock_timeout = 1;
    let impatient = Instance::connect(settings).await.unwrap();
    let row = |id| RecordingRow { id, trace: Blob::None };
    let mut transaction = dj.begin().await.unwrap();
    Recording.update1(&mut transaction, row(1)).await.unwrap();
    assert_eq!(Recording.count(&impatient).await.unwrap(), 2, "readers don't wait");
    let error = Recording.update1(&impatient, row(1)).await.unwrap_err();
    let Error::Adapter(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), Some(datajoint_adapters::Kind::LockTimeout), "{error}");
    transaction.rollback().await.unwrap();
    Recording.update1(&impatient, row(1)).await.unwrap();
    impatient.close().await;
    turn.end(dj).await;
}

/// A read-only client fetches; the server refuses what its types let through.
pub async fn a_read_only_client_changes_nothing(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    let reader = ReadOnly::connect(dj.settings().clone()).await.unwrap();
    assert_eq!(Recording.count(&reader).await.unwrap(), 2);
    assert_eq!((Event & Event::id.eq(1)).fetch(&reader).await.unwrap().len(), 2);
    assert_eq!(reader.schema(SCHEMA).await.unwrap().list_tables(), ["recording", "event"]);
    assert!(Later.count(&reader).await.is_err(), "what is missing is not declared");
    // A condition is SQL of the user's own, and the only way to slip in a statement.
    let slipped = datajoint::sql("1 = 1; DELETE FROM dj_conformance_guarding.event", [0; 0]);
    let _ = (Event & slipped).fetch(&reader).await;
    assert_eq!(counts(dj).await, (2, 3));
    let _: Target<'_> = (&reader).into();
    reader.close().await;
    turn.end(dj).await;
}

/// A plan counts the objects in stores that rows speak of, written by whatever client.
pub async fn a_plan_counts_stored_objects(dj: &Instance, _: Capabilities) {
    let taken = begin(dj).await;
    let image = dj
        .declare_dynamic(DynamicDeclaration {
            schema: SCHEMA,
            class_name: "Image",
            tier: Tier::Manual,
            definition: "id : int32\n---\npixels = null : <hash@main>\nmask = null : <npy@main>",
            master: None,
        })
        .await
        .unwrap();
    let row = |id: i32, pixels, mask| {
        let row = DynamicRow::new().with("id", id).unwrap();
        row.with("pixels", pixels).unwrap().with("mask", mask).unwrap()
    };
    let hash = |size: u64| Some(json!({"hash": "h", "path": "_hash/h", "store": "main", "size": size}));
    let array = Some(json!({"path": "_schema/m.npy", "store": "main", "dtype": "int64", "shape": [3]}));
    let rows = [row(1, hash(2048), array), row(2, hash(1024), None), row(3, None, None)];
    image.insert(dj, rows).await.unwrap();
    let plan = image.delete(dj).plan().await.unwrap();
    assert_eq!((plan.tables[0].rows, plan.tables[0].objects, plan.bytes()), (3, 3, 3072));
    assert!(plan.to_string().contains("3 rows, 3 stored objects of 3 KiB"), "{plan}");
    let one = (&image & [("id", 2)]).delete(dj).plan().await.unwrap();
    assert_eq!((one.tables[0].objects, one.bytes()), (1, 1024));
    taken.end(dj).await;
}
