//! The workloads, and how fast each is to be.

/// What is done on every side, and what is asked of ours.
pub(super) struct Workload {
    pub(super) name: &'static str,
    /// How many times as long as the driver alone it may take.
    over_wire: Option<f64>,
    /// How many times as fast as Python it is to be, on PostgreSQL and on MySQL or MariaDB.
    under_python: Option<(f64, f64)>,
}

/// The kinds of servers that goals tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Postgresql,
    Mysql,
    Embedded,
}

impl Family {
    pub(super) fn of(url: &str) -> Self {
        match url.split(':').next() {
            Some("postgres" | "postgresql") => Self::Postgresql,
            Some("mysql" | "mariadb") => Self::Mysql,
            _ => Self::Embedded,
        }
    }
}

impl Workload {
    const fn new(name: &'static str) -> Self {
        Self { name, over_wire: None, under_python: None }
    }

    const fn wire(self, most: f64) -> Self {
        Self { over_wire: Some(most), ..self }
    }

    const fn python(self, least: f64) -> Self {
        self.python_by_server(least, least)
    }

    const fn python_by_server(self, on_postgres: f64, on_mysql: f64) -> Self {
        Self { under_python: Some((on_postgres, on_mysql)), ..self }
    }

    /// The most that ours may take, in times of the driver alone.
    pub(super) const fn most_over_wire(&self) -> Option<f64> {
        self.over_wire
    }

    /// The least that Python is to take, in times of ours.
    pub(super) fn least_under_python(&self, family: Family) -> Option<f64> {
        let (on_postgres, on_mysql) = self.under_python?;
        match family {
            Family::Postgresql => Some(on_postgres),
            Family::Mysql => Some(on_mysql),
            Family::Embedded => None,
        }
    }
}

pub(super) const WORKLOADS: &[Workload] = &[
    Workload::new("insert 100k rows").wire(1.3).python_by_server(15.0, 6.0),
    Workload::new("insert 1k rows x 100").wire(1.3),
    Workload::new("insert1 x 2000").wire(1.1).python(1.5),
    Workload::new("fetch 100k rows").wire(1.3).python(12.0),
    Workload::new("stream 100k rows").wire(1.3).python(12.0),
    Workload::new("fetch 100k rows to Arrow").python(12.0),
    Workload::new("join 10k x 100k, fetch"),
    Workload::new("aggregate 100k by 10k, fetch"),
    Workload::new("build SQL x 500").python(50.0),
    Workload::new("fetch1 x 2000").wire(1.1).python(1.5),
    Workload::new("count x 200"),
    Workload::new("insert 100 blobs of 1 MiB"),
    Workload::new("fetch 100 blobs of 1 MiB"),
    Workload::new("declare 100 tables").python(4.0),
    Workload::new("open 100 tables").python(20.0),
    Workload::new("populate 2000 keys").python(5.0),
    Workload::new("populate 2000 keys, 4 workers").python(5.0),
    Workload::new("delete 55k rows in cascade").python(1.2),
    Workload::new("pack 8 MB, compressed").python(2.5),
    Workload::new("unpack 8 MB, compressed").python(1.5),
    Workload::new("pack a dict of 1000").python(20.0),
    Workload::new("unpack a dict of 1000").python(20.0),
    Workload::new("pack 10k arrays of 100").python(20.0),
    Workload::new("unpack 10k arrays of 100").python(20.0),
];

#[cfg(test)]
mod tests {
    use super::{Family, WORKLOADS};

    #[test]
    fn goals_depend_on_the_server() {
        let insert = &WORKLOADS[0];
        let goal = |url| insert.least_under_python(Family::of(url));
        assert_eq!(goal("postgres://ada@db/lab"), Some(15.0));
        assert_eq!(goal("mysql://ada@db:3306"), Some(6.0));
        assert_eq!(goal("sqlite:bench.sqlite"), None);
    }
}
