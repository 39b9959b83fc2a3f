use std::collections::HashMap;
use std::sync::Arc;

use datajoint_definition::{
    AttributeType, Backend, CoreType, DefaultValue, IndexItem, OfServer, Tier, camel_case, tier_of,
};
use datajoint_schema::{
    Attribute, ColumnPair, ForeignKey, Heading, Index, Table, TableName, Unsaid, UnsaidIndex,
};

use super::default::SaidDefault;
use super::marker::Found;
use super::rows::{CatalogRows, ColumnRow, Filling, KeyRow};
use super::{lineage, marker, part, rows};
use crate::Result;
use crate::backends::dialect;
use crate::default::normal;

/// All tables of the catalog, in the order of its rows.
pub(super) fn tables(backend: Backend, catalog: &CatalogRows) -> Result<Vec<Table>> {
    let keys = rows::keys(backend, catalog)?;
    let mut of_table: HashMap<TableName, Vec<&KeyRow>> = HashMap::new();
    for row in &keys {
        of_table.entry(TableName::new(&row.schema, &row.table)).or_default().push(row);
    }
    let mut tables: Vec<Table> = Vec::new();
    let columns = rows::columns(backend, catalog)?;
    for row in &columns {
        let name = TableName::new(&row.schema, &row.table);
        if tables.last().is_none_or(|table| table.name != name) {
            let keys = of_table.get(&name).map_or(&[][..], Vec::as_slice);
            tables.push(bare_table(name, row.table_comment.clone(), keys));
        }
        if let Some(table) = tables.last_mut() {
            let keys = of_table.get(&table.name).map_or(&[][..], Vec::as_slice);
            let attribute = attribute(backend, table, row, keys);
            table.heading.push(attribute);
        }
    }
    for table in &mut tables {
        finish_foreign_keys(table);
    }
    inherit_types(backend, &columns, &mut tables);
    for table in &mut tables {
        finish_indexes(backend, table);
    }
    note_references(&mut tables);
    lineage::fill(backend, catalog, &mut tables)?;
    Ok(tables)
}

/// A table without its attributes.
fn bare_table(name: TableName, comment: String, keys: &[&KeyRow]) -> Table {
    let (tier, master) = match tier_of(&name.table) {
        None => (None, None),
        Some((tier, master)) => (Some(tier), master.map(|master| TableName::new(&name.schema, master))),
    };
    let own = match (tier, &master) {
        (Some(Tier::Part), Some(master)) => &name.table[master.table.len()..],
        _ => &name.table,
    };
    let class_name = if name.is_jobs() { "Job".to_owned() } else { camel_case(own) };
    let foreign_keys =
        grouped(keys, |kind| kind == "foreign").into_iter().filter_map(|rows| foreign_key(&rows));
    let foreign_keys: Vec<ForeignKey> = foreign_keys.collect();
    let (mut indexes, mut unsaid) = (Vec::new(), Vec::new());
    // Each apart: their rows may stand between one another.
    let primary = grouped(keys, |kind| kind == "primary");
    for rows in primary.into_iter().chain(grouped(keys, |kind| matches!(kind, "unique" | "index"))) {
        let (index, first) = (index(&rows), rows[0]);
        if let Some(beside) = first.beside.clone() {
            unsaid.push(Unsaid::Index(UnsaidIndex { name: first.name.clone(), index, beside }));
        } else if first.kind != "primary" && !supports(&index, &foreign_keys) {
            indexes.push(index);
        }
    }
    let heading = Heading::default();
    Table { name, class_name, tier, master, comment, heading, foreign_keys, indexes, unsaid }
}

/// The rows of the wanted kinds, those of one key together.
fn grouped<'a>(keys: &[&'a KeyRow], wanted: impl Fn(&str) -> bool) -> Vec<Vec<&'a KeyRow>> {
    let mut groups: Vec<Vec<&KeyRow>> = Vec::new();
    for &row in keys.iter().filter(|row| wanted(&row.kind)) {
        match groups.last_mut() {
            Some(group) if group[0].name == row.name && group[0].kind == row.kind => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

/// A foreign key; `None` where the columns that it refers to aren't there, so that no row can refer to any.
fn foreign_key(rows: &[&KeyRow]) -> Option<ForeignKey> {
    let first = rows[0];
    let table = first.parent_table.clone().unwrap_or_default();
    let parent = match &first.parent_schema {
        Some(schema) => TableName::new(schema, table),
        // One name for both: a table's own has no dots.
        None => match table.rsplit_once('.') {
            Some((schema, table)) => TableName::new(schema, table),
            None => TableName::new(&first.schema, table),
        },
    };
    let columns = rows
        .iter()
        .map(|row| Some(ColumnPair { child: row.column.clone()?, parent: row.parent_column.clone()? }));
    let columns = columns.collect::<Option<Vec<_>>>()?;
    Some(ForeignKey { parent, columns, nullable: false, unique: false, in_key: false })
}

fn index(rows: &[&KeyRow]) -> Index {
    let items = rows.iter().map(|row| match (&row.expression, &row.column) {
        (Some(expression), _) => IndexItem::Expression(expression.clone()),
        (None, Some(column)) => IndexItem::Attribute(column.clone()),
        (None, None) => IndexItem::Expression(String::new()),
    });
    Index { items: items.collect(), unique: rows[0].kind != "index" }
}

/// Writes the parts of indexes as definitions do, now that the attributes are known.
fn finish_indexes(backend: Backend, table: &mut Table) {
    let (mut indexes, mut unsaid) = (table.indexes.clone(), table.unsaid.clone());
    let of_unsaid = unsaid.iter_mut().filter_map(|unsaid| match unsaid {
        Unsaid::Index(unsaid) => Some(&mut unsaid.index),
        _ => None,
    });
    for index in indexes.iter_mut().chain(of_unsaid) {
        for (place, item) in index.items.iter_mut().enumerate() {
            if let IndexItem::Expression(text) = item {
                *item = part::declared(backend, table, text, place);
            }
        }
    }
    (table.indexes, table.unsaid) = (indexes, unsaid);
}

/// Notes references to other columns than the primary key of their parents, as far as these were read.
fn note_references(tables: &mut [Table]) {
    let known: HashMap<TableName, usize> =
        tables.iter().enumerate().map(|(place, table)| (table.name.clone(), place)).collect();
    let others: Vec<Vec<Unsaid>> = tables
        .iter()
        .map(|table| {
            let is_other = |foreign_key: &&ForeignKey| {
                known.get(&foreign_key.parent).is_some_and(|place| !foreign_key.is_to_key(&tables[*place]))
            };
            table.foreign_keys.iter().filter(is_other).cloned().map(Unsaid::Reference).collect()
        })
        .collect();
    for (table, others) in tables.iter_mut().zip(others) {
        table.unsaid.extend(others);
    }
}

/// True for an index that is there for a foreign key alone.
fn supports(index: &Index, foreign_keys: &[ForeignKey]) -> bool {
    let columns = index.plain_attributes();
    !index.unique
        && foreign_keys
            .iter()
            .any(|foreign_key| columns.as_deref() == Some(&foreign_key.child_columns().collect::<Vec<_>>()))
}

/// An attribute as far as its own column tells.
fn attribute(backend: Backend, table: &Table, row: &ColumnRow, keys: &[&KeyRow]) -> Attribute {
    let (marked, comment) = marker::split(row.comment.strip_prefix("->").unwrap_or(&row.comment));
    let referring = table.foreign_keys.iter().any(|key| key.child_columns().any(|column| column == row.name));
    // Markers that foreign keys leave on columns: of UUIDs on MySQL, and all of SQLite, where `->` tells.
    let inherited = referring
        && (row.comment.starts_with("->")
            || marked.as_ref().is_none_or(|found| dialect(backend).marks_inherited(found)));
    let is_enum = |found: &Found| matches!(found.attribute_type, AttributeType::Core(CoreType::Enum(_)));
    let of_column = || dialect(backend).found_type(&row.kind, row.members.as_deref(), inherited);
    let found = match marked {
        // Who alters an enum may leave the comment as it was: the column says which members there are.
        Some(marked) if is_enum(&marked) => match of_column() {
            found
                if is_enum(&found)
                    && !row.kind.contains('\\')
                    && found.attribute_type != marked.attribute_type =>
            {
                found
            }
            _ => marked,
        },
        Some(marked) => marked,
        None => of_column(),
    };
    let counting = || Some(Found::parse(&dialect(backend).counting(&found.type_text)?));
    let found = match row.filling {
        Filling::Counter if !inherited => counting().unwrap_or(found),
        _ => found,
    };
    let mut attribute = Attribute {
        name: row.name.clone(),
        attribute_type: found.attribute_type,
        type_text: found.type_text,
        in_key: keys.iter().any(|key| key.kind == "primary" && key.column.as_deref() == Some(&row.name)),
        nullable: row.nullable,
        default: DefaultValue::Required,
        comment: comment.to_owned(),
        lineage: None,
        inherited,
        column_type: row.members.is_some().then(|| row.kind.clone()),
        missing_members: Vec::new(),
    };
    attribute.default = default(backend, &attribute, row);
    attribute
}

/// The default of an attribute; what no definition says is kept as the server said it.
fn default(backend: Backend, attribute: &Attribute, row: &ColumnRow) -> DefaultValue {
    let text = row.default.as_deref();
    let of_server =
        |found: fn(String) -> OfServer, text: &str| DefaultValue::OfServer(found(text.to_owned()));
    match (row.filling, text) {
        (Filling::Generated, text) => of_server(OfServer::Generated, text.unwrap_or("GENERATED ALWAYS")),
        (Filling::Counter, _) if counts_up(&attribute.attribute_type) => DefaultValue::Required,
        (Filling::Counter, text) => of_server(OfServer::Number, text.unwrap_or("auto_increment")),
        (Filling::Identity, text) => of_server(OfServer::Number, text.unwrap_or("identity")),
        (Filling::OnUpdate, text) => {
            let text = format!("DEFAULT {} ON UPDATE CURRENT_TIMESTAMP", text.unwrap_or("NULL"));
            of_server(OfServer::OnUpdate, &text)
        }
        (Filling::Default | Filling::Expression, None) if row.nullable => DefaultValue::Null,
        (Filling::Default | Filling::Expression, None) => DefaultValue::Required,
        (filling, Some(text)) => {
            let said = SaidDefault {
                text,
                is_expression: filling == Filling::Expression,
                kind: &row.kind,
                attribute_type: &attribute.attribute_type,
            };
            let found = dialect(backend).found_default(said);
            found
                .and_then(|found| normal(backend, attribute, &found))
                .unwrap_or_else(|| of_server(OfServer::Expression, text))
        }
    }
}

fn counts_up(attribute_type: &AttributeType) -> bool {
    matches!(attribute_type, AttributeType::Native(native) if native.counts_up())
}

/// What of a foreign key only the attributes and the indexes tell.
fn finish_foreign_keys(table: &mut Table) {
    for foreign_key in &mut table.foreign_keys {
        let columns: Vec<&str> = foreign_key.columns.iter().map(|pair| pair.child.as_str()).collect();
        let attributes = || columns.iter().filter_map(|name| table.heading.get(name));
        let nullable = attributes().any(|attribute| attribute.nullable);
        let in_key = attributes().all(|attribute| attribute.in_key);
        let unique = table
            .indexes
            .iter()
            .any(|index| index.unique && index.plain_attributes().as_deref() == Some(columns.as_slice()));
        (foreign_key.nullable, foreign_key.in_key, foreign_key.unique) = (nullable, in_key, unique);
    }
}

/// Gives columns that a foreign key brought in the type and the comment of the parent.
fn inherit_types(backend: Backend, columns: &[ColumnRow], tables: &mut [Table]) {
    let marked: HashMap<(TableName, &str), bool> = columns
        .iter()
        .map(|row| {
            let is_told = dialect(backend).tells_inherited_type(&row.comment);
            ((TableName::new(&row.schema, &row.table), row.name.as_str()), is_told)
        })
        .collect();
    let snapshot: HashMap<TableName, Table> =
        tables.iter().map(|table| (table.name.clone(), table.clone())).collect();
    for table in tables.iter_mut() {
        let attributes = table.heading.all().iter().map(|attribute| {
            let told =
                marked.get(&(table.name.clone(), attribute.name.as_str())).copied().unwrap_or_default();
            let source = if attribute.inherited && !told {
                ancestor(&snapshot, &table.name, &attribute.name, snapshot.len())
            } else {
                None
            };
            let mut shared = Arc::clone(attribute);
            // The numbers of the parent are counted up, those that refer to them are not.
            if let Some(source) = source.filter(|source| !counts_up(&source.attribute_type)) {
                let attribute = Arc::make_mut(&mut shared);
                attribute.attribute_type = source.attribute_type.clone();
                attribute.type_text.clone_from(&source.type_text);
                if attribute.comment.is_empty() {
                    attribute.comment.clone_from(&source.comment);
                }
            }
            shared
        });
        table.heading = Heading::new(attributes.collect::<Vec<_>>());
    }
}

/// The attribute that one was inherited from, as far up as tables were read.
fn ancestor<'a>(
    tables: &'a HashMap<TableName, Table>,
    name: &TableName,
    attribute: &str,
    depth: usize,
) -> Option<&'a Attribute> {
    let table = tables.get(name)?;
    let found = table.heading.get(attribute)?;
    if !found.inherited || depth == 0 {
        return Some(found);
    }
    table
        .foreign_keys
        .iter()
        .find_map(|foreign_key| {
            let pair = foreign_key.columns.iter().find(|pair| pair.child == attribute)?;
            ancestor(tables, &foreign_key.parent, &pair.parent, depth - 1)
        })
        .or(Some(found))
}
