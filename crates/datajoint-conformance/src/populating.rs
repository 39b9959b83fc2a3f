//! Populate.

use datajoint::prelude::*;

use crate::{Capabilities, Turn};

mod tables {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use datajoint::prelude::*;

    schema!("dj_conformance_populating");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x : float64
    pub(super) struct Source;

    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : float64
    pub(super) struct Twice;

    #[part(Twice)]
    /// -> master
    /// n : int16
    pub(super) struct TwiceStep;

    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : float64
    pub(super) struct Watched;

    /// What happens while a key is computed.
    pub(super) static MEANWHILE: Mutex<BTreeMap<i32, Box<dyn FnOnce() + Send>>> = Mutex::new(BTreeMap::new());

    impl Make for Watched {
        type Fetched = f64;
        type Computed = f64;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<f64> {
            Ok(cx.upstream::<Source>().fetch_one().await?.x)
        }

        fn compute(key: &WatchedKey, x: f64) -> MakeResult<f64> {
            let meanwhile = MEANWHILE.lock().unwrap().remove(&key.id);
            if let Some(meanwhile) = meanwhile {
                meanwhile();
            }
            Ok(x)
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, y: f64) -> MakeResult<()> {
            cx.insert(WatchedRow { id: cx.key().id, y }).await
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Source, Twice, TwiceStep, Watched }
    }

    impl Make for Twice {
        type Fetched = f64;
        type Computed = f64;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<f64> {
            Ok(cx.upstream::<Source>().fetch_one().await?.x)
        }

        fn compute(_: &TwiceKey, x: f64) -> MakeResult<f64> {
            if x < 0.0 { Err("a negative number".into()) } else { Ok(2.0 * x) }
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, y: f64) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(TwiceRow { id, y }).await?;
            cx.insert(TwiceStepRow { id, n: 1 }).await
        }
    }
}

use tables::{MEANWHILE, Pipeline, Source, SourceRow, Twice, TwiceStep, Watched};

static TURN: Turn = Turn::new("dj_conformance_populating");

/// Every key once, its parts with it; a second run finds nothing to do.
pub async fn populate_makes_what_is_missing_and_then_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Source.insert(dj, (0..20).map(|id| SourceRow { id, x: f64::from(id) })).await.unwrap();
    let report = Twice.populate(dj).workers(4).run().await.unwrap();
    assert_eq!(report.success_count, 20, "{report:?}");
    assert_eq!(TwiceStep.count(dj).await.unwrap(), 20);
    let again = Twice.populate(dj).run().await.unwrap();
    assert_eq!(again.success_count, 0);
    turn.end(dj).await;
}

/// One key fails and leaves nothing; the others are there.
pub async fn a_failing_key_is_reported_and_the_others_are_made(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    Source
        .insert(dj, [1.0, -1.0, 2.0].into_iter().zip(0..).map(|(x, id)| SourceRow { id, x }))
        .await
        .unwrap();
    let report = Twice.populate(dj).suppress_errors(true).run().await.unwrap();
    assert_eq!((report.success_count, report.errors.len()), (2, 1), "{report:?}");
    assert_eq!(Twice.count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}

/// A part that was never used is declared when `make` first inserts into it, once for several workers.
pub async fn a_part_that_make_writes_first_is_declared(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let other = dj.with_schema_prefix("");
    Source.insert(&other, (0..6).map(|id| SourceRow { id, x: f64::from(id) })).await.unwrap();
    let report = Twice.populate(&other).workers(3).run().await.unwrap();
    assert_eq!((report.success_count, report.remaining), (6, 0), "{report:?}");
    assert_eq!(TwiceStep.count(dj).await.unwrap(), 6);
    turn.end(dj).await;
}

/// A row that changes while a key is computed, however short that is: nothing is written, and the next run sees it.
pub async fn what_changes_during_a_short_computation_is_seen(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    dj.activate::<Pipeline>().await.unwrap();
    // Other backends may be at it at the same time.
    let id = match dj.backend() {
        datajoint::Backend::Sqlite => 1,
        datajoint::Backend::Postgresql => 2,
        datajoint::Backend::Mariadb => 3,
        datajoint::Backend::Mysql => 4,
    };
    Source.insert_one(dj, SourceRow { id, x: 1.0 }).await.unwrap();
    let other = Instance::connect(dj.settings().clone()).await.unwrap();
    let runtime = tokio::runtime::Handle::current();
    let change = move || {
        let changed = Source.update_one(&other, SourceRow { id, x: 2.0 });
        runtime.block_on(changed).unwrap();
    };
    MEANWHILE.lock().unwrap().insert(id, Box::new(change));
    let error = Watched.populate(dj).stop_on_ctrl_c(false).run().await.unwrap_err();
    assert!(matches!(error, datajoint::PopulateError::UpstreamChanged { .. }), "{error}");
    assert_eq!(Watched.count(dj).await.unwrap(), 0);
    assert_eq!(Watched.populate(dj).stop_on_ctrl_c(false).run().await.unwrap().success_count, 1);
    assert_eq!(Watched.column(dj, Watched::y).await.unwrap(), [2.0]);
    turn.end(dj).await;
}
