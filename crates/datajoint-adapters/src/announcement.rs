//! Telling that tables have new rows.

use datajoint_schema::TableName;

use crate::{Connection, Database};

/// Tables with new rows, to be told of as these are committed; see [`Database::announcement`].
#[derive(Debug)]
#[must_use = "nobody is told before it is sent"]
pub struct Announcement {
    database: Database,
    /// What is sent now.
    pub(crate) sql: String,
    /// The tables that are told of later.
    later: Vec<TableName>,
}

impl Database {
    /// Returns what tells those who [listen](Self::listen) that tables have new rows.
    ///
    /// It does nothing where the server tells nobody. A table of which they were told a moment ago they are told of a moment
    /// later.
    pub fn announcement<'t>(&self, tables: impl IntoIterator<Item = &'t TableName>) -> Announcement {
        let mut announcement = Announcement { database: self.clone(), sql: String::new(), later: Vec::new() };
        for table in tables {
            let Some(notify) = datajoint_sql::notify(self.backend(), table) else { break };
            if self.news().is_due(table) {
                announcement.sql.push_str(&notify.sql);
                announcement.sql.push_str("; ");
            } else {
                announcement.later.push(table.clone());
            }
        }
        announcement
    }

    /// Tells those who listen that tables have new rows. Whoever is not told finds them by looking.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, perhaps nobody is told.
    pub async fn announce(&self, tables: &[TableName]) {
        if datajoint_sql::listen(self.backend()).is_none() {
            return;
        }
        match self.acquire().await {
            Ok(mut connection) => connection.announce(self.announcement(tables)).await,
            Err(error) => tracing::debug!(%error, "nobody is told of new rows"),
        }
    }
}

impl Announcement {
    /// Sees to the tables that are told of later, when their rows are committed.
    pub(crate) fn follow_up(self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        for table in self.later {
            let Some(pause) = self.database.news().owe(&table) else { continue };
            let database = self.database.downgrade();
            runtime.spawn(async move {
                tokio::time::sleep(pause).await;
                let Some(database) = database() else { return };
                if database.news().pay(&table) {
                    database.tell(&table).await;
                }
            });
        }
    }
}

impl Database {
    async fn tell(&self, table: &TableName) {
        let Some(notify) = datajoint_sql::notify(self.backend(), table) else { return };
        let sent = async { self.acquire().await?.send(&notify.sql).await };
        if let Err(error) = sent.await {
            tracing::debug!(%error, %table, "nobody is told of new rows");
        }
    }
}

impl Connection {
    /// Tells of rows that were committed without a transaction of their own.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is closed, and perhaps nobody is told.
    pub async fn announce(&mut self, announcement: Announcement) {
        if !announcement.sql.is_empty()
            && let Err(error) = self.send(&announcement.sql).await
        {
            tracing::debug!(%error, "nobody is told of new rows");
        }
        announcement.follow_up();
    }
}
