//! A pipeline to deploy, on each backend.

use std::time::Duration;

use datajoint::{Backend, DynamicDeclaration, DynamicRow, Instance, Settings, Tier};
use datajoint_deploy::{Deployment, DesiredState, LockPolicy, Plan};
use datajoint_sql::{Statement, Value};

/// Servers and a file; a schema of the test's own, filled and dropped again.
pub(crate) struct Lab {
    pub(crate) dj: Instance,
    pub(crate) schema: String,
}

/// Waits for the deploys of other tests, of which a server takes one at a time.
pub(crate) fn waiting() -> LockPolicy {
    LockPolicy { busy: Duration::from_mins(2), ..LockPolicy::default() }
}

/// The server that a variable names, if it is set.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
pub(crate) fn url(backend: Backend) -> Option<String> {
    match backend {
        Backend::Sqlite => None,
        Backend::Mysql => std::env::var("DJ_TEST_MYSQL_URL").ok(),
        Backend::Mariadb => std::env::var("DJ_TEST_MARIADB_URL").ok(),
        Backend::Postgresql => std::env::var("DJ_TEST_POSTGRES_URL").ok(),
    }
}

/// The settings for a backend, where there is a server for it.
pub(crate) fn settings(backend: Backend) -> Option<Settings> {
    match backend {
        Backend::Sqlite => Some(Settings::embedded(":memory:")),
        backend => url(backend).map(|url| Settings::from_url(&url).unwrap()),
    }
}

pub(crate) const EVERY: [Backend; 4] =
    [Backend::Sqlite, Backend::Mysql, Backend::Mariadb, Backend::Postgresql];
pub(crate) const SERVERS: [Backend; 3] = [Backend::Mysql, Backend::Mariadb, Backend::Postgresql];

/// The laboratory on these backends, as far as there are servers.
pub(crate) async fn labs(backends: &[Backend], name: &str) -> Vec<Lab> {
    let mut labs = Vec::new();
    for backend in backends {
        labs.extend(lab(*backend, name).await);
    }
    labs
}

pub(crate) async fn lab(backend: Backend, name: &str) -> Option<Lab> {
    Some(lab_with(settings(backend)?, name).await)
}

/// The laboratory with settings of its own.
pub(crate) async fn lab_with(settings: Settings, name: &str) -> Lab {
    let dj = Instance::connect(settings).await.unwrap();
    println!("on {} {}", dj.backend(), dj.database().server_version());
    let lab = Lab { dj, schema: format!("dj_deploy_{name}") };
    lab.drop_schema().await;
    lab.declare("Method", Tier::Lookup, "method : varchar(8)\n---\nspeed : int32", None).await;
    lab.declare("Subject", Tier::Manual, "subject : int32\n---\nname : varchar(20)", None).await;
    lab.declare(
        "Session",
        Tier::Manual,
        "-> Subject\nsession : int16\n---\nkind = null : varchar(8)\nnote = null : varchar(20)",
        None,
    )
    .await;
    lab.declare(
        "Spikes",
        Tier::Computed,
        "-> Session\n---\n-> [nullable] Method\ntrace = null : <blob>",
        None,
    )
    .await;
    lab.declare("Unit", Tier::Part, "-> Spikes\nunit : int32\n---\nrate : float64", Some("Spikes")).await;
    lab
}

/// The statements of a text, with `; ` between them: each is a call of its own.
pub(crate) fn statements(sql: &str) -> Vec<Statement> {
    let mut statements: Vec<String> = Vec::new();
    let mut is_within = false;
    for part in sql.split("; ") {
        match statements.last_mut().filter(|_| is_within) {
            // It stands in a string.
            Some(last) => last.extend(["; ", part]),
            None => statements.push(part.to_owned()),
        }
        is_within ^= part.matches('\'').count() % 2 == 1;
    }
    statements.into_iter().map(Statement::plain).collect()
}

impl Lab {
    async fn drop_schema(&self) {
        // It is not there on a first run.
        let _ = self.dj.drop_schema(&self.schema).confirmed().await;
    }

    pub(crate) async fn end(self) {
        self.drop_schema().await;
        self.dj.close().await;
    }

    pub(crate) async fn declare(&self, class: &str, tier: Tier, definition: &str, master: Option<&str>) {
        let declaration =
            DynamicDeclaration { schema: &self.schema, class_name: class, tier, definition, master };
        self.dj.declare_dynamic(declaration).await.unwrap();
    }

    pub(crate) async fn fill(&self, sessions: i32) {
        let schema = self.dj.schema(&self.schema).await.unwrap();
        let subject = DynamicRow::new().with("subject", 1).unwrap().with("name", "ada").unwrap();
        let subjects = schema.table("Subject").unwrap();
        subjects.insert(&self.dj, [subject]).await.unwrap();
        let session = |session: i32| {
            let row = DynamicRow::new().with("subject", 1).unwrap().with("session", session).unwrap();
            row.with("note", "first").unwrap()
        };
        schema.table("Session").unwrap().insert(&self.dj, (0..sessions).map(session)).await.unwrap();
    }

    /// True on this release of the server and later ones.
    pub(crate) fn is_from(&self, major: u32) -> bool {
        datajoint_guard::version_numbers(self.dj.database().server_version()).0 >= major
    }

    /// Waits until PostgreSQL counts what was changed: sessions tell it when they have been at rest for a second.
    pub(crate) async fn settle(&self) {
        if self.dj.backend() == Backend::Postgresql {
            // Not before PostgreSQL 15; there the time alone has to do.
            let _ = self.run("SELECT pg_stat_force_next_flush()").await;
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
    }

    /// What is wanted of the laboratory's schema; `{}` stands for its name.
    pub(crate) fn wanted(&self, text: &str) -> DesiredState {
        let text = text.replace("{}", &self.schema);
        format!("schemas = [\"{}\"]\n{text}", self.schema).parse().unwrap()
    }

    pub(crate) fn deployment(&self, text: &str) -> Deployment {
        let policy = LockPolicy {
            lock_timeout: Duration::from_secs(1),
            tries: 2,
            longest_pause: Duration::from_millis(50),
            concurrent: Duration::from_secs(1),
            busy: Duration::from_mins(2),
        };
        Deployment::new(&self.dj, self.wanted(text)).lock_policy(policy)
    }

    /// Applies, and sees that nothing is left to do.
    pub(crate) async fn converge(&self, text: &str) -> Plan {
        let deployment = self.deployment(text);
        let applied = deployment.apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        if self.dj.backend() == Backend::Postgresql && !self.is_from(15) {
            // Statistics are told a moment later there.
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
        let again = deployment.plan().await.unwrap();
        assert_eq!(again.exit_status(), 0, "after it:\n{applied}\nis left:\n{again}");
        assert_eq!(again.ddl(), Vec::<String>::new());
        applied
    }

    /// Runs statements of SQL in which `{}` is the schema.
    pub(crate) async fn run(&self, sql: &str) -> datajoint_adapters::Result<()> {
        let sql = sql.replace("{}", &self.schema);
        self.dj.database().acquire().await?.script(&statements(&sql)).await
    }

    /// The first value of an answer, as text.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        let statement = Statement::plain(sql.replace("{}", &self.schema));
        let rows = self.dj.database().acquire().await.unwrap().fetch(&statement).await.unwrap();
        match rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Value::Text(text)) => text,
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Bool(truth)) => truth.to_string(),
            Some(Value::Null) | None => String::new(),
            Some(other) => format!("{other:?}"),
        }
    }

    pub(crate) fn table(&self, name: &str) -> String {
        let name = datajoint::TableName::new(&self.schema, name);
        datajoint_sql::table_reference(self.dj.backend(), &name)
    }
}
