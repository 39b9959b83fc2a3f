//! How many rows a server reads: what a plan that goes through all of them can't hide.

use datajoint::{Instance, Value};
use datajoint_adapters::Connection;
use datajoint_sql::Statement;

/// Runs a statement, and counts the rows that the server reads for it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above zero")]
pub(crate) async fn rows_read(on: &mut Connection, statement: &Statement) -> usize {
    if !on.backend().is_mysql_family() {
        let sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", statement.sql);
        let explained = Statement { sql, parameters: statement.parameters.clone(), ..Statement::default() };
        let rows = on.fetch(&explained).await.unwrap();
        let Some(Value::Json(plan)) = rows.first().and_then(|row| row.first()) else { panic!("{rows:?}") };
        return of_node(&plan[0]["Plan"]) as usize;
    }
    let before = handled(on).await;
    if statement.sql.starts_with("SELECT") {
        on.fetch(statement).await.unwrap();
    } else {
        on.execute(statement).await.unwrap();
    }
    handled(on).await - before
}

/// What the scans of a plan of PostgreSQL had in their hands.
fn of_node(node: &serde_json::Value) -> f64 {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let is_scan = node["Node Type"].as_str().is_some_and(|kind| kind.ends_with("Scan"));
    let rows =
        number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let own = if is_scan { rows * number("Actual Loops") } else { 0.0 };
    own + node["Plans"].as_array().into_iter().flatten().map(of_node).sum::<f64>()
}

/// How many rows MySQL and MariaDB have read for this session, with some for this question.
async fn handled(on: &mut Connection) -> usize {
    let rows = on.fetch(&Statement::plain("SHOW SESSION STATUS LIKE 'Handler_read%'")).await.unwrap();
    let number = |row: &Vec<Value>| -> usize {
        match &row[..] {
            [_, Value::Text(number)] => number.parse().unwrap(),
            other => panic!("{other:?}"),
        }
    };
    rows.iter().map(number).sum()
}

/// How many rows were read for a client of one session, where the server counts them by session.
pub(crate) async fn read_alone(alone: &Instance) -> usize {
    if !alone.backend().is_mysql_family() {
        return 0;
    }
    handled(&mut alone.database().acquire().await.unwrap()).await
}
