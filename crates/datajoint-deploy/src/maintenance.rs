//! What is kept in order by need: statistics, dead rows, indexes, storage parameters.

use datajoint_definition::Backend;

use crate::Result;
use crate::look::Look;
use crate::plan::Item;

mod foreign_keys;
mod mysql;
mod postgres;
mod profile;
mod sqlite;

pub(crate) use foreign_keys::missing as missing_indexes;
pub(crate) use postgres::invalid_indexes;

pub(crate) async fn plan(look: &mut Look<'_>) -> Result<Vec<Item>> {
    let Some(wanted) = look.wanted.maintenance.clone() else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    match look.backend {
        Backend::Postgresql => {
            if wanted.reindex {
                items.extend(postgres::indexes(look).await?);
            }
            if wanted.foreign_key_indexes {
                items.extend(foreign_keys::plan(look).await?);
            }
            items.extend(profile::plan(look, &wanted).await?);
            items.extend(postgres::tables(look, &wanted).await?);
        }
        Backend::Mysql | Backend::Mariadb => items.extend(mysql::plan(look, &wanted).await?),
        Backend::Sqlite => {
            if wanted.foreign_key_indexes {
                items.extend(foreign_keys::plan(look).await?);
            }
            items.extend(sqlite::plan(look, &wanted).await?);
        }
    }
    Ok(items)
}
