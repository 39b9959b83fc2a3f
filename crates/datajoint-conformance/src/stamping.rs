//! What a stamp lets pass: every verb that changes a schema, tried by a client of another environment.

use std::time::Duration;

use datajoint::arrow::{FetchColumns as _, InsertColumns as _};
use datajoint::guard::StampChange;
use datajoint::jobs::{Jobs, Refresh, Status};
use datajoint::prelude::*;
use datajoint::{Action, AuditVerb, DynamicDeclaration, Stamp, Tier};
use datajoint_pipeline::AuditEntry;
use datajoint_transfer::{Export, Import, copy};
use serde_json::json;

use crate::{Capabilities, Turn};

mod tables {
    use std::sync::Mutex;

    use datajoint::Stamp;
    use datajoint::prelude::*;

    schema!("dj_conformance_stamping");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// note = '' : varchar(20)
    pub(super) struct Sample;

    #[table(Computed)]
    /// -> Sample
    /// ---
    /// twice : int32
    pub(super) struct Twice;

    #[table(Computed)]
    /// -> Sample
    /// ---
    /// thrice : int32
    pub(super) struct Thrice;

    #[table(Manual)]
    /// id : int32
    pub(super) struct Later;

    pipeline! {
        pub(super) struct Known { Sample, Twice }
    }

    pipeline! {
        pub(super) struct All { Sample, Twice, Later }
    }

    /// Who stamps the schema while the key of this number is computed: one a backend, all of which run in this process.
    pub(super) static OTHERS: Mutex<Vec<(i32, Instance)>> = Mutex::new(Vec::new());

    impl Make for Thrice {
        type Fetched = ();
        type Computed = i32;

        async fn fetch(_: &FetchContext<'_, Self>) -> MakeResult<()> {
            Ok(())
        }

        fn compute(key: &ThriceKey, (): ()) -> MakeResult<i32> {
            let other = OTHERS.lock().unwrap().iter().find(|(id, _)| *id == key.id).cloned();
            if let Some((_, other)) = other {
                let stamp = Stamp::new("production");
                tokio::runtime::Handle::current().block_on(other.stamp(&[super::SCHEMA], Some(&stamp)))?;
            }
            Ok(3 * key.id)
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, thrice: i32) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(ThriceRow { id, thrice }).await
        }
    }

    impl PlainMake for Twice {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(TwiceRow { id, twice: 2 * id }).await
        }
    }
}

use tables::{All, Known, Later, OTHERS, Sample, SampleRow, Thrice, Twice};

const SCHEMA: &str = "dj_conformance_stamping";

static TURN: Turn = Turn::new(SCHEMA);

/// Every verb that writes, by its name and its kind of argument, and what it does to a stamped schema. A test reads the
/// sources, and fails for a verb that is not here.
pub const VERBS: [(&str, Action); 54] = [
    ("insert", Action::Insert),
    ("insert_one", Action::Insert),
    ("insert_with", Action::Insert),
    ("insert_with skip_duplicates", Action::Insert),
    ("insert_with skip_identical", Action::Insert),
    ("insert_with replace", Action::Replace),
    ("insert_counted", Action::Insert),
    ("insert_counted replace", Action::Replace),
    ("insert_stream", Action::Insert),
    ("insert_stream replace", Action::Replace),
    ("buffered", Action::Insert),
    ("buffered replace", Action::Replace),
    ("insert_query", Action::Insert),
    ("insert_query replace", Action::Replace),
    ("insert_batches", Action::Insert),
    ("insert_batches replace", Action::Replace),
    ("insert_csv replace", Action::Replace),
    ("insert_parquet replace", Action::Replace),
    ("update_one", Action::Update),
    ("update_one_with", Action::Update),
    ("delete", Action::Delete),
    ("delete in chunks", Action::Delete),
    ("delete_quick", Action::Delete),
    ("drop", Action::Drop),
    ("drop_schema", Action::Drop),
    ("drop_schemas", Action::Drop),
    ("activate", Action::Declare),
    ("activate_specs", Action::Declare),
    ("activate_at", Action::Declare),
    ("activate_specs_at", Action::Declare),
    ("ensure_active", Action::Declare),
    ("declare_dynamic", Action::Declare),
    ("declare_copy", Action::Declare),
    ("declare_hidden", Action::Declare),
    ("open", Action::Declare),
    ("populate", Action::Populate),
    ("refresh", Action::Populate),
    ("retry", Action::Populate),
    ("ignore", Action::Populate),
    ("clear", Action::Populate),
    ("release", Action::Populate),
    ("import", Action::Import),
    ("copy", Action::Import),
    ("stamp", Action::Stamp),
    ("unstamp_regardless", Action::Stamp),
    ("record_versions", Action::RecordVersion),
    ("record_first_versions", Action::RecordVersion),
    ("set_version", Action::RecordVersion),
    ("change_stamp_on", Action::Deploy),
    ("in a transaction replace", Action::Replace),
    ("in a transaction delete_quick", Action::Delete),
    ("prepare_audit", Action::Declare),
    ("declare_audit_on", Action::Deploy),
    // The entry of a change, which is looked at by its own verb.
    ("audit_on", Action::Insert),
];

fn row(id: i32) -> SampleRow {
    SampleRow { id, note: "new".to_owned() }
}

fn audited(dj: &Instance) -> Instance {
    dj.with_settings(|settings| settings.guard.audit = true)
}

/// Tries a verb, as a typed one and as a dynamic one where it is both; gives the errors.
async fn attempt(dj: &Instance, verb: &str, next: i32) -> Vec<Option<String>> {
    let (verb, mode) = verb.split_once(' ').unwrap_or((verb, ""));
    let options = match mode {
        "replace" => InsertOptions::new().replace(),
        "skip_duplicates" => InsertOptions::new().skip_duplicates(),
        "skip_identical" => InsertOptions::new().skip_identical(),
        _ => InsertOptions::new(),
    };
    // What replaces has a key that is there; what adds has not.
    let id = if mode == "replace" { 1 } else { next };
    let files = tempfile::tempdir().unwrap();
    let dynamic = dj.table(&format!("{SCHEMA}.Sample")).await.unwrap();
    let value = |id: i32| json!({"id": id, "note": "new"});
    let one = Sample & Sample::id.eq(1);
    macro_rules! errors {
        ($($outcome:expr),* $(,)?) => { vec![$($outcome.err().map(|error| error.to_string())),*] };
    }
    match verb {
        "insert" => errors![Sample.insert(dj, [row(id)]).await, dynamic.insert(dj, [value(id + 1)]).await],
        "insert_one" => {
            errors![Sample.insert_one(dj, row(id)).await, dynamic.insert_one(dj, value(id + 1)).await]
        }
        "insert_with" => errors![
            Sample.insert_with(dj, [row(id)], options).await,
            dynamic.insert_with(dj, [value(id)], options).await.or_else(|error| {
                // The plain one is there by now.
                if mode.is_empty() { Ok(0) } else { Err(error) }
            }),
        ],
        "insert_counted" => {
            let rows = futures_util::stream::iter([value(id)]);
            errors![dynamic.insert_counted(dj, rows, options).await]
        }
        "insert_stream" => {
            errors![Sample.insert_stream(dj, futures_util::stream::iter([row(id)]), options).await,]
        }
        "buffered" => {
            let mut insert = Sample.buffered(dj, options).await.unwrap();
            insert.push(row(id)).await.unwrap();
            errors![insert.finish().await]
        }
        "insert_query" => {
            let rows = if mode == "replace" { one.clone() } else { Sample & Sample::id.eq(-1) };
            errors![
                Sample.insert_query(dj, &rows, options).await,
                dynamic.insert_query(dj, &rows, options).await
            ]
        }
        "insert_batches" => {
            let batch = one.fetch_arrow(dj).await.unwrap();
            let batches = (mode == "replace").then_some(batch);
            errors![Sample.insert_batches(dj, batches, options).await]
        }
        "insert_csv" => {
            let path = files.path().join("rows.csv");
            std::fs::write(&path, "id,note\n1,new\n").unwrap();
            errors![Sample.insert_csv(dj, &path, options).await]
        }
        "insert_parquet" => {
            let path = files.path().join("rows.parquet");
            one.write_parquet(dj, &path).await.unwrap();
            errors![Sample.insert_parquet(dj, &path, options).await]
        }
        "update_one" => errors![Sample.update_one(dj, row(1)).await, dynamic.update_one(dj, value(1)).await],
        "update_one_with" => errors![
            Sample.update_one_with(dj, row(1), options).await,
            dynamic.update_one_with(dj, value(1), options).await,
        ],
        "delete" if mode == "in chunks" => errors![one.delete(dj).in_chunks(1).confirmed().await],
        "delete" => errors![one.delete(dj).confirmed().await],
        "delete_quick" => errors![one.delete_quick(dj).confirmed().await],
        "drop" => errors![Twice.drop(dj).confirmed().await, dynamic.drop(dj).confirmed().await],
        "drop_schema" => errors![dj.drop_schema(SCHEMA).confirmed().await],
        "drop_schemas" => errors![dj.drop_schemas(SCHEMA).confirmed().await],
        "activate" => errors![dj.activate::<All>().await],
        "activate_specs" => errors![dj.activate_specs(&[<Later as datajoint::Table>::spec()]).await],
        "activate_at" => errors![dj.activate_at::<All>(&[]).await],
        "activate_specs_at" => {
            errors![dj.activate_specs_at(&[<Later as datajoint::Table>::spec()], &[]).await]
        }
        "ensure_active" => errors![dj.ensure_active(&[<Later as datajoint::Table>::spec()]).await],
        "declare_dynamic" | "declare_copy" => {
            let (schema, class_name, tier, master) = (SCHEMA, "Other", Tier::Manual, None);
            let declaration =
                DynamicDeclaration { schema, class_name, tier, master, definition: "id : int32" };
            errors![dj.declare_dynamic(declaration).await, dj.declare_copy(declaration).await]
        }
        "declare_hidden" | "open" => {
            let thrice = dj.table(&format!("{SCHEMA}.Thrice")).await.unwrap();
            errors![Jobs::open(dj, thrice.table()).await]
        }
        "populate" => {
            errors![Twice.populate(dj).run().await, Twice.populate(dj).reserve_jobs(true).run().await]
        }
        "refresh" | "retry" | "ignore" | "clear" | "release" => {
            let twice = dj.table(&format!("{SCHEMA}.Twice")).await.unwrap();
            let queue = Jobs::find(dj, twice.table()).await.unwrap().unwrap();
            let any = [("id", 1)];
            match verb {
                "refresh" => {
                    let source = datajoint::source_of(dj, &twice).await.unwrap();
                    errors![queue.refresh(&source, &Refresh::default()).await]
                }
                "retry" => errors![queue.retry(any).await],
                "ignore" => errors![queue.ignore(any).await],
                "clear" => errors![queue.clear(any, &[Status::Error]).await],
                _ => errors![queue.release(any).await],
            }
        }
        "import" | "copy" => {
            if verb == "copy" {
                return errors![copy(dj, &one, dj, false).await];
            }
            let folder = files.path().join("export");
            Export::new(dj, &one).to(&folder).await.unwrap();
            errors![Import::new(dj, &folder).run().await]
        }
        "stamp" => {
            errors![dj.stamp(&[SCHEMA], None).await, dj.stamp(&[SCHEMA], Some(&Stamp::new("x"))).await]
        }
        "unstamp_regardless" => errors![dj.unstamp_regardless(&[SCHEMA]).await],
        "record_versions" => errors![dj.record_versions(&[(SCHEMA, "2.0.0")]).await],
        "record_first_versions" => errors![dj.record_first_versions(&[(SCHEMA, "1.0.0")]).await],
        "set_version" => errors![dj.set_version(&[SCHEMA], "0.1.0").await],
        "change_stamp_on" => {
            let change = StampChange::ReplicaIdentity(Some("nothing".to_owned()));
            let mut connection = dj.database().acquire().await.unwrap();
            connection.end_on_drop();
            let wait = Duration::from_mins(1);
            errors![dj.change_stamp_on(&mut connection, Action::Deploy, SCHEMA, &change, wait).await]
        }
        "prepare_audit" => errors![audited(dj).prepare_audit(&[SCHEMA.to_owned()]).await],
        "declare_audit_on" => {
            let mut connection = dj.database().acquire().await.unwrap();
            errors![audited(dj).declare_audit_on(&mut connection, SCHEMA).await]
        }
        "audit_on" => {
            let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
            audited(&home).prepare_audit(&[SCHEMA.to_owned()]).await.unwrap();
            let mut connection = dj.database().acquire().await.unwrap();
            let entry = AuditEntry::new(AuditVerb::Delete, SCHEMA, "");
            errors![audited(dj).audit_on(&mut connection, &[entry]).await]
        }
        "in" => {
            let mut transaction = dj.begin().await.unwrap();
            let outcome = if mode.ends_with("replace") {
                let replaced = InsertOptions::new().replace();
                Sample.insert_with(&mut transaction, [row(1)], replaced).await.map(drop)
            } else {
                one.delete_quick(&mut transaction).confirmed().await.map(drop)
            };
            transaction.rollback().await.unwrap();
            errors![outcome]
        }
        other => panic!("nobody tries `{other}`"),
    }
}

/// Each verb is let through or refused as the one table of actions says, by a client that knew the schema before it was
/// stamped by another one; what is refused changes nothing.
pub async fn every_verb_heeds_the_stamp(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    let _ = home.activate::<Known>().await.unwrap();
    Sample.insert(&home, [row(1), row(2)]).await.unwrap();
    assert_eq!(Thrice.count(&home).await.unwrap(), 0);
    let twice = home.table(&format!("{SCHEMA}.Twice")).await.unwrap();
    Jobs::open(&home, twice.table()).await.unwrap();
    let stranger = dj.with_settings(|settings| settings.environment = Some("staging".to_owned()));
    assert_eq!(Sample.count(&stranger).await.unwrap(), 2);
    assert_eq!(Twice.count(&stranger).await.unwrap(), 0);
    let noting = audited(&stranger);
    home.stamp(&[SCHEMA], Some(&Stamp::new("production"))).await.unwrap();
    let mut next = 100;
    for (verb, action) in VERBS {
        let before = Sample.count(dj).await.unwrap();
        // Who has its changes noted is let through no further.
        for stranger in [&stranger, &noting] {
            for error in attempt(stranger, verb, next).await {
                match error {
                    None => assert!(action.passes_stamps(), "{verb} was let through"),
                    Some(error) => {
                        assert!(!action.passes_stamps(), "{verb}: {error}");
                        assert!(error.contains("is stamped `production`"), "{verb}: {error}");
                    }
                }
            }
            next += 10;
        }
        assert_eq!(dj.audit(SCHEMA).await.unwrap().is_some(), verb == "audit_on", "{verb} declared a table");
        if !action.passes_stamps() {
            assert_eq!(Sample.count(dj).await.unwrap(), before, "{verb}");
            assert_eq!(Twice.count(dj).await.unwrap(), 0, "{verb}");
        }
    }
    home.stamp(&[SCHEMA], None).await.unwrap();
    turn.end(dj).await;
}

/// A schema is stamped for others while it is populated: from then on no key is written, whatever becomes of errors.
pub async fn a_population_ends_where_a_stamp_comes_between(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    let first = 10 * (1 + dj.backend() as i32);
    Sample.insert(&home, (first..first + 4).map(row)).await.unwrap();
    let stranger = dj.with_settings(|settings| settings.environment = Some("staging".to_owned()));
    OTHERS.lock().unwrap().push((first + 1, home.clone()));
    let error = Thrice.populate(&stranger).suppress_errors(true).run().await.unwrap_err();
    assert!(error.to_string().contains("is stamped `production`"), "{error}");
    assert_eq!(Thrice.count(dj).await.unwrap(), 1, "that of the key before");
    OTHERS.lock().unwrap().retain(|(id, _)| *id != first + 1);
    assert_eq!(Thrice.populate(&home).run().await.unwrap().success_count, 3);
    home.stamp(&[SCHEMA], None).await.unwrap();
    turn.end(dj).await;
}

/// What several clients record of a schema at a time is recorded, all of it.
pub async fn stamps_and_versions_that_come_at_once_are_both_kept(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Sample.count(dj).await.unwrap();
    let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    let other = Instance::connect(home.settings().clone()).await.unwrap();
    for round in 0..12 {
        home.unstamp_regardless(&[SCHEMA]).await.unwrap();
        home.set_version(&[SCHEMA], "1.0.0").await.unwrap();
        let (version, mark) = (format!("2.0.{round}"), Stamp::new("production").minimum_client("0.0.1"));
        let recorded = [(SCHEMA, version.as_str())];
        let (one, two) = tokio::join!(home.stamp(&[SCHEMA], Some(&mark)), other.record_versions(&recorded));
        one.unwrap();
        two.unwrap();
        assert_eq!(dj.stamps().await.unwrap()[SCHEMA], mark.version(version), "round {round}");
    }
    home.unstamp_regardless(&[SCHEMA]).await.unwrap();
    other.close().await;
    turn.end(dj).await;
}

/// A stamp that comes while a client waits for its turn to declare keeps it from declaring.
pub async fn a_stamp_that_comes_while_a_declaration_waits_is_heeded(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Sample.count(dj).await.unwrap();
    let stranger = Instance::connect(dj.settings().clone()).await.unwrap();
    let stranger = stranger.with_settings(|settings| settings.environment = Some("staging".to_owned()));
    Sample.count(&stranger).await.unwrap();
    let to_change = [SCHEMA.to_owned()].into();
    let mut holder = dj.database().change(&to_change, Duration::from_secs(20)).await.unwrap();
    let declaring = tokio::spawn({
        let stranger = stranger.clone();
        async move { Later.count(&stranger).await }
    });
    // It has looked at the stamps, and waits.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let table = datajoint_schema::TableName::new(SCHEMA, "~environment");
    let comment = Stamp::new("production").to_comment();
    let written = holder.script(&datajoint_sql::write_stamp(dj.backend(), &table, &comment)).await;
    holder.end(written).await.unwrap();
    let error = declaring.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("is stamped `production`"), "{error}");
    dj.with_settings(|settings| settings.environment = Some("production".to_owned()))
        .unstamp_regardless(&[SCHEMA])
        .await
        .unwrap();
    stranger.close().await;
    turn.end(dj).await;
}

/// What the guide says of a stamp that comes while a transaction runs: for each verb, in each kind of transaction.
pub async fn a_stamp_that_comes_in_a_transaction_is_seen_as_told(dj: &Instance, capabilities: Capabilities) {
    // Only one writes to SQLite at a time, also a stamp.
    if dj.backend().capability().is_embedded {
        return;
    }
    let sees = capabilities.sees_later_stamps;
    let turn = TURN.take(dj).await;
    Sample.insert(dj, (1..9).map(row)).await.unwrap();
    let other = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    let replace = InsertOptions::new().replace();
    for verb in ["update", "replace", "delete"] {
        for kind in ["begin", "transaction", "savepoint"] {
            let attempt = async |within: &mut datajoint::Transaction| match verb {
                "update" => Sample.update_one(within, SampleRow { id: 1, note: verb.to_owned() }).await,
                "replace" => Sample.insert_with(within, [row(2)], replace).await.map(drop),
                _ => (Sample & Sample::id.eq(8)).delete_quick(within).confirmed().await.map(drop),
            };
            let stamp = async || other.stamp(&[SCHEMA], Some(&Stamp::new("production"))).await.unwrap();
            let outcome = match kind {
                "begin" => {
                    let mut within = dj.begin().await.unwrap();
                    Sample.count(&mut within).await.unwrap();
                    stamp().await;
                    let outcome = attempt(&mut within).await;
                    within.rollback().await.unwrap();
                    outcome
                }
                _ => {
                    dj.transaction(async |within| {
                        Sample.count(&mut *within).await?;
                        stamp().await;
                        if kind == "transaction" {
                            return attempt(within).await;
                        }
                        within.savepoint(async |part| attempt(part).await).await
                    })
                    .await
                }
            };
            let told = format!("{verb} in {kind}: {outcome:?}");
            assert_eq!(
                outcome.is_err_and(|error| error.to_string().contains("is stamped `production`")),
                sees,
                "{told}"
            );
            // One that begins now sees it.
            let within = dj.transaction(async |within| attempt(within).await).await;
            assert!(within.unwrap_err().to_string().contains("is stamped `production`"), "{told}");
            other.unstamp_regardless(&[SCHEMA]).await.unwrap();
        }
    }
    turn.end(dj).await;
}
