//! What would make writes of users fail, as far as it can be told before.

use std::collections::BTreeMap;

use datajoint_schema::TableName;

use super::read::Member;
use crate::Result;
use crate::look::Look;
use crate::replica_identity::{BROKEN, Mode, Observed, wanted_of};
use crate::wanted::PublicationWanted;

/// What would make writes of users fail, or can't be published.
pub(super) fn fault(
    look: &Look<'_>,
    wanted: &PublicationWanted,
    members: &BTreeMap<TableName, Member>,
    identities: &[Observed],
) -> Result<Option<(&'static str, String, &'static str)>> {
    const VERBS: [&str; 4] = ["insert", "update", "delete", "truncate"];
    if let Some(verb) =
        wanted.publish.iter().find(|verb| !VERBS.contains(&verb.to_ascii_lowercase().as_str()))
    {
        let message = format!("`{verb}` is nothing that can be published");
        return Ok(Some(("no-such-verb", message, "write insert, update, delete or truncate")));
    }
    let has_details = members.values().any(|member| member.rows.is_some() || !member.columns.is_empty());
    if has_details && !look.is_from(15) {
        let message = "conditions on rows and lists of columns need PostgreSQL 15".to_owned();
        return Ok(Some(("old-server", message, "publish whole tables, or upgrade the server")));
    }
    for (name, columns) in &wanted.columns {
        let table = look.table(name)?;
        if let Some(column) = columns.iter().find(|column| table.heading.get(column).is_none()) {
            let message = format!("`{}` has no attribute `{column}`", table.name);
            return Ok(Some(("no-such-column", message, "correct the list of columns")));
        }
    }
    // Where no old row is published, none has to be found again.
    let needs_identity =
        wanted.publish.iter().any(|verb| ["update", "delete"].contains(&verb.to_ascii_lowercase().as_str()));
    for (name, member) in members.iter().filter(|_| needs_identity) {
        let Some(table) = look.all.iter().find(|table| table.name == *name) else { continue };
        let Some(observed) = identities.iter().find(|observed| observed.name == *name) else { continue };
        let mode = wanted_of(look, observed)?.map_or_else(|| observed.mode(), |mode: Mode| mode.to_string());
        if mode == "full" && !member.columns.is_empty() {
            let message =
                format!("`{name}` has the replica identity full, with which all columns are published");
            return Ok(Some((
                "columns-with-full",
                message,
                "leave the list of columns out, or set the identity to `default`",
            )));
        }
        let key: Vec<&str> = match mode.as_str() {
            "full" => table.heading.all().iter().map(|attribute| attribute.name.as_str()).collect(),
            "default" => table.key_names().collect(),
            "nothing" | BROKEN => {
                let message =
                    format!("`{name}` has no replica identity: updates and deletes there would fail");
                return Ok(Some((
                    "no-identity",
                    message,
                    "set its replica identity to `default` or `full` first",
                )));
            }
            // An index: the attributes that it is of are told by its name or its list.
            _ => continue,
        };
        if let Some(rows) = &member.rows
            && let Some(column) =
                words(rows).find(|word| table.heading.get(word).is_some() && !key.contains(&word.as_str()))
        {
            let message = format!(
                "the condition on the rows of `{name}` reads `{column}`, which is not in its replica identity ({mode}): \
                 updates and deletes there would fail"
            );
            return Ok(Some((
                "filter-outside-identity",
                message,
                "restrict by the key alone, or set the replica identity to `full` first",
            )));
        }
        if !member.columns.is_empty()
            && let Some(column) = key.iter().find(|column| !member.columns.iter().any(|it| it == *column))
        {
            let message = format!(
                "the columns of `{name}` leave out `{column}`, which is in its replica identity ({mode}): updates and \
                 deletes there would fail"
            );
            return Ok(Some((
                "columns-without-identity",
                message,
                "name the whole key among the columns, or publish inserts alone",
            )));
        }
    }
    Ok(None)
}

/// The words of a condition that may be names of columns.
fn words(condition: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    // What stands between single quotes is a value.
    for outside in condition.split('\'').step_by(2) {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        words.extend(
            // Names are of lower case here, and the server takes others for such.
            outside
                .split(|character| !is_part(character))
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase),
        );
    }
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_stands_between_quotes_is_no_column() {
        let found: Vec<String> = words("kind = 'unit' and unit > 0").collect();
        assert_eq!(found, ["kind", "and", "unit", "0"]);
    }
}
