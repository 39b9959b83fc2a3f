//! Changes of single rows.

use std::sync::Arc;

use datajoint_adapters::RetryPolicy;
use datajoint_guard::Action;
use datajoint_schema::Table;
use datajoint_sql::{Access, InsertMode, Value};

use crate::audit::{AuditEntry, check_kept};
use crate::codec::encode_rows;
use crate::error::KeyValues;
use crate::executor::Held;
use crate::insert::{Columns, Rows, explained};
use crate::{AuditVerb, Doing, Error, Result, Target};

/// Gives the row that has the key among these values, which are not bound yet, its other values.
pub(crate) async fn update_one(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    columns: &Columns,
    values: Vec<Value>,
) -> Result<()> {
    let outcome = if on.instance().is_audited() {
        Box::pin(noted(on, table, columns, values)).await
    } else {
        changed(on, table, columns, values).await
    };
    outcome.map_err(|error| error.of(Doing::Updating, &table.name))
}

/// Changes a row, and notes it in the same transaction.
async fn noted(on: &mut Target<'_>, table: &Arc<Table>, columns: &Columns, values: Vec<Value>) -> Result<()> {
    // Nothing is declared where nothing may be updated.
    on.check_stamps(Action::Update, [table.name.schema.as_str()]).await?;
    on.prepare_audit(std::slice::from_ref(&table.name.schema)).await?;
    let is_key = |name: &&str| table.heading.get(name).is_some_and(|attribute| attribute.in_key);
    let (key, changed_names): (Vec<&str>, Vec<&str>) =
        columns.names.iter().map(String::as_str).partition(is_key);
    let key: Vec<String> = key.iter().map(|name| format!("{name} = ?")).collect();
    let detail = format!("{} where {}", changed_names.join(", "), key.join(" and "));
    let entry = AuditEntry::of_table(AuditVerb::Update, &table.name).rows(Some(1)).detail(detail);
    if on.is_transaction() {
        // An update that fails leaves the transaction as it is without an audit; one that is not noted must not last.
        let written = on.written();
        changed(on, table, columns, values).await?;
        let mut held = Held::since(on.reborrow(), written);
        held.target().note_audit(&entry).await?;
        return held.commit().await;
    }
    let mut backoff = RetryPolicy::CONFLICT.start();
    loop {
        let mut held = Held::new(on.reborrow());
        held.begin_with(Access::Locking).await?;
        let outcome = async {
            let mut on = held.target();
            changed(&mut on, table, columns, values.clone()).await?;
            on.note_audit(&entry).await
        };
        let outcome = match outcome.await {
            Ok(()) => held.commit().await,
            Err(error) => {
                // The first error says more than that of a broken connection.
                let _ = held.roll_back().await;
                Err(error)
            }
        };
        match outcome {
            Err(error) if error.is_retryable() && backoff.again().await => {}
            outcome => return outcome,
        }
    }
}

async fn changed(
    on: &mut Target<'_>,
    table: &Arc<Table>,
    columns: &Columns,
    values: Vec<Value>,
) -> Result<()> {
    check_kept(&table.name)?;
    if !table.has_visible_key() {
        return Err(Error::without_key(table, "one can't be chosen: change rows in SQL"));
    }
    let mut values = columns.checked(values, on.backend(), table)?;
    let is_key = |name: &str| table.heading.get(name).is_some_and(|attribute| attribute.in_key);
    for name in table.key_names() {
        if !columns.names.iter().any(|known| known == name) && !datajoint_schema::is_hidden_name(name) {
            return Err(Error::MissingAttribute {
                table: table.name.clone(),
                row: 1,
                attribute: name.to_owned(),
            });
        }
    }
    encode_rows(on.instance(), table, columns, &mut values, 0).await?;
    let pairs = columns.names.iter().map(String::as_str).zip(values);
    let (key, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| is_key(name));
    if others.is_empty() {
        return Err(Error::EmptyUpdate { table: table.name.clone() });
    }
    on.check_stamps(Action::Update, [table.name.schema.as_str()]).await?;
    let changed: Vec<&str> = others.iter().map(|(name, _)| *name).collect();
    on.check_carried_updates(table, &changed).await?;
    let statement = datajoint_sql::update(on.backend(), table, &key, &others)?;
    on.check_writable()?;
    let unchanged = on.check_unchanged(table, &key).await;
    let outcome = match unchanged {
        Ok(()) => on.execute(&table.name, &statement).await,
        Err(error) => Err(error),
    };
    let changed = match outcome {
        Ok(changed) => changed,
        Err(error) => {
            let (names, values): (Vec<&str>, Vec<Value>) = key.into_iter().chain(others).unzip();
            let rows = Rows { columns: &names, values: &values };
            let mut held = Held::new(on.reborrow());
            return Err(explained(&mut held, Doing::Updating, table, rows, InsertMode::Plain, error).await);
        }
    };
    if changed == 0 {
        let gone = on.check_gone(table, &key).await;
        let (names, row): (Vec<&str>, Vec<Value>) = key.into_iter().unzip();
        if let Err(error) = gone {
            let rows = Rows { columns: &names, values: &row };
            let mut held = Held::new(on.reborrow());
            return Err(explained(&mut held, Doing::Updating, table, rows, InsertMode::Plain, error).await);
        }
        return Err(Error::NothingToUpdate { table: table.name.clone(), key: KeyValues::of(&names, &row) });
    }
    Ok(())
}
