//! What would make writes of users fail, as far as it can be told before.

use std::collections::BTreeMap;

use datajoint_definition::Backend;
use datajoint_guard::FailureCode;
use datajoint_plan::Snapshot;
use datajoint_schema::TableName;

use super::read::Member;
use crate::replica_identity::{Identity, Observed};
use crate::{PublicationSpec, Result};

/// What would make writes of users fail, or can't be published.
pub(super) fn fault(
    snapshot: &Snapshot,
    wanted: &PublicationSpec,
    members: &BTreeMap<TableName, Member>,
    identities: &[Observed],
) -> Result<Option<(FailureCode, String, &'static str)>> {
    let has_details = members.values().any(|member| member.rows.is_some() || !member.columns.is_empty());
    if has_details && !snapshot.is_from(15) {
        let message = "conditions on rows and lists of columns need PostgreSQL 15".to_owned();
        return Ok(Some((FailureCode::OldServer, message, "publish whole tables, or upgrade the server")));
    }
    for (name, rows) in &wanted.rows {
        if let Err(error) = datajoint_sql::plain_expression(Backend::Postgresql, rows) {
            let message = format!("the condition on the rows of `{name}`: {error}");
            return Ok(Some((
                FailureCode::NoCondition,
                message,
                "write one condition on the columns of the table",
            )));
        }
    }
    for (name, columns) in &wanted.columns {
        let table = snapshot.table(name)?;
        if let Some(column) = columns.iter().find(|column| table.heading.get(column).is_none()) {
            let message = format!("`{}` has no attribute `{column}`", table.name);
            return Ok(Some((FailureCode::NoSuchColumn, message, "correct the list of columns")));
        }
    }
    // Where no old row is published, none has to be found again.
    let needs_identity = wanted.publish.iter().any(|operation| operation.needs_identity());
    for (name, member) in members.iter().filter(|_| needs_identity) {
        let Some(table) = snapshot.all.iter().find(|table| table.name == *name) else { continue };
        let Some(observed) = identities.iter().find(|observed| observed.name == *name) else { continue };
        let identity = &observed.identity;
        if *identity == Identity::Full && !member.columns.is_empty() {
            let message =
                format!("`{name}` has the replica identity full, with which all columns are published");
            return Ok(Some((
                FailureCode::ColumnsWithFull,
                message,
                "leave the list of columns out, or set the identity to `default`",
            )));
        }
        let key: Vec<&str> = match identity {
            Identity::Full => table.heading.all().iter().map(|attribute| attribute.name.as_str()).collect(),
            Identity::Default => table.key_names().collect(),
            Identity::Nothing | Identity::Broken => {
                let message =
                    format!("`{name}` has no replica identity: updates and deletes there would fail");
                return Ok(Some((
                    FailureCode::NoIdentity,
                    message,
                    "set its replica identity to `default` or `full` first",
                )));
            }
            // The attributes that it is of are told by its name or its list.
            Identity::Index(_) => continue,
        };
        if let Some(rows) = &member.rows
            && let Some(column) = words(rows)
                .into_iter()
                .find(|word| table.heading.get(word).is_some() && !key.contains(&word.as_str()))
        {
            let message = format!(
                "the condition on the rows of `{name}` reads `{column}`, which is not in its replica identity ({identity}): \
                 updates and deletes there would fail"
            );
            return Ok(Some((
                FailureCode::FilterOutsideIdentity,
                message,
                "restrict by the key alone, or set the replica identity to `full` first",
            )));
        }
        if !member.columns.is_empty()
            && let Some(column) = key.iter().find(|column| !member.columns.iter().any(|it| it == *column))
        {
            let message = format!(
                "the columns of `{name}` leave out `{column}`, which is in its replica identity ({identity}): updates and \
                 deletes there would fail"
            );
            return Ok(Some((
                FailureCode::ColumnsWithoutIdentity,
                message,
                "name the whole key among the columns, or publish inserts alone",
            )));
        }
    }
    Ok(None)
}

/// The words of a condition that may be names of columns; the server takes those without quotes for lower case.
fn words(condition: &str) -> Vec<String> {
    datajoint_sql::names_in(Backend::Postgresql, condition).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_stands_between_quotes_is_no_column() {
        let found = words("kind = 'it''s unit' and Unit > 0 /* subject */ or \"Sex\" is null");
        assert_eq!(found, ["kind", "and", "unit", "0", "or", "Sex", "is", "null"]);
    }
}
