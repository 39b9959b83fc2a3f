//! Queues that DataJoint for Python declared alone.

use std::sync::Arc;
use std::time::Duration;

use datajoint::jobs::{Jobs, Refresh, Status, Worker};
use datajoint::prelude::*;
use datajoint::{Backend, attribute};

use super::{FIRST, TURN, fill, options, populate, refresh};
use crate::Capabilities;

/// A queue that DataJoint for Python made is seen and changed where nothing may be declared; a worker declares the rest.
pub async fn a_queue_of_python_is_used_as_it_is(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    fill(dj, [0; 4]).await;
    declare_as_python(dj).await;
    let strict = dj.with_settings(|settings| {
        settings.database.create_tables = false;
        settings.jobs.keep_completed = true;
    });
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let jobs = Jobs::find(&strict, table.table()).await.unwrap().unwrap();
    let all = Refresh { orphan_timeout: Some(0.0), stale_timeout: Some(1), ..Refresh::default() };
    assert_eq!(refresh(&strict, &jobs, all.clone()).await, [4, 0, 0, 0]);
    let jobs_table = datajoint_sql::table_reference(dj.backend(), &jobs.target().name.jobs());
    let set = |id: i32, changes: &str| format!("UPDATE {jobs_table} SET {changes} WHERE id = {id}");
    let reserved = "status = 'reserved', reserved_time = created_time, connection_id = 1";
    let statements = [set(FIRST, reserved), set(FIRST + 1, "status = 'error'"), set(FIRST + 2, reserved)];
    let statements = statements.map(datajoint_sql::Statement::plain);
    dj.database().acquire().await.unwrap().script(&statements).await.unwrap();
    let (found, first) = (jobs.counts().await.unwrap(), attribute("id").eq(FIRST));
    assert_eq!((found.reserved, found.without_lease, found.error), (2, 2, 1));
    assert_eq!(jobs.failures().await.unwrap().len(), 1);
    assert_eq!(jobs.release(first.clone()).await.unwrap(), 1);
    assert_eq!(jobs.retry(true).await.unwrap(), 1);
    assert_eq!(jobs.ignore(first.clone()).await.unwrap(), 1);
    assert_eq!(jobs.clear(first, &[Status::Ignore]).await.unwrap(), 1);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(refresh(&strict, &jobs, all).await, [1, 0, 1, 0]);

    let refused = Worker::begin(&jobs, options(30_000)).await.unwrap_err().to_string();
    for part in ["~~~twice", "create_tables", "deployment"] {
        assert!(refused.contains(part), "{refused}");
    }
    let jobs = Jobs::find(dj, table.table()).await.unwrap().unwrap();
    let worker = Worker::begin(&jobs, options(30_000)).await.unwrap();
    assert_eq!(worker.claim(1, false).await.unwrap().len(), 1);
    worker.end().await.unwrap();
    assert_eq!(populate(&strict).await.success_count, 4);
    turn.end(dj).await;
}

/// The queue as DataJoint for Python declares it; on SQLite, where it has none, as this library does.
async fn declare_as_python(dj: &Instance) {
    let table = dj.table("dj_conformance_queueing.Twice").await.unwrap();
    let schema = &table.name().schema;
    let sql = match dj.backend() {
        Backend::Postgresql => AS_PYTHON_ON_POSTGRESQL.replace("{}", schema),
        Backend::Mysql | Backend::Mariadb => AS_PYTHON_ON_MYSQL.replace("{}", schema),
        Backend::Sqlite => {
            let jobs = datajoint_sql::JobQueue::new(dj.backend(), table.table()).unwrap();
            dj.declare_hidden(&[Arc::clone(jobs.jobs())]).await.unwrap();
            return;
        }
    };
    let statements: Vec<_> = sql.split(";\n").map(datajoint_sql::Statement::plain).collect();
    dj.database().acquire().await.unwrap().script(&statements).await.unwrap();
}

const AS_PYTHON_ON_MYSQL: &str = "CREATE TABLE IF NOT EXISTS `{}`.`~~twice` (
`id` int NOT NULL,
`name` varchar(10) NOT NULL COMMENT \":varchar(10):\",
`status` enum('pending', 'reserved', 'success', 'error', 'ignore') NOT NULL COMMENT \":enum('pending', 'reserved', 'success', 'error', 'ignore'):\",
`priority` tinyint NOT NULL COMMENT \":int8:\",
`created_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT \":datetime(3):\",
`scheduled_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT \":datetime(3):\",
`reserved_time` datetime(3) DEFAULT NULL COMMENT \":datetime(3):\",
`completed_time` datetime(3) DEFAULT NULL COMMENT \":datetime(3):\",
`duration` double DEFAULT NULL COMMENT \":float64:\",
`error_message` varchar(2047) NOT NULL DEFAULT '' COMMENT \":varchar(2047):\",
`error_stack` longblob DEFAULT NULL COMMENT \":<blob>:\",
`user` varchar(255) NOT NULL DEFAULT '' COMMENT \":varchar(255):\",
`host` varchar(255) NOT NULL DEFAULT '' COMMENT \":varchar(255):\",
`pid` int NOT NULL DEFAULT '0' COMMENT \":int32:\",
`connection_id` bigint NOT NULL DEFAULT '0' COMMENT \":int64:\",
`version` varchar(64) NOT NULL DEFAULT '' COMMENT \":varchar(64):\",
PRIMARY KEY (`id`, `name`),
index (`status`,`priority`,`scheduled_time`)
) ENGINE=InnoDB, COMMENT \"Job queue for `{}`.`__twice`\"";

const AS_PYTHON_ON_POSTGRESQL: &str = r#"CREATE TYPE "{}"."enum_609a743e" AS ENUM ('pending', 'reserved', 'success', 'error', 'ignore');
CREATE TABLE IF NOT EXISTS "{}"."~~twice" (
"id" integer NOT NULL,
"name" varchar(10) NOT NULL,
"status" "{}"."enum_609a743e" NOT NULL,
"priority" smallint NOT NULL,
"created_time" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
"scheduled_time" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
"reserved_time" timestamp(3) DEFAULT NULL,
"completed_time" timestamp(3) DEFAULT NULL,
"duration" double precision DEFAULT NULL,
"error_message" varchar(2047) NOT NULL DEFAULT '',
"error_stack" bytea DEFAULT NULL,
"user" varchar(255) NOT NULL DEFAULT '',
"host" varchar(255) NOT NULL DEFAULT '',
"pid" integer NOT NULL DEFAULT '0',
"connection_id" bigint NOT NULL DEFAULT '0',
"version" varchar(64) NOT NULL DEFAULT '',
PRIMARY KEY ("id", "name")
);
CREATE INDEX "idx_~~twice_status_priority_scheduled_time" ON "{}"."~~twice" ("status", "priority", "scheduled_time");
COMMENT ON TABLE "{}"."~~twice" IS 'Job queue for "{}"."__twice"';
COMMENT ON COLUMN "{}"."~~twice"."name" IS ':varchar(10):';
COMMENT ON COLUMN "{}"."~~twice"."status" IS ':enum(''pending'', ''reserved'', ''success'', ''error'', ''ignore''):';
COMMENT ON COLUMN "{}"."~~twice"."priority" IS ':int8:';
COMMENT ON COLUMN "{}"."~~twice"."created_time" IS ':datetime(3):';
COMMENT ON COLUMN "{}"."~~twice"."error_stack" IS ':<blob>:'"#;
