//! What was done to a schema, in a hidden table of it: written before and after each statement, so that what was
//! interrupted leaves a trace of where.

use datajoint_adapters::{Connection, Kind};
use datajoint_definition::Backend;
use datajoint_guard::{Finding, FindingCode};
use datajoint_pipeline::{AuditEntry, AuditOutcome, Doing, Instance};
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value, placeholder, table_reference};

use crate::{Activity, Error, Item, Result, Snapshot, Step};

/// The journal of one run.
pub(crate) struct Journal {
    dj: Instance,
    backend: Backend,
    activity: &'static Activity,
    run: String,
    /// The hash of the plan.
    plan: String,
    user: String,
    number: i64,
    ready: Vec<String>,
}

/// An entry that was begun.
pub(crate) struct Entry {
    schema: String,
    number: i64,
}

impl Journal {
    pub(crate) async fn new(
        dj: &Instance,
        connection: &mut Connection,
        activity: &'static Activity,
        plan: String,
    ) -> Result<Self> {
        let backend = connection.backend();
        let sql = match backend {
            Backend::Postgresql => "SELECT current_user::text",
            Backend::Mysql | Backend::Mariadb => "SELECT CURRENT_USER()",
            Backend::Sqlite => "SELECT ''",
        };
        let rows = connection.fetch(&Statement::plain(sql)).await?;
        let user = match rows.first().and_then(|row| row.first()) {
            Some(Value::Text(user)) => user.clone(),
            _ => String::new(),
        };
        let run = uuid::Uuid::new_v4().to_string();
        Ok(Self { dj: dj.clone(), backend, activity, run, plan, user, number: 0, ready: Vec::new() })
    }

    /// Notes that steps of an item begin; `None` where no schema has a journal yet.
    pub(crate) async fn begin(
        &mut self,
        connection: &mut Connection,
        item: &Item,
        steps: &[Step],
    ) -> datajoint_pipeline::Result<Option<Entry>> {
        let schema = &item.schema;
        if schema.is_empty() {
            // Before the first schema is declared there is none that could note it.
            return Ok(None);
        }
        if !self.ready.contains(schema) {
            connection.script(&[Statement::plain(create(self.backend, &self.name(schema)))]).await?;
            self.dj.declare_audit_on(connection, schema).await?;
            self.ready.push(schema.clone());
        }
        self.number += 1;
        let statements: Vec<String> = steps.iter().map(|step| step.task.to_string()).collect();
        let now = now();
        let values = [
            Value::Text(self.run.clone()),
            Value::Int(self.number),
            // Journals of earlier releases have room for so much.
            Value::Text(self.plan.chars().take(12).collect()),
            Value::Text(item.operation.to_owned()),
            Value::Text(item.object.clone()),
            Value::Text(statements.join(";\n")),
            Value::Text("begun".to_owned()),
            Value::Text(String::new()),
            Value::Text(self.user.clone()),
            Value::Text(env!("CARGO_PKG_VERSION").to_owned()),
            Value::Text(now.clone()),
            Value::Text(now),
        ];
        let places = crate::placeholders(self.backend, &values);
        let names = COLUMNS.iter().map(|(name, ..)| datajoint_sql::quote_identifier(self.backend, name));
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({places})",
            table_reference(self.backend, &self.name(schema)),
            names.collect::<Vec<_>>().join(", ")
        );
        connection.execute(&Statement { sql, parameters: values.into(), ..Statement::default() }).await?;
        Ok(Some(Entry { schema: schema.clone(), number: self.number }))
    }

    /// The journal of a schema.
    fn name(&self, schema: &str) -> TableName {
        TableName::new(schema, self.activity.journal)
    }

    /// The statement that notes an item in the audit of its schema; `None` where the settings don't ask for it, and where no
    /// schema could have it.
    pub(crate) fn audit(
        &self,
        item: &Item,
        outcome: AuditOutcome,
    ) -> datajoint_pipeline::Result<Option<Statement>> {
        if item.schema.is_empty() {
            return Ok(None);
        }
        let entry = AuditEntry::new(self.activity.verb, &item.schema, item.object.as_str());
        let entry = entry.detail(item.operation).plan(Some(self.plan.clone()));
        self.dj.audit_statement(&entry.with_outcome(outcome))
    }

    /// The statement that notes how they ended.
    pub(crate) fn end(&self, entry: &Entry, state: &str, message: &str) -> Statement {
        let quote = |name| datajoint_sql::quote_identifier(self.backend, name);
        let place = |number| placeholder(self.backend, number);
        Statement {
            sql: format!(
                "UPDATE {} SET {} = {}, {} = {}, {} = {} WHERE {} = {} AND {} = {}",
                table_reference(self.backend, &self.name(&entry.schema)),
                quote("state"),
                place(1),
                quote("message"),
                place(2),
                quote("ended"),
                place(3),
                quote("run"),
                place(4),
                quote("step"),
                place(5),
            ),
            parameters: vec![
                Value::Text(state.to_owned()),
                Value::Text(message.chars().take(2000).collect()),
                Value::Text(now()),
                Value::Text(self.run.clone()),
                Value::Int(entry.number),
            ],
            ..Statement::default()
        }
    }
}

/// The columns: name, type on MySQL and PostgreSQL.
const COLUMNS: [(&str, &str); 12] = [
    ("run", "varchar(36)"),
    ("step", "bigint"),
    ("plan", "varchar(12)"),
    ("operation", "varchar(32)"),
    ("object", "varchar(255)"),
    ("statement", "text"),
    ("state", "varchar(16)"),
    ("message", "varchar(2000)"),
    ("user", "varchar(255)"),
    ("client", "varchar(32)"),
    ("begun", "varchar(32)"),
    ("ended", "varchar(32)"),
];

fn create(backend: Backend, table: &TableName) -> String {
    let quote = |name| datajoint_sql::quote_identifier(backend, name);
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, kind)| {
            let kind = match backend {
                Backend::Sqlite => {
                    if *kind == "bigint" {
                        "INTEGER"
                    } else {
                        "TEXT"
                    }
                }
                Backend::Mysql | Backend::Mariadb | Backend::Postgresql => kind,
            };
            format!("{} {kind} NOT NULL", quote(name))
        })
        .collect();
    let engine = match backend {
        Backend::Mysql | Backend::Mariadb => " ENGINE=InnoDB",
        Backend::Sqlite => " STRICT",
        Backend::Postgresql => "",
    };
    format!(
        "CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}, {})){engine}",
        table_reference(backend, table),
        columns.join(", "),
        quote("run"),
        quote("step")
    )
}

/// The moment, in UTC.
fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// Says where earlier ones were interrupted, as findings of the snapshot.
///
/// # Cancel safety
///
/// It only reads.
pub async fn interrupted(snapshot: &mut Snapshot, activity: &Activity) -> Result<()> {
    let noun = activity.noun;
    for journal in journals(snapshot, activity) {
        let quote = |name| datajoint_sql::quote_identifier(snapshot.backend, name);
        let sql = format!(
            "SELECT {}, {}, {}, {} FROM {} WHERE {} = 'begun' ORDER BY {}",
            quote("begun"),
            quote("user"),
            quote("object"),
            quote("statement"),
            table_reference(snapshot.backend, &journal),
            quote("state"),
            quote("begun"),
        );
        let rows = match snapshot.rows_of_table(sql).await {
            Err(Error::Adapter(error)) if error.kind() == Some(Kind::MissingPrivilege) => {
                snapshot.findings.push(Finding::warning(
                    FindingCode::JournalNotRead,
                    format!(
                        "whether a {noun} of `{}` was interrupted can't be seen: {error}",
                        journal.schema
                    ),
                    format!("grant SELECT on `{journal}`; who carries out a {noun} writes it, too"),
                ));
                continue;
            }
            // A table of this name that somebody else made, or that is damaged.
            Err(Error::Adapter(error)) if error.kind().is_some() && !error.is_connection_lost() => {
                snapshot.findings.push(Finding::warning(
                    FindingCode::JournalNotRead,
                    format!("`{journal}` can't be read as the journal of a {noun}: {error}"),
                    "look whose table it is; rename or drop it where it is nobody's, and it is made anew",
                ));
                continue;
            }
            rows => rows?.unwrap_or_default(),
        };
        snapshot.was_interrupted |= !rows.is_empty();
        for row in rows {
            snapshot.findings.push(Finding::warning(
                activity.interrupted,
                format!(
                    "a {noun} of {} by {} did not say how it ended at `{}`: {}",
                    row.shown(0),
                    row.shown(1),
                    row.shown(2),
                    row.shown(3)
                ),
                "apply again: what is not as wanted yet is done, and this is noted as interrupted",
            ));
        }
    }
    Ok(())
}

/// The journals with steps that did not say how they ended, as far as some have any.
pub(crate) fn left_open(snapshot: &Snapshot, activity: &Activity) -> Vec<TableName> {
    if snapshot.was_interrupted { journals(snapshot, activity) } else { Vec::new() }
}

/// Notes in journals what was interrupted: whoever has the lock knows that nobody else is at it.
pub(crate) async fn note_interrupted(journals: &[TableName], connection: &mut Connection) -> Result<()> {
    let backend = connection.backend();
    for journal in journals {
        let state = datajoint_sql::quote_identifier(backend, "state");
        let table = table_reference(backend, journal);
        let sql = format!("UPDATE {table} SET {state} = 'interrupted' WHERE {state} = 'begun'");
        match connection.execute(&Statement::plain(sql)).await {
            Err(error) if error.is_gone() || error.kind() == Some(Kind::MissingColumn) => {}
            Err(error) => {
                let error = datajoint_pipeline::Error::from(error);
                return Err(error.unsettled(Doing::Noting, std::slice::from_ref(journal), &[]).into());
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn journals(snapshot: &Snapshot, activity: &Activity) -> Vec<TableName> {
    let journals = snapshot.hidden.iter().filter(|table| table.name.table == activity.journal);
    journals.map(|table| table.name.clone()).collect()
}
