//! The session in which steps are run.

use std::time::Duration;

use datajoint_adapters::{Connection, Lock};
use datajoint_definition::Backend;
use datajoint_pipeline::Instance;
use datajoint_sql::Statement;

use super::{Engine, Watch};
use crate::journal::Journal;
use crate::{Activity, LockPolicy, Plan, Result, Undertaking};

/// A connection whose statements give up early, with the journal and the lock of the one that has it.
pub(super) struct Session<'a> {
    pub(super) dj: &'a Instance,
    pub(super) connection: Connection,
    pub(super) journal: Journal,
    pub(super) lock: &'a Lock,
    pub(super) policy: LockPolicy,
    pub(super) watch: &'a Watch,
    pub(super) activity: &'static Activity,
    /// Whether the connection or the lock is gone, so that nothing more can be done.
    pub(super) is_lost: bool,
}

impl<'a> Session<'a> {
    pub(super) async fn new<U: Undertaking>(
        engine: &Engine<'a, U>,
        plan: &Plan,
        lock: &'a Lock,
    ) -> Result<Self> {
        let dj = engine.undertaking.instance();
        let mut connection = engine.connect().await?;
        let journal = Journal::new(dj, &mut connection, U::ACTIVITY, plan.hash()).await?;
        let Engine { policy, watch, .. } = *engine;
        Ok(Self { dj, connection, journal, lock, policy, watch, activity: U::ACTIVITY, is_lost: false })
    }

    /// Lets statements wait for their locks for so long, which servers take that make things while others write.
    pub(super) async fn wait_for(&mut self, duration: Duration) -> datajoint_adapters::Result<()> {
        let wait = Statement::plain(format!("SET lock_timeout = {}", duration.as_millis()));
        set(&mut self.connection, &[wait]).await
    }
}

impl<U: Undertaking> Engine<'_, U> {
    /// Takes a connection whose statements give up early.
    pub(super) async fn connect(&self) -> Result<Connection> {
        let mut connection = self.undertaking.instance().database().acquire().await?;
        connection.end_on_drop();
        connection.wait_at_most(self.policy.lock_timeout);
        let setup = setup(connection.backend(), self.policy.lock_timeout);
        set(&mut connection, &setup).await?;
        Ok(connection)
    }
}

/// Runs what changes a session alone, as queries: when an answer is lost, nothing is left in doubt.
async fn set(connection: &mut Connection, statements: &[Statement]) -> datajoint_adapters::Result<()> {
    for statement in statements {
        connection.fetch(statement).await?;
    }
    Ok(())
}

/// What reads or writes a whole table takes the time that it takes, as far as the server lets the role.
const OWN_LIMIT: &str = "RESET statement_timeout";

fn setup(backend: Backend, lock_timeout: Duration) -> Vec<Statement> {
    let (seconds, milliseconds) = (lock_timeout.as_secs().max(1), lock_timeout.as_millis());
    let setup = match backend {
        Backend::Postgresql => {
            vec![format!("SET lock_timeout = {milliseconds}"), OWN_LIMIT.to_owned()]
        }
        Backend::Mysql | Backend::Mariadb => {
            vec![format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}")]
        }
        Backend::Sqlite => Vec::new(),
    };
    setup.into_iter().map(Statement::plain).collect()
}
