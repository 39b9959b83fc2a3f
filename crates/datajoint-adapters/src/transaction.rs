use std::ops::{Deref, DerefMut};

use datajoint_sql::Statement;

use crate::{Connection, Result};

/// A connection in a transaction that sees one state of the database.
///
/// When it is dropped without [`commit`](Self::commit), also by a cancelled future, its connection ends and
/// the server rolls back.
#[derive(Debug)]
pub struct Transaction {
    connection: Option<Connection>,
}

impl Transaction {
    pub(crate) async fn begin(mut connection: Connection, begin: &str) -> Result<Self> {
        connection.script(&[Statement::plain(begin)]).await?;
        Ok(Self { connection: Some(connection) })
    }

    /// Makes everything done in it last.
    pub async fn commit(mut self) -> Result<()> {
        self.script(&[Statement::plain("COMMIT")]).await?;
        // The connection goes back to the pool.
        drop(self.connection.take());
        Ok(())
    }

    /// Undoes everything done in it.
    pub async fn rollback(mut self) -> Result<()> {
        self.script(&[Statement::plain("ROLLBACK")]).await?;
        drop(self.connection.take());
        Ok(())
    }
}

#[expect(
    clippy::expect_used,
    reason = "the connection is taken only by the methods that consume the transaction"
)]
impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a transaction that has not ended")
    }
}

#[expect(
    clippy::expect_used,
    reason = "the connection is taken only by the methods that consume the transaction"
)]
impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a transaction that has not ended")
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.end_on_drop();
        }
    }
}
