use datajoint_pipeline::typed::{AutoPopulated, HasAncestor, Part, Table};

use crate::Upstream;
use crate::scope::Scope;

/// What [`Make::fetch`](crate::Make::fetch) can reach: the key, and what is upstream of it.
///
/// All that is read comes from one state of the database.
pub struct FetchContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
    scope: &'run Scope,
}

impl<'run, T: AutoPopulated> FetchContext<'run, T> {
    pub(crate) fn new(key: &'run T::Key, scope: &'run Scope) -> Self {
        Self { key, scope }
    }

    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
    }

    /// The rows of an ancestor that the key comes from.
    ///
    /// They are found along the foreign keys, renamed ones included; where foreign keys lead to the ancestor in
    /// two roles, the rows of either role are there. Compiles for ancestors alone.
    pub fn upstream<A: Table>(&self) -> Upstream<'_, A::Row>
    where
        T: HasAncestor<A>,
    {
        super::upstream::<T, A>(self.scope)
    }

    /// The rows of a part whose masters the key comes from; among these, the rows that agree with the key in
    /// what else they share with it.
    pub fn upstream_part<P: Part>(&self) -> Upstream<'_, P::Row>
    where
        T: HasAncestor<P::Master>,
    {
        super::upstream_part::<T, P>(self.scope)
    }
}
