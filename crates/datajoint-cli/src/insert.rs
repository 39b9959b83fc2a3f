//! Rows from files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::InsertOptions;
use datajoint::arrow::InsertColumns as _;
use serde_json::{Value, json};

use crate::columns::table;
use crate::output::{print_json, say};
use crate::{Outcome, connect, text};

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
        let rows = match kind {
            "csv" => table.insert_csv(&dj, &self.file, options).await.map_err(text)?,
            "parquet" => table.insert_parquet(&dj, &self.file, options).await.map_err(text)?,
            "json" => {
                let place = |error: &dyn std::fmt::Display| format!("{}: {error}", self.file.display());
                let file = std::fs::read_to_string(&self.file).map_err(|error| place(&error))?;
                let rows: Vec<Value> = serde_json::from_str(&file).map_err(|error| place(&error))?;
                table.insert_with(&dj, rows, options).await.map_err(text)?
            }
            _ => return Err(format!("{} is no .csv, .parquet or .json", self.file.display())),
        };
        if self.json {
            print_json("insert", json!({"table": table.name().to_string(), "rows": rows}));
        } else {
            say!("{rows} rows into {}", table.name());
        }
        Ok(ExitCode::SUCCESS)
    }
}
