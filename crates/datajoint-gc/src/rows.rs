//! What rows refer to, read by the connection of whoever asks: in its transaction, where it has one.

use std::collections::{BTreeSet, HashSet};

use datajoint_adapters::Connection;
use datajoint_inventory::{Locations, Place, Referred, Sorter, attributes, references_of};
use datajoint_pipeline::Instance;
use datajoint_schema::Table;
use datajoint_sql::{
    CatalogRows, Statement, Value, catalog_queries, list_schemas, quote_identifier, read_catalog, read_value,
    table_reference,
};

use crate::heap::Heap;
use crate::{Error, Result};

/// The most reasons that are told.
const MOST: usize = 5;

/// The tables of every schema of the database, as they are now.
pub(crate) async fn tables(connection: &mut Connection) -> Result<Vec<Table>> {
    let backend = connection.backend();
    let mut schemas = Vec::new();
    for row in connection.look_up(&list_schemas(backend)).await? {
        match row.into_iter().next() {
            Some(Value::Text(name)) => schemas.push(name),
            Some(Value::Bytes(name)) => schemas.push(String::from_utf8_lossy(&name).into_owned()),
            _ => {}
        }
    }
    let mut rows = CatalogRows::default();
    for query in catalog_queries(backend, &schemas) {
        let answer = connection.look_up(&query.statement).await?;
        rows.insert(query.name, answer);
    }
    Ok(read_catalog(backend, &rows).map_err(datajoint_plan::Error::from)?)
}

/// What rows of all these tables refer to: each place, and whether it is a folder.
///
/// Fails when that can't be told of one of them.
pub(crate) async fn references(
    dj: &Instance,
    connection: &mut Connection,
    tables: &[Table],
    mut each: impl FnMut(&Place, &datajoint_inventory::Reference) -> Result<()> + Send,
) -> Result<()> {
    let backend = connection.backend();
    let mut locations = Locations::of(dj.stores());
    let (mut untold, mut others) = (BTreeSet::new(), 0);
    for table in tables {
        let attributes = attributes(&table.heading);
        if attributes.is_empty() {
            continue;
        }
        let columns: Vec<_> = attributes.iter().filter_map(|it| table.heading.get(&it.name)).collect();
        let names: Vec<String> = attributes.iter().map(|it| quote_identifier(backend, &it.name)).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), table_reference(backend, &table.name));
        let all = Statement::plain(sql);
        let read = connection.for_each::<Error, _>(&all, |row| {
            for ((attribute, column), value) in attributes.iter().zip(&columns).zip(row.drain(..)) {
                let told = read_value(column, value).map_err(|error| error.to_string());
                let told = told.and_then(|value| references_of(dj.codecs(), attribute, &value));
                let told = told.and_then(|references| {
                    let place = |reference| Ok((locations.place(reference)?, reference.clone()));
                    let places: Result<Vec<_>, datajoint_store::Error> =
                        references.iter().map(place).collect();
                    places.map_err(|error| error.to_string())
                });
                match told {
                    Ok(places) => {
                        for (place, reference) in places {
                            each(&place, &reference)?;
                        }
                    }
                    Err(why) => {
                        others += 1;
                        if untold.len() < MOST {
                            untold.insert(format!("`{}` of `{}`: {why}", attribute.name, table.name));
                        }
                    }
                }
            }
            Ok(())
        });
        match read.await {
            Err(Error::Adapter(error)) if error.is_gone() => {}
            read => read?,
        }
    }
    if untold.is_empty() {
        return Ok(());
    }
    let others = others - untold.len() as u64;
    Err(Error::Untold { reasons: untold.into_iter().collect(), others })
}

/// Writes what rows refer to into a list.
pub(crate) async fn list(
    dj: &Instance,
    connection: &mut Connection,
    tables: &[Table],
    into: &mut Sorter<Referred>,
) -> Result<()> {
    references(dj, connection, tables, |place, reference| {
        let referred = Referred {
            table: String::new(),
            attribute: String::new(),
            key: String::new(),
            store: reference.store.clone(),
            path: reference.path.clone(),
            size: None,
            is_folder: reference.is_folder,
            file_count: None,
            is_owned: reference.is_owned,
        };
        Ok(into.push(place, &referred)?)
    })
    .await
}

/// Those of these objects that rows refer to now, by their digests: to one itself, to something in it, or to a folder that it lies in.
pub(crate) async fn referred_to(
    dj: &Instance,
    connection: &mut Connection,
    heaps: &[Heap],
) -> Result<HashSet<String>> {
    let mut by_place: Vec<(Place, &Heap)> = Vec::new();
    for heap in heaps {
        let store = dj.stores().get(Some(&heap.store))?;
        by_place.push((datajoint_inventory::Location::of(&store).place(&heap.path), heap));
    }
    by_place.sort_by(|one, other| one.0.cmp(&other.0));
    let mut found = HashSet::new();
    let tables = tables(connection).await?;
    references(dj, connection, &tables, |place, reference| {
        // The object that holds the place comes right before it, and what lies in the place right after it.
        let after = by_place.partition_point(|(known, _)| known <= place);
        if let Some((known, heap)) = after.checked_sub(1).map(|before| &by_place[before])
            && place.is_in(known)
        {
            found.insert(heap.digest.clone());
        }
        if reference.is_folder {
            let inside = by_place[after..].iter().take_while(|(known, _)| known.is_in(place));
            found.extend(inside.map(|(_, heap)| heap.digest.clone()));
        }
        Ok(())
    })
    .await?;
    Ok(found)
}
