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

/// What a query gave.
pub(crate) struct Look<S> {
    pub(crate) rows: Vec<S>,
    pub(crate) fingerprint: Fingerprint,
    /// The attributes of the rows, in order; unknown where there are no rows of a type that has any attributes.
    pub(crate) names: Option<Arc<[String]>>,
}

/// Runs a query, and looks at what it gives.
pub(crate) async fn look<R, S>(query: &Query<R>, transaction: &mut Transaction) -> Result<Look<S>, Error>
where
    R: QueryRow,
    S: QueryRow,
{
    let fixed = S::attributes().map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    let mut look = Look { rows: Vec::new(), fingerprint: Fingerprint::default(), names: fixed };
    for Traced { row, trace, names } in query.fetch_as::<Traced<S>>(transaction).await? {
        look.fingerprint.add(trace);
        look.rows.push(row);
        look.names.get_or_insert(names);
    }
    Ok(look)
}

impl Seen {
    /// A query that gave this when its rows were read into `S`.
    pub(crate) fn new<R, S>(table: &'static str, query: Query<R>, rows: Fingerprint) -> Self
    where
        R: QueryRow,
        S: QueryRow,
    {
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
        Self { table, rows, again }
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
    trace: u128,
    names: Arc<[String]>,
}

/// The number alone.
struct Trace<S> {
    value: u128,
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
        let trace = crate::fingerprint::of_row(values.iter());
        Ok(Self { row: S::read(names, values)?, trace, names: Arc::clone(names) })
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
        Ok(Self { value: crate::fingerprint::of_row(values.iter()), row: PhantomData })
    }
}
