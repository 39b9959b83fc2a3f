use crate::{TableName, Unsaid};

/// Why tables can't be worked with as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Foreign keys lead from a table back to itself.
    #[error(
        "the foreign keys of {} form a cycle: remove one of them, or keep the relation in a table of its own",
        chain(.cycle)
    )]
    Cycle {
        /// The tables of the cycle, parents first; the first one stands again at the end.
        cycle: Vec<TableName>,
    },
    /// Two tables have the same full name.
    #[error("`{table}` is declared twice: give one of the tables another name or another schema")]
    Duplicate {
        /// The name.
        table: TableName,
    },
    /// A table is asked for that the graph doesn't hold.
    #[error("`{table}` is not among the tables{}", nearest_hint(.nearest.as_ref()))]
    UnknownTable {
        /// The name asked for.
        table: TableName,
        /// The most similar name there is.
        nearest: Option<TableName>,
    },
    /// A table of a database that no definition declares again.
    #[error("`{table}` can't be described, as no definition says all of it: {}", list(.unsaid))]
    Undescribed {
        /// The table.
        table: TableName,
        /// What no definition says.
        unsaid: Vec<Unsaid>,
    },
    /// A table can't have jobs, as no attribute of its key comes from a parent.
    #[error(
        "`{table}` can't have jobs: no attribute of its primary key comes from a foreign key; \
         begin its definition with `-> Parent`"
    )]
    NoKeySource {
        /// The table.
        table: TableName,
    },
}

fn list(unsaid: &[Unsaid]) -> String {
    unsaid.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn chain(cycle: &[TableName]) -> String {
    cycle.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ")
}

fn nearest_hint(nearest: Option<&TableName>) -> String {
    match nearest {
        Some(name) => format!(": `{name}` is; load its schema if you mean another table"),
        None => ": load its schema first".to_owned(),
    }
}
