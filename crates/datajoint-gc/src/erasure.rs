//! Rows that go with their objects at once.

use std::collections::BTreeMap;
use std::time::Duration;

use datajoint_inventory::{Locations, attributes, references_of};
use datajoint_pipeline::{
    AuditEntry, AuditVerb, Delete as _, DeleteReport, DynamicRow, Instance, Query, Relation as _, StoredRow,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::heap::{Files, Heap};
use crate::{Error, Result, purge, rows};

/// Rows that go with all that depends on them, as a delete takes them, and their objects with them: at once, without a quarantine.
///
/// For a subject who withdraws. An object that another row refers to stays, and the certificate names it. So do files that a row refers to with
/// `<filepath@>`, which are the user's own.
#[derive(Debug, Clone)]
#[must_use = "it begins with `plan` or `carry_out`"]
pub struct Erasure {
    dj: Instance,
    rows: Query<DynamicRow>,
    moment: Duration,
}

/// What went, when, and by which plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Certificate {
    /// Goes up when the meaning of a member changes.
    pub version: u32,
    /// The hash of the plan that was approved.
    pub plan: String,
    /// The database.
    pub database: String,
    /// The user of the database.
    pub user: String,
    /// When the rows were gone, in UTC.
    pub time: String,
    /// How many rows went of each table.
    pub rows: BTreeMap<String, u64>,
    /// The objects that went.
    pub objects: Vec<Erased>,
    /// The objects that stay, since other rows refer to them.
    pub kept: Vec<Erased>,
    /// What could not be deleted, and why.
    pub failed: Vec<String>,
}

/// An object of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Erased {
    /// The store.
    pub store: String,
    /// The path in the store.
    pub path: String,
    /// How many files it has.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The SHA-256 of their contents, one after the other in the order of their paths.
    pub sha256: String,
}

impl Erasure {
    /// Returns an erasure of rows of a table, restricted or not, with all that depends on them.
    pub fn of(dj: &Instance, rows: &Query<DynamicRow>) -> Self {
        Self { dj: dj.clone(), rows: rows.clone(), moment: Duration::from_secs(10) }
    }

    /// Waits so long after objects were set aside before rows are read again; ten seconds unless said otherwise.
    pub fn moment(mut self, moment: Duration) -> Self {
        self.moment = moment;
        self
    }

    /// Returns what would go: rows of each table, and how many objects they speak of.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn plan(&self) -> Result<datajoint_guard::Plan> {
        Ok(self.rows.delete(&self.dj).plan().await?)
    }

    /// Deletes the rows of the plan of this hash, and then their objects.
    ///
    /// Fails, before anything is deleted, when other rows would go, and when it can't be told what some rows of any schema refer
    /// to. What can't be deleted of the objects stands in the certificate.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the rows are there or gone, and some objects may stay, which a [collection](crate::Collection)
    /// takes.
    pub async fn carry_out(&self, plan: &str) -> Result<Certificate> {
        let (mut heaps, mut erased) = (Vec::new(), BTreeMap::new());
        for mut heap in self.objects().await? {
            // What is not there needs no erasure.
            if let Some(described) = self.describe(&mut heap).await? {
                erased.insert(heap.digest.clone(), described);
                heaps.push(heap);
            }
        }
        // That all can be told is known before anything goes.
        let mut connection = self.dj.database().acquire().await?;
        rows::referred_to(&self.dj, &mut connection, &heaps).await?;
        drop(connection);
        let report = self.rows.delete(&self.dj).confirmed_plan(plan).noted_as(AuditVerb::Erase).await?;
        let mut certificate = Certificate {
            version: 1,
            plan: plan.to_owned(),
            database: self.dj.place(),
            user: self.dj.settings().database.user.clone().unwrap_or_default(),
            time: chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            rows: report.tables.iter().map(|(table, rows)| (table.to_string(), *rows)).collect(),
            objects: Vec::new(),
            kept: Vec::new(),
            failed: Vec::new(),
        };
        // The rows are gone: whatever comes now stands in the certificate.
        if let Err(error) = self.delete(heaps, &mut erased, &mut certificate).await {
            certificate.failed.push(error.to_string());
            let left = erased.into_values().map(|object| {
                format!("`{}` of the store `{}` is where it was, or set aside", object.path, object.store)
            });
            certificate.failed.extend(left);
        }
        if let Err(error) = self.note(&report, &certificate).await {
            certificate.failed.push(error.to_string());
        }
        Ok(certificate)
    }

    /// Notes what became of the objects, beside the rows: no transaction holds these.
    async fn note(&self, report: &DeleteReport, certificate: &Certificate) -> Result<()> {
        let Certificate { objects, kept, failed, .. } = certificate;
        let Some((table, _)) = report.tables.last().filter(|_| self.dj.is_audited()) else { return Ok(()) };
        if objects.is_empty() && kept.is_empty() && failed.is_empty() {
            return Ok(());
        }
        let (objects, kept, failed) = (objects.len(), kept.len(), failed.len());
        let entry = AuditEntry::of_table(AuditVerb::Erase, table)
            .detail(format!("objects: {objects} erased, {kept} kept, {failed} failed"))
            .plan(Some(certificate.plan.clone()));
        let mut connection = self.dj.database().acquire().await?;
        Ok(self.dj.audit_on(&mut connection, &[entry]).await?)
    }

    /// Says what an object is, before it goes; `None` for one that is not there.
    async fn describe(&self, heap: &mut Heap) -> Result<Option<Erased>> {
        let store = self.dj.stores().get(Some(&heap.store))?;
        let mut digest = Sha256::new();
        for file in purge::files(&store, heap).await? {
            heap.in_place = Some(Files::with(heap.in_place, file.size, file.modified));
            let mut reader = store.reader(&file.path).await?;
            while let Some(piece) = reader.next().await {
                digest.update(piece?);
            }
        }
        let described = |files: Files| Erased {
            store: heap.store.clone(),
            path: heap.path.clone(),
            files: files.count,
            bytes: files.bytes,
            sha256: format!("{:x}", digest.finalize()),
        };
        Ok(heap.in_place.map(described))
    }

    /// Deletes objects that no row refers to any more. Who looked for one by its content before inserts its row in the moment that is
    /// waited for.
    async fn delete(
        &self,
        heaps: Vec<Heap>,
        erased: &mut BTreeMap<String, Erased>,
        certificate: &mut Certificate,
    ) -> Result<()> {
        let mut connection = self.dj.database().acquire().await?;
        let referred = rows::referred_to(&self.dj, &mut connection, &heaps).await?;
        let (kept, going): (Vec<Heap>, Vec<Heap>) =
            heaps.into_iter().partition(|heap| referred.contains(&heap.digest));
        certificate.kept.extend(kept.iter().filter_map(|heap| erased.remove(&heap.digest)));
        let mut aside = Vec::new();
        for heap in &going {
            if heap.by_content {
                let store = self.dj.stores().get(Some(&heap.store))?;
                match store.set_aside(&heap.path).await {
                    Ok(()) => aside.push(heap.clone()),
                    Err(error) => certificate.failed.push(error.to_string()),
                }
            }
        }
        if !aside.is_empty() {
            tokio::time::sleep(self.moment).await;
        }
        let referred = rows::referred_to(&self.dj, &mut connection, &aside).await?;
        for heap in going {
            let store = self.dj.stores().get(Some(&heap.store))?;
            let Some(described) = erased.remove(&heap.digest) else { continue };
            let is_kept = referred.contains(&heap.digest);
            let done = if is_kept {
                store.put_back(&heap.path).await.map_err(Error::from)
            } else {
                purge::delete(&store, &heap).await
            };
            match done {
                Ok(()) if is_kept => certificate.kept.push(described),
                Ok(()) => certificate.objects.push(described),
                Err(error) => certificate.failed.push(error.to_string()),
            }
        }
        Ok(())
    }

    /// The objects that belong to the rows and to all that depends on them.
    async fn objects(&self) -> Result<Vec<Heap>> {
        let subset = self.dj.cascade(&self.rows).await?;
        let mut locations = Locations::of(self.dj.stores());
        let mut heaps = BTreeMap::new();
        for table in subset.tables() {
            let attributes = attributes(&table.heading);
            if attributes.is_empty() {
                continue;
            }
            let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            let query = subset.query(&table.name)?.proj(&*names);
            let mut stored = query.stream_as::<StoredRow>(&self.dj);
            while let Some(row) = stored.next().await {
                let StoredRow(row) = row?;
                for attribute in &attributes {
                    let value = row.value(&attribute.name).map_err(datajoint_pipeline::Error::from)?;
                    let untold = |why| Error::Untold {
                        reasons: vec![format!("`{}` of `{}`: {why}", attribute.name, table.name)],
                        others: 0,
                    };
                    let references = references_of(self.dj.codecs(), attribute, value).map_err(untold)?;
                    for reference in references.iter().filter(|reference| reference.is_owned) {
                        let place = locations.place(reference)?;
                        let store = self.dj.stores().get(reference.store.as_deref())?;
                        let path = reference.path.clone();
                        let by_content = store.spec().goes_by_content(&path);
                        let (digest, store) = (place.digest(), store.spec().name.clone());
                        heaps.entry(digest.clone()).or_insert(Heap {
                            digest,
                            store,
                            path,
                            schema: table.name.schema.clone(),
                            by_content,
                            is_referenced: false,
                            in_place: None,
                            aside: None,
                        });
                    }
                }
            }
        }
        Ok(heaps.into_values().collect())
    }
}
