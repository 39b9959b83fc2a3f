//! Rows that go with their objects.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datajoint::definition::count;
use datajoint::gc::Erasure;
use datajoint::{Delete as _, Relation as _};
use serde_json::json;

use crate::columns::{Rows, table};
use crate::confirm::Confirm;
use crate::output::{print_value, say};
use crate::wording::in_options;
use crate::{Outcome, connect, text};

/// Deletes rows of a table, with all rows that depend on them, and their objects in stores, at once; gives a certificate of what went.
#[derive(Args)]
#[command(after_help = "Examples:\n  dj erase lab.Subject --where \"subject = 7\" --dry-run\n  \
                        dj erase lab.Subject --where \"subject = 7\" --yes-plan HASH --certificate subject-7.json")]
pub(crate) struct Erase {
    /// The table, as `schema.Class`.
    table: String,
    #[command(flatten)]
    rows: Rows,
    /// The file that the certificate is written to, which must not be there.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    confirm: Confirm,
}

impl Erase {
    pub(crate) async fn run(&self) -> Outcome {
        if self.rows.is_all() {
            return Err(
                "say whose rows with --where, --matching or --without: erasing is for one subject".to_owned()
            );
        }
        let dj = connect().await?;
        let table = table(&dj, &self.table).await?;
        let rows = self.rows.of(&dj, table.query()).await?;
        let erasure = Erasure::of(&dj, &rows);
        if self.confirm.is_dry() {
            let plan = rows.delete(&dj).plan().await.map_err(|error| in_options(&error))?;
            self.confirm.show(&plan, "erase");
            return Ok(ExitCode::SUCCESS);
        }
        let hash =
            self.confirm.hash().ok_or("look at it with --dry-run, and name its plan with --yes-plan HASH")?;
        // A file that can't be written is known before anything goes.
        let file = self.certificate.as_ref().map(|path| {
            let made = std::fs::File::create_new(path);
            made.map_err(|error| format!("{} can't be written: {error}", path.display()))
        });
        let file = file.transpose()?;
        let certificate = match erasure.carry_out(hash).await {
            Ok(certificate) => certificate,
            Err(error) => {
                // An empty file is no certificate.
                if let Some(path) = &self.certificate {
                    let _ = std::fs::remove_file(path);
                }
                return Err(text(error));
            }
        };
        if let (Some(file), Some(path)) = (file, &self.certificate)
            && let Err(error) = serde_json::to_writer_pretty(file, &certificate)
        {
            print_value("erase", json!(certificate));
            return Err(format!(
                "{} can't be written: {error}; the rows are gone: keep the certificate, which is printed above",
                path.display()
            ));
        }
        if self.confirm.json {
            print_value("erase", json!(certificate));
        } else {
            for why in &certificate.failed {
                say!("an object stays: {why}");
            }
            let rows: u64 = certificate.rows.values().sum();
            let (objects, kept) = (certificate.objects.len() as u64, certificate.kept.len() as u64);
            say!(
                "erased {} and {}; {} of other rows",
                count(rows, "row"),
                count(objects, "object"),
                count(kept, "object")
            );
        }
        Ok(if certificate.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
