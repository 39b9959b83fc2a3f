use super::{Table, TableSpec};

/// The tables of a program, as listed by `pipeline!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` lists no tables",
    note = "declare it with `pipeline! {{ pub struct {Self} {{ module::{{Table, ..}} }} }}`"
)]
pub trait Pipeline {
    /// The tables, in the order of the list; those that they refer to may be missing.
    fn specs() -> Vec<&'static TableSpec>;
}

/// The name of a table in the database, before any prefix of the schema.
pub trait NamedTable: Table {
    /// The schema as given to `schema!`.
    const SCHEMA: &'static str;

    /// The table in it, with the prefix of its tier.
    const TABLE: &'static str;
}

/// Stops the build when two tables have one name; called by generated code with the path, the schema
/// and the name of each.
#[track_caller]
pub const fn assert_distinct(tables: &[(&str, &str, &str)]) {
    let mut first = 0;
    while first < tables.len() {
        let mut second = first + 1;
        while second < tables.len() {
            let ((one, one_schema, one_table), (other, other_schema, other_table)) =
                (tables[first], tables[second]);
            if equal(one_schema, other_schema) && equal(one_table, other_table) {
                fail(&[
                    "`",
                    one,
                    "` and `",
                    other,
                    "` are both the table `",
                    one_table,
                    "` of the schema `",
                    one_schema,
                    "`: rename one of them",
                ]);
            }
            second += 1;
        }
        first += 1;
    }
}

/// Stops the build with a message when a table is in the schema that the message is meant for; called by generated code for
/// what deviates from the lock.
#[track_caller]
pub const fn assert_as_locked(schema: &str, locked: &str, message: &str) {
    assert!(!equal(schema, locked), "{}", message);
}

const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Panics with the texts put together, as far as they fit.
#[track_caller]
const fn fail(texts: &[&str]) -> ! {
    let mut message = [0; 512];
    let mut length = 0;
    let mut index = 0;
    while index < texts.len() {
        let bytes = texts[index].as_bytes();
        let mut byte = 0;
        while byte < bytes.len() && length < message.len() {
            message[length] = bytes[byte];
            length += 1;
            byte += 1;
        }
        index += 1;
    }
    match std::str::from_utf8(message.split_at(length).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("two tables have one name"),
    }
}
