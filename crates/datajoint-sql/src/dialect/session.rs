use crate::{Access, Session, SessionId, Statement};

/// Sessions and transactions.
pub(crate) trait Sessions {
    fn session_setup(&self, session: Session) -> Vec<Statement>;
    fn begin(&self, access: Access) -> &'static str;
    /// The present moment in UTC, whatever the zone of the session, to the millisecond.
    fn utc(&self) -> &'static str;
    /// The user who logged in, whatever role the session has taken.
    fn login(&self) -> &'static str;
    /// What answers whether the user may add rows to a table: by a row with a truth, or by a refusal; `None` where a database
    /// knows no users. It changes nothing.
    fn may_insert(&self, table: &str, columns: &[String]) -> Option<Statement>;
    /// The user of whom privileges are asked, as a query; `None` where a database knows none.
    fn current_user(&self) -> Option<&'static str>;
    /// What keeps other clients from reading and writing these tables.
    fn lock_tables(&self, tables: &[String]) -> Vec<Statement>;
    /// What ends such locks where they are those of a session.
    fn unlock_tables(&self) -> Vec<Statement> {
        Vec::new()
    }
    /// What tells those who listen of something, when its transaction is committed; `None` where nobody can listen.
    fn notify(&self, _payload: &str) -> Option<Statement> {
        None
    }
    /// What makes a session listen; `None` where none can.
    fn listen(&self) -> Option<Statement> {
        None
    }
    /// The query that tells which of these names, behind a point, would call a function with a row; none where nothing does.
    fn row_functions(&self, names: &[String]) -> Option<Statement> {
        let _ = names;
        None
    }
    /// The query that tells which session it is asked in: its number, and what tells it from a later one that has it; none where
    /// sessions can't be ended by others.
    fn session_query(&self) -> Option<&'static str> {
        None
    }
    /// What ends a session from another one.
    fn end_session(&self, session: SessionId) -> Vec<Statement> {
        let _ = session;
        Vec::new()
    }
    /// The queries that tell what the server says of itself and of the user.
    fn fact_queries(&self) -> Vec<Statement>;
}
