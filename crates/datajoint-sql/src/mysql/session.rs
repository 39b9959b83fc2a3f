use crate::{Access, Session, Statement};

/// The modes that DataJoint for Python sets.
const MODES: &str = "NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,STRICT_ALL_TABLES,\
                     NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY";

/// For ever, as far as these servers have it: a year.
const LONG: u64 = 31_536_000;

/// What stands in `/*!50708 */` is for MySQL alone, what stands in `/*M! */` for MariaDB.
pub(super) fn setup(session: Session) -> Vec<Statement> {
    let long = |seconds: u64| if seconds == 0 { LONG } else { seconds };
    let (lock, idle) = (long(session.lock_timeout), long(session.idle_timeout));
    let (statement, milliseconds) = (session.statement_timeout, session.statement_timeout * 1000);
    // MariaDB refuses a change of a row that another transaction changed since the snapshot; MySQL can't.
    // A transaction ends where nothing happens in it; MySQL ends the connection, which the pool replaces.
    let mut setup = vec![Statement::plain(format!(
        "SET SESSION sql_mode = '{MODES}', innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock} \
         /*!50708 , max_execution_time = {milliseconds}, wait_timeout = {idle} */ \
         /*M! , max_statement_time = {statement}, idle_transaction_timeout = {idle} */ \
         /*M!101108 , innodb_snapshot_isolation = ON */"
    ))];
    if session.is_read_only {
        setup.push(Statement::plain("SET SESSION TRANSACTION READ ONLY"));
    }
    setup
}

/// The snapshot is taken here rather than with the first query, for writers too.
pub(super) fn begin(access: Access) -> &'static str {
    match access {
        Access::Read | Access::Write => "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        Access::Locking => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    }
}
