//! Drawings of the graph of tables.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use datajoint::Graph;
use datajoint::diagram::Diagram as Drawing;

use crate::output::say;
use crate::{Outcome, connect, text};

/// Draws the tables of schemas and the foreign keys between them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  dj diagram lab > lab.md\n  dj diagram lab ephys --format svg > pipeline.svg"
)]
pub(crate) struct Diagram {
    /// The schemas; those with the prefix of the settings without any.
    schemas: Vec<String>,
    /// As what.
    #[arg(long, default_value = "mermaid")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Text that many pages draw.
    Mermaid,
    /// A picture.
    Svg,
}

impl Diagram {
    pub(crate) async fn run(&self) -> Outcome {
        let dj = connect().await?;
        let schemas = crate::columns::schemas_alone(&dj, &self.schemas).await?;
        let mut tables = Vec::new();
        for schema in &schemas {
            tables.extend(schema.tables().map(|table| (**table.table()).clone()));
        }
        let drawing = Drawing::new(Graph::new(tables).map_err(text)?);
        say!(
            "{}",
            match self.format {
                Format::Mermaid => drawing.mermaid(),
                Format::Svg => drawing.svg(),
            }
        );
        Ok(ExitCode::SUCCESS)
    }
}
