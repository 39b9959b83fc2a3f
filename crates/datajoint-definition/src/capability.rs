//! What the backends can do and hold, fact by fact.

use crate::Backend;

/// What a backend can do and hold. Code that differs by backend asks for the fact that makes the difference.
///
/// ```
/// use datajoint_definition::Backend;
///
/// assert!(Backend::Sqlite.capability().is_embedded);
/// assert_eq!(Backend::Postgresql.capability().max_identifier_length, Some(63));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capability {
    /// The name of the product, as its makers write it.
    pub title: &'static str,
    /// The oldest version of the server that is supported; `None` where there is no server.
    pub least_version: Option<(u32, u32)>,
    /// True for a file that the program opens itself, without a server, a user and a password.
    pub is_embedded: bool,
    /// What it speaks with its clients; `None` where there is no server.
    pub protocol: Option<Protocol>,
    /// The port on which a server usually listens; 0 where there is none.
    pub usual_port: u16,
    /// The user that is meant where the settings name none; empty where there are no users.
    pub usual_user: &'static str,
    /// The database that a connection opens where the settings name none; `None` where a connection reads all of a server.
    pub usual_database: Option<&'static str>,

    /// The longest name of a table or an attribute, in characters; `None` where there is no limit.
    pub max_identifier_length: Option<usize>,
    /// True where a quoted name is another one in upper case.
    pub has_case_sensitive_names: bool,
    /// True where two schemas whose names differ in case alone would share their tables.
    pub folds_case_of_schemas: bool,
    /// The quote that DataJoint for Python writes around names in comments.
    pub quote_in_comments: char,

    /// True where placeholders have numbers: `$1`.
    pub has_numbered_placeholders: bool,
    /// How many values one statement can bind.
    pub max_parameters: usize,
    /// How deep expressions may stand within each other, those in a row included; `None` where there is no such limit.
    pub max_expression_depth: Option<usize>,
    /// How many tables one query joins at most; `None` where there is no limit.
    pub max_joined_tables: Option<usize>,
    /// True where a query can lock the rows it reads: `FOR UPDATE`.
    pub has_row_locks: bool,
    /// True where an `UPDATE` can tell the rows that it changed: `RETURNING`.
    pub has_update_returning: bool,
    /// True where an insert names the key whose clashes it passes over: `ON CONFLICT (key)`. Elsewhere it passes over
    /// clashes in any unique index, locks the rows that are there, and can't tell the key of one from a similar one.
    pub has_conflict_target: bool,
    /// True where a delete that restricts by a subquery has to name its table twice, so that it is planned as a join.
    pub has_delete_target: bool,
    /// True where an aggregate query takes any row's value for an attribute outside an aggregate function.
    pub has_loose_aggregates: bool,
    /// True where a transaction in which a statement failed answers nothing more.
    pub aborts_failed_transactions: bool,
    /// True where a deadlock undoes a whole transaction, and what follows in it lasts statement by statement.
    pub ends_transactions_on_deadlock: bool,
    /// True where tables that were declared are undone with the transaction.
    pub undoes_declarations: bool,
    /// True where rows can be sent in a binary format of their own: `COPY`.
    pub has_binary_copy: bool,
    /// True where a change of a table can be refused that would write the table anew: `ALGORITHM=INSTANT`.
    pub has_instant_alter: bool,
    /// True where locks of whole tables belong to the session, and outlast a transaction.
    pub has_session_table_locks: bool,
    /// True where an index may be of expressions, not of attributes alone.
    pub has_expression_indexes: bool,

    /// True where strings may hold a NUL.
    pub has_nul_in_strings: bool,
    /// True where strings of JSON documents may hold a NUL.
    pub has_nul_in_documents: bool,
    /// True where a string in an expression is read as a value of the type that its place wants.
    pub reads_strings_by_place: bool,
    /// True where the collation of a column may take different strings for the same.
    pub compares_by_collation: bool,
    /// True where strings may be in a primary key that are as long as one likes.
    pub has_text_keys: bool,
    /// True where floats may be infinite.
    pub has_infinity: bool,
    /// True where floats may be NaN.
    pub has_nan: bool,
    /// True where floats may have 32 bits.
    pub has_float32: bool,
    /// True where truth values are of a type of their own.
    pub has_boolean: bool,
    /// True where UUIDs are of a type of their own, not bytes.
    pub has_uuid: bool,
    /// True where JSON documents are of a type of their own, not strings.
    pub has_document: bool,
    /// True where a value is an integer, a 64-bit float, a string or bytes, and everything else is kept as one of these.
    pub has_storage_classes: bool,
    /// True where an enum may have a member `NULL`: what lists the members of a type on PostgreSQL takes it for none.
    pub reads_null_as_member: bool,
    /// How many lists and objects of a JSON document may stand within each other. MySQL and MariaDB refuse more; where the
    /// database would take more, it is what is read again.
    pub max_json_depth: usize,
    /// The most digits of a decimal, and the most after its point; `None` where the language has no more.
    pub max_decimal: Option<(u8, u8)>,
    /// The least and the most characters of a `char`.
    pub char_lengths: (u32, u32),
    /// The least and the most characters of a `varchar`, each of up to four bytes.
    pub varchar_lengths: (u32, u32),
    /// The digits after the second of a `datetime` without a precision.
    pub datetime_digits: u8,

    /// The digits after the second of a native time without a precision.
    pub native_time_digits: u8,
    /// The shortest time of the native type `time`, in microseconds.
    pub min_time: i64,
    /// The longest time of the native type `time`, in microseconds.
    pub max_time: i64,
    /// The digits of the native type `decimal` where it says none, and how many are after the point; `None` for any.
    pub bare_decimal: Option<(u8, u8)>,
    /// True where the native type `float` without a number has 32 bits.
    pub has_narrow_float: bool,
    /// True where the native type `real` has 32 bits.
    pub has_narrow_real: bool,
    /// True where the native type `serial` has 64 bits without a sign.
    pub has_unsigned_serial: bool,
}

/// What a server speaks with its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// That of MySQL, which MariaDB speaks too.
    Mysql,
    /// That of PostgreSQL.
    Postgresql,
}

const DAY: i64 = 86_400_000_000;
/// 838 hours, 59 minutes and 59 seconds.
const LONGEST_TIME_OF_MYSQL: i64 = (838 * 3600 + 59 * 60 + 59) * 1_000_000;

impl Capability {
    /// SQLite, embedded in the process.
    pub const SQLITE: Self = Self {
        title: "SQLite",
        least_version: None,
        is_embedded: true,
        protocol: None,
        usual_port: 0,
        usual_user: "",
        usual_database: None,
        max_identifier_length: None,
        has_case_sensitive_names: false,
        folds_case_of_schemas: true,
        quote_in_comments: '"',
        has_numbered_placeholders: false,
        max_parameters: 32_766,
        max_expression_depth: Some(1000),
        max_joined_tables: Some(64),
        has_row_locks: false,
        has_update_returning: true,
        has_conflict_target: true,
        has_delete_target: false,
        has_loose_aggregates: true,
        aborts_failed_transactions: false,
        ends_transactions_on_deadlock: false,
        undoes_declarations: true,
        has_binary_copy: false,
        has_instant_alter: false,
        has_session_table_locks: false,
        has_expression_indexes: true,
        has_nul_in_strings: false,
        has_nul_in_documents: true,
        reads_strings_by_place: false,
        compares_by_collation: false,
        has_text_keys: true,
        has_infinity: true,
        has_nan: false,
        has_float32: false,
        has_boolean: false,
        has_uuid: false,
        has_document: false,
        has_storage_classes: true,
        reads_null_as_member: true,
        max_json_depth: 100,
        max_decimal: None,
        char_lengths: (0, u32::MAX),
        varchar_lengths: (0, u32::MAX),
        datetime_digits: 0,
        native_time_digits: 6,
        min_time: 0,
        max_time: DAY - 1,
        bare_decimal: None,
        has_narrow_float: false,
        has_narrow_real: false,
        has_unsigned_serial: false,
    };

    /// MySQL 8 and later.
    pub const MYSQL: Self = Self {
        title: "MySQL",
        least_version: Some((8, 0)),
        is_embedded: false,
        protocol: Some(Protocol::Mysql),
        usual_port: 3306,
        usual_user: "root",
        usual_database: None,
        max_identifier_length: Some(64),
        has_case_sensitive_names: false,
        folds_case_of_schemas: false,
        quote_in_comments: '`',
        has_numbered_placeholders: false,
        max_parameters: 65_535,
        max_expression_depth: None,
        max_joined_tables: Some(61),
        has_row_locks: true,
        has_update_returning: false,
        has_conflict_target: false,
        has_delete_target: true,
        has_loose_aggregates: false,
        aborts_failed_transactions: false,
        ends_transactions_on_deadlock: true,
        undoes_declarations: false,
        has_binary_copy: false,
        has_instant_alter: true,
        has_session_table_locks: true,
        has_expression_indexes: true,
        has_nul_in_strings: true,
        has_nul_in_documents: true,
        reads_strings_by_place: false,
        compares_by_collation: true,
        has_text_keys: false,
        has_infinity: false,
        has_nan: false,
        has_float32: true,
        has_boolean: false,
        has_uuid: false,
        has_document: false,
        has_storage_classes: false,
        reads_null_as_member: true,
        max_json_depth: 100,
        max_decimal: Some((65, 30)),
        char_lengths: (0, 255),
        varchar_lengths: (0, 16383),
        datetime_digits: 0,
        native_time_digits: 0,
        min_time: -LONGEST_TIME_OF_MYSQL,
        max_time: LONGEST_TIME_OF_MYSQL,
        bare_decimal: Some((10, 0)),
        has_narrow_float: true,
        has_narrow_real: false,
        has_unsigned_serial: true,
    };

    /// MariaDB 10.6 and later: MySQL's facts, all of them.
    pub const MARIADB: Self = Self {
        title: "MariaDB",
        least_version: Some((10, 6)),
        has_expression_indexes: false,
        max_json_depth: 31,
        ..Self::MYSQL
    };

    /// PostgreSQL 13 and later.
    pub const POSTGRESQL: Self = Self {
        title: "PostgreSQL",
        least_version: Some((13, 0)),
        is_embedded: false,
        protocol: Some(Protocol::Postgresql),
        usual_port: 5432,
        usual_user: "postgres",
        usual_database: Some("postgres"),
        max_identifier_length: Some(63),
        has_case_sensitive_names: true,
        folds_case_of_schemas: false,
        quote_in_comments: '"',
        has_numbered_placeholders: true,
        max_parameters: 65_535,
        max_expression_depth: None,
        max_joined_tables: None,
        has_row_locks: true,
        has_update_returning: true,
        has_conflict_target: true,
        has_delete_target: false,
        has_loose_aggregates: false,
        aborts_failed_transactions: true,
        ends_transactions_on_deadlock: false,
        undoes_declarations: true,
        has_binary_copy: true,
        has_instant_alter: false,
        has_session_table_locks: false,
        has_expression_indexes: true,
        has_nul_in_strings: false,
        has_nul_in_documents: false,
        reads_strings_by_place: true,
        compares_by_collation: false,
        has_text_keys: true,
        has_infinity: true,
        has_nan: true,
        has_float32: true,
        has_boolean: true,
        has_uuid: true,
        has_document: true,
        has_storage_classes: false,
        reads_null_as_member: false,
        max_json_depth: 100,
        max_decimal: None,
        char_lengths: (1, 10_485_760),
        varchar_lengths: (1, 10_485_760),
        datetime_digits: 6,
        native_time_digits: 6,
        min_time: 0,
        max_time: DAY,
        bare_decimal: None,
        has_narrow_float: false,
        has_narrow_real: true,
        has_unsigned_serial: false,
    };
}

impl Backend {
    /// Returns what the backend can do and hold.
    pub const fn capability(self) -> &'static Capability {
        match self {
            Self::Sqlite => &Capability::SQLITE,
            Self::Mysql => &Capability::MYSQL,
            Self::Mariadb => &Capability::MARIADB,
            Self::Postgresql => &Capability::POSTGRESQL,
        }
    }
}
