//! What servers say when they refuse, as kinds.

use super::Kind;

/// What the server says, with the values where it names them.
pub(super) fn message(refusal: &dyn sqlx::error::DatabaseError) -> String {
    let message = refusal.message().to_owned();
    #[cfg(feature = "postgres")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        && let Some(detail) = refusal.detail()
    {
        return format!("{message} ({})", detail.trim_end_matches('.'));
    }
    message
}

/// The code by which the documentation of the server knows an error.
pub(super) fn code(refusal: &dyn sqlx::error::DatabaseError) -> String {
    #[cfg(feature = "mysql")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return refusal.number().to_string();
    }
    refusal.code().unwrap_or_default().into_owned()
}

/// What to do next, where that is another thing for a file than for a server.
pub(super) fn advice(refusal: &dyn sqlx::error::DatabaseError, kind: Kind) -> &'static str {
    #[cfg(feature = "sqlite")]
    if kind == Kind::ReadOnly && refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return "this client reads only, or its user may not write there: write by a client that may, or look at the \
                permissions of the file and of its folder";
    }
    let _ = refusal;
    kind.advice()
}

/// True for errors after which the server, or a pooler in its place, ends the session, whatever their code.
///
/// A login that is refused has none yet.
#[cfg(feature = "postgres")]
fn ends_session(refusal: &sqlx::postgres::PgDatabaseError) -> bool {
    use sqlx::postgres::PgSeverity::{Fatal, Panic};
    let is_of_login = ["28000", "28P01", "3D000", "42501", "53300"].contains(&refusal.code());
    matches!(refusal.severity(), Fatal | Panic) && !is_of_login
}

pub(super) fn classify(refusal: &dyn sqlx::error::DatabaseError) -> Kind {
    #[cfg(feature = "mysql")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return match refusal.number() {
            1062 | 1586 => Kind::Duplicate,
            1216 | 1217 | 1451 | 1452 | 3730 => Kind::ForeignKey,
            1048 | 1364 => Kind::NotNull,
            1264 | 1265 | 1292 | 1366 | 1406 | 1411 | 1690 | 1918 | 3819 | 4025 => Kind::Check,
            // A table without its schema is the second.
            1146 | 1046 => Kind::MissingTable,
            1412 | 1684 => Kind::Altered,
            1049 => Kind::MissingSchema,
            1054 => Kind::MissingColumn,
            1305 | 1582 | 1583 | 1630 => Kind::MissingFunction,
            1210 => Kind::Argument,
            1365 => Kind::DivisionByZero,
            1241 | 1242 => Kind::ManyRows,
            1055 | 1056 | 1111 | 1140 | 3593 | 4015 => Kind::Misgrouped,
            4078 | 4161 => Kind::Mismatched,
            1052 => Kind::Ambiguous,
            1253 | 1267 | 1270 | 1271 | 1273 => Kind::Collation,
            // MariaDB has one number for all faults of a pattern.
            1139 | 3684..=3700 => Kind::Pattern,
            3140..=3144 | 3146 | 3147 | 3149..=3155 | 4036..=4044 => Kind::Document,
            1045 | 1698 => Kind::AccessDenied,
            3159 => Kind::Unencrypted,
            1044 | 1142 | 1143 => Kind::MissingPrivilege,
            1064 => Kind::Syntax,
            1205 => Kind::LockTimeout,
            1213 => Kind::Deadlock,
            1020 => Kind::Changed,
            1153 => Kind::PacketTooLarge,
            // The last two are of MySQL and of MariaDB.
            1317 | 3024 | 1969 => Kind::StatementTimeout,
            1021 | 1114 => Kind::DiskFull,
            126 | 127 | 1034 | 1194 | 1712 => Kind::Damaged,
            1040 | 1203 | 1226 => Kind::TooManyConnections,
            1461 => Kind::TooManyPrepared,
            1116 | 1117 | 1390 | 1436 | 3170 => Kind::TooComplex,
            1069..=1071 | 1074 | 1118 => Kind::TableTooLarge,
            // MariaDB has one number for all that its engine makes no table of, and a number of the reason in what it says.
            1005 if refusal.message().contains("errno: 185") => Kind::TableTooLarge,
            1101 => Kind::Unsupported,
            1053 | 1927 | 3169 | 4031 => Kind::ConnectionEnded,
            1047 => Kind::NotReady,
            1290 if refusal.message().contains("read") => Kind::ReadOnly,
            1792 | 1836 => Kind::ReadOnly,
            1007 | 1050 => Kind::AlreadyExists,
            _ => Kind::Other,
        };
    }
    #[cfg(feature = "postgres")]
    if refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some_and(ends_session) {
        return Kind::ConnectionEnded;
    }
    let code = refusal.code().unwrap_or_default();
    // The table of a prepared statement was made anew with other types.
    #[cfg(feature = "postgres")]
    if code == "0A000"
        && refusal
            .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
            .is_some_and(|refusal| refusal.routine() == Some("RevalidateCachedQuery"))
    {
        return Kind::Outdated;
    }
    #[cfg(feature = "sqlite")]
    if refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
        // The kind stands in the lowest byte.
        && let Some(kind) = code.parse::<u32>().ok().and_then(|code| match code & 0xff {
            8 => Some(Kind::ReadOnly),
            10 => Some(Kind::Storage),
            // A malformed page, and a file that is no database at all.
            11 | 26 => Some(Kind::Damaged),
            13 => Some(Kind::DiskFull),
            _ => None,
        })
    {
        return kind;
    }
    match code.as_ref() {
        "23505" | "2067" | "1555" => Kind::Duplicate,
        // PostgreSQL has a code of its own for `RESTRICT` since version 18.
        "23001" | "23503" | "787" | "1811" => Kind::ForeignKey,
        "23502" | "1299" => Kind::NotNull,
        "23514" | "22001" | "22003" | "22007" | "22008" | "22P02" | "275" | "3091" => Kind::Check,
        "42P01" => Kind::MissingTable,
        "3F000" => Kind::MissingSchema,
        "3D000" => Kind::MissingDatabase,
        "42703" => Kind::MissingColumn,
        "42883" | "42725" => Kind::MissingFunction,
        "0A000" => Kind::Unsupported,
        "22012" => Kind::DivisionByZero,
        "21000" => Kind::ManyRows,
        "42803" | "42P20" => Kind::Misgrouped,
        "42702" => Kind::Ambiguous,
        "42804" | "42846" | "42P18" | "42809" => Kind::Mismatched,
        "42P21" | "42P22" | "42704" if refusal.message().contains("collation") => Kind::Collation,
        "2201B" | "2200C" | "22019" | "2200D" | "22025" => Kind::Pattern,
        "22011" | "22023" | "2201E" | "2201F" | "2201G" | "22014" | "22016" => Kind::Argument,
        code if code.starts_with("2203") => Kind::Document,
        "28P01" | "28000" => Kind::AccessDenied,
        "42501" => Kind::MissingPrivilege,
        "42601" => Kind::Syntax,
        "57014" => Kind::StatementTimeout,
        "53100" => Kind::DiskFull,
        "XX001" | "XX002" => Kind::Damaged,
        "53300" => Kind::TooManyConnections,
        "55P03" | "5" | "6" | "261" | "517" => Kind::LockTimeout,
        "40P01" => Kind::Deadlock,
        "40001" => Kind::Serialization,
        // A type that was dropped, such as an enum; the columns of an answer.
        "XX000" if refusal.message().starts_with("cache lookup failed for type") => Kind::Outdated,
        // What was dropped between its name and its number, or its number and its row in the catalog.
        "XX000"
            if ["could not open relation with OID", "cache lookup failed for"]
                .iter()
                .any(|said| refusal.message().starts_with(said)) =>
        {
            Kind::MissingTable
        }
        // What is granted or declared on one thing by two sessions at a time.
        "2BP01" => Kind::StillUsed,
        "XX000" if refusal.message().contains("concurrently updated") => Kind::Serialization,
        "08000" | "08001" | "08003" | "08004" | "08006" | "08007" => Kind::ConnectionEnded,
        "25006" => Kind::ReadOnly,
        "26000" | "42P05" => Kind::SharedSession,
        "42P06" | "42P07" | "42710" => Kind::AlreadyExists,
        "1" if refusal.message().contains("no such table") => Kind::MissingTable,
        "1" if ["no such column", "has no column named"]
            .iter()
            .any(|said| refusal.message().contains(said)) =>
        {
            Kind::MissingColumn
        }
        "54000" | "54001" | "54011" | "54023" => Kind::TooComplex,
        "1" if ["too large (maximum depth", "stack overflow", "too many ", "at most "]
            .iter()
            .any(|said| refusal.message().contains(said)) =>
        {
            Kind::TooComplex
        }
        "1" => SAID_BY_SQLITE
            .iter()
            .find(|(said, _)| refusal.message().contains(said))
            .map_or(Kind::Other, |(_, kind)| *kind),
        _ => Kind::Other,
    }
}

/// What SQLite says of the faults that have one code together.
const SAID_BY_SQLITE: [(&str, Kind); 19] = [
    ("no such function", Kind::MissingFunction),
    ("wrong number of arguments", Kind::MissingFunction),
    ("syntax error", Kind::Syntax),
    ("unrecognized token", Kind::Syntax),
    ("incomplete input", Kind::Syntax),
    ("already exists", Kind::AlreadyExists),
    ("misuse of aggregate", Kind::Misgrouped),
    ("misuse of window", Kind::Misgrouped),
    ("aggregate functions are not allowed", Kind::Misgrouped),
    ("ambiguous column name", Kind::Ambiguous),
    ("row value misused", Kind::ManyRows),
    ("expected 1", Kind::ManyRows),
    ("IN(...) element has", Kind::ManyRows),
    ("integer overflow", Kind::Check),
    ("JSON", Kind::Document),
    ("no such collation", Kind::Collation),
    ("ESCAPE expression", Kind::Pattern),
    ("pattern too complex", Kind::Pattern),
    ("argument", Kind::Argument),
];

/// The name of a column in what a server says of one that is not there, without that of its table.
///
/// MySQL and MariaDB write `'t.a'`, PostgreSQL `"a"` or `t.a`, SQLite `t.a` or `"a"`, in sentences that may be in any
/// language.
pub(super) fn named_column(message: &str) -> Option<&str> {
    // What is between brackets is advice of the server.
    let said = message.split(" (").next().unwrap_or_default();
    let is_quote = |letter: char| "'\"`«»„“”".contains(letter);
    let quoted = said.split(is_quote).nth(1).map(str::trim);
    let words = || said.split_whitespace().map(|word| word.trim_end_matches([',', ':', '.']));
    if let Some((_, name)) = said.split_once(" has no column named ") {
        return Some(name);
    }
    let name = quoted
        .or_else(|| words().find(|word| word.contains('.')))
        .or_else(|| words().next_back())
        .filter(|name| !name.is_empty())?;
    name.rsplit('.').next()
}

#[cfg(test)]
mod tests {
    use super::named_column;

    #[test]
    fn the_column_that_is_not_there_is_read_out_of_what_servers_say() {
        for message in [
            "Unknown column 'strain' in 'field list'",
            "Unknown column 'mouse.strain' in 'where clause'",
            "Unknown column 'lab.mouse.strain' in 'SELECT'",
            "column \"strain\" does not exist",
            "column \"strain\" of relation \"mouse\" does not exist",
            "column mouse.strain does not exist",
            "column q1.strain does not exist (There is a column named \"name\" in table \"q1\")",
            "Spalte »strain« existiert nicht",
            "la colonne « strain » n'existe pas",
            "no such column: strain",
            "no such column: mouse.strain",
            "no such column: \"strain\" - should this be a string literal in single-quotes?",
            "table mouse has no column named strain",
            "table lab.mouse has no column named strain",
        ] {
            assert_eq!(named_column(message), Some("strain"), "{message}");
        }
    }
}
