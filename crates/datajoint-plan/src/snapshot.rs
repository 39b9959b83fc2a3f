//! What an operation sees of the database. Everything is read anew for each plan, by SELECT alone.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use datajoint_adapters::Connection;
use datajoint_definition::{Backend, camel_case};
use datajoint_guard::{ENVIRONMENT_TABLE, Finding, FindingCode, version_numbers};
use datajoint_pipeline::Instance;
use datajoint_schema::{Table, TableName};
use datajoint_sql::{
    CatalogRows, Statement, Value, catalog_queries, list_schemas, placeholder, quote_identifier, quote_text,
    read_catalog, read_hidden_tables, read_stamps, table_reference,
};

use crate::{Activity, Error, Result, Scope};

mod row;

pub use row::Row;
use row::Unread;

/// The database, as far as operations want it.
#[non_exhaustive]
pub struct Snapshot {
    /// The instance that it was read through.
    pub dj: Instance,
    /// What it was to be of.
    pub scope: Scope,
    /// The connection that it was read by, for what operations read beside.
    pub connection: Connection,
    /// The kind of server.
    pub backend: Backend,
    /// The first two numbers of the server's version.
    pub version: (u32, u32),
    /// The schemas that it is about, as they are called in the database.
    pub schemas: Vec<String>,
    /// The tables that it is about.
    pub tables: Vec<Table>,
    /// The tables of every schema.
    pub all: Vec<Table>,
    /// The hidden tables of the schemas that it is about.
    pub hidden: Vec<Table>,
    /// The names of the hidden tables of every schema.
    pub all_hidden: BTreeSet<TableName>,
    /// The hidden table of each schema that says what it is, with its comment.
    pub stamps: Vec<(String, String)>,
    /// What should be known beside.
    pub findings: Vec<Finding>,
    /// Whether a journal has steps that did not say how they ended.
    pub(crate) was_interrupted: bool,
    /// What could not be read of it.
    unread: Arc<OnceLock<Unread>>,
}

impl Snapshot {
    /// Reads the catalog of all schemas.
    ///
    /// Fails for a schema or a table that is not there.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn new(dj: &Instance, scope: Scope, activity: &Activity) -> Result<Self> {
        let backend = dj.backend();
        let mut connection = dj.database().acquire().await?;
        let known: Vec<String> = texts(&connection.look_up(&list_schemas(backend)).await?);
        // Without `~lineage`: what attributes are of follows from the foreign keys, and doctor compares the two.
        let mut rows = CatalogRows::default();
        for query in catalog_queries(backend, &known) {
            let answer = connection.look_up(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        let all = read_catalog(backend, &rows)?;
        let hidden = read_hidden_tables(backend, &rows)?;
        let stamps = read_stamps(&rows, ENVIRONMENT_TABLE);
        // Every client of DataJoint makes hidden tables in its schemas, older ones other tables than newer ones.
        let is_pipeline = |schema: &String| {
            let mut marks = hidden.iter().filter(|table| table.name.schema == *schema);
            marks.any(|table| ![activity.journal, ENVIRONMENT_TABLE].contains(&table.name.table.as_str()))
        };
        let mut snapshot = Self {
            dj: dj.clone(),
            scope,
            connection,
            backend,
            version: version_numbers(dj.database().server_version()),
            schemas: Vec::new(),
            tables: Vec::new(),
            all,
            hidden: Vec::new(),
            all_hidden: BTreeSet::new(),
            stamps,
            findings: Vec::new(),
            was_interrupted: false,
            unread: Arc::default(),
        };
        let prefix = dj.settings().database.database_prefix.as_str();
        snapshot.schemas = if let Some(schemas) = &snapshot.scope.schemas {
            snapshot.chosen(schemas, &known)?
        } else {
            let (pipelines, others): (Vec<String>, Vec<String>) =
                known.into_iter().filter(|schema| schema.starts_with(prefix)).partition(is_pipeline);
            // Without a prefix all other schemas of the server are such.
            if !prefix.is_empty() && !others.is_empty() {
                snapshot.findings.push(left_out(&others));
            }
            pipelines
        };
        snapshot.tables = match &snapshot.scope.table {
            Some(name) => {
                let table = snapshot.table(name)?.clone();
                snapshot.schemas = vec![table.name.schema.clone()];
                vec![table]
            }
            None => snapshot
                .all
                .iter()
                .filter(|table| snapshot.schemas.contains(&table.name.schema))
                .cloned()
                .collect(),
        };
        snapshot.all_hidden = hidden.iter().map(|table| table.name.clone()).collect();
        snapshot.hidden =
            hidden.into_iter().filter(|table| snapshot.schemas.contains(&table.name.schema)).collect();
        Ok(snapshot)
    }

    /// Schemas by the names of the program, as they are called in the database.
    fn chosen(&self, schemas: &[String], known: &[String]) -> Result<Vec<String>> {
        schemas
            .iter()
            .map(|name| {
                let schema = self.dj.schema_name(name);
                if known.contains(&schema) {
                    Ok(schema)
                } else {
                    Err(unknown("schema", &schema, known.iter().cloned()))
                }
            })
            .collect()
    }

    /// Returns a table by `schema.table` or `schema.Class`, with the schema as the program or the database calls it.
    ///
    /// Fails when there is none.
    pub fn table(&self, name: &str) -> Result<&Table> {
        let (schema, table) = name.rsplit_once('.').unwrap_or(("", name));
        let schema = self.dj.schema_name(schema);
        let names = |it: &&Table| {
            it.name.schema == schema && (it.name.table == table || camel_case(&it.name.table) == table)
        };
        self.all.iter().find(names).ok_or_else(|| {
            unknown("table", &format!("{schema}.{table}"), self.all.iter().map(|it| it.name.to_string()))
        })
    }

    /// Returns the rows of a query of the catalog.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn rows(&mut self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let statement = Statement { sql: sql.to_owned(), parameters, ..Statement::default() };
        let rows = self.connection.look_up(&statement).await?;
        Ok(self.read(sql, rows))
    }

    /// Returns the rows of a query of a table that was there when the catalog was read; `None` when it was dropped since.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn rows_of_table(&mut self, sql: impl Into<String>) -> Result<Option<Vec<Row>>> {
        self.rows_if_there(&Statement::plain(sql)).await
    }

    /// The same, of a statement with values.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn rows_if_there(&mut self, statement: &Statement) -> Result<Option<Vec<Row>>> {
        match self.connection.fetch(statement).await {
            Err(error) if error.is_gone() => Ok(None),
            rows => Ok(Some(self.read(&statement.sql, rows?))),
        }
    }

    fn read(&self, sql: &str, rows: Vec<Vec<Value>>) -> Vec<Row> {
        let query = Arc::from(sql);
        rows.into_iter().map(|values| Row::new(values, &query, &self.unread)).collect()
    }

    /// Fails when a value that was read was not what it was asked for.
    pub fn check_read(&self) -> Result<()> {
        self.unread.get().map_or(Ok(()), |unread| Err(unread.error()))
    }

    /// Returns the rows of a query in which `{}` stands for the list of the schemas that it is about.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn rows_of_schemas(&mut self, sql: &str) -> Result<Vec<Row>> {
        let schemas = self.schemas.clone();
        self.rows_of(sql, &schemas).await
    }

    /// The same for these schemas.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn rows_of(&mut self, sql: &str, schemas: &[String]) -> Result<Vec<Row>> {
        let list = placeholders(self.backend, schemas);
        self.rows(&sql.replace("{}", &list), schemas.iter().cloned().map(Value::Text).collect()).await
    }

    /// Returns a name between the quotes of the backend.
    pub fn quote(&self, name: &str) -> String {
        quote_identifier(self.backend, name)
    }

    /// Returns a string as it stands in SQL, where nothing can be bound.
    pub fn literal(&self, text: &str) -> String {
        quote_text(self.backend, text)
    }

    /// Returns the name of a table as it stands in SQL.
    pub fn reference(&self, table: &TableName) -> String {
        table_reference(self.backend, table)
    }

    /// Returns true from this release of the server.
    pub fn is_from(&self, major: u32) -> bool {
        self.version.0 >= major
    }
}

/// Returns `$1, $2`, or `?, ?`; `NULL` for none.
pub fn placeholders<T>(backend: Backend, values: &[T]) -> String {
    if values.is_empty() {
        return "NULL".to_owned();
    }
    (1..=values.len()).map(|number| placeholder(backend, number)).collect::<Vec<_>>().join(", ")
}

fn left_out(schemas: &[String]) -> Finding {
    Finding::warning(
        FindingCode::NoPipeline,
        format!(
            "left out, since they have the prefix and no hidden table of DataJoint: {}",
            schemas.join(", ")
        ),
        "nothing has to be done where they are somebody else's; name one below `schemas` to take it in",
    )
}

fn unknown(what: &'static str, name: &str, known: impl Iterator<Item = String>) -> Error {
    let known: Vec<String> = known.collect();
    let near = datajoint_definition::suggest(name, known.iter().map(String::as_str));
    let hint = near.map(|near| format!(" (is it `{near}`?)")).unwrap_or_default();
    Error::Unknown { what, name: name.to_owned(), hint }
}

fn texts(rows: &[Vec<Value>]) -> Vec<String> {
    rows.iter().filter_map(|row| text(row.first()?)).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        // MySQL 9 has names as VARBINARY.
        Value::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Json(json) => Some(json.to_string()),
        _ => None,
    }
}
