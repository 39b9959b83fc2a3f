//! What `fetch` read, so that it can be read again.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use datajoint_pipeline::typed::ValueError;
use datajoint_pipeline::{Query, QueryRow, Relation, Transaction};
use datajoint_sql::Value;

use crate::Error;
use crate::fingerprint::Fingerprint;

/// A query on the rows of an ancestor, and what it gave.
pub(crate) struct Seen {
    table: &'static str,
    rows: Fingerprint,
    again: Box<Again>,
}

type Again = dyn for<'t> Fn(&'t mut Transaction) -> Pin<Box<dyn Future<Output = Result<Fingerprint, Error>> + Send + 't>>
    + Send
    + Sync;

impl Seen {
    /// Runs a query, and remembers it.
    pub(crate) async fn read<R, S>(
        table: &'static str,
        query: Query<R>,
        transaction: &mut Transaction,
    ) -> Result<(Vec<S>, Self), Error>
    where
        R: QueryRow,
        S: QueryRow,
    {
        let mut rows = Vec::new();
        let mut fingerprint = Fingerprint::default();
        for Traced { row, trace } in query.fetch_as::<Traced<S>>(transaction).await? {
            fingerprint.add(trace);
            rows.push(row);
        }
        let again: Box<Again> = Box::new(move |transaction| {
            let query = query.clone();
            Box::pin(async move {
                let mut fingerprint = Fingerprint::default();
                for trace in query.fetch_as::<Trace<S>>(transaction).await? {
                    fingerprint.add(trace.value);
                }
                Ok(fingerprint)
            })
        });
        Ok((rows, Self { table, rows: fingerprint, again }))
    }

    /// The table, if its rows are others now.
    pub(crate) async fn changed(self, transaction: &mut Transaction) -> Result<Option<&'static str>, Error> {
        let rows = (self.again)(transaction).await?;
        Ok((rows != self.rows).then_some(self.table))
    }
}

/// A row with a number that tells it from others.
struct Traced<S> {
    row: S,
    trace: u64,
}

/// The number alone.
struct Trace<S> {
    value: u64,
    row: PhantomData<fn() -> S>,
}

impl<S: QueryRow> QueryRow for Traced<S> {
    fn attributes() -> Option<&'static [&'static str]> {
        S::attributes()
    }

    fn is_decoded() -> bool {
        S::is_decoded()
    }

    fn read(names: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        let trace = crate::fingerprint::of_row(values);
        Ok(Self { row: S::read(names, values)?, trace })
    }
}

impl<S: QueryRow> QueryRow for Trace<S> {
    fn attributes() -> Option<&'static [&'static str]> {
        S::attributes()
    }

    fn is_decoded() -> bool {
        S::is_decoded()
    }

    fn read(_: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        Ok(Self { value: crate::fingerprint::of_row(values), row: PhantomData })
    }
}
