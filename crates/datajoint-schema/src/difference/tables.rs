//! Sets of tables, compared by name.

use std::collections::BTreeMap;

use crate::{Aspect, Difference, Side, Table, TableName};

/// How a table of the first of two sides is in the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableComparison {
    /// The two sides.
    pub sides: [Side; 2],
    /// The table, by its name in the first side where it is there, else in the second.
    pub table: TableName,
    /// What was found.
    pub verdict: Verdict,
}

/// What a [`TableComparison`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Both have it; here is what differs, which may be nothing.
    Both(Vec<Difference>),
    /// The second lacks it.
    Missing,
    /// Only the second has it.
    Extra,
}

impl TableComparison {
    /// True when something differs that a program or a query meets.
    ///
    /// A table that only a database has is met by nobody; one that only a lock has was deployed, and is gone from the code.
    pub fn is_met(&self) -> bool {
        match &self.verdict {
            Verdict::Both(differences) => {
                differences.iter().any(|difference| !difference.aspect.is_harmless())
            }
            Verdict::Missing => true,
            Verdict::Extra => self.sides[1] != Side::Database,
        }
    }
}

/// Compares the tables of two sides, by name; `compare` says what differs between two of one name.
///
/// A table that the second side has under the name of another tier is taken for the same one. What stands in the result is in
/// the order of names.
pub fn compare_tables(
    sides: [Side; 2],
    first: &[Table],
    second: &[Table],
    compare: impl Fn(&Table, &Table) -> Vec<Difference>,
) -> Vec<TableComparison> {
    let mut left: BTreeMap<&TableName, &Table> = second.iter().map(|table| (&table.name, table)).collect();
    let mut verdicts: BTreeMap<&TableName, Verdict> = BTreeMap::new();
    for table in first {
        let verdict = match left.remove(&table.name) {
            Some(found) => Verdict::Both(compare(table, found)),
            None => Verdict::Missing,
        };
        verdicts.insert(&table.name, verdict);
    }
    for table in first.iter().filter(|table| table.master.is_none()) {
        if verdicts.get(&table.name) != Some(&Verdict::Missing) {
            continue;
        }
        let is_same = |found: &&Table| {
            found.master.is_none()
                && (&found.name.schema, &found.class_name) == (&table.name.schema, &table.class_name)
        };
        if let Some(name) = left.values().copied().find(is_same).map(|found| &found.name)
            && let Some(found) = left.remove(name)
        {
            verdicts.insert(&table.name, Verdict::Both(other_tier(sides, table, found)));
        }
    }
    verdicts.extend(left.into_keys().map(|name| (name, Verdict::Extra)));
    verdicts
        .into_iter()
        .map(|(table, verdict)| TableComparison { sides, table: table.clone(), verdict })
        .collect()
}

/// A table is renamed before all else is looked at: its lineage and its foreign keys have the name.
fn other_tier(sides: [Side; 2], first: &Table, second: &Table) -> Vec<Difference> {
    let [ours, theirs] = [first, second]
        .map(|table| table.tier.map_or_else(|| "of no tier".to_owned(), |tier| format!("{tier}")));
    let message = format!(
        "the table is {} as {ours}; {} has it as {theirs}, under the name `{}`",
        sides[0].participle(),
        sides[1].name(),
        second.name
    );
    vec![Difference { aspect: Aspect::Tier, attribute: None, place: None, message }]
}
