//! Rows from files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::arrow::{Error as ColumnsError, InsertColumns as _};
use datajoint::{DynamicRow, InsertOptions};
use datajoint_adapters::RetryPolicy;
use serde_json::json;

use crate::columns::table;
use crate::output::{print_json, say};
use crate::wording::of_columns;
use crate::{Outcome, connect};

/// Inserts the rows of a file, all or none: CSV with a line of names, Parquet, or JSON with a list of objects.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "each is an option of its name"
)]
#[command(after_help = "Examples:\n  dj insert lab.Subject subjects.csv\n  \
                        dj insert lab.Session sessions.parquet --skip-duplicates")]
pub(crate) struct Insert {
    /// The table, as `schema.Class`.
    table: String,
    /// The file; the end of its name says of which kind it is.
    file: PathBuf,
    /// Passes over rows whose key is there.
    #[arg(long, conflicts_with = "replace")]
    skip_duplicates: bool,
    /// Passes over rows that are there as they are, and refuses others of the same key.
    #[arg(long, conflicts_with_all = ["replace", "skip_duplicates"])]
    skip_identical: bool,
    /// Replaces rows whose key is there.
    #[arg(long)]
    replace: bool,
    /// Leaves out columns that the table lacks.
    #[arg(long)]
    ignore_extra_fields: bool,
    /// Takes tables that `populate` fills, too.
    #[arg(long)]
    allow_direct_insert: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What the file has.
enum Given {
    Csv,
    Parquet,
    Rows(Vec<DynamicRow>),
}

impl Insert {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let table = table(&dj, &self.table).await?;
        let mut options = InsertOptions::new();
        for (is_wanted, change) in [
            (self.skip_duplicates, InsertOptions::skip_duplicates as fn(InsertOptions) -> InsertOptions),
            (self.skip_identical, InsertOptions::skip_identical),
            (self.replace, InsertOptions::replace),
            (self.ignore_extra_fields, InsertOptions::ignore_extra_fields),
            (self.allow_direct_insert, InsertOptions::allow_direct_insert),
        ] {
            if is_wanted {
                options = change(options);
            }
        }
        let kind = self.file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let given = match kind {
            "csv" => Given::Csv,
            "parquet" => Given::Parquet,
            "json" => {
                let place = |error: &dyn std::fmt::Display| format!("{}: {error}", self.file.display());
                let file = std::fs::read_to_string(&self.file).map_err(|error| place(&error))?;
                Given::Rows(DynamicRow::list_from_json_str(&file).map_err(|error| place(&error))?)
            }
            _ => return Err(format!("{} is no .csv, .parquet or .json", self.file.display())),
        };
        // Each try is a transaction of its own: what others were in the way of is given again, whole.
        let attempt = async || match &given {
            Given::Csv => table.insert_csv(&dj, &self.file, options).await,
            Given::Parquet => table.insert_parquet(&dj, &self.file, options).await,
            Given::Rows(rows) => {
                let rows = futures_util::stream::iter(rows.clone());
                Ok(table.insert_counted(&dj, rows, options).await?)
            }
        };
        let rows = RetryPolicy::FILE
            .run(ColumnsError::is_retryable, attempt)
            .await
            .map_err(|error| of_columns(&error))?;
        if self.json {
            let (inserted, skipped) = (json!(rows.inserted), json!(rows.skipped()));
            let table = json!(table.name().to_string());
            print_json(
                "insert",
                [("table", table), ("rows", json!(rows.given)), ("inserted", inserted), ("skipped", skipped)],
            );
        } else {
            say!("{rows} into {}", table.name());
        }
        Ok(ExitCode::SUCCESS)
    }
}
