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
    let turn = TURN.take(dj).await;
    unstamp(dj).await;
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    turn
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

pub(crate) fn asking(dj: &Instance, answer: Answer) -> Instance {
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

    Event.insert_one(dj, EventRow { id: 1, n: 3 }).await.unwrap();
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

/// A hash confirms the very rows that were looked at: not as many others, not another condition, not another verb.
pub async fn a_hash_confirms_those_rows_alone(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    Event.insert(dj, [EventRow { id: 2, n: 2 }]).await.unwrap();
    let of = |id: i32| Recording & Recording::id.eq(id);
    let plan = of(1).delete(dj).plan().await.unwrap();
    assert_eq!(plan.hash().len(), 32, "128 bits");
    assert_eq!(plan.hash(), of(1).delete(dj).plan().await.unwrap().hash(), "the same twice");
    assert!(plan.to_string().contains("id = 1"), "{plan}");

    // As many rows, and as large.
    let other = of(2).delete(dj).plan().await.unwrap();
    assert_eq!((plan.rows(), plan.bytes()), (other.rows(), other.bytes()));
    assert_ne!(plan.hash(), other.hash());
    assert!(of(2).delete(dj).confirmed_plan(plan.hash()).await.is_err());
    assert!(of(2).delete(dj).in_chunks(1).confirmed_plan(plan.hash()).await.is_err());
    assert!(of(1).delete_quick(dj).confirmed_plan(plan.hash()).await.is_err());

    // The first row is the same one by either order today; what was asked for is not.
    let first = |order: &str| of(1).order_by(order).limit(1);
    for (order, other) in [("id", "id desc"), ("KEY", "trace"), ("trace", "trace desc")] {
        let [one, other] = [order, other].map(first);
        let [plan, wanted] = [one.delete(dj).plan().await.unwrap(), other.delete(dj).plan().await.unwrap()];
        assert_eq!((plan.rows(), plan.rows()), (3, wanted.rows()));
        assert_ne!(plan.hash(), wanted.hash(), "{plan}\n{wanted}");
        assert!(other.delete(dj).confirmed_plan(plan.hash()).await.is_err());
        assert!(other.delete(dj).in_chunks(1).confirmed_plan(plan.hash()).await.is_err());
    }

    // One row out, one row in, at the bottom of what goes.
    let swap = async |out: i16, into: i16| {
        (Event & Event::id.eq(1) & Event::n.eq(out)).delete(dj).confirmed().await.unwrap();
        Event.insert_one(dj, EventRow { id: 1, n: into }).await.unwrap();
    };
    let whole = dj.drop_schema(SCHEMA).plan().await.unwrap();
    let table = Event.drop(dj).plan().await.unwrap();
    let quick = Event.delete_quick(dj).plan().await.unwrap();
    swap(2, 9).await;
    for error in [
        of(1).delete(dj).confirmed_plan(plan.hash()).await.unwrap_err(),
        of(1).delete(dj).in_chunks(1).confirmed_plan(plan.hash()).await.unwrap_err(),
        Event.delete_quick(dj).confirmed_plan(quick.hash()).await.unwrap_err(),
        Event.drop(dj).confirmed_plan(table.hash()).await.unwrap_err(),
        dj.drop_schema(SCHEMA).confirmed_plan(whole.hash()).await.unwrap_err(),
        dj.drop_schemas(SCHEMA).confirmed_plan(whole.hash()).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("confirm it anew"), "{error}");
    }
    assert_eq!(counts(dj).await, (2, 4));

    // While somebody is asked, too.
    let dj_of_other = dj.clone();
    let asked = dj.with_ask(Arc::new(Meanwhile(Box::new(move || {
        let dj = dj_of_other.clone();
        Box::pin(async move {
            (Event & Event::id.eq(1) & Event::n.eq(9)).delete(&dj).confirmed().await.unwrap();
            Event.insert_one(&dj, EventRow { id: 1, n: 8 }).await.unwrap();
        })
    }))));
    let error = of(1).delete(&asked).await.unwrap_err();
    assert!(error.to_string().contains("nothing was deleted"), "{error}");
    assert_eq!(counts(dj).await, (2, 4));

    swap(8, 2).await;
    assert_eq!(of(1).delete(dj).in_chunks(1).confirmed_plan(plan.hash()).await.unwrap().total(), 3);
    turn.end(dj).await;
}

/// What somebody else does while one is asked.
type Elsewhere = dyn Fn() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// Somebody who says yes, after something else has happened.
struct Meanwhile(Box<Elsewhere>);

impl Ask for Meanwhile {
    fn ask(&self, _: &Plan) -> Answer {
        tokio::runtime::Handle::current().block_on((self.0)());
        Answer::Yes
    }
}

/// A stamp that can't be read, or asks for too much, stops its schema alone, and can be taken away.
pub async fn a_stamp_that_nobody_can_use_is_taken_away(dj: &Instance, _: Capabilities) {
    let turn = begin(dj).await;
    fill(dj).await;
    dj.record_versions(&[(SCHEMA, "1.0.0")]).await.unwrap();
    let other = dj.with_settings(|settings| "dj_other_".clone_into(&mut settings.database.database_prefix));
    let other = other.with_schema_prefix("dj_other_");
    let own = dj.with_settings(|_| {});
    for (comment, is_readable) in [
        ("not json", false),
        (r#"{"enviroment":"lab"}"#, false),
        (r#"{"environment":"lab","minimum_client":"9999.0.0","version":"1.0.0"}"#, true),
    ] {
        let table = TableName::new(SCHEMA, "~environment");
        let mut connection = dj.database().acquire().await.unwrap();
        connection.script(&datajoint_sql::write_stamp(dj.backend(), &table, comment)).await.unwrap();
        drop(connection);
        let fresh = dj.with_settings(|settings| settings.environment = Some("lab".to_owned()));
        let error = Recording.count(&fresh).await.unwrap_err().to_string();
        assert!(error.contains(&format!("guard unstamp --schema {SCHEMA} --regardless {SCHEMA}")), "{error}");
        // Another project goes on.
        assert!(!other.stamps().await.unwrap().contains_key(SCHEMA));
        other.record_first_versions(&[]).await.unwrap();
        other.check_versions(&[]).await.unwrap();
        let _ = Later.count(&other).await.unwrap();
        other.drop_schemas("dj_other_").confirmed().await.unwrap();
        let found = own.found_stamps(None).await.unwrap();
        assert!(found.contains_key(SCHEMA), "it is shown");
        if is_readable {
            let stranger = dj.with_settings(|settings| settings.environment = Some("else".to_owned()));
            let error = stranger.unstamp_regardless(&[SCHEMA]).await.unwrap_err();
            assert!(error.to_string().contains("is stamped `lab`"), "{error}");
        }
        fresh.unstamp_regardless(&[SCHEMA]).await.unwrap();
        assert_eq!(Recording.count(&fresh).await.unwrap(), 2);
        let version = fresh.stamps().await.unwrap().get(SCHEMA).and_then(|stamp| stamp.version.clone());
        assert_eq!(version.is_some(), is_readable, "what can be read stays");
    }
    // Other cases stamp schemas of their own meanwhile.
    let stamp = async || own.stamps().await.unwrap().remove(SCHEMA);
    let before = stamp().await;
    let misspelt = Stamp::new("lab").minimum_client("1.x");
    let error = dj.stamp(&[SCHEMA], Some(&misspelt)).await.unwrap_err().to_string();
    assert!(error.contains("`1.x` is no release"), "{error}");
    assert_eq!(stamp().await, before, "it is not written");
    for wrong in ["lab\n", "\u{1b}[31mlab", "\0"] {
        let error = dj.stamp(&[SCHEMA], Some(&Stamp::new(wrong))).await.unwrap_err().to_string();
        assert!(error.contains("has control characters") && !error.contains(wrong), "{error}");
        let error = dj.set_version(&[SCHEMA], wrong).await.unwrap_err().to_string();
        assert!(error.contains("has control characters"), "{error}");
        let error = dj.record_versions(&[(SCHEMA, wrong)]).await.unwrap_err().to_string();
        assert!(!error.contains(wrong), "{error:?}");
    }
    assert_eq!(stamp().await, before, "none is written");
    // Others wrote it; it is shown, and taken away.
    let table = TableName::new(SCHEMA, "~environment");
    let mut connection = dj.database().acquire().await.unwrap();
    let comment = r#"{"environment":"lab","version":"1\u001b[31m"}"#;
    connection.script(&datajoint_sql::write_stamp(dj.backend(), &table, comment)).await.unwrap();
    drop(connection);
    let lab = dj.with_settings(|settings| settings.environment = Some("lab".to_owned()));
    let shown = lab.stamps().await.unwrap()[SCHEMA].to_string();
    assert_eq!(shown, "lab, version 1\u{fffd}[31m");
    lab.stamp(&[SCHEMA], None).await.unwrap();
    lab.set_version(&[SCHEMA], "2").await.unwrap();
    unstamp(dj).await;
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

    // Compared before anything is declared.
    let error = home.activate_specs_at(&[<Later as datajoint::Table>::spec()], &first).await.unwrap_err();
    assert!(error.to_string().contains("is of version 1.1.0"), "{error}");
    assert!(!home.schema(SCHEMA).await.unwrap().list_tables().contains(&"later".to_owned()));
    let error = home.check_later_versions(&first).await.unwrap_err();
    assert!(error.to_string().contains("1.0.0 is lower"), "{error}");

    // Never down, unless by a word of its own.
    let error = home.record_versions(&[(SCHEMA, "1.0.9")]).await.unwrap_err().to_string();
    assert!(error.contains("has version 1.1.0 recorded, and 1.0.9 is lower"), "{error}");
    let error = home.record_versions(&[(SCHEMA, "1.1.0-b")]).await.unwrap_err().to_string();
    assert!(error.contains("neither higher nor lower"), "{error}");
    home.record_first_versions(&[(SCHEMA, "9.9.9")]).await.unwrap();
    home.check_versions(&[(SCHEMA, "1.1.0")]).await.unwrap();
    home.stamp(&[SCHEMA], None).await.unwrap();
    dj.check_versions(&[(SCHEMA, "1.1.0")]).await.unwrap();
    dj.set_version(&[SCHEMA], "1.0.9").await.unwrap();
    dj.check_versions(&[(SCHEMA, "1.0.9")]).await.unwrap();
    unstamp(dj).await;

    // Nothing is created where that is off.
    let off = dj.with_settings(|settings| settings.database.create_tables = false);
    let error = off.record_versions(&first).await.unwrap_err();
    assert!(matches!(error, Error::NotDeclared { .. }), "{error}");
    off.record_first_versions(&first).await.unwrap();
    assert!(!dj.stamps().await.unwrap().contains_key(SCHEMA), "nothing was recorded");
    dj.record_first_versions(&first).await.unwrap();
    off.check_versions(&first).await.unwrap();
    off.record_versions(&[(SCHEMA, "1.1.0")]).await.unwrap();
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
    assert!(
        stamped.unwrap_err().to_string().contains("the oldest release would be 9999.0.0"),
        "the client would lock itself out"
    );
    assert_eq!(counts(&fresh()).await, (2, 3), "nothing was written");
    let table = TableName::new(SCHEMA, "~environment");
    let comment = r#"{"environment":"lab","minimum_client":"9999.0.0"}"#;
    let mut connection = dj.database().acquire().await.unwrap();
    connection.script(&datajoint_sql::write_stamp(dj.backend(), &table, comment)).await.unwrap();
    drop(connection);
    let dj = fresh();
    for error in [
        Recording.count(&dj).await.unwrap_err(),
        Recording.insert_one(&dj, RecordingRow { id: 7, trace: Blob::None }).await.unwrap_err(),
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
        Recording.insert_one(&production, RecordingRow { id: 1, trace: Blob::None }).await.unwrap_err(),
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
    settings.connection.lock_timeout = Some(1);
    let impatient = Instance::connect(settings).await.unwrap();
    let row = |id| RecordingRow { id, trace: Blob::None };
    let mut transaction = dj.begin().await.unwrap();
    Recording.update_one(&mut transaction, row(1)).await.unwrap();
    assert_eq!(Recording.count(&impatient).await.unwrap(), 2, "readers don't wait");
    Recording.insert_one(&mut transaction, row(7)).await.unwrap();
    let refused = [
        ("updating", Recording.update_one(&impatient, row(1)).await.unwrap_err()),
        ("inserting into", Recording.insert_one(&impatient, row(7)).await.unwrap_err()),
        (
            "deleting from",
            (Recording & Recording::id.eq(1)).delete_quick(&impatient).confirmed().await.unwrap_err(),
        ),
    ];
    for (verb, error) in refused {
        let kind = error.of_database().and_then(datajoint_adapters::Error::kind);
        assert_eq!(kind, Some(datajoint_adapters::Kind::LockTimeout), "{error}");
        assert!(error.to_string().contains(&format!("{verb} `{SCHEMA}.recording`")), "{error}");
    }
    transaction.rollback().await.unwrap();
    Recording.update_one(&impatient, row(1)).await.unwrap();
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
        .declare_copy(DynamicDeclaration {
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
    let hash = |size: u64| {
        Some(json!({"hash": "h", "path": "_hash/h", "schema": SCHEMA, "store": "main", "size": size}))
    };
    let array = Some(json!({"path": "_schema/m.npy", "store": "main", "dtype": "int64", "shape": [3]}));
    let rows = [row(1, hash(2048), array), row(2, hash(1024), None), row(3, None, None)];
    image.insert_with(dj, rows, InsertOptions::new().as_stored()).await.unwrap();
    let plan = image.delete(dj).plan().await.unwrap();
    assert_eq!((plan.tables[0].rows, plan.tables[0].objects, plan.bytes()), (3, 3, 3072));
    assert!(plan.to_string().contains("3 rows, 3 stored objects of 3 KiB"), "{plan}");
    let one = (&image & [("id", 2)]).delete(dj).plan().await.unwrap();
    assert_eq!((one.tables[0].objects, one.bytes()), (1, 1024));
    taken.end(dj).await;
}
