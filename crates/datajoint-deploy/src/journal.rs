//! What was done to a schema, in its hidden table `~deploy`: written before and after each statement, so that a deploy
//! that was interrupted leaves a trace of where.

use datajoint_adapters::{Connection, Kind};
use datajoint_definition::Backend;
use datajoint_guard::Finding;
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value, placeholder, table_reference};

use crate::look::Look;
use crate::plan::{Item, Step, text};
use crate::{Error, Result};

/// The hidden table.
pub(crate) const TABLE: &str = "~deploy";

/// The journal of one run.
pub(crate) struct Journal {
    backend: Backend,
    run: String,
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
    pub(crate) async fn new(connection: &mut Connection, plan: String) -> Result<Self> {
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
        Ok(Self { backend, run, plan, user, number: 0, ready: Vec::new() })
    }

    /// Notes that steps of an item begin.
    pub(crate) async fn begin(
        &mut self,
        connection: &mut Connection,
        item: &Item,
        steps: &[&Step],
    ) -> datajoint_adapters::Result<Entry> {
        let schema = &item.schema;
        if !self.ready.contains(schema) {
            connection.script(&[Statement::plain(create(self.backend, schema))]).await?;
            self.ready.push(schema.clone());
        }
        self.number += 1;
        let statements: Vec<String> = steps.iter().map(|step| text(&step.sql)).collect();
        let now = now();
        let values = [
            Value::Text(self.run.clone()),
            Value::Int(self.number),
            Value::Text(self.plan.clone()),
            Value::Text(item.operation.name().to_owned()),
            Value::Text(item.object.clone()),
            Value::Text(statements.join(";\n")),
            Value::Text("begun".to_owned()),
            Value::Text(String::new()),
            Value::Text(self.user.clone()),
            Value::Text(env!("CARGO_PKG_VERSION").to_owned()),
            Value::Text(now.clone()),
            Value::Text(now),
        ];
        let places = crate::look::placeholders(self.backend, &values);
        let names = COLUMNS.iter().map(|(name, ..)| datajoint_sql::quote_identifier(self.backend, name));
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({places})",
            reference(self.backend, schema),
            names.collect::<Vec<_>>().join(", ")
        );
        connection.execute(&Statement { sql, parameters: values.into() }).await?;
        Ok(Entry { schema: schema.clone(), number: self.number })
    }

    /// The statement that notes how they ended.
    pub(crate) fn end(&self, entry: &Entry, state: &str, message: &str) -> Statement {
        let quote = |name| datajoint_sql::quote_identifier(self.backend, name);
        let place = |number| placeholder(self.backend, number);
        Statement {
            sql: format!(
                "UPDATE {} SET {} = {}, {} = {}, {} = {} WHERE {} = {} AND {} = {}",
                reference(self.backend, &entry.schema),
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

fn create(backend: Backend, schema: &str) -> String {
    let quote = |name| datajoint_sql::quote_identifier(backend, name);
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, kind)| {
            let kind = match (backend, *kind) {
                (Backend::Sqlite, "bigint") => "INTEGER",
                (Backend::Sqlite, _) => "TEXT",
                (_, kind) => kind,
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
        reference(backend, schema),
        columns.join(", "),
        quote("run"),
        quote("step")
    )
}

fn reference(backend: Backend, schema: &str) -> String {
    table_reference(backend, &TableName::new(schema, TABLE))
}

/// The moment, in UTC.
fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// Says where earlier deploys were interrupted.
pub(crate) async fn interrupted(look: &mut Look<'_>) -> Result<()> {
    for schema in journals(look) {
        let quote = |name| datajoint_sql::quote_identifier(look.backend, name);
        let sql = format!(
            "SELECT {}, {}, {}, {} FROM {} WHERE {} = 'begun' ORDER BY {}",
            quote("begun"),
            quote("user"),
            quote("object"),
            quote("statement"),
            reference(look.backend, &schema),
            quote("state"),
            quote("begun"),
        );
        let rows = match look.rows(&sql, Vec::new()).await {
            Err(Error::Adapter(error)) if error.kind() == Some(Kind::MissingPrivilege) => {
                look.findings.push(Finding::warning(
                    "journal-not-read",
                    format!("whether a deploy of `{schema}` was interrupted can't be seen: {error}"),
                    format!("grant SELECT on `{schema}.{TABLE}`; who deploys writes it, too"),
                ));
                continue;
            }
            rows => rows?,
        };
        for row in rows {
            look.findings.push(Finding::warning(
                "interrupted-deploy",
                format!(
                    "a deploy of {} by {} did not say how it ended at `{}`: {}",
                    row.text(0),
                    row.text(1),
                    row.text(2),
                    row.text(3)
                ),
                "apply again: what is not as wanted yet is done, and this is noted as interrupted",
            ));
        }
    }
    Ok(())
}

/// Notes the same in the journals themselves: whoever has the lock knows that nobody else is at it.
pub(crate) async fn note_interrupted(look: &Look<'_>, connection: &mut Connection) -> Result<(), Error> {
    if !look.findings.iter().any(|finding| finding.code == "interrupted-deploy") {
        return Ok(());
    }
    for schema in journals(look) {
        let state = datajoint_sql::quote_identifier(look.backend, "state");
        let table = reference(look.backend, &schema);
        let sql = format!("UPDATE {table} SET {state} = 'interrupted' WHERE {state} = 'begun'");
        connection.execute(&Statement::plain(sql)).await?;
    }
    Ok(())
}

fn journals(look: &Look<'_>) -> Vec<String> {
    let journals = look.hidden.iter().filter(|table| table.name.table == TABLE);
    journals.map(|table| table.name.schema.clone()).collect()
}
