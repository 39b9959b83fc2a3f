//! Ages of reserved jobs, where the clock of the zone is put back or forward.

use datajoint::prelude::*;
use datajoint::{Backend, Value};
use datajoint_sql::{JobQueue, Statement};

use super::{FIRST, TURN, fill, queue, refresh};
use crate::Capabilities;

/// When the clock changes, in seconds from now, whether it is put back, how long ago a job was reserved, and whether that is
/// longer than a minute.
const CASES: [(i64, bool, i64, bool); 9] = [
    // Reserved before the hour is repeated, and now it is; then all in the second time; then all in the first.
    (-10, true, 15, false),
    (-10, true, 5, false),
    (1800, true, 15, false),
    (-1800, true, 1815, false),
    (-5400, true, 15, false),
    (-10, false, 15, false),
    (-10, false, 5, false),
    (-10, true, 8000, true),
    (-10, false, 8000, true),
];

/// Jobs that were reserved a moment ago stay with their workers when the clock is put back or forward, and old ones don't.
pub async fn clocks_that_are_put_back_or_forward_free_nothing(dj: &Instance, _: Capabilities) {
    // Behind a pooler no statement finds the zone that another one has set.
    if dj.database().shares_sessions() {
        return;
    }
    let turn = TURN.take(dj).await;
    fill(dj, [0]).await;
    refresh(dj, &queue(dj).await, datajoint::jobs::Refresh::default()).await;
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let sql = JobQueue::new(dj.backend(), table.table()).unwrap();
    let jobs = datajoint_sql::table_reference(dj.backend(), &sql.jobs().name);
    let mut faults = Vec::new();
    for (change, is_back, age, is_old) in CASES {
        let mut on = dj.database().acquire().await.unwrap();
        // The session keeps the zone that it is given.
        on.end_on_drop();
        let (set, reserved) = match dj.backend() {
            Backend::Sqlite => continue,
            Backend::Postgresql => on_postgresql(dj, change, is_back, age).await,
            Backend::Mysql | Backend::Mariadb => match on_mysql(dj, change, is_back, age).await {
                Some(statements) => statements,
                None => continue,
            },
        };
        let reserve = format!(
            "UPDATE {jobs} SET status = 'reserved', connection_id = 1, reserved_time = {reserved} WHERE id = {FIRST}"
        );
        let (before, after) = set;
        for statement in [before, reserve, after] {
            on.execute(&Statement::plain(statement)).await.unwrap();
        }
        let freed = on.execute(&sql.free_old(60.0, true)).await.unwrap();
        if (freed == 1) != is_old {
            faults.push(format!(
                "changed {change} s from now, back: {is_back}; reserved {age} s ago: {freed} freed"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    turn.end(dj).await;
}

/// What sets the session before and after it reserves, and the time at which that is.
type Steps = ((String, String), String);

/// A zone of which the clock changes then.
async fn on_postgresql(dj: &Instance, change: i64, is_back: bool, age: i64) -> Steps {
    // Summer is an hour ahead of UTC; where its ends are in one year they are days of that year, as minutes and seconds of the
    // clock before the change.
    let (offset, other) = if is_back { (3600, "J1/0") } else { (0, "J365/0") };
    let then = format!("now() AT TIME ZONE 'UTC' + interval '{} seconds'", change + offset);
    let day = format!(
        "to_char({then}, 'DDD')::int - CASE WHEN date_part('doy', make_date(date_part('year', {then})::int, 12, 31)) = 366 AND to_char({then}, 'MM')::int > 2 THEN 1 ELSE 0 END"
    );
    let rule = format!("SELECT 'J' || ({day}) || '/' || to_char({then}, 'HH24:MI:SS')");
    let answer = dj.database().acquire().await.unwrap().fetch(&Statement::plain(rule)).await.unwrap();
    let Value::Text(then) = &answer[0][0] else { panic!("{answer:?}") };
    let (from, to) = if is_back { (other, then.as_str()) } else { (then.as_str(), other) };
    let zone = format!("SET TIME ZONE 'AAA0BBB-1,{from},{to}'");
    ((zone, "SELECT 1".to_owned()), format!("(now() - interval '{age} seconds')::timestamp(3)"))
}

/// A session whose clock stands near a change of the zone; `None` where the server knows no zones.
async fn on_mysql(dj: &Instance, change: i64, is_back: bool, age: i64) -> Option<Steps> {
    const ZONE: &str = "America/Los_Angeles";
    // Sundays in November and March, 2 a.m.
    let then = if is_back { 1_793_523_600 } else { 1_772_964_000 };
    let known = format!("SELECT CONVERT_TZ('2024-01-01', 'UTC', '{ZONE}')");
    let answer = dj.database().acquire().await.unwrap().fetch(&Statement::plain(known)).await.unwrap();
    if answer[0][0] == Value::Null {
        return None;
    }
    let at = |moment: i64| format!("SET time_zone = '{ZONE}', timestamp = {moment}");
    let now = then - change;
    Some(((at(now - age), at(now)), "CURRENT_TIMESTAMP(3)".to_owned()))
}
