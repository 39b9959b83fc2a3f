//! Who did what, and when.

use std::process::ExitCode;

use clap::Args;
use datajoint::guard::{Finding, FindingCode};
use datajoint::types::chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use datajoint::{
    AuditVerb, Condition, DynamicRow, FoundSchemas, Instance, Query, Relation as _, Tier, attribute,
};
use serde_json::{Value, json};

use crate::output::{print_finding, print_json, print_table, printable};
use crate::unread::if_allowed;
use crate::{Outcome, Program, connect, text};

/// Shows who deleted, changed, dropped, deployed or freed what, and when, the latest first: what `guard.audit` has noted in
/// each schema.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj audit\n  dj audit lab --since 7d --verb delete --verb drop\n  \
                        dj audit --table lab.Session --user ada --json")]
pub(crate) struct Audit {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// Only what was done since then: a moment in UTC, `2026-11-01` or `2026-11-01T12:00:00`, or so long ago: `90m`, `12h`, `7d`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<NaiveDateTime>,
    /// Only what was done to this table, as `schema.Class`, whether it is there still or not.
    #[arg(long)]
    table: Option<String>,
    /// Only this; may be given several times.
    #[arg(long, value_name = "VERB", value_parser = names())]
    verb: Vec<String>,
    /// Only what this user did: one of the database, or the account on a machine.
    #[arg(long)]
    user: Option<String>,
    /// The most entries that are shown.
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(crate) async fn run(&self, _: &Program) -> Outcome {
        // Of a name without its schema no entry tells, which is no sign that nothing was done.
        if let Some(table) = self.table.as_ref().filter(|table| !table.contains('.')) {
            return Err(format!("there is no table `{table}`; write `schema.table`"));
        }
        let dj = connect().await?;
        let (schemas, mut findings) = self.chosen(&dj).await?;
        let mut entries = Vec::new();
        for schema in &schemas {
            let what = format!("who did what to `{schema}`");
            let read = self.entries(&dj, schema).await;
            let read = if_allowed(read, FindingCode::AuditNotRead, &what, &mut findings)?;
            // Some servers show no table to who may not read it.
            if matches!(read, Some(None)) {
                findings.push(nothing_there(schema));
            }
            entries.extend(read.flatten().unwrap_or_default());
        }
        // Each schema has its own; those of all are in one order.
        let time = |entry: &Value| entry["time"].as_str().map(str::to_owned);
        entries.sort_by_key(|entry| std::cmp::Reverse(time(entry)));
        entries.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        if self.json {
            print_json("audit", [("entries", json!(entries)), ("findings", json!(findings))]);
        } else {
            show(&entries);
            findings.iter().for_each(print_finding);
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn chosen(&self, dj: &Instance) -> Result<(Vec<String>, Vec<Finding>), String> {
        if !self.schemas.is_empty() {
            let known = dj.list_schemas().await.map_err(text)?;
            let schemas: Vec<String> = self.schemas.iter().map(|schema| dj.schema_name(schema)).collect();
            return match schemas.iter().find(|schema| !known.contains(schema)) {
                Some(unknown) => Err(format!("there is no schema `{unknown}`")),
                None => Ok((schemas, Vec::new())),
            };
        }
        let FoundSchemas { schemas, findings, .. } =
            dj.find_schemas(&dj.settings().database.database_prefix).await.map_err(text)?;
        Ok((schemas.iter().map(|schema| schema.name().to_owned()).collect(), findings))
    }

    /// What is noted in a schema; `None` where the user is shown no table for that.
    async fn entries(&self, dj: &Instance, schema: &str) -> Result<Option<Vec<Value>>, datajoint::Error> {
        let Some(audit) = dj.audit(schema).await? else { return Ok(None) };
        let latest = self.meant(dj, audit).order_by([attribute("time").descending()]).limit(self.limit);
        let of_schema = |mut entry: Value| {
            entry["schema"] = json!(schema);
            entry
        };
        Ok(Some(latest.fetch_json(dj).await?.into_iter().map(of_schema).collect()))
    }

    fn meant(&self, dj: &Instance, mut audit: Query<DynamicRow>) -> Query<DynamicRow> {
        if let Some(since) = self.since {
            audit = audit.restrict(attribute("time").ge(since));
        }
        if let Some(table) = &self.table {
            audit = audit.restrict(attribute("object").is_in(names_of(dj, table)));
        }
        if !self.verb.is_empty() {
            audit = audit.restrict(attribute("verb").is_in(self.verb.iter().map(String::as_str)));
        }
        if let Some(user) = &self.user {
            // MySQL and MariaDB say where a user comes from.
            let from_somewhere = format!("{}@%", user.replace(['%', '_'], "_"));
            let is_it = [attribute("user").eq(user.as_str()), attribute("account").eq(user.as_str())];
            audit = audit.restrict(Condition::any(is_it).or(attribute("user").like(&from_somewhere)));
        }
        audit
    }
}

fn nothing_there(schema: &str) -> Finding {
    Finding::warning(
        FindingCode::AuditNotRead,
        format!("nothing is noted in `{schema}`, or you may not see its `~audit`"),
        "ask as a role that may read it; to have changes noted, turn `guard.audit` on, and declare it with \
         `deploy apply audit` where no table may be declared otherwise",
    )
}

fn show(entries: &[Value]) {
    let cell = |entry: &Value, name: &str| match &entry[name] {
        Value::String(text) => printable(text).lines().next().unwrap_or_default().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let row = |entry: &Value| {
        let verb = match entry["outcome"].as_str() {
            Some("done") | None => cell(entry, "verb"),
            Some(outcome) => format!("{} ({outcome})", cell(entry, "verb")),
        };
        let mut cells = vec![cell(entry, "time"), cell(entry, "user"), verb];
        cells.extend(["object", "row_count", "host", "program", "detail"].map(|name| cell(entry, name)));
        cells
    };
    let title = ["time (UTC)", "user", "verb", "object", "rows", "host", "program", "which"];
    print_table(&title, &entries.iter().map(row).collect::<Vec<_>>());
}

fn names() -> clap::builder::PossibleValuesParser {
    AuditVerb::ALL.iter().map(|verb| verb.name()).collect::<Vec<_>>().into()
}

/// What a table may be called in the database, of whichever tier it was.
fn names_of(dj: &Instance, name: &str) -> Vec<String> {
    let (schema, class) = name.split_once('.').unwrap_or_default();
    let schema = dj.schema_name(schema);
    let mut names = vec![format!("{schema}.{class}")];
    let (master, part) = class.split_once('.').unwrap_or((class, ""));
    for tier in [Tier::Manual, Tier::Lookup, Tier::Imported, Tier::Computed] {
        let master = datajoint::definition::table_name(master, tier, None);
        let table = match (master, part) {
            (master, "") => master,
            (master, part) => datajoint::definition::table_name(part, Tier::Part, master.as_deref()),
        };
        names.extend(table.map(|table| format!("{schema}.{table}")));
    }
    names
}

/// A moment in UTC, or one that is so long ago.
fn moment(text: &str) -> Result<NaiveDateTime, String> {
    let text = text.trim();
    let found = ago(text).or_else(|| written(text));
    // Not every server takes others.
    found.filter(|moment| (1..=9999).contains(&moment.year())).ok_or_else(|| {
        "write a moment in UTC of the years 1 to 9999, `2026-11-01` or `2026-11-01T12:00:00`, or how long ago, a whole \
         number of minutes, hours or days: `90m`, `12h`, `7d`"
            .to_owned()
    })
}

/// The moment that is so long ago: `7d`.
fn ago(text: &str) -> Option<NaiveDateTime> {
    let (count, unit) = text.split_at_checked(text.len().saturating_sub(1))?;
    // One before the present would be to come.
    let count = count.parse::<i64>().ok().filter(|count| *count >= 0)?;
    let ago = match unit {
        "m" => TimeDelta::try_minutes(count),
        "h" => TimeDelta::try_hours(count),
        "d" => TimeDelta::try_days(count),
        _ => None,
    };
    Utc::now().naive_utc().checked_sub_signed(ago?)
}

/// The moment that is written out, as far as a day.
fn written(text: &str) -> Option<NaiveDateTime> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.naive_utc());
    }
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    if let Some(moment) = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) {
        return Some(moment);
    }
    text.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_a_day_a_time_or_so_long_ago() {
        let read = |text: &str| moment(text).unwrap().to_string();
        assert_eq!(read("2026-11-01"), "2026-11-01 00:00:00");
        assert_eq!(read("2026-11-01T12:30"), "2026-11-01 12:30:00");
        assert_eq!(read("2026-11-01T12:30:00+02:00"), "2026-11-01 10:30:00");
        assert!(moment("7d").unwrap() < moment("12h").unwrap());
        for wrong in ["", "d", "7", "yesterday", "9223372036854775807d", "é", "2026-13-01"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("0001-01-01"), "0001-01-01 00:00:00");
        assert_eq!(read("9999-12-31T23:59"), "9999-12-31 23:59:00");
        for wrong in ["-1d", "-7m", "900000d", "0000-12-31", "-0001-01-01", "+10000-01-01"] {
            let said = moment(wrong).unwrap_err();
            assert!(said.contains("1 to 9999") && said.contains("`7d`"), "{wrong}: {said}");
        }
    }
}
