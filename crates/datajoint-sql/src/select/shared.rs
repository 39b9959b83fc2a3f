use std::sync::Arc;

use datajoint_schema::Attribute;

/// An attribute that queries share.
pub(crate) type Shared = Arc<Attribute>;
