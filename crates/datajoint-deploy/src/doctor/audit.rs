use datajoint_guard::{Finding, FindingCode};
use datajoint_pipeline::{AuditEntry, AuditVerb};
use datajoint_plan::Snapshot;
use datajoint_schema::TableName;
use datajoint_sql::Access;

use crate::Result;

/// Whether what is changed in each schema can be noted, where the settings ask for it: every change would fail otherwise.
///
/// It is tried, in a transaction that is undone: rights, a server that only reads and a full disk all show.
pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    if !snapshot.dj.is_audited() {
        return Ok(());
    }
    let may_declare = snapshot.dj.settings().database.create_tables;
    for schema in snapshot.schemas.clone() {
        let name = TableName::audit(&schema);
        if !snapshot.hidden.iter().any(|table| table.name == name) {
            // With the first change it is declared, where it may be.
            if !may_declare {
                snapshot.findings.push(Finding::error(
                    FindingCode::AuditNotWritten,
                    format!("`{name}` is missing, so that nothing in `{schema}` can be changed"),
                    "`deploy apply audit` declares it",
                ));
            }
            continue;
        }
        if let Err(error) = write(snapshot, &schema).await {
            snapshot.findings.push(Finding::error(
                FindingCode::AuditNotWritten,
                format!("`{name}` can't be written, so that nothing in `{schema}` can be changed: {error}"),
                "grant INSERT on it to whoever changes rows, or turn `guard.audit` off",
            ));
        }
    }
    Ok(())
}

/// Notes something, and undoes that.
async fn write(snapshot: &mut Snapshot, schema: &str) -> datajoint_pipeline::Result<()> {
    let entry = AuditEntry::new(AuditVerb::Deploy, schema, "");
    let Some(statement) = snapshot.dj.audit_statement(&entry)? else { return Ok(()) };
    let mut transaction = snapshot.connection.begin(Access::Locking).await?;
    let outcome = transaction.execute(&statement).await;
    let undone = transaction.rollback().await;
    outcome?;
    Ok(undone?)
}
