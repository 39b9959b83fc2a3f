//! What the server says of itself.

use std::time::{SystemTime, UNIX_EPOCH};

use datajoint_guard::Facts;
use datajoint_sql::{Fact, Value, fact_queries, read_fact};

use super::Instance;
use crate::{Result, Target};

impl Instance {
    /// What the server says of itself and of the user, for the check of a deployment.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn facts(&self) -> Result<Facts> {
        let mut facts = Facts {
            backend: Some(self.backend()),
            version: self.database().server_version().to_owned(),
            ..Facts::default()
        };
        let prefix = &self.settings().database.database_prefix;
        for statement in fact_queries(self.backend()) {
            let rows = Target::from(self).rows(&statement).await?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            for row in &rows {
                note(&mut facts, row, now);
            }
        }
        let mut schemas = self.list_schemas().await?;
        schemas.retain(|schema| schema.starts_with(prefix));
        let mut stamps = self.found_stamps(Some(&schemas)).await?;
        for schema in schemas {
            match stamps.remove(&schema).transpose() {
                Ok(stamp) => facts.stamps.push((schema, stamp)),
                Err(error) => facts.unreadable_stamps.push(error.to_string()),
            }
        }
        Ok(facts)
    }
}

fn note(facts: &mut Facts, row: &[Value], now: f64) {
    match read_fact(row) {
        Some(Fact::User(user)) => facts.user = user,
        Some(Fact::Time(time)) => facts.clock_skew = time - now,
        Some(Fact::Encrypted(is_encrypted)) => facts.is_encrypted = is_encrypted,
        _ => {}
    }
}
