use super::headings::{self, Shared, Side, joined};
use super::query::{Column, Source};
use super::{Lower, Query};
use crate::{Error, Matching, Result};

impl Lower {
    /// Every pair of rows that agree on the attributes both sides have, the sources side by side.
    pub(super) fn join(&mut self, left: Query, right: Query, matching: Matching) -> Result<Query> {
        let (left, right) = (left.without_order_unless_cut(), right.without_order_unless_cut());
        let attributes = [&left, &right].map(|query| query.attributes().cloned().collect::<Vec<Shared>>());
        let [left_attributes, right_attributes] = &attributes;
        let common: Vec<&str> = headings::common(left_attributes, right_attributes, matching)?;
        let right = if right.has_optional_source() { right.wrap(self) } else { right };
        let (left, right) = self.side_by_side(left, right, &common);

        let places = joined(left_attributes, right_attributes);
        let columns = places.into_iter().map(|place| {
            let from = if place.side == Side::Left { &left } else { &right };
            Column {
                attribute: place.attribute(left_attributes, right_attributes),
                ..from.columns[place.place].clone()
            }
        });
        let columns = columns.collect();
        let mut sources = left.sources;
        for mut source in right.sources {
            for name in &common {
                if source.has(name) && !source.using.iter().any(|using| using == name) {
                    source.using.push((*name).to_owned());
                }
            }
            sources.push(source);
        }
        self.check_sources(&sources)?;
        let mut conditions = left.conditions;
        conditions.extend(right.conditions);
        Ok(Query {
            columns,
            sources,
            conditions,
            group: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            is_distinct: false,
            names_sources: left.names_sources || right.names_sources,
        })
    }

    /// Fails for more tables side by side than the backend joins.
    pub(super) fn check_sources(&self, sources: &[Source]) -> Result<()> {
        let Some(most) = self.backend.capability().max_joined_tables else { return Ok(()) };
        if sources.len() <= most {
            return Ok(());
        }
        let advice = format!(
            "it joins {}, and {} joins {most}: insert the rows of some into a table first",
            datajoint_definition::count(sources.len(), "table"),
            self.backend
        );
        Err(Error::TooLarge { advice })
    }

    /// The two, each as a subquery where it can't stand beside the other as it is.
    pub(super) fn side_by_side(&mut self, left: Query, right: Query, common: &[&str]) -> (Query, Query) {
        let left = if self.must_wrap(&left, &right, common) { left.wrap(self) } else { left };
        let right = if self.must_wrap(&right, &left, common) { right.wrap(self) } else { right };
        let right = self.rename_sources(&left, right);
        (left, right)
    }

    /// True when `one` can't stand beside `other` as it is: it is cut, the columns to match are not columns of
    /// its sources, or a column that it doesn't show would get in the way of the other's.
    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn must_wrap(&self, one: &Query, other: &Query, common: &[&str]) -> bool {
        let is_plain = |name: &str| one.column(name).is_some_and(Column::is_plain);
        !one.is_flat()
            || !common.iter().all(|name| is_plain(name))
            || one.sources.iter().flat_map(Source::names).any(|name| {
                !datajoint_schema::is_hidden_name(name) && !is_plain(name) && other.has_name(name)
            })
    }

    /// Gives sources of `right` another name where `left` has one of the same.
    pub(super) fn rename_sources(&mut self, left: &Query, mut right: Query) -> Query {
        let taken: Vec<String> = left.sources.iter().map(|source| source.qualifier(self.backend)).collect();
        let clashes = |source: &Source, backend| taken.contains(&source.qualifier(backend));
        if !right.sources.iter().any(|source| clashes(source, self.backend)) {
            return right;
        }
        if right.names_sources {
            return right.wrap(self);
        }
        for place in 0..right.sources.len() {
            if clashes(&right.sources[place], self.backend) {
                right.sources[place].alias = Some(self.alias());
            }
        }
        right
    }
}
