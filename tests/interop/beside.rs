//! Both sides at work on one server.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{PoisonError, RwLock};

use datajoint::{Instance, Schema, Settings};
use serde_json::json;

use crate::python::{Exception, Python};
use crate::server::Server;
use crate::tables::{Side, Spec, declare_in_rust, for_python};

/// Held alone by a case that changes the time zone of a server, which every session that begins then would have.
static ZONE: RwLock<()> = RwLock::new(());

/// Rust and Python on one server, with the schemas of one case.
pub(crate) struct Beside {
    pub(crate) server: &'static Server,
    pub(crate) rust: Instance,
    pub(crate) python: Python,
    prefix: String,
    schemas: Vec<String>,
}

impl Beside {
    /// The full name of a schema of this case.
    pub(crate) fn schema(&mut self, name: &str) -> String {
        let schema = format!("{}{name}", self.prefix);
        if !self.schemas.contains(&schema) {
            self.schemas.push(schema.clone());
        }
        schema
    }

    /// The instance that puts the same prefix before the schemas of typed tables.
    pub(crate) fn typed(&mut self, schema: &str) -> Instance {
        self.schema(schema);
        self.prefixed(&self.rust)
    }

    /// The same for another client of the server.
    pub(crate) fn prefixed(&self, rust: &Instance) -> Instance {
        rust.with_schema_prefix(self.prefix.clone())
    }

    /// Declares tables from one side.
    pub(crate) async fn declare(&mut self, side: Side, schema: &str, tables: &[Spec]) {
        match side {
            Side::Rust => declare_in_rust(&self.rust, schema, tables).await.unwrap(),
            Side::Python => self.declare_in_python(schema, tables, &[]).unwrap(),
        }
    }

    /// Declares tables from each side in a schema of its own; whether Rust could, and whether Python could.
    pub(crate) async fn declare_on_both(
        &mut self,
        ours: &str,
        theirs: &str,
        tables: &[Spec],
    ) -> (Result<(), String>, Result<(), String>) {
        let rust = declare_in_rust(&self.rust, ours, tables).await;
        let python = self.declare_in_python(theirs, tables, &[]);
        (
            rust.map_err(|error| format!("Rust can't declare it: {error}")),
            python.map_err(|error| format!("Python can't declare it: {error}")),
        )
    }

    /// Declares tables from Python, below those of other schemas.
    pub(crate) fn declare_in_python(
        &mut self,
        schema: &str,
        tables: &[Spec],
        adopt: &[&str],
    ) -> Result<(), Exception> {
        let arguments = json!({"schema": schema, "tables": for_python(tables), "adopt": adopt});
        self.python.try_call("declare", &arguments).map(drop)
    }

    /// A schema as Rust finds it.
    pub(crate) async fn open(&self, schema: &str) -> Schema {
        self.rust.schema(schema).await.unwrap()
    }
}

/// Runs a case on a server, if the server is there, and clears away its schemas whether it fails or not.
pub(crate) fn run(server: &'static Server, name: &str, case: &impl AsyncFn(&mut Beside)) {
    let Some(url) = server.url() else {
        println!("this server is not here");
        return;
    };
    let (_alone, _together) = if name.ends_with("any_time_zone") {
        (Some(ZONE.write().unwrap_or_else(PoisonError::into_inner)), None)
    } else {
        (None, Some(ZONE.read().unwrap_or_else(PoisonError::into_inner)))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings = Settings::from_url(&url).unwrap();
    let python = Python::start(server.environment(&settings));
    let rust = runtime.block_on(Instance::connect(settings)).unwrap();
    // Names of databases are short, and other runs may be on the same server.
    let short: String = name.split('_').filter_map(|word| word.chars().next()).collect();
    let prefix = format!("dji{}_{short}_", std::process::id());
    let mut beside = Beside { server, rust, python, prefix, schemas: Vec::new() };
    let end = catch_unwind(AssertUnwindSafe(|| runtime.block_on(case(&mut beside))));
    let Beside { rust, mut python, mut schemas, .. } = beside;
    // A case that failed may have left a transaction open.
    drop((rust, runtime));
    schemas.reverse();
    let cleared = python.try_call("clear", &json!({"schemas": schemas}));
    if let Err(panic) = end {
        resume_unwind(panic);
    }
    cleared.unwrap();
}
