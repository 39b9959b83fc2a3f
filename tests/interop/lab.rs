//! A pipeline of typed tables, which Python declares from the same text.

use datajoint::Pipeline as _;
use datajoint::prelude::*;
use serde_json::json;

use crate::tables::Spec;

schema!("lab");

#[table(Lookup, contents = [("fast", 1), ("slow", 2)])]
/// # How to compute
/// method : varchar(10)
/// ---
/// speed  : int16
pub(crate) struct Method;

#[table(Manual)]
/// # Who takes part
/// subject_id : int32    # the id
/// ---
/// name = ""  : varchar(20)
/// sex        : enum('M', 'F', 'U')
/// born = null : date
/// unique index (name, born)
pub(crate) struct Subject;

#[table(Manual)]
/// -> Subject
/// session : int16
/// ---
/// -> [nullable] Method
/// -> [nullable] Subject.proj(other='subject_id')
/// weight = 20.5 : float64
/// started = CURRENT_TIMESTAMP : datetime
/// index (started)
pub(crate) struct Session;

#[part(Session)]
/// -> master
/// trial : int16
/// ---
/// score : float32
/// trace : <blob>
pub(crate) struct SessionTrial;

#[table(Computed)]
/// -> Session
/// ---
/// total : float64
pub(crate) struct Total;

#[part(Total)]
/// -> master
/// n : int8
/// ---
/// share : float64
pub(crate) struct TotalShare;

impl PlainMake for Total {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let SessionRow { subject_id, session, weight, .. } = cx.upstream::<Session>().fetch_one().await?;
        cx.insert(TotalRow { subject_id, session, total: 2.0 * weight }).await?;
        for n in 1..=3 {
            cx.insert(TotalShareRow { subject_id, session, n, share: weight / f64::from(n) }).await?;
        }
        Ok(())
    }
}

pipeline! {
    pub(crate) struct Lab { Method, Subject, Session, SessionTrial, Total, TotalShare }
}

/// What `Total` holds for the rows of `sessions`.
pub(crate) const TOTALS: [f64; 4] = [0.2, 0.4, 0.2, 0.4];

/// What `Total` computes, in Python.
pub(crate) const MAKE_TOTAL: &str = "
def make(self, key):
    weight = (Session & key).fetch1('weight')
    self.insert1(dict(key, total=2 * weight))
    self.Share.insert(dict(key, n=n, share=weight / n) for n in range(1, 4))
";

/// The tables as Python declares them.
pub(crate) fn lab_in_python() -> Vec<Spec> {
    let specs = Lab::specs().into_iter().map(|spec| {
        let class = match spec.master {
            Some(master) => format!("{}.{}", master().class_name, spec.class_name),
            None => spec.class_name.to_owned(),
        };
        let mut table = Spec::new(spec.tier, &class, spec.definition);
        match spec.class_name {
            "Total" => table.make = Some(MAKE_TOTAL),
            "Method" => {
                let row = |method: &str, speed: &str| json!([{"str": method}, {"int": speed}]);
                table.contents = Some(json!([row("fast", "1"), row("slow", "2")]));
            }
            _ => {}
        }
        table
    });
    specs.collect()
}

/// Rows for every table that is filled by hand: two subjects with two sessions each, three trials in each.
pub(crate) async fn fill_from_rust(dj: &Instance) {
    let subject = |subject_id: i32, name: &str, sex| SubjectRow {
        subject_id,
        name: name.to_owned(),
        sex,
        born: Some("2024-02-29".parse().unwrap()),
    };
    Subject.insert(dj, [subject(1, "Ada", SubjectSex::F), subject(2, "it's", SubjectSex::U)]).await.unwrap();
    Session.insert(dj, sessions()).await.unwrap();
    SessionTrial.insert(dj, trials()).await.unwrap();
}

pub(crate) fn sessions() -> Vec<SessionRow> {
    let session = |subject_id, session: i16| SessionRow {
        subject_id,
        session,
        method: (session == 1).then(|| "slow".to_owned()),
        other: (session == 2).then_some(1),
        weight: 0.1 * f64::from(session),
        started: OrDefault::Value("2024-01-02T03:04:05".parse().unwrap()),
    };
    vec![session(1, 1), session(1, 2), session(2, 1), session(2, 2)]
}

pub(crate) fn trials() -> Vec<SessionTrialRow> {
    let of_session = |row: SessionRow| {
        (1..=3).map(move |trial: i16| SessionTrialRow {
            subject_id: row.subject_id,
            session: row.session,
            trial,
            score: f32::from(trial) / 2.0,
            trace: Blob::List(vec![trial.into(), "é".into()]),
        })
    };
    sessions().into_iter().flat_map(of_session).collect()
}
