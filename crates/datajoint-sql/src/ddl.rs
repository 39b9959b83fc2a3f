use datajoint_definition::{Backend, IndexItem};
use datajoint_schema::{Attribute, ForeignKey, Index, Table, TableName};

use crate::backends::dialect;
use crate::declaration::check_types;
use crate::select::part::{IndexPart, Indexed};
use crate::{AddColumns, Result, Statement};

/// What creates a schema; also when it is there already, but not safe against doing so at the same time.
///
/// With the characters of the server, or with its own where [`wants_own_characters`] has a row.
pub fn create_schema(backend: Backend, schema: &str, has_own_characters: bool) -> Vec<Statement> {
    dialect(backend).create_schema(schema, has_own_characters)
}

/// Returns the query with one row when a new schema is to have characters of its own, otherwise none; `None` where a server
/// always has all that a string may have.
pub fn wants_own_characters(backend: Backend) -> Option<Statement> {
    dialect(backend).wants_own_characters()
}

/// A query with one row when the schema exists, otherwise none.
pub fn schema_exists(backend: Backend, schema: &str) -> Statement {
    dialect(backend).schema_exists(schema)
}

/// A query for the names of all schemas but the server's own: one text column, in order.
pub fn list_schemas(backend: Backend) -> Statement {
    dialect(backend).list_schemas()
}

/// Returns a query for what stands in a schema and is no table: two columns, what it is and its name. `None` where a
/// schema holds tables alone.
pub fn strangers(backend: Backend, schema: &str) -> Option<Statement> {
    dialect(backend).strangers(schema)
}

/// Returns what drops a schema whose tables that users see are gone, with its hidden tables.
///
/// On PostgreSQL it fails while anything else is in the schema, or anything of it is used elsewhere; MySQL and MariaDB
/// drop what [`strangers`] finds.
///
/// SQLite has no schemas to drop: there `tables` must name all its tables, children before parents.
pub fn drop_schema(backend: Backend, schema: &str, tables: &[TableName]) -> Vec<Statement> {
    dialect(backend).drop_schema(schema, tables)
}

/// What keeps other clients from reading and writing tables, until a transaction ends or [`unlock_tables`].
///
/// Nothing on SQLite, where whoever writes has the whole file to himself.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_schema::TableName;
/// use datajoint_sql::lock_tables;
///
/// let statements = lock_tables(Backend::Mysql, &[TableName::new("lab", "scan"), TableName::new("lab", "~lineage")]);
/// assert_eq!(statements[0].sql, "LOCK TABLES `lab`.`scan` WRITE, `lab`.`~lineage` WRITE");
/// ```
pub fn lock_tables(backend: Backend, tables: &[TableName]) -> Vec<Statement> {
    if tables.is_empty() {
        return Vec::new();
    }
    let dialect = dialect(backend);
    let tables: Vec<String> = tables.iter().map(|table| dialect.table(table)).collect();
    dialect.lock_tables(&tables)
}

/// What ends the locks of [`lock_tables`] where they are those of a session.
pub fn unlock_tables(backend: Backend) -> Vec<Statement> {
    dialect(backend).unlock_tables()
}

/// What declares a table, in order: enum types, the table, indexes, comments.
///
/// On MySQL, MariaDB and PostgreSQL the texts are those of DataJoint for Python. All may run in one transaction
/// on PostgreSQL and SQLite. For tables that are not there yet: hold a lock and look first. [`replace_lineage`](crate::replace_lineage)
/// is still to follow. Fails when the backend can't hold a type, a name or a default.
///
/// ```
/// # use std::sync::Arc;
/// # use datajoint_definition::{Backend, Tier, parse};
/// # use datajoint_schema::{Declaration, resolve};
/// use datajoint_sql::create_table;
///
/// # let (definition, _) = parse("scan : int8\n---\nnote='' : varchar(80)");
/// # let (scan, _) = resolve(&Declaration { schema: "lab", class_name: "Scan", tier: Tier::Manual,
/// #     definition: &definition, parents: &[], master: None });
/// let statements = create_table(Backend::Postgresql, &scan)?;
/// assert!(statements[0].sql.starts_with("CREATE TABLE IF NOT EXISTS \"lab\".\"scan\" ("));
/// # Ok::<_, datajoint_sql::Error>(())
/// ```
pub fn create_table(backend: Backend, table: &Table) -> Result<Vec<Statement>> {
    check_types(backend, table, table.heading.all().iter().map(|attribute| &**attribute))?;
    dialect(backend).create_table(table)
}

/// Returns the type that the column of an attribute gets. Fails when the backend has none that holds its values.
pub fn column_type(backend: Backend, table: &Table, attribute: &Attribute) -> Result<String> {
    dialect(backend).column_type(table, attribute)
}

/// What drops a table, with its comments, the enum types that nothing else uses, and its rows in `~lineage` where its
/// schema has that.
pub fn drop_table(backend: Backend, table: &Table, has_lineage: bool) -> Vec<Statement> {
    let mut statements = dialect(backend).drop_table(table);
    if has_lineage {
        statements.extend(crate::delete_lineage(backend, &table.name));
    }
    statements
}

/// Returns what adds columns to a table that is there, with their comments.
///
/// Fails when the backend can't hold a type or a default.
pub fn add_columns(backend: Backend, table: &Table, attributes: &[&Attribute]) -> Result<AddColumns> {
    check_types(backend, table, attributes.iter().copied())?;
    dialect(backend).add_columns(table, attributes)
}

/// Returns what gives the column of an enum, as it was found, the members that are declared.
///
/// Nothing where no such statement is, or where it may change what rows say: members that are to go, or columns of a foreign
/// key, which are as their parent is. Fails when the backend can't hold the type or the default.
pub fn alter_members(
    backend: Backend,
    table: &Table,
    declared: &Attribute,
    found: &Attribute,
) -> Result<Vec<Statement>> {
    let lists = [declared, found].map(crate::kind::members);
    let [Some(wanted), Some(present)] = lists else { return Ok(Vec::new()) };
    if wanted == present || !present.iter().all(|member| wanted.contains(member)) {
        return Ok(Vec::new());
    }
    dialect(backend).alter_members(table, declared, found)
}

/// What makes an index that a foreign key needs, while others write, and the name it gets, which none of these have.
///
/// `None` for MySQL and MariaDB, which make such indexes themselves. On PostgreSQL it can't run in a transaction.
pub fn support_index(
    backend: Backend,
    table: &Table,
    index: &Index,
    taken: &[String],
) -> Option<(String, Statement)> {
    dialect(backend).support_index(table, index, taken)
}

/// Returns the index that an error of the server names; `None` where the names of indexes are not ours, or another
/// constraint is meant.
pub fn index_named<'a>(backend: Backend, table: &'a Table, constraint: &str) -> Option<&'a Index> {
    let unsaid = table.unsaid_indexes().find(|index| index.name == constraint);
    unsaid.map(|unsaid| &unsaid.index).or_else(|| dialect(backend).index_named(table, constraint))
}

/// Returns the foreign key that an error of the server names; `None` where the server names none, or that is not certain.
pub fn foreign_key_named<'a>(backend: Backend, table: &'a Table, constraint: &str) -> Option<&'a ForeignKey> {
    dialect(backend).foreign_key_named(table, constraint)
}

/// Returns why a database has no index of such parts; `None` where it has one, as far as that is known without asking it.
///
/// ```
/// use datajoint_definition::{Backend, IndexItem};
/// use datajoint_sql::index_fault;
///
/// let parts = [IndexItem::Expression("lower(name)".to_owned())];
/// assert_eq!(index_fault(Backend::Postgresql, &parts), None);
/// assert!(index_fault(Backend::Mariadb, &parts).is_some());
/// ```
pub fn index_fault(backend: Backend, parts: &[IndexItem]) -> Option<String> {
    let dialect = dialect(backend);
    parts.iter().find_map(|part| match part {
        IndexItem::Attribute(_) => None,
        IndexItem::JsonPath { returning, .. } => dialect.json_index_fault(*returning),
        IndexItem::Expression(text) => match IndexPart::read(dialect, text) {
            Err(fault) => Some(fault),
            Ok(read) if matches!(read.what, Indexed::Expression(_)) => dialect.expression_index_fault(),
            Ok(_) => None,
        },
    })
}

/// True for a schema of the server itself, in which no table may be declared and of which nothing may be dropped.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::is_system_schema;
///
/// assert!(is_system_schema(Backend::Mysql, "mysql"));
/// assert!(!is_system_schema(Backend::Postgresql, "lab"));
/// ```
pub fn is_system_schema(backend: Backend, schema: &str) -> bool {
    dialect(backend).is_system_schema(&schema.to_ascii_lowercase())
}
