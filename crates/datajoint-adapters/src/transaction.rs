use std::borrow::BorrowMut;
use std::ops::{Deref, DerefMut};

use datajoint_sql::{Access, Statement};

use crate::course::{Course, Failure, Part};
use crate::{Announcement, Connection, Error, Kind, Result};

/// A connection in a transaction that sees one state of the database.
///
/// Once a statement failed in it, it refuses every other one, and [`commit`](Self::commit), until it is undone: as a
/// whole, or back to a [savepoint](Self::savepoint). When it is dropped without [`commit`](Self::commit), also by a
/// cancelled future, its connection ends and the server rolls back; one that was [lent](Connection::begin) takes no
/// further statement, and ends when it is dropped itself.
#[derive(Debug)]
pub struct Transaction<C: BorrowMut<Connection> = Connection> {
    connection: Option<C>,
    reads_only: bool,
    /// How many parts have begun and not ended: they lie within each other.
    parts: u32,
}

/// A part of a transaction that can be undone by itself.
#[derive(Debug)]
#[must_use = "a part that is not ended leaves a transaction that can't be committed"]
pub struct Savepoint {
    /// Within how many others it lies, counted from 1.
    depth: u32,
    part: Part,
}

impl Savepoint {
    fn name(&self) -> String {
        format!("datajoint_{}", self.depth)
    }
}

impl Connection {
    /// Fails, as a server does that notices it by itself, for a row that others changed since the transaction began.
    pub fn refuse_changed(&self) -> Error {
        let kind = Kind::Serialization;
        let message = "others changed or deleted the row since this transaction began".to_owned();
        let error =
            Error::Server { kind, message, advice: kind.advice(), constraint: None, code: String::new() };
        if let Some(course) = self.course() {
            course.note(&error, self.backend);
        }
        error
    }

    /// Begins a transaction on this connection, which it gives back when it has ended.
    ///
    /// Fails with [`Error::WithinTransaction`] where the connection is in one.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed.
    pub async fn begin(&mut self, access: Access) -> Result<Transaction<&mut Self>> {
        Transaction::begin(self, access).await
    }
}

impl<C: BorrowMut<Connection>> Transaction<C> {
    pub(crate) async fn begin(mut lent: C, access: Access) -> Result<Self> {
        let connection = lent.borrow_mut();
        if connection.course().is_some() {
            return Err(Error::WithinTransaction);
        }
        let begin = datajoint_sql::begin(connection.backend(), access);
        if access != Access::Read {
            connection.wait_to_write().await?;
        }
        let outcome = connection.start()?.begin(begin).await;
        if let Err(error) = connection.noted(outcome) {
            connection.has_written();
            return Err(error);
        }
        connection.enter(Course::default());
        Ok(Self { connection: Some(lent), reads_only: access == Access::Read, parts: 0 })
    }

    /// Returns true for one that was begun to read alone. Servers refuse what writes in it; a file does not.
    #[must_use]
    pub const fn reads_only(&self) -> bool {
        self.reads_only
    }

    /// Makes everything done in it last.
    ///
    /// Fails, and undoes everything, with [`Error::TransactionFailed`] when something in it failed, with
    /// [`Error::TransactionOver`] when the database had undone it already, and with what the server says when it refuses.
    /// [`Error::CommitUnknown`] alone leaves open whether it lasts: the answer was lost.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing, and nobody is told which.
    pub async fn commit(self) -> Result<()> {
        self.commit_after("").await
    }

    /// Makes everything done in it last as [`commit`](Self::commit) does, and tells at the same moment that tables have new
    /// rows.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing, and nobody is told which.
    pub async fn commit_announcing(self, announcement: Announcement) -> Result<()> {
        self.commit_after(&announcement.sql).await?;
        announcement.follow_up();
        Ok(())
    }

    async fn commit_after(mut self, last: &str) -> Result<()> {
        if let Err(error) = self.check() {
            // What was first says more than a connection that can't be asked.
            let _ = self.end().await;
            return Err(error);
        }
        let outcome = self.start_anyway().commit(last).await;
        match self.noted(outcome) {
            Ok(()) => {
                self.give_back();
                Ok(())
            }
            Err(error) if error.is_answer_lost() && !self.reads_only => Err(Error::unknown(error)),
            Err(error) => Err(error),
        }
    }

    /// Undoes everything done in it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, everything is undone by ending the connection.
    pub async fn rollback(mut self) -> Result<()> {
        self.end().await
    }

    /// Undoes everything done in it, and gives back what was lent.
    pub(crate) async fn undone(mut self) -> Result<C> {
        self.undo_all().await?;
        self.give_back().ok_or(Error::Interrupted)
    }

    async fn end(&mut self) -> Result<()> {
        self.undo_all().await?;
        self.give_back();
        Ok(())
    }

    async fn undo_all(&mut self) -> Result<()> {
        if self.is_interrupted() {
            return Err(Error::Interrupted);
        }
        let outcome = self.start_anyway().rollback().await;
        self.noted(outcome)
    }

    /// Lets the connection go back to where it came from.
    fn give_back(&mut self) -> Option<C> {
        let mut connection = self.connection.take()?;
        connection.borrow_mut().leave();
        Some(connection)
    }

    /// Begins a part that can be undone by itself; end it with [`release`](Self::release) or [`undo`](Self::undo).
    ///
    /// Dropped without either, it leaves a transaction that refuses everything.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything.
    pub async fn savepoint(&mut self) -> Result<Savepoint> {
        let savepoint = Savepoint { depth: self.parts + 1, part: Part::new(self.course().cloned()) };
        match self.script(&[Statement::plain(format!("SAVEPOINT {}", savepoint.name()))]).await {
            Ok(()) => {
                self.parts = savepoint.depth;
                Ok(savepoint)
            }
            Err(error) => {
                savepoint.part.finish();
                Err(error)
            }
        }
    }

    /// Ends a part whose work stays with the rest of the transaction.
    ///
    /// Fails, and undoes the part, when something in it failed. Fails with [`Error::OtherPart`] unless it is the innermost part of
    /// this transaction; the one that it is of then refuses everything.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything.
    pub async fn release(&mut self, savepoint: Savepoint) -> Result<()> {
        self.check_part(&savepoint)?;
        if let Err(error) = self.check() {
            self.undo(savepoint).await?;
            return Err(error);
        }
        self.script(&[Statement::plain(format!("RELEASE SAVEPOINT {}", savepoint.name()))]).await?;
        self.ended(savepoint);
        Ok(())
    }

    /// Undoes a part, so that the rest of the transaction can go on.
    ///
    /// Fails when the whole transaction is gone. Fails with [`Error::OtherPart`] unless it is the innermost part of this
    /// transaction; the one that it is of then refuses everything.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves a transaction that refuses everything.
    pub async fn undo(&mut self, savepoint: Savepoint) -> Result<()> {
        self.check_part(&savepoint)?;
        if self.is_interrupted() || self.course().is_some_and(Course::is_over) {
            savepoint.part.finish();
            return self.check();
        }
        let name = savepoint.name();
        // Going back to it keeps it, with what a server remembers for each.
        let sql = format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}");
        let outcome = self.start_anyway().raw(&sql).await;
        if let Err(error) = self.noted(outcome) {
            if let Some(course) = self.course() {
                course.end((&error).into());
            }
            savepoint.part.finish();
            return self.check();
        }
        if let Some(course) = self.course() {
            course.mend();
        }
        self.ended(savepoint);
        Ok(())
    }

    /// Fails for a part of another transaction, and for one within which another lies that has not ended.
    fn check_part(&self, savepoint: &Savepoint) -> Result<()> {
        let is_own = self.course().is_some_and(|course| savepoint.part.is_of(course));
        if is_own && savepoint.depth == self.parts { Ok(()) } else { Err(Error::OtherPart) }
    }

    fn ended(&mut self, savepoint: Savepoint) {
        self.parts = savepoint.depth - 1;
        savepoint.part.finish();
    }
}

#[expect(
    clippy::expect_used,
    reason = "the connection is taken only by the methods that consume the transaction"
)]
impl<C: BorrowMut<Connection>> Deref for Transaction<C> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a transaction that has not ended").borrow()
    }
}

#[expect(
    clippy::expect_used,
    reason = "the connection is taken only by the methods that consume the transaction"
)]
impl<C: BorrowMut<Connection>> DerefMut for Transaction<C> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a transaction that has not ended").borrow_mut()
    }
}

impl<C: BorrowMut<Connection>> Drop for Transaction<C> {
    fn drop(&mut self) {
        // One that was lent is there still, with a transaction that nobody ends any more.
        if let Some(course) = self.connection.as_ref().and_then(|connection| connection.borrow().course()) {
            course.end(Failure::new("it was dropped before its end".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectOptions, Database};

    /// The server says that it has rolled back, and the driver that all went well.
    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
    async fn a_commit_that_the_server_answers_with_a_rollback_is_an_error() {
        let Ok(url) = std::env::var("DJ_TEST_POSTGRES_URL") else { return };
        let (login, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = place.split('/').next().unwrap().rsplit_once(':').unwrap();
        let options = ConnectOptions {
            backend: datajoint_definition::Backend::Postgresql,
            host: host.to_owned(),
            port: port.parse().unwrap(),
            user: user.to_owned(),
            password: password.to_owned(),
            ..ConnectOptions::default()
        };
        let database = Database::connect(&options).await.unwrap();
        let mut transaction = database.begin(Access::Write).await.unwrap();
        // Behind the back of the transaction.
        assert!(transaction.start_anyway().raw("SELECT nonsense").await.is_err());
        let noted = transaction.noted(Ok(()));
        assert!(noted.is_ok() && transaction.check().is_ok());
        assert!(transaction.commit().await.is_err());
        database.begin(Access::Write).await.unwrap().commit().await.unwrap();
    }
}
