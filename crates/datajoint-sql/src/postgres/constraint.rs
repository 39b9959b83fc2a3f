//! The names that PostgreSQL gives to foreign keys, which are declared without one.

use datajoint_schema::{ForeignKey, Table};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 63;

/// The foreign key whose constraint has this name, as the server made it from those of the table and its columns; `None`
/// where that is not certain.
pub(super) fn foreign_key_named<'t>(table: &'t Table, constraint: &str) -> Option<&'t ForeignKey> {
    // Where the name is taken in the schema, a number follows.
    let stem = constraint.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let label = &constraint[stem.strip_suffix("_fkey")?.len() + 1..];
    let mut named =
        table.foreign_keys.iter().filter(|key| name(&table.name.table, &columns(key), label) == constraint);
    let found = named.next();
    found.filter(|_| named.next().is_none())
}

/// The names of the columns in one, as far as the server reads them.
fn columns(foreign_key: &ForeignKey) -> String {
    let mut all = String::new();
    for column in foreign_key.child_columns() {
        if !all.is_empty() {
            all.push('_');
        }
        all.push_str(column);
        if all.len() > LONGEST_NAME {
            break;
        }
    }
    all
}

/// A name of three parts, of which the longer of the first two gives way where it is too long.
fn name(table: &str, columns: &str, label: &str) -> String {
    let room = LONGEST_NAME - label.len().min(LONGEST_NAME - 2) - 2;
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        *(if first > second { &mut first } else { &mut second }) -= 1;
    }
    format!("{}_{}_{label}", cut(table, first), cut(columns, second))
}

/// So many bytes of a name, and no half of a letter.
fn cut(name: &str, bytes: usize) -> &str {
    &name[..name.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use datajoint_schema::{ColumnPair, Heading, TableName};

    use super::*;

    fn child(table: &str, references: &[&[&str]]) -> Table {
        let foreign_keys = references.iter().map(|columns| ForeignKey {
            parent: TableName::new("lab", columns.join("+")),
            columns: columns
                .iter()
                .map(|&column| ColumnPair { child: column.to_owned(), parent: column.to_owned() })
                .collect(),
            nullable: false,
            unique: false,
            in_key: true,
        });
        Table {
            name: TableName::new("lab", table),
            class_name: String::new(),
            tier: None,
            master: None,
            comment: String::new(),
            heading: Heading::default(),
            foreign_keys: foreign_keys.collect(),
            indexes: Vec::new(),
            unsaid: Vec::new(),
        }
    }

    fn found(table: &Table, constraint: &str) -> Option<String> {
        foreign_key_named(table, constraint).map(|key| key.parent.table.clone())
    }

    #[test]
    fn names_that_begin_or_end_alike_are_told_apart() {
        let table = child("_a__b", &[&["a"], &["a", "b"], &["b"], &["a_id"]]);
        for (constraint, parent) in [
            ("_a__b_a_fkey", "a"),
            ("_a__b_b_fkey", "b"),
            ("_a__b_a_b_fkey", "a+b"),
            ("_a__b_a_id_fkey", "a_id"),
            ("_a__b_a_fkey12", "a"),
        ] {
            assert_eq!(found(&table, constraint).as_deref(), Some(parent), "{constraint}");
        }
        for constraint in ["_a__b_fkey", "a_fkey", "_a__b_a_key", "_a__b_c_fkey", "_fkey", "fkey", ""] {
            assert_eq!(found(&table, constraint), None, "{constraint}");
        }
    }

    #[test]
    fn two_that_would_have_one_name_are_not_guessed() {
        assert_eq!(found(&child("t", &[&["a_b"], &["a", "b"]]), "t_a_b_fkey"), None);
    }

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        let (long, column) = ("t".repeat(50), "c".repeat(40));
        let table = child(&long, &[&[column.as_str()], &["a"]]);
        let cut = format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28));
        assert_eq!(cut.len(), 63);
        assert_eq!(found(&table, &cut), Some(column));
        assert_eq!(found(&table, &format!("{long}_a_fkey")).as_deref(), Some("a"));
    }
}
