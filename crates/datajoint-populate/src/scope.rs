//! What the contexts of one key share: its transaction, and a memory of what was read in it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use datajoint_pipeline::typed::{IntoRow, Table as TypedTable, TableRow, TableSpec};
use datajoint_pipeline::{MadeRows, QueryRow, Relation, Transaction, of_table};
use datajoint_schema::{MADE_BY, MADE_FROM, Table};
use datajoint_sql::Value;

use crate::fingerprint::Fingerprint;
use crate::inputs::{self, Input};
use crate::plan::Plan;
use crate::record::Record;
use crate::seen::{self, Look, Seen};
use crate::upstream::{Asked, Origin};
use crate::work::Outcome;
use crate::{Error, describe};

/// Work of the layers below.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What was read for a key.
#[derive(Default)]
pub(crate) struct Memory {
    /// To be read again.
    pub(crate) seen: Vec<Seen>,
    /// To be recorded.
    pub(crate) inputs: Vec<Input>,
}

/// One key in one transaction.
pub(crate) struct Scope {
    pub(crate) plan: Arc<Plan>,
    pub(crate) key: Vec<Value>,
    transaction: tokio::sync::Mutex<Transaction>,
    /// What was read, where it may have to be read again.
    seen: Option<Mutex<Vec<Seen>>>,
    /// The same as rows record it.
    inputs: Mutex<Vec<Input>>,
    /// How much of that the row of the table has recorded, once it is inserted.
    recorded: Option<usize>,
    record: Record,
    has_row: bool,
    /// A part that rows were inserted into before it was declared.
    undeclared: Option<&'static TableSpec>,
}

impl Scope {
    /// The scope of a key that was taken up at the time of the record.
    pub(crate) fn new(plan: &Arc<Plan>, key: &[Value], record: Record, transaction: Transaction) -> Self {
        Self {
            plan: Arc::clone(plan),
            key: key.to_vec(),
            transaction: transaction.into(),
            seen: None,
            inputs: Mutex::default(),
            recorded: None,
            record,
            has_row: false,
            undeclared: None,
        }
    }

    /// The same, remembering what is read.
    pub(crate) fn remembering(mut self) -> Self {
        self.seen = Some(Mutex::default());
        self
    }

    /// The rows of a query, read into `S`.
    pub(crate) async fn read<R, S>(&self, asked: Asked<R>) -> Result<Vec<S>, Error>
    where
        R: QueryRow,
        S: QueryRow,
    {
        let mut transaction = self.transaction.lock().await;
        if self.seen.is_none() && self.plan.made_by.is_none() {
            return Ok(asked.query.fetch_as(&mut *transaction).await?);
        }
        let look: Look<S> = seen::look(&asked.query, &mut transaction).await?;
        if self.plan.made_by.is_some() {
            self.note(&asked.origin, look.names.as_deref(), look.fingerprint, &mut transaction).await?;
        }
        if let Some(memory) = &self.seen {
            let seen = Seen::new::<R, S>(asked.table, asked.query, look.fingerprint);
            memory.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        }
        Ok(look.rows)
    }

    /// Notes what was read as rows record it: of each table that it came from the rows that the key comes from.
    async fn note(
        &self,
        origin: &Origin,
        names: Option<&[String]>,
        fingerprint: Fingerprint,
        transaction: &mut Transaction,
    ) -> Result<(), Error> {
        for source in &origin.sources {
            let encodes = |names: &[String]| inputs::has_encoded(&source.table, names);
            let found = match names {
                Some(names) if origin.is_whole && !origin.has_own_names && !encodes(names) => {
                    Some((names.to_vec(), Some(fingerprint)))
                }
                _ => None,
            };
            let attributes = match &found {
                Some((attributes, _)) => attributes.clone(),
                None => inputs::attributes_of(&source.table, names, origin.has_own_names),
            };
            let is_known = {
                let known = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
                known.iter().any(|input| input.is_of(source, &attributes))
            };
            if is_known {
                continue;
            }
            let fingerprint = if let Some((_, fingerprint)) = found {
                fingerprint
            } else {
                let rows = self.plan.above.rows(source, &self.key)?;
                inputs::look(rows, &source.table, &attributes, &mut *transaction).await?
            };
            let input = Input::new(source, attributes, fingerprint);
            self.inputs.lock().unwrap_or_else(PoisonError::into_inner).push(input);
        }
        Ok(())
    }

    /// Takes over what was read in another transaction.
    pub(crate) fn recalling(mut self, inputs: Vec<Input>) -> Self {
        self.inputs = inputs.into();
        self
    }

    /// What the row of the table records of the code and the inputs that it is made by and from; nothing where it has no
    /// columns for that.
    fn made(&mut self) -> Vec<(&'static str, Value)> {
        let Some(code) = &self.plan.made_by else { return Vec::new() };
        let inputs = self.inputs.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.recorded = Some(inputs.len());
        vec![(MADE_BY, code.clone()), (MADE_FROM, inputs::record(inputs))]
    }

    /// Records what was read after the row of the table was inserted.
    pub(crate) async fn complete_record(&mut self) -> Result<(), Error> {
        let inputs = self.inputs.get_mut().unwrap_or_else(PoisonError::into_inner);
        if self.recorded.is_none_or(|recorded| recorded == inputs.len()) {
            return Ok(());
        }
        self.recorded = Some(inputs.len());
        let record = [(MADE_FROM, inputs::record(inputs))];
        let names = self.plan.above.key_names().iter().map(String::as_str);
        let key: Vec<(&str, Value)> = names.zip(self.key.iter().cloned()).collect();
        let backend = self.plan.instance.backend();
        let update = datajoint_sql::update(backend, &self.plan.table, &key, &record);
        let update = update.map_err(datajoint_pipeline::Error::from)?;
        let updated = self.transaction.get_mut().connection_to(&self.plan.table.name).execute(&update).await;
        updated.map_err(datajoint_pipeline::Error::from)?;
        Ok(())
    }

    /// Fails when what was read before is no longer what is there.
    pub(crate) async fn verify(&mut self, seen: Vec<Seen>) -> Result<(), Error> {
        let mut upstream = Vec::new();
        for seen in seen {
            let changed = seen.changed(self.transaction.get_mut()).await?;
            upstream.extend(changed.filter(|table| !upstream.contains(table)));
        }
        if upstream.is_empty() {
            return Ok(());
        }
        let (table, key) = (self.plan.table.name.clone(), self.plan.describe(&self.key));
        Err(Error::UpstreamChanged { table, key, upstream })
    }

    /// True when the table `T` has a row of the key.
    pub(crate) async fn has_row<T: TypedTable>(&mut self, key: &T::Key) -> Result<bool, Error> {
        let row = of_table::<T>().restrict(datajoint_pipeline::key_condition(key.clone()));
        Ok(row.exists(self.transaction.get_mut()).await?)
    }

    /// Inserts rows of the table or of one of its parts.
    pub(crate) async fn insert<R: TableRow>(
        &mut self,
        rows: impl Iterator<Item = R> + Send,
    ) -> Result<(), Error> {
        let spec = <R::Table as TypedTable>::spec();
        let table = self.plan.instance.resolve(spec)?;
        self.check_declared(spec, &table).await?;
        let is_master = table.name == self.plan.table.name;
        let mut record = if is_master { self.record.columns(&self.plan) } else { Vec::new() };
        if is_master {
            record.extend(self.made());
        }
        let mut insert = MadeRows::new::<R>(self.plan.instance.backend(), &table, record)?;
        let places = self.key_places(&table, <R as IntoRow>::ATTRIBUTES);
        for row in rows {
            insert.add(row, |values| self.check_key(&table, &places, values))?;
        }
        self.has_row |= is_master && !insert.is_empty();
        let send: Boxed<'_, ()> = Box::pin(async { Ok(insert.insert(self.transaction.get_mut()).await?) });
        send.await
    }

    /// Fails for a part that is not declared yet, which can't be done within the transaction.
    async fn check_declared(&mut self, spec: &'static TableSpec, table: &Table) -> Result<(), Error> {
        if self.plan.knows(spec) {
            return Ok(());
        }
        match self.transaction.get_mut().check_declared(&[spec]).await {
            Ok(()) => {
                self.plan.learn(spec);
                Ok(())
            }
            Err(datajoint_pipeline::Error::DeclareInTransaction { .. }) => {
                self.undeclared = Some(spec);
                Err(Error::UndeclaredPart { part: table.name.clone() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A part that rows were inserted into before it was declared.
    pub(crate) const fn undeclared(&self) -> Option<&'static TableSpec> {
        self.undeclared
    }

    /// The places in a row, and in the key, of the attributes that must agree.
    fn key_places(&self, table: &Table, attributes: &[&str]) -> Vec<(usize, usize)> {
        let to_master =
            table.foreign_keys.iter().find(|foreign_key| foreign_key.parent == self.plan.table.name);
        let name_in_key = |name: &str| match to_master {
            None => self.plan.place(name),
            Some(foreign_key) => {
                let pair = foreign_key.columns.iter().find(|pair| pair.child == name)?;
                self.plan.place(&pair.parent)
            }
        };
        let places = attributes.iter().enumerate();
        places.filter_map(|(in_row, name)| Some((in_row, name_in_key(name)?))).collect()
    }

    fn check_key(&self, table: &Table, places: &[(usize, usize)], row: &[Value]) -> Result<(), Error> {
        if places.iter().all(|&(in_row, in_key)| row.get(in_row) == self.key.get(in_key)) {
            return Ok(());
        }
        let names: Vec<&str> = self.plan.table.key_names().collect();
        let other =
            places.iter().filter_map(|&(in_row, in_key)| Some((*names.get(in_key)?, row.get(in_row)?)));
        Err(Error::OtherKey {
            key: self.plan.describe(&self.key),
            other: describe::row(other),
            into: table.name.clone(),
        })
    }

    /// Makes what was written last, together with the end of its job, where keys are reserved: unless somebody else has
    /// taken the job over.
    pub(crate) async fn commit(mut self) -> Result<Outcome, Error> {
        self.complete_record().await?;
        let mut transaction = self.transaction.into_inner();
        if let Some(worker) = &self.plan.worker
            && !worker.settle(&mut transaction, &self.key, self.record.seconds()).await?.lets_write()
        {
            transaction.rollback().await?;
            return Ok(Outcome::Lost);
        }
        transaction.commit().await?;
        Ok(if self.has_row { Outcome::Made } else { Outcome::WithoutRow })
    }

    /// Leaves the transaction to others. Gives it, what was read in it, and whether the table has a row of the key now.
    pub(crate) fn pass_on(self) -> (Transaction, Memory, bool) {
        let seen = self.seen.map(|seen| seen.into_inner().unwrap_or_else(PoisonError::into_inner));
        let inputs = self.inputs.into_inner().unwrap_or_else(PoisonError::into_inner);
        let memory = Memory { seen: seen.unwrap_or_default(), inputs };
        (self.transaction.into_inner(), memory, self.has_row)
    }

    /// Ends the transaction without a trace, and gives what was read in it.
    pub(crate) async fn leave(self) -> Result<Memory, Error> {
        let (transaction, memory, _) = self.pass_on();
        transaction.rollback().await?;
        Ok(memory)
    }

    /// Ends the transaction without a trace because of an error, which it gives back.
    pub(crate) async fn fail(self, error: Error) -> Error {
        if let Err(failure) = self.leave().await {
            tracing::debug!(%failure, "the transaction was undone by ending its connection");
        }
        error
    }
}
