//! Names of tables, and names that look alike.

use datajoint_definition::Tier;

use crate::TableName;

/// The full name of a table; a part without a master is named as if it stood alone.
pub(crate) fn table_name(
    schema: &str,
    tier: Tier,
    class_name: &str,
    master: Option<&TableName>,
) -> TableName {
    let class = snake_case(class_name);
    let table = match master {
        Some(master) if tier == Tier::Part => format!("{}__{class}", master.table),
        _ => format!("{}{class}", tier.prefix()),
    };
    TableName::new(schema, table)
}

/// `SessionTrial` as `session_trial`, a capital at a time.
pub(crate) fn snake_case(class_name: &str) -> String {
    let mut snake = String::with_capacity(class_name.len() + 4);
    for character in class_name.chars().filter(|&character| character != '_') {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// The candidate that looks most like `name`, if one does.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() + 1) / 3;
    candidates
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(distance, candidate)| {
            distance <= limit || candidate.contains(name) || name.contains(candidate)
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

fn distance(first: &str, second: &str) -> usize {
    let second: Vec<char> = second.chars().collect();
    let mut row: Vec<usize> = (0..=second.len()).collect();
    for (line, left) in first.chars().enumerate() {
        let mut diagonal = line;
        let mut previous = line + 1;
        for (cell, right) in row[1..].iter_mut().zip(&second) {
            let changed = diagonal + usize::from(left != *right);
            diagonal = *cell;
            previous = changed.min(diagonal + 1).min(previous + 1);
            *cell = previous;
        }
        row[0] = line + 1;
    }
    row.last().copied().unwrap_or_default()
}
