use super::build::{Builder, Column, Select};
use crate::fragment::Fragment;
use crate::{Error, Result};

/// The attributes that both queries have, all of the same lineage.
pub(super) fn common(left: &Select, right: &Select) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for column in &left.columns {
        let attribute = &column.attribute;
        let Ok(other) = right.column(&attribute.name) else { continue };
        let other = &other.attribute;
        if attribute.lineage.is_none() || attribute.lineage != other.lineage {
            let origin = |lineage: &Option<datajoint_schema::Lineage>, label: &str| {
                lineage.as_ref().map_or(format!("{label} itself"), ToString::to_string)
            };
            return Err(Error::DifferentLineage {
                attribute: attribute.name.clone(),
                left: origin(&attribute.lineage, &left.label),
                right: origin(&other.lineage, &right.label),
            });
        }
        names.push(attribute.name.clone());
    }
    Ok(names)
}

impl Builder {
    /// The natural join of two queries.
    pub(super) fn join(&mut self, left: Select, right: Select) -> Result<Select> {
        let left = if left.is_cut() { self.wrap(left) } else { left };
        let right = if right.is_cut() { self.wrap(right) } else { right };
        let names = common(&left, &right)?;
        let right_from = if right.from.text.contains(" JOIN ") && !right.from.text.starts_with("(SELECT") {
            right.from.clone().grouped()
        } else {
            right.from.clone()
        };
        let mut from = left.from.clone();
        from.push(if names.is_empty() { " CROSS JOIN " } else { " JOIN " });
        from.append(right_from);
        if !names.is_empty() {
            from.push(" ON ");
            let mut equals = Vec::new();
            for name in &names {
                let mut equal = left.column(name)?.sql.clone();
                equal.push(" = ");
                equal.append(right.column(name)?.sql.clone());
                equals.push(equal);
            }
            from.append(Fragment::join(equals, " AND "));
        }
        let filters = left.filters.iter().chain(&right.filters).cloned().collect();
        let mut joined = left.joined(from, filters, format!("{} * {}", left.label, right.label));
        joined.columns = columns(&left, &right);
        Ok(joined)
    }
}

/// The columns of a join, in DataJoint's order: the key of the side that determines the other comes first.
fn columns(left: &Select, right: &Select) -> Vec<Column> {
    let determines = |one: &Select, other: &Select| {
        other.columns.iter().filter(|column| column.attribute.in_key).all(|column| has(one, column))
    };
    if determines(left, right) {
        return one_after_other(left, right);
    }
    if determines(right, left) {
        return one_after_other(right, left);
    }
    let in_key_of = |side: &Select, column: &Column| {
        side.column(&column.attribute.name).is_ok_and(|other| other.attribute.in_key)
    };
    let key = |side: &Select| side.columns.iter().filter(|c| c.attribute.in_key).cloned().collect::<Vec<_>>();
    let mut columns = key(left);
    columns.extend(key(right).into_iter().filter(|column| !in_key_of(left, column)));
    let secondary = |side: &Select, other: &Select| {
        let wanted = |c: &&Column| !c.attribute.in_key && !in_key_of(other, c);
        side.columns.iter().filter(wanted).cloned().collect::<Vec<_>>()
    };
    columns.extend(secondary(left, right));
    columns.extend(secondary(right, left).into_iter().filter(|column| !has(left, column)));
    columns
}

fn has(side: &Select, column: &Column) -> bool {
    side.column(&column.attribute.name).is_ok()
}

fn one_after_other(first: &Select, second: &Select) -> Vec<Column> {
    let mut columns = first.columns.clone();
    columns.extend(second.columns.iter().filter(|column| !has(first, column)).cloned().map(|mut column| {
        column.attribute.in_key = false;
        column
    }));
    columns
}
