//! What an operation sees of the database. Everything is read anew for each plan, by SELECT alone.

use datajoint_adapters::Connection;
use datajoint_definition::{Backend, camel_case};
use datajoint_guard::{ENVIRONMENT_TABLE, Finding, version_numbers};
use datajoint_pipeline::Instance;
use datajoint_schema::{Table, TableName};
use datajoint_sql::{
    CatalogRows, Statement, Value, catalog_queries, list_schemas, placeholder, quote_identifier, quote_text,
    read_catalog, read_hidden_tables, read_stamps, table_reference,
};

use crate::{Error, Result, Wanted};

/// The database, as far as operations want it.
pub(crate) struct Look<'a> {
    pub(crate) dj: &'a Instance,
    pub(crate) wanted: &'a Wanted,
    pub(crate) connection: Connection,
    pub(crate) backend: Backend,
    /// The first two numbers of the server's version.
    pub(crate) version: (u32, u32),
    /// The schemas that are deployed, as they are called in the database.
    pub(crate) schemas: Vec<String>,
    /// The tables that are deployed.
    pub(crate) tables: Vec<Table>,
    /// The tables of every schema.
    pub(crate) all: Vec<Table>,
    /// The hidden tables of the deployed schemas.
    pub(crate) hidden: Vec<Table>,
    /// The hidden table of each schema that says what it is, with its comment.
    pub(crate) stamps: Vec<(String, String)>,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Look<'a> {
    pub(crate) async fn new(dj: &'a Instance, wanted: &'a Wanted) -> Result<Self> {
        let backend = dj.backend();
        let mut connection = dj.database().acquire().await?;
        let known: Vec<String> = texts(&connection.fetch(&list_schemas(backend)).await?);
        // Without `~lineage`: what attributes are of follows from the foreign keys, and doctor compares the two.
        let mut rows = CatalogRows::default();
        for query in catalog_queries(backend, &known) {
            let answer = connection.fetch(&query.statement).await?;
            rows.insert(query.name, answer);
        }
        let all = read_catalog(backend, &rows)?;
        let hidden = read_hidden_tables(backend, &rows)?;
        let stamps = read_stamps(&rows, ENVIRONMENT_TABLE);
        let is_datajoint = |schema: &String| {
            hidden.iter().any(|table| table.name.schema == *schema && table.name.table == "~lineage")
        };
        let mut look = Self {
            dj,
            wanted,
            connection,
            backend,
            version: version_numbers(dj.database().server_version()),
            schemas: Vec::new(),
            tables: Vec::new(),
            all,
            hidden: Vec::new(),
            stamps,
            findings: Vec::new(),
        };
        look.schemas = match (&wanted.schemas, dj.settings().database.database_prefix.as_str()) {
            (Some(schemas), _) => look.chosen(schemas, &known)?,
            (None, "") => known.into_iter().filter(is_datajoint).collect(),
            (None, prefix) => known.into_iter().filter(|schema| schema.starts_with(prefix)).collect(),
        };
        look.tables = match &wanted.table {
            Some(name) => {
                let table = look.table(name)?.clone();
                look.schemas = vec![table.name.schema.clone()];
                vec![table]
            }
            None => {
                look.all.iter().filter(|table| look.schemas.contains(&table.name.schema)).cloned().collect()
            }
        };
        look.hidden = hidden.into_iter().filter(|table| look.schemas.contains(&table.name.schema)).collect();
        Ok(look)
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

    /// A table of `schema.table` or `schema.Class`, with the schema as the program or the database calls it.
    pub(crate) fn table(&self, name: &str) -> Result<&Table> {
        let (schema, table) = name.rsplit_once('.').unwrap_or(("", name));
        let schema = self.dj.schema_name(schema);
        let names = |it: &&Table| {
            it.name.schema == schema && (it.name.table == table || camel_case(&it.name.table) == table)
        };
        self.all.iter().find(names).ok_or_else(|| {
            unknown("table", &format!("{schema}.{table}"), self.all.iter().map(|it| it.name.to_string()))
        })
    }

    /// The rows of a query.
    pub(crate) async fn rows(&mut self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let statement = Statement { sql: sql.to_owned(), parameters };
        Ok(self.connection.fetch(&statement).await?.into_iter().map(Row).collect())
    }

    /// The rows of a query in which `{}` stands for the list of the deployed schemas.
    pub(crate) async fn rows_of_schemas(&mut self, sql: &str) -> Result<Vec<Row>> {
        let schemas = self.schemas.clone();
        self.rows_of(sql, &schemas).await
    }

    /// The same for these schemas.
    pub(crate) async fn rows_of(&mut self, sql: &str, schemas: &[String]) -> Result<Vec<Row>> {
        let list = placeholders(self.backend, schemas);
        self.rows(&sql.replace("{}", &list), schemas.iter().cloned().map(Value::Text).collect()).await
    }

    pub(crate) fn quote(&self, name: &str) -> String {
        quote_identifier(self.backend, name)
    }

    pub(crate) fn literal(&self, text: &str) -> String {
        quote_text(self.backend, text)
    }

    pub(crate) fn reference(&self, table: &TableName) -> String {
        table_reference(self.backend, table)
    }

    /// True on PostgreSQL from this release.
    pub(crate) fn is_from(&self, major: u32) -> bool {
        self.version.0 >= major
    }
}

/// `$1, $2`, or `?, ?`; `NULL` for none.
pub(crate) fn placeholders<T>(backend: Backend, values: &[T]) -> String {
    if values.is_empty() {
        return "NULL".to_owned();
    }
    (1..=values.len()).map(|number| placeholder(backend, number)).collect::<Vec<_>>().join(", ")
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

/// A row of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Row(Vec<Value>);

impl Row {
    /// A text; empty for null.
    pub(crate) fn text(&self, place: usize) -> String {
        self.maybe(place).unwrap_or_default()
    }

    /// A text, or null.
    pub(crate) fn maybe(&self, place: usize) -> Option<String> {
        self.0.get(place).and_then(text)
    }

    /// A whole number; 0 for null.
    pub(crate) fn number(&self, place: usize) -> i64 {
        match self.0.get(place) {
            Some(Value::Int(number)) => *number,
            Some(Value::UInt(number)) => i64::try_from(*number).unwrap_or(i64::MAX),
            Some(Value::Decimal(number)) => number.trunc().to_string().parse().unwrap_or_default(),
            Some(Value::Text(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        }
    }

    /// True for true and for 1.
    pub(crate) fn truth(&self, place: usize) -> bool {
        matches!(self.0.get(place), Some(Value::Bool(true) | Value::Int(1) | Value::UInt(1)))
    }

    /// The texts of a list.
    pub(crate) fn list(&self, place: usize) -> Vec<String> {
        match self.0.get(place) {
            Some(Value::Json(json)) => json
                .as_array()
                .map(|list| {
                    let text =
                        |it: &serde_json::Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
                    list.iter().map(text).collect()
                })
                .unwrap_or_default(),
            Some(Value::Text(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}
