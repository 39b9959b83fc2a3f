//! What a query means, by loops over rows in memory: small, slow, and plain to see.

use std::collections::HashMap;

use datajoint_schema::TableName;
use datajoint_sql::{Comparison, Condition, Expression, Matching, Order, Projected, Value};

use super::cells::{Cell, Column, Rows};
use super::text;

/// A query that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

type Result<T> = std::result::Result<T, Refused>;

/// Tables in memory.
#[derive(Debug, Default)]
pub(super) struct World(pub(super) HashMap<TableName, Rows>);

impl World {
    pub(super) fn evaluate(&self, expression: &Expression) -> Result<Rows> {
        match expression {
            Expression::Table(table) => self.0.get(&table.name).cloned().ok_or(Refused),
            Expression::Restrict { from, condition } => {
                let from = self.evaluate(from)?;
                let mut rows = Vec::new();
                for row in &from.rows {
                    if self.holds(condition, &from, row)? {
                        rows.push(row.clone());
                    }
                }
                // What is wrong with a condition is wrong also where there is no row.
                self.holds(condition, &from, &vec![Cell::Null; from.columns.len()])?;
                Ok(Rows { rows, ..from })
            }
            Expression::Join { left, right, matching } => {
                join(&self.evaluate(left)?, &self.evaluate(right)?, *matching)
            }
            Expression::Extend { left, right } => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                if !right.key().iter().all(|name| left.has(name)) {
                    return Err(Refused);
                }
                left_join(&left, &right)
            }
            Expression::Aggregate { groups, of, attributes, keeps_all } => {
                let (groups, of) = (self.evaluate(groups)?, self.evaluate(of)?);
                aggregate(&groups, &of, attributes, *keeps_all)
            }
            Expression::Union { left, right } => union(&self.evaluate(left)?, &self.evaluate(right)?),
            Expression::Unique { from, attributes } => unique(&self.evaluate(from)?, attributes),
            Expression::GroupBy { of, by, attributes } => group_by(&self.evaluate(of)?, by, attributes),
            Expression::Project { from, attributes } => project(&self.evaluate(from)?, attributes),
            Expression::Top { from, order, limit, offset } => {
                top(self.evaluate(from)?, order, *limit, *offset)
            }
        }
    }

    /// True where a condition is true: neither where it is false nor where it is unknown.
    fn holds(&self, condition: &Condition, rows: &Rows, row: &[Cell]) -> Result<bool> {
        let cell = |name: &str| rows.place(name).map(|place| &row[place]).ok_or(Refused);
        Ok(match condition {
            Condition::Constant(truth) => *truth,
            Condition::Compare { attribute, operator, value } => {
                compare(attribute, cell(attribute)?, *operator, value)
            }
            Condition::IsNull(attribute) => cell(attribute)?.is_null(),
            Condition::In { attribute, values } => {
                let cell = cell(attribute)?;
                values.iter().any(|value| Cell::operand(attribute, value) == *cell)
            }
            Condition::Between { attribute, low, high } => {
                let cell = cell(attribute)?;
                compare(attribute, cell, Comparison::GreaterOrEqual, low)
                    && compare(attribute, cell, Comparison::LessOrEqual, high)
            }
            Condition::Keys { attributes, rows: keys } => {
                let ours: Result<Vec<&Cell>> = attributes.iter().map(|name| cell(name)).collect();
                let ours: Vec<(&String, &Cell)> = attributes.iter().zip(ours?).collect();
                let is_ours =
                    |(value, (name, ours)): (&Value, &(&String, &Cell))| Cell::operand(name, value) == **ours;
                keys.iter().any(|key| key.iter().zip(&ours).all(is_ours))
            }
            Condition::All(parts) => {
                let parts: Result<Vec<bool>> = parts.iter().map(|part| self.holds(part, rows, row)).collect();
                parts?.into_iter().all(|part| part)
            }
            Condition::Any(parts) => {
                let parts: Result<Vec<bool>> = parts.iter().map(|part| self.holds(part, rows, row)).collect();
                parts?.into_iter().any(|part| part)
            }
            Condition::Not(inner) => !self.holds(inner, rows, row)?,
            Condition::Matches(other) => has_match(rows, row, &self.evaluate(other)?, Matching::Lineage)?,
            Condition::MatchesByName(other) => has_match(rows, row, &self.evaluate(other)?, Matching::Name)?,
            Condition::Linked { by, to } => {
                let other = self.evaluate(to)?;
                let places = by.iter().map(|link| {
                    let ours = rows.place(&link.ours).ok_or(Refused)?;
                    Ok((ours, other.place(&link.theirs).ok_or(Refused)?))
                });
                let places = places.collect::<Result<Vec<_>>>()?;
                other.rows.iter().any(|candidate| agree(row, candidate, &places))
            }
            Condition::Sql { text, .. } => text::condition(text, &cell)?,
            Condition::Open(never) => match *never {},
        })
    }
}

fn compare(name: &str, left: &Cell, operator: Comparison, right: &Value) -> bool {
    let right = Cell::operand(if operator == Comparison::Like { "" } else { name }, right);
    if right.is_null() {
        return match operator {
            Comparison::Equal => left.is_null(),
            Comparison::NotEqual => !left.is_null(),
            _ => false,
        };
    }
    let order = left.order(&right, name);
    !left.is_null()
        && match operator {
            Comparison::Equal => *left == right,
            Comparison::NotEqual => *left != right,
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Like => match (left, &right) {
                (Cell::Text(left), Cell::Text(pattern)) => is_like(left, pattern),
                _ => false,
            },
        }
}

/// `%` stands for any letters, `_` for one.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut letters = text.chars();
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '%' => {
            let mut ends = text.char_indices().map(|(place, _)| place).chain([text.len()]);
            ends.any(|place| is_like(&text[place..], rest))
        }
        '_' => letters.next().is_some() && is_like(letters.as_str(), rest),
        letter => letters.next() == Some(letter) && is_like(letters.as_str(), rest),
    }
}

/// Where the columns that both have stand on each side.
fn common(left: &Rows, right: &Rows, matching: Matching) -> Result<Vec<(usize, usize)>> {
    let mut places = Vec::new();
    for (place, column) in left.columns.iter().enumerate() {
        let Some(other) = right.place(&column.name) else { continue };
        let is_same = column.lineage.is_some() && column.lineage == right.columns[other].lineage;
        if matching == Matching::Lineage && !is_same {
            return Err(Refused);
        }
        places.push((place, other));
    }
    Ok(places)
}

fn agree(one: &[Cell], other: &[Cell], common: &[(usize, usize)]) -> bool {
    common.iter().all(|&(left, right)| !one[left].is_null() && one[left] == other[right])
}

fn has_match(rows: &Rows, row: &[Cell], other: &Rows, matching: Matching) -> Result<bool> {
    let common = common(rows, other, matching)?;
    Ok(other.rows.iter().any(|candidate| agree(row, candidate, &common)))
}

/// The row on the left, and what the right side adds.
fn beside(left: &[Cell], right: &[Cell], added: &[usize]) -> Vec<Cell> {
    left.iter().cloned().chain(added.iter().map(|&place| right[place].clone())).collect()
}

fn added(left: &Rows, right: &Rows) -> Vec<usize> {
    (0..right.columns.len()).filter(|&place| !left.has(&right.columns[place].name)).collect()
}

fn join(left: &Rows, right: &Rows, matching: Matching) -> Result<Rows> {
    let common = common(left, right, matching)?;
    let added = added(left, right);
    let is_within = |key: &[&str], rows: &Rows| key.iter().all(|name| rows.has(name));
    let key: Vec<&str> = if is_within(&right.key(), left) {
        left.key()
    } else if is_within(&left.key(), right) {
        right.key()
    } else {
        let more = right.key().into_iter().filter(|name| !left.key().contains(name)).collect::<Vec<_>>();
        left.key().into_iter().chain(more).collect()
    };
    let all = left.columns.iter().chain(added.iter().map(|&place| &right.columns[place]));
    let columns =
        all.map(|column| Column { in_key: key.contains(&column.name.as_str()), ..column.clone() }).collect();
    let mut rows = Vec::new();
    for one in &left.rows {
        for other in right.rows.iter().filter(|other| agree(one, other, &common)) {
            rows.push(beside(one, other, &added));
        }
    }
    Ok(Rows { columns, rows }.with_first(&key))
}

fn left_join(left: &Rows, right: &Rows) -> Result<Rows> {
    let common = common(left, right, Matching::Lineage)?;
    let added = added(left, right);
    let optional = added.iter().map(|&place| Column { in_key: false, ..right.columns[place].clone() });
    let columns = left.columns.iter().cloned().chain(optional).collect();
    let nothing = vec![Cell::Null; right.columns.len()];
    let mut rows = Vec::new();
    for one in &left.rows {
        let matches: Vec<_> = right.rows.iter().filter(|other| agree(one, other, &common)).collect();
        rows.extend(matches.iter().map(|other| beside(one, other, &added)));
        if matches.is_empty() {
            rows.push(beside(one, &nothing, &added));
        }
    }
    Ok(Rows { columns, rows })
}

fn aggregate(groups: &Rows, of: &Rows, attributes: &[Projected], keeps_all: bool) -> Result<Rows> {
    common(groups, of, Matching::Lineage)?;
    if !groups.key().iter().all(|name| of.has(name)) {
        return Err(Refused);
    }
    let mut all = Vec::new();
    let (kept, computed): (Vec<_>, Vec<_>) =
        attributes.iter().cloned().partition(|part| !matches!(part, Projected::Compute { .. }));
    let mut columns = project(groups, &kept)?.columns;
    for row in &groups.rows {
        let group = Rows { columns: groups.columns.clone(), rows: vec![row.clone()] };
        let joined = if keeps_all { left_join(&group, of)? } else { join(&group, of, Matching::Lineage)? };
        if joined.rows.is_empty() {
            continue;
        }
        let mut cells = project(&group, &kept)?.rows.remove(0);
        cells.extend(text::aggregates(&computed, &joined)?);
        all.push(cells);
    }
    add_computed(&mut columns, &computed)?;
    Ok(Rows { columns, rows: all })
}

fn add_computed(columns: &mut Vec<Column>, computed: &[Projected]) -> Result<()> {
    for part in computed {
        let name = part.name().ok_or(Refused)?.to_owned();
        if columns.iter().any(|column| column.name == name) {
            return Err(Refused);
        }
        columns.push(Column { name, in_key: false, lineage: None });
    }
    Ok(())
}

fn union(left: &Rows, right: &Rows) -> Result<Rows> {
    let is_same_key =
        left.key().iter().all(|name| right.key().contains(name)) && left.key().len() == right.key().len();
    let shares = left.columns.iter().any(|column| !column.in_key && right.has(&column.name));
    if !is_same_key || shares {
        return Err(Refused);
    }
    let common = common(left, right, Matching::Lineage)?;
    let mut rows = left_join(left, right)?;
    // A key that is null matches none, but rows of keys alone are there once.
    let are_keys = rows.columns.iter().all(|column| column.in_key);
    for other in &right.rows {
        if !left.rows.iter().any(|one| agree(one, other, &common)) {
            let cell =
                |column: &Column| right.place(&column.name).map_or(Cell::Null, |place| other[place].clone());
            let row: Vec<Cell> = rows.columns.iter().map(cell).collect();
            if !are_keys || !rows.rows.contains(&row) {
                rows.rows.push(row);
            }
        }
    }
    Ok(rows)
}

fn unique(from: &Rows, names: &[String]) -> Result<Rows> {
    let places: Option<Vec<usize>> = names.iter().map(|name| from.place(name)).collect();
    let places = places.ok_or(Refused)?;
    if (1..places.len()).any(|at| places[..at].contains(&places[at])) {
        return Err(Refused);
    }
    let columns =
        places.iter().map(|&place| Column { in_key: true, ..from.columns[place].clone() }).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for row in &from.rows {
        let cells: Vec<Cell> = places.iter().map(|&place| row[place].clone()).collect();
        if !rows.contains(&cells) {
            rows.push(cells);
        }
    }
    Ok(Rows { columns, rows })
}

fn group_by(of: &Rows, by: &[String], computed: &[Projected]) -> Result<Rows> {
    let groups = unique(of, by)?;
    let places: Vec<usize> = by.iter().filter_map(|name| of.place(name)).collect();
    let mut columns = groups.columns;
    add_computed(&mut columns, computed)?;
    if columns.is_empty() {
        return Err(Refused);
    }
    let keys = if by.is_empty() { vec![Vec::new()] } else { groups.rows };
    let mut rows = Vec::new();
    for key in keys {
        let is_in = |row: &&Vec<Cell>| places.iter().zip(&key).all(|(&place, cell)| row[place] == *cell);
        let members =
            Rows { columns: of.columns.clone(), rows: of.rows.iter().filter(is_in).cloned().collect() };
        let mut cells = key.clone();
        cells.extend(text::aggregates(computed, &members)?);
        rows.push(cells);
    }
    Ok(Rows { columns, rows })
}

fn project(from: &Rows, parts: &[Projected]) -> Result<Rows> {
    let mut taken: Vec<(Column, usize)> = Vec::new();
    for part in parts {
        if let Projected::Keep(name) | Projected::Drop(name) | Projected::Rename { old: name, .. } = part {
            let place = from.place(name).ok_or(Refused)?;
            if matches!(part, Projected::Drop(_)) && from.columns[place].in_key {
                return Err(Refused);
            }
        }
    }
    let all = parts.contains(&Projected::All);
    for (place, column) in from.columns.iter().enumerate() {
        let new_names = parts.iter().filter_map(|part| match part {
            Projected::Rename { new, old } if *old == column.name => Some(new.clone()),
            _ => None,
        });
        let new_names: Vec<String> = new_names.collect();
        let is_kept = parts.contains(&Projected::Keep(column.name.clone()));
        let is_dropped = parts.contains(&Projected::Drop(column.name.clone()));
        if is_kept || (new_names.is_empty() && (column.in_key || (all && !is_dropped))) {
            taken.push((column.clone(), place));
        }
        taken.extend(new_names.into_iter().map(|name| (Column { name, ..column.clone() }, place)));
    }
    let mut columns: Vec<Column> = taken.iter().map(|(column, _)| column.clone()).collect();
    if (1..columns.len()).any(|at| columns[..at].iter().any(|other| other.name == columns[at].name)) {
        return Err(Refused);
    }
    let computed: Vec<Projected> =
        parts.iter().filter(|part| matches!(part, Projected::Compute { .. })).cloned().collect();
    add_computed(&mut columns, &computed)?;
    let mut rows = Vec::new();
    for row in &from.rows {
        let mut cells: Vec<Cell> = taken.iter().map(|(_, place)| row[*place].clone()).collect();
        for part in &computed {
            cells.push(text::value(part, from, row)?);
        }
        rows.push(cells);
    }
    Ok(Rows { columns, rows })
}

fn top(mut from: Rows, order: &[Order], limit: Option<u64>, offset: u64) -> Result<Rows> {
    let mut places = Vec::new();
    let all: Vec<usize> = (0..from.columns.len()).collect();
    let key: Vec<usize> = all.iter().copied().filter(|&place| from.columns[place].in_key).collect();
    if order.is_empty() {
        places.extend(key.iter().map(|&place| (place, false)));
    }
    for part in order {
        if part.attribute == "KEY" {
            places.extend(key.iter().map(|&place| (place, part.descending)));
        } else {
            places.push((from.place(&part.attribute).ok_or(Refused)?, part.descending));
        }
    }
    // What is cut off is the same whatever way the rows are found.
    places.extend(if key.is_empty() { all } else { key }.into_iter().map(|place| (place, false)));
    let columns = from.columns.clone();
    from.rows.sort_by(|one, other| {
        let compared = places.iter().map(|&(place, descending)| {
            let order = one[place].order(&other[place], &columns[place].name);
            if descending { order.reverse() } else { order }
        });
        compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    from.rows = from.rows.into_iter().skip(number(offset)).take(limit.map_or(usize::MAX, number)).collect();
    Ok(from)
}
