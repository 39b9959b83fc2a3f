//! Rows with all that they need, to files and back.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::Relation as _;
use datajoint::transfer::{Export as Exporting, Import as Importing, TransferReport};
use serde_json::json;

use crate::columns::{Rows, table};
use crate::output::{print_json, say};
use crate::{Outcome, connect, connect_to_declare, text};

/// Writes rows of a table into a folder, with every row that they refer to.
#[derive(Args)]
#[command(after_help = "Example:\n  dj export lab.Session copy --where \"session = 3\" --descendants")]
pub(crate) struct Export {
    /// The table, as `schema.Class`.
    table: String,
    /// The folder, which is made.
    folder: PathBuf,
    #[command(flatten)]
    rows: Rows,
    /// With every row that depends on them.
    #[arg(long)]
    descendants: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let rows = self.rows.of(&dj, table(&dj, &self.table).await?.query()).await?;
        let mut export = Exporting::new(&dj, &rows);
        if self.descendants {
            export = export.with_descendants();
        }
        show("export", &export.to(&self.folder).await.map_err(text)?, self.json);
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads what `export` wrote, and declares what is missing; can be repeated.
#[derive(Args)]
#[command(after_help = "Example:\n  dj import copy --schema lab=lab_copy")]
pub(crate) struct Import {
    /// The folder.
    folder: PathBuf,
    /// Takes one schema for another: `exported=here`; may be given several times.
    #[arg(long, value_name = "EXPORTED=HERE")]
    schema: Vec<String>,
    /// Leaves out unique indexes that this database can't have, as it does the others.
    #[arg(long)]
    without_unique_indexes: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect_to_declare().await?;
        let mut import = Importing::new(&dj, &self.folder);
        for pair in &self.schema {
            let Some((exported, here)) = pair.split_once('=') else {
                return Err(format!("`{pair}` names no two schemas: write `exported=here`"));
            };
            import = import.schema(exported, here);
        }
        if self.without_unique_indexes {
            import = import.without_unique_indexes();
        }
        show("import", &import.run().await.map_err(text)?, self.json);
        Ok(ExitCode::SUCCESS)
    }
}

fn show(command: &str, report: &TransferReport, as_json: bool) {
    if as_json {
        let tables: Vec<_> =
            report.tables.iter().map(|(table, rows)| json!({"table": table, "rows": rows})).collect();
        let left_out: Vec<_> = report
            .left_out
            .iter()
            .map(|one| json!({"table": one.table, "index": one.index, "reason": one.reason}))
            .collect();
        print_json(
            command,
            [
                ("tables", json!(tables)),
                ("objects", json!(report.objects)),
                ("uncompared", json!(report.uncompared)),
                ("left_out", json!(left_out)),
            ],
        );
    } else {
        say!("{report}");
    }
}
