//! Verbs that read and write files.

use datajoint::InsertOptions;
use datajoint::arrow::{FetchColumns as _, InsertColumns as _};
use datajoint_transfer::{Export, Import, copy};

use super::tables::*;
use super::{World, verbs};

/// A place for a file that is not there.
fn place(w: &World, name: &str) -> std::path::PathBuf {
    let path = w.folder.join(name);
    let _ = std::fs::remove_file(&path);
    let _ = std::fs::remove_dir_all(&path);
    path
}

verbs! {
    "FetchColumns::record_batches BatchStream::next" Nothing |w| {
        let (mut batches, mut rows) = (Account.record_batches(&w.dj).await?, 0);
        while let Some(batch) = batches.next().await { rows += batch?.num_rows(); }
        w.tell(rows)
    }
    "BatchStream::next" Nothing |w| {
        let (mut batches, mut rows) = (Account.record_batches(&w.dj).await?, 0);
        while let Some(batch) = batches.next().await { rows += batch?.num_rows(); }
        w.tell(rows)
    }
    "FetchColumns::fetch_arrow" Nothing |w| { w.tell(Account.fetch_arrow(&w.dj).await?.num_rows()) }
    "FetchColumns::write_csv" Nothing |w| {
        let path = place(&w, "written.csv");
        w.tell(Account.write_csv(&w.dj, &path).await?);
        w.tell_rows(std::fs::read_to_string(&path)?.lines())
    }
    "FetchColumns::write_parquet" Nothing |w| {
        w.tell(Account.write_parquet(&w.dj, &place(&w, "written.parquet")).await?)
    }
    "InsertColumns::insert_csv" Whole |w| {
        let path = place(&w, "read.csv");
        std::fs::write(&path, "id,n\n10,1\n11,2\n")?;
        w.tell(Account.insert_csv(&w.dj, &path, InsertOptions::new()).await?)
    }
    "InsertColumns::insert_parquet" Whole |w| {
        let path = place(&w, "read.parquet");
        Account.write_parquet(&w.dj, &path).await?;
        w.tell(Account.insert_parquet(&w.dj, &path, InsertOptions::new().skip_duplicates()).await?)
    }
    "InsertColumns::insert_batches" Whole |w| {
        let batch = Account.fetch_arrow(&w.dj).await?;
        w.tell(Account.insert_batches(&w.dj, [batch], InsertOptions::new().skip_duplicates()).await?)
    }
    "Export::to" Nothing |w| { w.tell(Export::new(&w.dj, &Account).to(&place(&w, "export")).await?) }
    "Import::run" Whole |w| {
        let path = place(&w, "import");
        Export::new(&w.dj, &Account).to(&path).await?;
        w.tell(Import::new(&w.dj, &path).run().await?)
    }
    "copy" Nothing |w| { w.tell(copy(&w.dj, &Account, &w.dj, false).await?) }
}
