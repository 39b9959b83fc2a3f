use datajoint_definition::Backend;
use datajoint_schema::Table;
use uuid::Uuid;

use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Result, Statement, Value, bind_value};

/// A row of the table `~audit` of a schema; the time and the user are the server's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Tells it from all others.
    pub entry: Uuid,
    /// What was done: `delete`.
    pub verb: &'static str,
    /// How it ended: `done`.
    pub outcome: &'static str,
    /// The table, or what else it was done to.
    pub object: String,
    /// How many rows.
    pub rows: Option<u64>,
    /// Which rows, or by what.
    pub detail: String,
    /// The hash of the plan.
    pub plan: String,
    /// The account on the machine of the client.
    pub account: String,
    /// That machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// Its program.
    pub program: String,
    /// The release of this library.
    pub version: String,
}

impl AuditRow {
    /// Returns the statement that adds it to the table.
    ///
    /// Strings that are too long for their column end earlier: what was done must not fail for that.
    ///
    /// ```
    /// use datajoint_definition::Backend;
    /// use datajoint_sql::AuditRow;
    ///
    /// # let row = AuditRow { entry: uuid::Uuid::nil(), verb: "delete", outcome: "done", object: "lab.session".into(),
    /// #     rows: Some(3), detail: String::new(), plan: String::new(), account: "ada".into(), host: "laptop".into(), pid: 7,
    /// #     program: "dj".into(), version: "0.1.0".into() };
    /// let table = datajoint_schema::audit_table("lab");
    /// let statement = row.insert(Backend::Mysql, &table)?;
    /// assert!(statement.sql.starts_with("INSERT INTO `lab`.`~audit` (`time`, `entry`, `verb`"), "{}", statement.sql);
    /// assert!(statement.sql.contains("VALUES (utc_timestamp(3), ?, ?"), "{}", statement.sql);
    /// # Ok::<_, datajoint_sql::Error>(())
    /// ```
    pub fn insert(&self, backend: Backend, table: &Table) -> Result<Statement> {
        let dialect = dialect(backend);
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        // A file knows no users.
        let is_known = !backend.capability().is_embedded;
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for attribute in table.heading.all() {
            let value = match attribute.name.as_str() {
                "entry" => Some(Value::Uuid(self.entry)),
                "verb" => text(self.verb),
                "outcome" => text(self.outcome),
                "object" => text(&fitting(&self.object, 255)),
                "row_count" => Some(self.rows.map_or(Value::Null, number)),
                "detail" => text(&fitting(&self.detail, 1000)),
                "plan" => text(&fitting(&self.plan, 64)),
                "user" if !is_known => text(&fitting(&self.account, 255)),
                "account" => text(&fitting(&self.account, 255)),
                "host" => text(&fitting(&self.host, 255)),
                "pid" => Some(Value::Int(self.pid.into())),
                "program" => text(&fitting(&self.program, 255)),
                "version" => text(&fitting(&self.version, 64)),
                _ => None,
            };
            let mut sql = Fragment::default();
            match value {
                Some(value) => {
                    let bound = bind_value(backend, attribute, value);
                    sql.push_value(bound.map_err(|error| error.in_table(&table.name))?);
                    sql.push(&dialect.cast(Some(&table.name), attribute));
                }
                None if attribute.name == "time" => sql.push(dialect.utc()),
                None if attribute.name == "user" => sql.push(dialect.login()),
                None => continue,
            }
            columns.push(dialect.identifier(&attribute.name));
            values.push(sql);
        }
        let mut insert = Fragment::text(format!(
            "INSERT INTO {} ({}) VALUES ",
            dialect.table(&table.name),
            columns.join(", ")
        ));
        insert.append(Fragment::join(values, ", ").parenthesised());
        Ok(insert.into_statement(backend))
    }
}

/// Returns what answers whether the user may add to the table `~audit` of a schema, by a row with a truth or by a refusal, and
/// changes nothing; `None` where the database knows no users.
pub fn may_audit(backend: Backend, table: &Table) -> Option<Statement> {
    let dialect = dialect(backend);
    let columns: Vec<String> =
        table.heading.all().iter().map(|attribute| dialect.identifier(&attribute.name)).collect();
    dialect.may_insert(&dialect.table(&table.name), &columns)
}

/// Returns the query for the user of whom privileges are asked; `None` where the database knows none.
pub fn current_user(backend: Backend) -> Option<Statement> {
    dialect(backend).current_user().map(Statement::plain)
}

fn number(rows: u64) -> Value {
    Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// As much of a text as fits. What a server does not take in any text is left out, and the sign at the end of a query that was
/// shortened is written in ASCII: a table that somebody declared may take no other letters.
fn fitting(text: &str, most: usize) -> String {
    text.replace('…', "...").chars().filter(|letter| *letter != '\0').take(most).collect()
}
