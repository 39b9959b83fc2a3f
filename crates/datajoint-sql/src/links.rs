//! By which columns rows refer to others.

use datajoint_schema::{ColumnPair, TableName};

use crate::{Condition, Error, Expression, Part, Result};

/// Columns of a row and those of another one that they equal; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    first: Link,
    others: Vec<Link>,
}

/// A column of a row, and the one that it equals in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The name in the row.
    pub ours: String,
    /// The name in the other one.
    pub theirs: String,
}

impl Links {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn new(mut links: impl Iterator<Item = Link>) -> Option<Self> {
        Some(Self { first: links.next()?, others: links.collect() })
    }
}

impl Condition {
    /// The rows of a child that refer to one of these rows of a parent, by the columns of a foreign key.
    ///
    /// Fails for a foreign key without columns: nobody knows then which rows refer to which.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use datajoint_definition::{Backend, Tier, parse};
    /// # use datajoint_schema::{ColumnPair, Declaration, resolve};
    /// use datajoint_sql::{Condition, Expression, delete};
    ///
    /// # let table = |class_name, definition| {
    /// #     let (definition, _) = parse(definition);
    /// #     resolve(&Declaration { schema: "lab", class_name, tier: Tier::Manual, definition: &definition,
    /// #         parents: &[], master: None }).0
    /// # };
    /// # let animal = table("Animal", "animal : int8\n---\ntag : int32");
    /// # let scan = table("Scan", "scan : int8\n---\nworn : int32");
    /// let by = [ColumnPair { child: "worn".into(), parent: "tag".into() }];
    /// let animals = Expression::Table(Arc::new(animal.clone()));
    /// let theirs = Condition::refers_to(&scan.name, &animal.name, &by, animals)?;
    /// assert_eq!(
    ///     delete(Backend::Sqlite, &scan, &theirs)?.sql,
    ///     "DELETE FROM `lab.scan` WHERE `worn` IN (SELECT `tag` FROM `lab.animal`)",
    /// );
    /// # Ok::<_, datajoint_sql::Error>(())
    /// ```
    pub fn refers_to(
        child: &TableName,
        parent: &TableName,
        columns: &[ColumnPair],
        parents: Expression,
    ) -> Result<Self> {
        let down = |pair: &ColumnPair| Link { ours: pair.child.clone(), theirs: pair.parent.clone() };
        Self::linked(child, parent, columns.iter().map(down), parents)
    }

    /// The rows of a parent that one of these rows of a child refers to, by the columns of a foreign key.
    ///
    /// Fails for a foreign key without columns.
    pub fn referred_to_by(
        child: &TableName,
        parent: &TableName,
        columns: &[ColumnPair],
        children: Expression,
    ) -> Result<Self> {
        let up = |pair: &ColumnPair| Link { ours: pair.parent.clone(), theirs: pair.child.clone() };
        Self::linked(child, parent, columns.iter().map(up), children)
    }

    fn linked(
        child: &TableName,
        parent: &TableName,
        links: impl Iterator<Item = Link>,
        to: Expression,
    ) -> Result<Self> {
        let by = Links::new(links).ok_or_else(|| Error::Statement {
            table: child.clone(),
            advice: format!(
                "it refers to `{parent}` by no column that is known, so that nobody can tell which of its rows do: \
                 declare its foreign key with columns"
            ),
        })?;
        Ok(Self::Linked { by, to: Part::new(to) })
    }
}
