//! The texts of SQL that the generator writes, and what they mean.

use datajoint_sql::Projected;

use super::cells::{Cell, Rows};
use super::evaluate::Refused;

/// `name > 1`, `name = 1`, `name is null`.
pub(super) fn condition<'a>(
    text: &str,
    cell: &impl Fn(&str) -> Result<&'a Cell, Refused>,
) -> Result<bool, Refused> {
    let words: Vec<&str> = text.split(' ').collect();
    let left = cell(words[0])?;
    Ok(match (words[1], words[2].parse()) {
        ("is", _) => left.is_null(),
        (">", Ok(number)) => !left.is_null() && *left > Cell::whole(number),
        (_, Ok(number)) => *left == Cell::whole(number),
        _ => return Err(Refused),
    })
}

fn computed(part: &Projected) -> &str {
    match part {
        Projected::Compute { text, .. } => text,
        _ => "",
    }
}

/// `name + 1`, `one + other`, `coalesce(name, 0)`, `7`.
pub(super) fn value(part: &Projected, rows: &Rows, row: &[Cell]) -> Result<Cell, Refused> {
    let text = computed(part);
    let cell = |word: &str| match word.parse() {
        Ok(number) => Ok(Cell::whole(number)),
        Err(_) => rows.place(word).map(|place| row[place].clone()).ok_or(Refused),
    };
    if let Some((left, right)) = text.split_once(" + ") {
        return Ok(match (cell(left)?, cell(right)?) {
            (Cell::Number(left), Cell::Number(right)) => Cell::Number(left + right),
            _ => Cell::Null,
        });
    }
    if let Some(inner) = text.strip_prefix("coalesce(").and_then(|text| text.strip_suffix(", 0)")) {
        return Ok(match cell(inner)? {
            Cell::Null => Cell::whole(0),
            other => other,
        });
    }
    cell(text)
}

/// `count(*)`, `count(name)`, `sum(name)`, `min(name)`, `max(name)` over the rows of a group.
pub(super) fn aggregates(parts: &[Projected], rows: &Rows) -> Result<Vec<Cell>, Refused> {
    parts.iter().map(|part| aggregate(computed(part), rows)).collect()
}

fn aggregate(text: &str, rows: &Rows) -> Result<Cell, Refused> {
    let (function, of) = text.split_once('(').ok_or(Refused)?;
    let of = of.trim_end_matches(')');
    let count = |number: usize| Cell::whole(i64::try_from(number).unwrap_or_default());
    if of == "*" {
        return Ok(count(rows.rows.len()));
    }
    let place = rows.place(of).ok_or(Refused)?;
    let there: Vec<&Cell> = rows.rows.iter().map(|row| &row[place]).filter(|cell| !cell.is_null()).collect();
    let order = |one: &&&Cell, other: &&&Cell| one.order(other, of);
    Ok(match function {
        "count" => count(there.len()),
        "min" => there.iter().min_by(order).map_or(Cell::Null, |cell| (**cell).clone()),
        "max" => there.iter().max_by(order).map_or(Cell::Null, |cell| (**cell).clone()),
        _ => {
            let numbers = there.iter().filter_map(|cell| match cell {
                Cell::Number(number) => Some(*number),
                _ => None,
            });
            if there.is_empty() { Cell::Null } else { Cell::Number(numbers.sum()) }
        }
    })
}
