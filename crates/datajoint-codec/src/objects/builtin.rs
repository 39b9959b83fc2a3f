//! The codecs of DataJoint itself whose objects lie in a store.

mod file_path;
mod handle;
mod hash;
mod npy;
mod object;
mod upload;

pub(super) use object::described;
pub(super) use upload::Folder;

use datajoint_store::Store;
use handle::handle;
use serde_json::Value as Json;

use crate::builtin::Fields;
use crate::{Codecs, Result};

/// Those codecs, beside what is known already.
pub(crate) fn added_to(codecs: Codecs) -> Codecs {
    codecs.with(hash::Hash).with(object::ObjectCodec).with(npy::NpyCodec).with(file_path::FilePath)
}

/// The name of a store as JSON has it.
fn store_name(store: &Store) -> Json {
    store.spec().name.as_str().into()
}

impl Fields<'_> {
    fn size(self) -> Result<u64> {
        self.optional_size("size")?.ok_or_else(|| self.wrong("size"))
    }
}
