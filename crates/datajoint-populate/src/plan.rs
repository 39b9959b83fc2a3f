//! What all keys of one population share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_jobs::Worker;
use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::{FromRow, IntoRow, RowWriter, TableSpec};
use datajoint_schema::{MADE_BY, MADE_FROM, Table};
use datajoint_sql::Value;

use crate::above::Above;
use crate::stop::Stop;
use crate::{Error, Make, describe};

/// A list of keys older than this is not trusted without a look.
const FRESH: Duration = Duration::from_secs(1);

/// A key that takes so many seconds is worth a look first.
const SLOW: f64 = 0.05;

/// The table that is populated, as the database has it.
pub(crate) struct Plan {
    pub(crate) instance: Instance,
    pub(crate) table: Arc<Table>,
    spec: &'static TableSpec,
    key_names: &'static [&'static str],
    /// The version of the code, when the table has columns for how its rows were made.
    pub(crate) version: Option<String>,
    /// What rows record of the code that makes them, when the table has columns for that and for what they are made from.
    pub(crate) made_by: Option<Value>,
    /// Who reserves the keys, where they are.
    pub(crate) worker: Option<Arc<Worker>>,
    /// When the keys to make were listed; none for those that come from a queue.
    listed: Option<Instant>,
    /// True when keys take so long that it is worth a look first whether somebody else has made them.
    is_slow: AtomicBool,
    /// The tables above.
    pub(crate) above: Above,
    /// The parts that are known to be in the database.
    parts: Mutex<Vec<&'static TableSpec>>,
    /// What every thread has a part of that computes.
    threads: Arc<()>,
    /// Tells computations to stop.
    pub(crate) stop: Stop,
    /// How long a key may take.
    pub(crate) time_limit: Option<Duration>,
}

impl Plan {
    /// The plan for keys that were just listed.
    pub(crate) fn new<T: Make>(
        instance: &Instance,
        version: &str,
        worker: Option<Arc<Worker>>,
        time_limit: Option<Duration>,
    ) -> Result<Self, Error> {
        let table = instance.resolve(T::spec())?;
        let has = |name| table.heading.get(name).is_some();
        let (keeps_record, keeps_make) = (has("_job_start_time"), has(MADE_BY) && has(MADE_FROM));
        let code = T::CODE.recorded().map_or(Value::Null, Value::Text);
        Ok(Self {
            instance: instance.clone(),
            above: Above::of_program(instance, T::spec(), <T::Key as FromRow>::ATTRIBUTES)?,
            made_by: keeps_make.then_some(code),
            table,
            spec: T::spec(),
            key_names: <T::Key as FromRow>::ATTRIBUTES,
            version: keeps_record.then(|| version.to_owned()),
            listed: worker.is_none().then(Instant::now),
            worker,
            is_slow: AtomicBool::new(false),
            parts: Mutex::default(),
            threads: Arc::default(),
            stop: Stop::default(),
            time_limit,
        })
    }

    /// What a thread keeps while it computes.
    pub(crate) fn thread(&self) -> Arc<()> {
        Arc::clone(&self.threads)
    }

    /// True while threads compute.
    pub(crate) fn computes(&self) -> bool {
        Arc::strong_count(&self.threads) > 1
    }

    /// True when others may have made keys since they were listed.
    pub(crate) fn is_stale(&self) -> bool {
        self.listed.map_or_else(|| self.is_slow.load(Ordering::Relaxed), |listed| listed.elapsed() > FRESH)
    }

    /// Notes how many seconds a key takes.
    pub(crate) fn note(&self, seconds: f64) {
        self.is_slow.store(seconds > SLOW, Ordering::Relaxed);
    }

    /// True when the table, or a part of it, is known to be in the database.
    pub(crate) fn knows(&self, spec: &'static TableSpec) -> bool {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        std::ptr::eq(spec, self.spec) || parts.iter().any(|part| std::ptr::eq(*part, spec))
    }

    /// Notes that a part is in the database.
    pub(crate) fn learn(&self, spec: &'static TableSpec) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(spec);
    }

    /// The values of a key, in the order of its attributes.
    pub(crate) fn values(&self, key: impl IntoRow) -> Result<Vec<Value>, Error> {
        let mut values = Vec::with_capacity(self.key_names.len());
        key.into_row(&mut RowWriter::new(&mut values)).map_err(datajoint_pipeline::Error::from)?;
        Ok(values)
    }

    /// The place of an attribute in the key.
    pub(crate) fn place(&self, attribute: &str) -> Option<usize> {
        self.key_names.iter().position(|name| *name == attribute)
    }

    /// A key as people write it.
    pub(crate) fn describe(&self, key: &[Value]) -> String {
        describe::row(self.key_names.iter().copied().zip(key))
    }
}
