//! Rows whose code or inputs are not what they were.

use datajoint::jobs::{Jobs, Status};
use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{Change, Stale, StaleRows, Stamp, attribute};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_stale");

    #[table(Lookup)]
    /// rig : varchar(8)
    /// ---
    /// gain : float64
    pub(super) struct Rig;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// -> Rig
    /// x : float64
    /// note = "" : varchar(20)
    pub(super) struct Source;

    #[part(Source)]
    /// -> master
    /// n : int16
    /// ---
    /// y : float64
    pub(super) struct SourceFrame;

    // Reads whole rows, in one.
    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : float64
    pub(super) struct Whole;

    #[make]
    impl PlainMake for Whole {
        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let SourceRow { id, x, .. } = cx.upstream::<Source>().fetch_one().await?;
            cx.insert(WholeRow { id, y: 2.0 * x }).await
        }
    }

    // Reads some rows, some attributes, joined and under other names, in three parts.
    #[table(Computed)]
    /// -> Source
    /// ---
    /// y : float64
    pub(super) struct Several;

    #[part(Several)]
    /// -> master
    /// n : int16
    pub(super) struct SeveralStep;

    #[make]
    impl Make for Several {
        type Fetched = f64;
        type Computed = f64;

        async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<f64> {
            let first = cx.upstream_part::<SourceFrame>().restrict(SourceFrame::n.lt(1));
            let frames = first.column(SourceFrame::y).await?;
            let renamed = cx.upstream::<Source>().proj(Proj::key().rename("other", "x"));
            let others: Vec<f64> =
                renamed.fetch().await?.iter().map(|row| row.get("other")).collect::<Result<_, _>>()?;
            let gains: Vec<DynamicRow> =
                cx.upstream::<Source>().proj(["rig"]).join(cx.upstream::<Rig>()).fetch().await?;
            let gain: f64 = gains.first().map_or(Ok(0.0), |row| row.get("gain"))?;
            Ok(frames.iter().sum::<f64>() + others.iter().sum::<f64>() + gain)
        }

        fn compute(_: &SeveralKey, sum: f64) -> MakeResult<f64> {
            Ok(sum)
        }

        async fn insert(cx: &mut InsertContext<'_, Self>, y: f64) -> MakeResult<()> {
            let id = cx.key().id;
            cx.insert(SeveralRow { id, y }).await?;
            cx.insert(SeveralStepRow { id, n: 1 }).await
        }
    }

    // Reads before its row is inserted, and after.
    #[table(Computed)]
    /// -> Whole
    /// ---
    /// y : float64
    pub(super) struct Late;

    impl PlainMake for Late {
        const CODE: Code = Code::version("1");

        async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
            let WholeRow { id, y } = cx.upstream::<Whole>().fetch_one().await?;
            cx.insert(LateRow { id, y }).await?;
            cx.upstream_part::<SourceFrame>().count().await?;
            Ok(())
        }
    }

    pipeline! {
        pub(super) struct Pipeline { Rig, Source, SourceFrame, Whole, Several, SeveralStep, Late }
    }
}

use tables::{
    Late, Pipeline, Rig, RigRow, Several, Source, SourceFrame, SourceFrameKey, SourceFrameRow, SourceRow,
    Whole,
};

static TURN: Turn = Turn::new("dj_conformance_stale");

/// A client that records makes, and four sources with two frames each; an odd one is of another rig.
async fn lab(dj: &Instance) -> Instance {
    let dj = dj.with_settings(|settings| settings.jobs.record_makes = true);
    dj.activate::<Pipeline>().await.unwrap();
    Rig.insert(&dj, [("a", 1.0), ("b", 2.0)].map(|(rig, gain)| RigRow { rig: rig.to_owned(), gain }))
        .await
        .unwrap();
    let rig = |id: i32| if id % 2 == 0 { "a" } else { "b" };
    let source = |id| SourceRow { id, rig: rig(id).to_owned(), x: f64::from(id), note: String::new() };
    Source.insert(&dj, (0..4).map(source)).await.unwrap();
    let frames = (0..4).flat_map(|id| (0..2).map(move |n| SourceFrameRow { id, n, y: 0.5 }));
    SourceFrame.insert(&dj, frames).await.unwrap();
    dj
}

/// Gives a row other values.
async fn set(dj: &Instance, table: &str, row: Json) {
    let table = dj.table(&format!("dj_conformance_stale.{table}")).await.unwrap();
    table.update_one(dj, DynamicRow::try_from(row).unwrap()).await.unwrap();
}

/// The stale rows, a line each.
fn told(found: &StaleRows) -> Vec<String> {
    found.rows.iter().map(ToString::to_string).collect()
}

fn counts(found: &StaleRows) -> (usize, u64, u64) {
    (found.rows.len(), found.current, found.unknown)
}

const SOURCE: &str = "rows of dj_conformance_stale.source changed (1 row then, 1 row now)";

/// What was made is current; then an input changes, or goes, and exactly its rows are stale, until they are made anew.
pub async fn rows_whose_inputs_changed_are_listed_and_made_anew_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = lab(dj).await;
    Whole.populate(&dj).run().await.unwrap();
    assert_eq!(counts(&Whole.stale(&dj).find().await.unwrap()), (0, 4, 0));

    set(&dj, "Source", json!({"id": 2, "x": 7.5})).await;
    let found = Whole.stale(&dj).find().await.unwrap();
    assert_eq!((told(&found), counts(&found)), (vec![format!("{{id: 2}}: {SOURCE}")], (1, 3, 0)));
    // Nobody but who asks finds that.
    assert_eq!(Whole.populate(&dj).run().await.unwrap().success_count, 0);

    let plan = found.recompute(&dj).plan().await.unwrap();
    assert_eq!(plan.rows(), 1);
    let (first, second) = (found.recompute(&dj), found.recompute(&dj));
    assert_eq!(first.confirmed_plan(plan.hash()).run().await.unwrap().rows, 1);
    // Others looked at the same time, and come later.
    let error = second.confirmed().run().await.unwrap_err().to_string();
    assert!(error.contains("the row of {id: 2} was made anew, or went"), "{error}");
    assert_eq!(Whole.populate(&dj).run().await.unwrap().success_count, 1);
    let error = found.recompute(&dj).confirmed().run().await.unwrap_err().to_string();
    assert!(error.contains("the row of {id: 2} was made anew, or went"), "{error}");
    assert_eq!(counts(&Whole.stale(&dj).find().await.unwrap()), (0, 4, 0));
    assert_eq!(Whole.order_by("id").fetch(&dj).await.unwrap()[2].y.to_bits(), 15.0_f64.to_bits());
    turn.end(&dj).await;
}

/// Other code makes all rows stale that it did not make; code of which nothing is known, none.
pub async fn rows_that_other_code_made_are_listed(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = lab(dj).await;
    Whole.populate(&dj).max_calls(3).run().await.unwrap();
    Late.populate(&dj).run().await.unwrap();
    let whole = dj.table("dj_conformance_stale.Whole").await.unwrap();
    let late = dj.table("dj_conformance_stale.Late").await.unwrap();
    let version = |version| Stale::of(&dj, &late).code(version);

    assert_eq!(counts(&version(Code::version("1")).find().await.unwrap()), (0, 3, 0));
    assert_eq!(counts(&version(Code::UNKNOWN).find().await.unwrap()), (0, 3, 0));
    let found = version(Code::version("2")).restrict(attribute("id").lt(2)).find().await.unwrap();
    assert_eq!(
        told(&found),
        ["{id: 0}: version 1 then, version 2 now", "{id: 1}: version 1 then, version 2 now"]
    );

    let found = Stale::of(&dj, &whole).code(Code::version("2")).find().await.unwrap();
    let [Change::Code { then, now }] = found.rows[0].changes.as_slice() else { panic!("{found:?}") };
    assert_eq!((then, now.as_str()), (&<Whole as Make>::CODE.to_string(), "version 2"));
    // The rules of every delete hold.
    let home = dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    home.stamp(&["dj_conformance_stale"], Some(&Stamp::new("production"))).await.unwrap();
    let stranger = dj.with_settings(|settings| settings.environment = Some("staging".to_owned()));
    let error = found.recompute(&stranger).confirmed().run().await.unwrap_err().to_string();
    assert!(error.contains("is stamped `production`"), "{error}");
    home.stamp(&["dj_conformance_stale"], None).await.unwrap();
    // What depends on the rows goes with them.
    let report = found.recompute(&dj).confirmed().run().await.unwrap();
    assert_eq!((report.rows, report.total()), (3, 6));
    assert_eq!(counts(&Stale::of(&dj, &whole).find().await.unwrap()), (0, 0, 0));
    turn.end(&dj).await;
}

/// Some rows, some attributes, parts, joins, other names, another transaction, a look after the row was inserted: whatever
/// `make` reads of what is upstream of its key is compared, and nothing else.
pub async fn what_a_make_reads_is_compared_by_whatever_road(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = lab(dj).await;
    Whole.populate(&dj).run().await.unwrap();
    for reserves in [false, true] {
        Several
            .populate(&dj)
            .reserve_jobs(reserves)
            .restrict(Source::id.lt(if reserves { 4 } else { 2 }))
            .run()
            .await
            .unwrap();
        Late.populate(&dj)
            .reserve_jobs(reserves)
            .restrict(Source::id.lt(if reserves { 4 } else { 2 }))
            .run()
            .await
            .unwrap();
    }
    let keys = async || -> Vec<Vec<i32>> {
        let mut all = Vec::new();
        for found in
            [Whole.stale(&dj).find().await, Several.stale(&dj).find().await, Late.stale(&dj).find().await]
        {
            all.push(found.unwrap().rows.iter().map(|row| row.key.get("id").unwrap()).collect());
        }
        all
    };
    assert_eq!(keys().await, [[0; 0]; 3]);
    let none = Vec::new();

    // An attribute that one of them reads, and the others don't.
    set(&dj, "Source", json!({"id": 1, "note": "new"})).await;
    assert_eq!(keys().await, [vec![1], vec![1], none.clone()]);
    set(&dj, "Source", json!({"id": 1, "note": ""})).await;
    assert_eq!(keys().await, [[0; 0]; 3]);

    // A frame that was read, and counts; then one more, and one less.
    set(&dj, "Source.Frame", json!({"id": 3, "n": 0, "y": 0.75})).await;
    assert_eq!(keys().await, [none.clone(), vec![3], none.clone()]);
    SourceFrame.insert_one(&dj, SourceFrameRow { id: 0, n: 5, y: 0.0 }).await.unwrap();
    assert_eq!(keys().await, [none.clone(), vec![0, 3], vec![0]]);
    let found = Late.stale(&dj).find().await.unwrap();
    let frames = "{id: 0}: rows of dj_conformance_stale.source__frame changed (2 rows then, 3 rows now)";
    assert_eq!(told(&found), [frames]);
    SourceFrame
        .restrict(&[SourceFrameKey { id: 0, n: 5 }, SourceFrameKey { id: 2, n: 1 }][..])
        .delete(&dj)
        .part_integrity(datajoint::PartIntegrity::Ignore)
        .confirmed()
        .await
        .unwrap();
    assert_eq!(keys().await, [none.clone(), vec![2, 3], vec![2]]);

    // A row that is reached by a foreign key outside of keys.
    set(&dj, "Rig", json!({"rig": "a", "gain": 3.0})).await;
    assert_eq!(keys().await, [none, vec![0, 2, 3], vec![2]]);
    turn.end(&dj).await;
}

/// Rows that others inserted, or that were inserted before the table had columns for records, are unknown and never stale.
pub async fn rows_without_a_record_are_unknown(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = lab(dj).await;
    Whole.populate(&dj).restrict(Source::id.lt(2)).run().await.unwrap();
    let whole = dj.table("dj_conformance_stale.Whole").await.unwrap();
    let row = DynamicRow::new().with("id", 3).unwrap().with("y", 1.0).unwrap();
    whole.insert_with(&dj, [row], InsertOptions::new().allow_direct_insert()).await.unwrap();
    set(&dj, "Source", json!({"id": 3, "x": -1.0})).await;
    let found = Stale::of(&dj, &whole).code(Code::version("2")).find().await.unwrap();
    assert_eq!(counts(&found), (2, 0, 1));
    turn.end(&dj).await;

    let turn = TURN.take(&dj).await;
    let plain = dj.with_settings(|settings| settings.jobs.record_makes = false);
    plain.activate::<Pipeline>().await.unwrap();
    lab(&dj).await;
    Whole.populate(&dj).run().await.unwrap();
    let found = Whole.stale(&dj).find().await.unwrap();
    assert_eq!((counts(&found), found.has_records), ((0, 0, 4), false));
    assert_eq!(found.recompute(&dj).run().await.unwrap().rows, 0);
    turn.end(&dj).await;
}

/// Keys whose rows went are to be made again by the workers of a queue, kept jobs among them.
pub async fn keys_of_stale_rows_are_jobs_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = lab(dj).await.with_settings(|settings| settings.jobs.keep_completed = true);
    assert_eq!(Whole.populate(&dj).reserve_jobs(true).run().await.unwrap().success_count, 4);
    let jobs =
        Jobs::find(&dj, &dj.resolve(<Whole as datajoint::Table>::spec()).unwrap()).await.unwrap().unwrap();
    assert_eq!(jobs.counts().await.unwrap().success, 4);
    set(&dj, "Source", json!({"id": 1, "x": 9.0})).await;
    Whole.stale(&dj).find().await.unwrap().recompute(&dj).confirmed().run().await.unwrap();
    let pending = jobs.query().restrict(attribute("status").eq(Status::Pending.name()));
    assert_eq!(pending.count(&dj).await.unwrap(), 1);
    assert_eq!(pending.fetch_json(&dj).await.unwrap()[0]["id"], 1);
    let made = Whole.populate(&dj).reserve_jobs(true).refresh(false).run().await.unwrap();
    assert_eq!((made.success_count, Whole.order_by("id").fetch(&dj).await.unwrap()[1].y), (1, 18.0));
    turn.end(&dj).await;
}
