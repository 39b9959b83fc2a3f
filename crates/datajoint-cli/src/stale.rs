//! Rows that other code made, or that were made from other rows.

use std::process::ExitCode;

use clap::Args;
use datajoint::guard::Finding;
use datajoint::{Change, Code, DynamicTable, Instance, Schema, Stale as Search, StaleRow, StaleRows, Tier};
use serde_json::{Value, json};

use crate::columns::{Conditions, schemas, table};
use crate::output::{count, print_finding, print_json, say};
use crate::{Outcome, Program, connect, text};

/// Lists rows of tables that fill themselves which were made by other code, or from other rows, than there are now.
///
/// Rows say what they were made by and from where `jobs.record_makes` was on when they were made; the others are unknown.
/// The exit status is 2 when rows are stale. With --recompute they are deleted, with all that depends on them, and are made again
/// when the table is populated.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  dj stale\n  cargo xtask stale ephys.Spikes --where \"subject_id = 3\"\n  \
                        cargo xtask stale ephys.Spikes --recompute --dry-run"
)]
pub(crate) struct Stale {
    /// The tables, as `schema.Class`; all without names.
    tables: Vec<String>,
    #[command(flatten)]
    keys: Conditions,
    /// The most rows of each table that are listed.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Deletes the stale rows of the one table that is named, to have them made again.
    #[arg(long)]
    recompute: bool,
    /// Shows what --recompute would delete, and does nothing.
    #[arg(long, requires = "recompute")]
    dry_run: bool,
    /// Recomputes without asking if what goes is the plan of this hash, which `--dry-run` shows.
    #[arg(long, value_name = "HASH", requires = "recompute")]
    yes_plan: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Stale {
    pub(crate) async fn run(&self, program: &Program) -> Outcome {
        let dj = connect().await?;
        let (tables, findings) = self.chosen(&dj).await?;
        if self.recompute {
            let [table] = tables.as_slice() else {
                return Err("name the one table to recompute, as `schema.Class`".to_owned());
            };
            let found = self.find(&dj, program, table).await?;
            return self.recompute(&dj, &found).await;
        }
        let mut all = Vec::new();
        for table in &tables {
            all.push(self.find(&dj, program, table).await?);
        }
        if self.json {
            let tables: Vec<Value> = all.iter().map(|found| self.as_json(found)).collect::<Result<_, _>>()?;
            print_json("stale", [("tables", json!(tables)), ("findings", json!(findings))]);
        } else {
            for found in &all {
                self.show(found);
            }
            findings.iter().for_each(print_finding);
        }
        let is_any = all.iter().any(|found| !found.rows.is_empty());
        Ok(if is_any { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }

    /// The tables that fill themselves among those that are named, or among all.
    async fn chosen(&self, dj: &Instance) -> Result<(Vec<DynamicTable>, Vec<Finding>), String> {
        let fills_itself =
            |table: &DynamicTable| matches!(table.table().tier, Some(Tier::Computed | Tier::Imported));
        let mut chosen = Vec::new();
        for name in &self.tables {
            let table = table(dj, name).await?;
            if !fills_itself(&table) {
                return Err(format!(
                    "`{}` does not fill itself: name a Computed or Imported table",
                    table.name()
                ));
            }
            chosen.push(table);
        }
        let mut findings = Vec::new();
        if self.tables.is_empty() {
            let found = schemas(dj, &[]).await?;
            chosen.extend(found.schemas.iter().flat_map(Schema::tables).filter(fills_itself));
            findings = found.findings;
        }
        Ok((chosen, findings))
    }

    async fn find(
        &self,
        dj: &Instance,
        program: &Program,
        table: &DynamicTable,
    ) -> Result<StaleRows, String> {
        let mut code = Code::UNKNOWN;
        for maker in &program.makers {
            if dj.resolve(maker.spec()).map_err(text)?.name == *table.name() {
                code = maker.code();
            }
        }
        let search = self.keys.all().into_iter().fold(Search::of(dj, table).code(code), Search::restrict);
        search.find().await.map_err(text)
    }

    fn show(&self, found: &StaleRows) {
        let parts = [(found.current, "current"), (found.unknown, "unknown")];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let rest: Vec<String> = parts.map(|(number, what)| format!(", {number} {what}")).collect();
        let rest = rest.concat();
        say!("{}: {} stale{rest}", found.table, found.rows.len());
        for row in found.rows.iter().take(self.limit) {
            say!("  {row}");
        }
        if found.rows.len() > self.limit {
            say!("  and {} more: --limit shows more of them", found.rows.len() - self.limit);
        }
        if found.unchecked > 0 {
            let rows = count(usize::try_from(found.unchecked).unwrap_or(usize::MAX), "current row");
            say!("  {rows} came from more rows than a record takes, which were not compared");
        }
        if !found.has_records && found.unknown > 0 {
            say!("  it has no columns for records: `deploy apply make-records` adds them");
        } else if !found.knows_code && found.current > 0 {
            say!("  its code is not known here, so that inputs alone were compared");
        }
    }

    fn as_json(&self, found: &StaleRows) -> Result<Value, String> {
        let rows: Result<Vec<Value>, String> = found.rows.iter().take(self.limit).map(row_as_json).collect();
        Ok(json!({
            "table": found.table.to_string(), "stale": found.rows.len(), "current": found.current,
            "unknown": found.unknown, "unchecked": found.unchecked, "has_records": found.has_records,
            "knows_code": found.knows_code, "rows": rows?,
        }))
    }

    async fn recompute(&self, dj: &Instance, found: &StaleRows) -> Outcome {
        let recompute = found.recompute(dj);
        if self.dry_run {
            crate::confirm::show(&recompute.plan().await.map_err(text)?, "stale", self.json);
            return Ok(ExitCode::SUCCESS);
        }
        let recompute = match &self.yes_plan {
            Some(hash) => recompute.confirmed_plan(hash),
            None => recompute,
        };
        let report = recompute.run().await.map_err(text)?;
        if self.json {
            let tables: Vec<Value> = report
                .tables
                .iter()
                .map(|(table, rows)| json!({"table": table.to_string(), "rows": rows}))
                .collect();
            print_json("stale", [("rows", json!(report.total())), ("tables", json!(tables))]);
        } else {
            let rows = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX), "row");
            say!("{}: {} to be made again; deleted {}", found.table, rows(report.rows), rows(report.total()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row_as_json(row: &StaleRow) -> Result<Value, String> {
    let changes: Vec<Value> = row.changes.iter().map(change_as_json).collect();
    Ok(json!({"key": row.key.to_json().map_err(text)?, "changes": changes}))
}

fn change_as_json(change: &Change) -> Value {
    match change {
        Change::Code { then, now } => json!({"what": "code", "then": then, "now": now}),
        Change::Rows { table, then, now } => {
            json!({"what": "rows", "table": table, "then": then, "now": now})
        }
        Change::Gone { table, what } => json!({"what": "gone", "table": table, "missing": what}),
        other => json!({"what": "other", "text": other.to_string()}),
    }
}
