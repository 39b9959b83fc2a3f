use datajoint_pipeline::typed::{AutoPopulated, HasAncestor, Part, Table};

use crate::Upstream;

/// What [`Make::fetch`](crate::Make::fetch) can reach: the key, and what is upstream of it.
#[derive(Debug)]
pub struct FetchContext<'run, T: AutoPopulated> {
    key: &'run T::Key,
}

impl<'run, T: AutoPopulated> FetchContext<'run, T> {
    /// The key that is being made.
    pub fn key(&self) -> &'run T::Key {
        self.key
    }

    /// The rows of an ancestor that the key comes from.
    pub fn upstream<A: Table>(&self) -> Upstream<'_, A>
    where
        T: HasAncestor<A>,
    {
        Upstream::new()
    }

    /// The rows of a part of an ancestor that belong to what the key comes from.
    pub fn upstream_part<P: Part>(&self) -> Upstream<'_, P>
    where
        T: HasAncestor<P::Master>,
    {
        Upstream::new()
    }
}
