//! Rows of the database.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use datajoint::arrow::FetchColumns as _;
use datajoint::{Proj, Relation as _};
use serde_json::json;

use crate::columns::{Rows, table};
use crate::output::{line, print_json, say, write_whole, written};
use crate::wording::of_columns;
use crate::{Outcome, connect, text};

/// Fetches rows of a table, or of a join of several.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj query lab.Session --where \"weight > 20\" --limit 5\n  \
                        dj query lab.Session lab.Subject --columns name,weight --order \"weight desc\"\n  \
                        dj query lab.Session --without lab.Weight --count\n  \
                        dj query ephys.Spikes --format parquet --output spikes.parquet")]
pub(crate) struct Query {
    /// The tables, as `schema.Class`; several are joined.
    #[arg(required = true)]
    tables: Vec<String>,
    #[command(flatten)]
    rows: Rows,
    /// These attributes beside the primary key; all without it.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    columns: Option<Vec<String>>,
    /// By which attributes they are ordered: `"weight desc, session"`.
    #[arg(long)]
    order: Option<String>,
    /// The most rows; those that a page shows in a table, all in other formats.
    #[arg(long)]
    limit: Option<u64>,
    /// How many rows to pass over.
    #[arg(long, default_value_t = 0)]
    offset: u64,
    /// Says how many rows there are, of those that --limit and --offset leave.
    #[arg(long, conflicts_with_all = ["format", "json", "explain"])]
    count: bool,
    /// Shows the SQL, and how the server finds the rows.
    #[arg(long, conflicts_with_all = ["format", "json"])]
    explain: bool,
    /// As what.
    #[arg(long, default_value = "table")]
    format: Format,
    /// The same as --format json.
    #[arg(long)]
    json: bool,
    /// The file to write; needed for Parquet.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// A document of all rows.
    Json,
    /// With a line of names.
    Csv,
    /// A file of columns.
    Parquet,
    /// For pages.
    Html,
}

impl Query {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let mut names = self.tables.iter();
        let first = names.next().map(String::as_str).unwrap_or_default();
        let mut query = table(&dj, first).await?.query();
        for name in names {
            query = query.join(&table(&dj, name).await?);
        }
        query = self.rows.of(&dj, query).await?;
        if let Some(columns) = &self.columns {
            query = query.proj(Proj::keep(columns.clone()));
        }
        if let Some(order) = &self.order {
            query = query.order_by(order.as_str());
        }
        if let Some(limit) = self.limit {
            query = query.limit(limit);
        }
        if self.offset > 0 {
            query = query.offset(self.offset);
        }
        if self.count {
            say!("{}", query.count(&dj).await.map_err(text)?);
            return Ok(ExitCode::SUCCESS);
        }
        if self.explain {
            say!("{}\n", query.to_sql(&dj).await.map_err(text)?);
            say!("{}", query.explain(&dj).await.map_err(text)?);
            return Ok(ExitCode::SUCCESS);
        }
        let format = if self.json { Format::Json } else { self.format };
        match format {
            Format::Table => say!("{}", query.preview(&dj).await.map_err(text)?),
            Format::Html => self.write(&query.preview(&dj).await.map_err(text)?.html())?,
            Format::Json => {
                let rows = query.fetch_json(&dj).await.map_err(text)?;
                match &self.output {
                    Some(_) => self.write(&format!("{:#}\n", json!(rows)))?,
                    None => print_json("query", [("rows", json!(rows))]),
                }
            }
            Format::Csv => {
                if let Some(path) = &self.output {
                    query.write_csv(&dj, path).await.map_err(|error| of_columns(&error))?;
                } else {
                    let folder = tempfile::tempdir().map_err(text)?;
                    let path = folder.path().join("rows");
                    query.write_csv(&dj, &path).await.map_err(|error| of_columns(&error))?;
                    let mut rows = std::fs::File::open(path).map_err(text)?;
                    written(std::io::copy(&mut rows, &mut std::io::stdout()).map(drop));
                }
            }
            Format::Parquet => {
                let Some(path) = &self.output else {
                    return Err("Parquet is not written to the standard output: name the file with --output"
                        .to_owned());
                };
                query.write_parquet(&dj, path).await.map_err(text)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, found: &str) -> Result<(), String> {
        let Some(path) = &self.output else {
            line(found);
            return Ok(());
        };
        write_whole(path, found)
    }
}
