use super::Mysql;
use crate::dialect::Sessions;
use crate::session::{LOCK_LIMIT, OTHER_LIMIT};
use crate::{Access, Session, SessionId, Statement};

impl Sessions for Mysql {
    /// Where a query restricts a grouped one, MariaDB 10.11 loses rows of it with `split_materialized`. With `subquery_cache` it gives
    /// one row what a query within has of another, whose strings differ in case alone.
    ///
    /// What stands in `/*!50708 */` is for MySQL alone, what stands in `/*M! */` for MariaDB.
    fn session_setup(&self, session: Session) -> Vec<Statement> {
        let Session { lock_timeout, statement_timeout, idle_timeout, .. } = session;
        let lock = |variable| limit(variable, "UNSIGNED", ">= 86400", lock_timeout.map(long), LOCK_LIMIT);
        let (rows, tables) = (lock("innodb_lock_wait_timeout"), lock("lock_wait_timeout"));
        let milliseconds = statement_timeout.map(|seconds| seconds.saturating_mul(1000));
        let milliseconds = limit("max_execution_time", "UNSIGNED", "= 0", milliseconds, OTHER_LIMIT * 1000);
        // Parts of a second count.
        let statement = limit("max_statement_time", "DOUBLE", "= 0", statement_timeout, OTHER_LIMIT);
        // What servers have unasked is none of anybody's.
        let connection = limit("wait_timeout", "UNSIGNED", ">= 28800", idle_timeout.map(long), OTHER_LIMIT);
        let idle = limit("idle_transaction_timeout", "UNSIGNED", "= 0", idle_timeout.map(long), OTHER_LIMIT);
        // A transaction ends where nothing happens in it; MySQL ends the connection, which the pool replaces.
        let mut setup = vec![Statement::plain(format!(
            "SET SESSION sql_mode = '{MODES}', innodb_lock_wait_timeout = {rows}, lock_wait_timeout = {tables}, \
             group_concat_max_len = {LONGEST_STRING} \
             /*!50708 , max_execution_time = {milliseconds}, wait_timeout = {connection} */ \
             /*M! , max_statement_time = {statement}, idle_transaction_timeout = {idle}, optimizer_switch = 'split_materialized=off,subquery_cache=off' */"
        ))];
        setup.push(Statement::plain(format!("SET SESSION {MEANING}")));
        setup.push(Statement::plain("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
        setup.push(Statement::plain(TIMES_AS_DECLARED));
        setup.push(Statement::plain(SNAPSHOT_ISOLATION));
        if session.is_read_only {
            setup.push(Statement::plain("SET SESSION TRANSACTION READ ONLY"));
        }
        setup
    }

    /// The snapshot is taken here rather than with the first query, for writers too.
    fn begin(&self, access: Access) -> &'static str {
        match access {
            Access::Read => "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            Access::Write => "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            Access::Locking => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
        }
    }

    fn utc(&self) -> &'static str {
        "utc_timestamp(3)"
    }

    fn login(&self) -> &'static str {
        "left(user(), 255)"
    }

    /// No function tells of what comes with roles; a statement that adds no row is refused all the same.
    fn may_insert(&self, table: &str, columns: &[String]) -> Option<Statement> {
        let nothing = vec!["NULL"; columns.len()].join(", ");
        let columns = columns.join(", ");
        Some(Statement::plain(format!(
            "INSERT INTO {table} ({columns}) SELECT {nothing} FROM DUAL WHERE 1 = 0"
        )))
    }

    fn current_user(&self) -> Option<&'static str> {
        Some("SELECT current_user()")
    }

    fn lock_tables(&self, tables: &[String]) -> Vec<Statement> {
        let tables: Vec<String> = tables.iter().map(|table| format!("{table} WRITE")).collect();
        vec![Statement::plain(format!("LOCK TABLES {}", tables.join(", ")))]
    }

    fn unlock_tables(&self) -> Vec<Statement> {
        vec![Statement::plain("UNLOCK TABLES")]
    }

    /// Numbers begin anew with the server, and each node of a cluster has its own.
    fn session_query(&self) -> Option<&'static str> {
        Some(
            "SELECT CAST(ID AS SIGNED), CAST(CRC32(HOST) AS SIGNED) FROM information_schema.PROCESSLIST \
             WHERE ID = CONNECTION_ID()",
        )
    }

    /// `KILL` has no condition of its own.
    fn end_session(&self, session: SessionId) -> Vec<Statement> {
        let SessionId { number, mark } = session;
        let choice = format!(
            "SET @datajoint = IF(EXISTS (SELECT 1 FROM information_schema.PROCESSLIST \
             WHERE ID = {number} AND CRC32(HOST) = {mark}), 'KILL {number}', 'DO 0')"
        );
        vec![
            Statement::plain(choice),
            Statement::plain("PREPARE datajoint FROM @datajoint"),
            Statement::plain("EXECUTE datajoint"),
        ]
    }

    fn fact_queries(&self) -> Vec<Statement> {
        vec![
            Statement::plain(
                "SELECT 'user', CURRENT_USER() UNION ALL SELECT 'time', CAST(UNIX_TIMESTAMP(NOW(6)) AS CHAR)",
            ),
            Statement::plain(format!("SHOW SESSION STATUS LIKE '{CIPHER}'")),
        ]
    }
}

/// The modes that DataJoint for Python sets.
const MODES: &str = "NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,STRICT_ALL_TABLES,\
                     NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY";

/// What a server may be set to otherwise for all of its clients: what was told as done would be undone with the connection, children
/// would lack their parents, rows would be left out or refused, values would be other ones, and strings that begin alike would come in any
/// order. Sorting by so much of them takes room.
const MEANING: &str = "autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1, \
                       sql_auto_is_null = 0, sql_safe_updates = 0, sql_select_limit = 18446744073709551615, \
                       default_week_format = 0, div_precision_increment = 4, lc_time_names = 'en_US', \
                       max_sort_length = 65536, sort_buffer_size = CAST(GREATEST(@@sort_buffer_size, 4194304) AS UNSIGNED) \
                       /*M! , check_constraint_checks = 1 */ /*M!100502 , sql_if_exists = 0 */";

/// Else the first `timestamp` of a table changes with each update of its row. MySQL lets not everybody set it, and everybody have it
/// as it is by default. In one turn to the server.
const TIMES_AS_DECLARED: &str = "SET @datajoint = IF(@@explicit_defaults_for_timestamp, 'DO 0', \
     'SET SESSION explicit_defaults_for_timestamp = ON'); \
     PREPARE datajoint FROM @datajoint; EXECUTE datajoint; DEALLOCATE PREPARE datajoint";

/// The name under which the servers tell how a connection is encrypted.
pub(crate) const CIPHER: &str = "Ssl_cipher";

/// MariaDB refuses a change of a row that another transaction changed since the snapshot, where it has this variable, which
/// came with several of its versions; MySQL never has it. In one turn to the server.
const SNAPSHOT_ISOLATION: &str = "SET @datajoint = COALESCE(/*M! (SELECT MAX('SET SESSION innodb_snapshot_isolation = ON') \
     FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = 'INNODB_SNAPSHOT_ISOLATION'), */ 'DO 0'); \
     PREPARE datajoint FROM @datajoint; EXECUTE datajoint; DEALLOCATE PREPARE datajoint";

/// For ever, as far as these servers have it: a year.
const LONG: u64 = 31_536_000;

const fn long(seconds: u64) -> u64 {
    if seconds == 0 { LONG } else { seconds }
}

/// What a variable of a session, of this type, is set to: to what is given, or else to what it is, unless it limits nothing then.
fn limit(variable: &str, kind: &str, limits_nothing: &str, given: Option<u64>, otherwise: u64) -> String {
    given.map_or_else(
        || {
            let own = format!("@@SESSION.{variable}");
            format!("CAST(IF({own} {limits_nothing}, {otherwise}, {own}) AS {kind})")
        },
        |given| given.to_string(),
    )
}

/// How long a `group_concat` may be: the most that MariaDB has, which refuses more where it is strict with all
/// tables. What is longer is cut, with a warning that nobody reads.
const LONGEST_STRING: u32 = 1 << 30;
