use std::marker::PhantomData;

use datajoint_pipeline::typed::Table;

/// The rows of an ancestor that a key comes from.
#[derive(Debug)]
pub struct Upstream<'cx, A: Table> {
    marker: PhantomData<&'cx A>,
}

impl<A: Table> Upstream<'_, A> {
    pub(crate) fn new() -> Self {
        Self { marker: PhantomData }
    }
}
