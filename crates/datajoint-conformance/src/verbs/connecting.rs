//! Clients that come and go, and deployments.

use std::error::Error;

use datajoint::prelude::*;
use datajoint::{Backend, ReadOnly, dashboard, deploy};
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value, table_reference};

use super::state::SCHEMA;
use super::tables::*;
use super::{Outcome, verbs};

fn wanted() -> deploy::DesiredState {
    deploy::DesiredState {
        schemas: Some(vec!["dj_conformance_verbs".to_owned()]),
        ..deploy::DesiredState::default()
    }
}

/// Something to do for every deployment, however often it was done.
fn work() -> deploy::DesiredState {
    deploy::DesiredState { request: Some(deploy::Upkeep::Analyze), ..wanted() }
}

/// Fails unless a deployment did something, and all of it; behind a pooler it has to refuse.
fn done(dj: &Instance, outcome: deploy::Result<deploy::Plan>) -> Result<(), Box<dyn Error + Send + Sync>> {
    match outcome {
        Err(deploy::Error::Plan(deploy::PlanError::Pooled { .. })) if dj.database().shares_sessions() => {
            Ok(())
        }
        Ok(plan) if plan.exit_status() == 0 && !plan.ddl().is_empty() => Ok(()),
        Ok(plan) => Err(plan.to_string().into()),
        Err(error) => Err(error.into()),
    }
}

/// What the table of accounts writes for its replicas, on the server that lets tables differ in that.
pub(super) async fn identity(dj: &Instance) -> Outcome<Option<String>> {
    if dj.backend() != Backend::Postgresql {
        return Ok(None);
    }
    let sql = "SELECT relreplident::text FROM pg_class WHERE oid = 'dj_conformance_verbs.account'::regclass";
    let found = dj.database().acquire().await?.fetch(&Statement::plain(sql)).await?;
    let text =
        |value: &Value| if let Value::Text(text) = value { text.clone() } else { format!("{value:?}") };
    Ok(found.first().and_then(|row| row.first()).map(text))
}

/// What has it write as before, where it does not.
pub(super) async fn identity_reset(dj: &Instance) -> Outcome<Option<Statement>> {
    let is_other = identity(dj).await?.is_some_and(|mode| mode != "d");
    let reset = "ALTER TABLE dj_conformance_verbs.account REPLICA IDENTITY DEFAULT";
    Ok(is_other.then(|| Statement::plain(reset)))
}

async fn has_journal(dj: &Instance) -> Outcome<bool> {
    Ok(dj.hidden_tables(SCHEMA).await?.iter().any(|table| table.name == TableName::new(SCHEMA, "~deploy")))
}

/// What the journal of deployments says was done. That it is looked after itself depends on when it came to be.
pub(super) async fn journal(dj: &Instance) -> Outcome<Vec<String>> {
    if !has_journal(dj).await? {
        return Ok(Vec::new());
    }
    let journal = table_reference(dj.backend(), &TableName::new(SCHEMA, "~deploy"));
    super::state::read(
        dj,
        format!("SELECT DISTINCT operation, object, statement, message FROM {journal} WHERE state = 'done' AND object <> '{SCHEMA}.~deploy' ORDER BY 1, 2, 3"),
    )
    .await
}

/// What empties it.
pub(super) async fn journal_reset(dj: &Instance) -> Outcome<Option<Statement>> {
    let journal = table_reference(dj.backend(), &TableName::new(SCHEMA, "~deploy"));
    Ok(has_journal(dj).await?.then(|| Statement::plain(format!("DELETE FROM {journal}"))))
}

verbs! {
    "Instance::connect" Nothing silent |w| { Instance::connect(w.dj.settings().clone()).await? }
    "Instance::connect_existing" Nothing silent |w| { Instance::connect_existing(w.dj.settings().clone()).await? }
    "Instance::close" Nothing silent |w| {
        let other = Instance::connect(w.dj.settings().clone()).await?;
        Account.count(&other).await?;
        other.close().await
    }
    "ReadOnly::connect" Nothing silent |w| { ReadOnly::connect(w.dj.settings().clone()).await? }
    "ReadOnly::list_schemas" Nothing |w| {
        let schemas = ReadOnly::connect(w.dj.settings().clone()).await?.list_schemas().await?;
        w.tell(schemas.contains(&SCHEMA.to_owned()))
    }
    "ReadOnly::schema" Nothing |w| {
        w.tell_rows(ReadOnly::connect(w.dj.settings().clone()).await?.schema(SCHEMA).await?.list_tables())
    }
    "ReadOnly::table" Nothing |w| {
        let table = ReadOnly::connect(w.dj.settings().clone()).await?.table("dj_conformance_verbs.account").await?;
        w.tell(table.describe()?)
    }
    "ReadOnly::close" Nothing silent |w| { ReadOnly::connect(w.dj.settings().clone()).await?.close().await }
    "adapters::Database::connect" Nothing silent |w| { Instance::connect(w.dj.settings().clone()).await? }
    "adapters::Database::close" Nothing silent |w| {
        let other = Instance::connect(w.dj.settings().clone()).await?;
        other.database().close().await?
    }
    "Dashboard::bind" Nothing silent |w| {
        dashboard::Dashboard::of(&w.dj).address(([127, 0, 0, 1], 0).into()).bind().await?
    }
    "Overview::of" Nothing |w| {
        let schema = w.dj.schema(SCHEMA).await?;
        let overview = dashboard::Overview::of(&w.dj, &[schema]).await?;
        w.tell(overview.tables.iter().map(|table| (table.rows, table.remaining)).collect::<Vec<_>>())
    }
    "doctor" Nothing |w| { w.tell(deploy::doctor(&w.dj, &wanted(), &[]).await?.len()) }
    "matrix" Nothing |w| {
        match deploy::matrix(&w.dj, &wanted()).await {
            Err(error @ deploy::Error::Unsupported { .. }) if w.dj.backend() == Backend::Sqlite => {
                w.tell(error.to_string());
            }
            matrix => {
                let rows = matrix?.rows;
                assert!(!rows.is_empty(), "somebody can use it");
                w.tell(rows.len());
            }
        }
    }
    "verify" Nothing silent |w| { deploy::verify(w.dj.settings(), Some(&w.dj), &wanted(), &[], &[]).await? }
    "Deployment::plan" Nothing |w| {
        let plan = deploy::Deployment::new(&w.dj, work()).plan().await?;
        assert!(plan.pending().count() > 0, "{plan}");
        w.tell(plan.ddl());
    }
    "Deployment::apply" Steps silent |w| { done(&w.dj, deploy::Deployment::new(&w.dj, work()).apply(None).await)? }
    "maintain" Steps silent |w| {
        let table = "dj_conformance_verbs.account";
        done(&w.dj, deploy::maintain(&w.dj, table, deploy::Upkeep::Analyze, false).await)?
    }
    "set_replica_identity" Steps silent |w| {
        let set = deploy::set_replica_identity(&w.dj, "dj_conformance_verbs.account", "full", false).await;
        match set {
            Err(deploy::Error::Unsupported { .. }) if w.dj.backend() != Backend::Postgresql => {}
            outcome => done(&w.dj, outcome)?,
        }
    }
}
