use datajoint_guard::{Finding, FindingCode};
use datajoint_pipeline::{AuditEntry, AuditVerb};
use datajoint_plan::Snapshot;
use datajoint_schema::TableName;
use datajoint_sql::Access;

use crate::Result;
use crate::rights::schemas_below;

/// Whether what is changed in each schema can be noted, where the settings ask for it: every change would fail otherwise.
///
/// It is tried, in a transaction that is undone: rights, a server that only reads and a full disk all show.
pub(super) async fn check(snapshot: &mut Snapshot) -> Result<()> {
    if !snapshot.dj.is_audited() {
        return Ok(());
    }
    let may_declare = snapshot.dj.settings().database.create_tables;
    let below = schemas_below(snapshot).into_iter().map(|schema| {
        let kept = format!("rows of `{schema}` that depend on others can't go with them");
        (schema, kept)
    });
    let own = snapshot
        .schemas
        .iter()
        .map(|schema| (schema.clone(), format!("nothing in `{schema}` can be changed")));
    for (schema, kept) in own.chain(below).collect::<Vec<_>>() {
        let name = TableName::audit(&schema);
        if !snapshot.all_hidden.contains(&name) {
            // With the first change it is declared, where it may be.
            if !may_declare {
                snapshot.findings.push(Finding::error(
                    FindingCode::AuditNotWritten,
                    format!("`{name}` is missing, so that {kept}"),
                    "`deploy apply audit` declares it, of the schemas that are deployed",
                ));
            }
            continue;
        }
        if let Err(error) = write(snapshot, &schema).await {
            snapshot.findings.push(Finding::error(
                FindingCode::AuditNotWritten,
                format!("`{name}` can't be written, so that {kept}: {error}"),
                "`deploy apply grants` grants INSERT on it to whoever changes rows, or turn `guard.audit` off",
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
