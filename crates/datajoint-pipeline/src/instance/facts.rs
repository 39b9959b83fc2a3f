//! What the server says of itself.

use std::time::{SystemTime, UNIX_EPOCH};

use datajoint_guard::Facts;
use datajoint_sql::{Value, fact_queries, lacking_grants, read_grant};

use super::Instance;
use crate::{Result, Target};

impl Instance {
    /// What the server says of itself and of the user, for the check of a deployment.
    pub async fn facts(&self) -> Result<Facts> {
        let mut facts = Facts {
            backend: Some(self.backend()),
            version: self.database().server_version().to_owned(),
            ..Facts::default()
        };
        let prefix = &self.settings().database.database_prefix;
        let mut grants = Vec::new();
        for statement in fact_queries(self.backend(), prefix) {
            let rows = Target::from(self).rows(&statement).await?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            for row in &rows {
                note(&mut facts, row, now);
                if let [Value::Text(grant)] = row.as_slice() {
                    grants.push(grant.clone());
                }
            }
        }
        let stamps = self.stamps().await?;
        let mut schemas = self.list_schemas().await?;
        schemas.retain(|schema| schema.starts_with(prefix));
        if self.backend().is_mysql_family() && !prefix.is_empty() {
            for schema in &schemas {
                let lacking = lacking_grants(&grants, schema);
                facts.lacks.extend(lacking.iter().map(|need| format!("{need} on {schema}")));
            }
        }
        facts.stamps =
            schemas.into_iter().map(|schema| (schema.clone(), stamps.get(&schema).cloned())).collect();
        Ok(facts)
    }
}

fn note(facts: &mut Facts, row: &[Value], now: f64) {
    match row {
        [Value::Text(grant)] => {
            let (powers, changes) = read_grant(grant);
            facts.powers.extend(powers);
            facts.may_change_tables |= changes;
        }
        [Value::Text(name), Value::Text(text)] => match name.as_str() {
            "user" => text.clone_into(&mut facts.user),
            "time" => facts.clock_skew = text.parse::<f64>().map_or(0.0, |time| time - now),
            "encrypted" => facts.is_encrypted = true,
            "Ssl_cipher" => facts.is_encrypted = !text.is_empty(),
            "lacks" => facts.lacks.push(text.clone()),
            "power" => facts.powers.push(text.clone()),
            "change" => facts.may_change_tables = true,
            _ => {}
        },
        _ => {}
    }
}
