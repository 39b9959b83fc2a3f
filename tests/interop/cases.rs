//! What a case of twins is.

mod columns;
mod comments;
mod defaults;
mod foreign_keys;
mod indexes;
mod tiers;

pub(crate) use columns::COLUMNS;
pub(crate) use comments::COMMENTS;
use datajoint_definition::Tier;
pub(crate) use defaults::DEFAULTS;
pub(crate) use foreign_keys::FOREIGN_KEYS;
pub(crate) use indexes::INDEXES;
pub(crate) use tiers::TIERS;

use crate::server::Server;
use crate::tables::Spec;

/// Tables that both sides declare.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Tier, class and definition of each, parents first.
    pub(crate) tables: &'static [(Tier, &'static str, &'static str)],
    /// Where the two sides are known to part.
    pub(crate) exceptions: &'static [Exception],
}

/// A case in which the sides are known to part on some servers.
#[derive(Debug)]
pub(crate) struct Exception {
    /// The defect of DataJoint for Python, or our reason.
    pub(crate) why: &'static str,
    pub(crate) on: On,
    pub(crate) effect: Effect,
}

/// Some servers.
#[derive(Debug)]
pub(crate) enum On {
    Mariadb,
    MysqlFamily,
    Postgres,
}

/// In what way the sides part.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Python can't declare it: its message has this text. What Rust declares, Python reads.
    PythonRefuses(&'static str),
    /// Neither side can declare it: the messages have these texts, Rust's first.
    BothRefuse(&'static str, &'static str),
    /// Each difference has one of these texts, and each text is in one.
    Differs(&'static [&'static str]),
}

impl Case {
    pub(crate) fn specs(&self) -> Vec<Spec> {
        self.tables.iter().map(|(tier, class, definition)| Spec::new(*tier, class, definition)).collect()
    }

    pub(crate) fn exception(&self, server: &Server) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| match exception.on {
            On::Mariadb => server.variable == "DJ_TEST_MARIADB_URL",
            On::MysqlFamily => !server.is_postgres(),
            On::Postgres => server.is_postgres(),
        })
    }
}

/// A case of one Manual table.
const fn manual(name: &'static str, tables: &'static [(Tier, &'static str, &'static str)]) -> Case {
    Case { name, tables, exceptions: &[] }
}

impl Case {
    const fn except(self, exceptions: &'static [Exception]) -> Self {
        Self { exceptions, ..self }
    }
}

/// A case without exceptions of Manual tables: `one!("name", "Class" => "definition", ...)`.
macro_rules! manuals {
    ($name:expr, $($class:literal => $definition:expr),+ $(,)?) => {
        $crate::cases::manual($name, &[$((datajoint_definition::Tier::Manual, $class, $definition)),+])
    };
}
use manuals;
