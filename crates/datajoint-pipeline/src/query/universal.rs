use std::ops::BitAnd;

use datajoint_sql::Projected;

use super::relation::projected;
use super::{Node, Tree};
use crate::typed::ValueError;
use crate::{Condition, DynamicRow, IntoProjection, Query, Relation, Restriction};

/// The universal set of some attributes: every value they could have.
///
/// Restricting it gives the values that a query has of them, each once; aggregating over it groups the rows of a query
/// by any attributes, not only by those of a key.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_definition::Tier;
/// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance};
/// use datajoint_pipeline::{Relation, U, compute};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> datajoint_pipeline::Result<()> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
/// # let definition = "session : int16\n---\nroom : varchar(8)";
/// # let session =
/// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
/// # let row = |number, room: &str| DynamicRow::new().with("session", number)?.with("room", room);
/// # session.insert(&dj, [row(1, "east")?, row(2, "east")?, row(3, "west")?]).await?;
/// assert_eq!((U("room") & &session).count(&dj).await?, 2);
///
/// let rooms = U("room").aggr(&session, compute("n", "count(*)")).order_by("room").fetch(&dj).await?;
/// assert_eq!(rooms[0].to_string(), "{room: \"east\", n: 2}");
///
/// // Without attributes there is one group.
/// let all = U(()).aggr(&session, compute("n", "count(*)")).fetch_one(&dj).await?;
/// assert_eq!(all.get::<i64>("n")?, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct U<P>(
    /// Its attributes: a name, several, columns, or `()` for none.
    pub P,
);

impl<P: IntoProjection> U<P> {
    /// Values computed over the rows that agree on the attributes. These are the primary key of the result.
    ///
    /// Fails, when run, for attributes that the query lacks, and without any value to compute.
    pub fn aggr(self, of: &(impl Relation + ?Sized), values: impl IntoProjection) -> Query<DynamicRow> {
        let of = of.query().node;
        match (self.names(), values.into_projection().into_parts()) {
            (Ok(by), Ok(attributes)) => Query::new(Tree::new(Node::GroupBy { of, by, attributes })),
            (Err(error), _) | (_, Err(error)) => projected(of, Err(error)),
        }
    }

    fn names(self) -> Result<Vec<String>, ValueError> {
        let parts = self.0.into_projection().into_parts()?;
        let names = parts.into_iter().map(|part| match part {
            Projected::Keep(name) => Ok(name),
            part => Err(ValueError::new("a universal set is made of names alone".to_owned())
                .at(part.name().unwrap_or("..."))),
        });
        names.collect()
    }
}

/// The values that a query has of the attributes, each once.
impl<P: IntoProjection, Q: Relation> BitAnd<Q> for U<P> {
    type Output = Query<DynamicRow>;

    fn bitand(self, of: Q) -> Query<DynamicRow> {
        let from = of.query().node;
        match self.names() {
            Ok(attributes) => Query::new(Tree::new(Node::Unique { from, attributes })),
            Err(error) => projected(from, Err(error)),
        }
    }
}

/// It restricts nothing: every row has a match in it.
impl<P> Restriction for U<P> {
    fn into_condition(self) -> Condition {
        Condition::constant(true)
    }
}
