use std::net::SocketAddr;

use datajoint_adapters::Kind;

/// Why there is no overview of a pipeline, or no page.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database, or the pipeline that it holds.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// A queue of jobs.
    #[error("{0}")]
    Jobs(#[from] datajoint_jobs::Error),
    /// What a table is made for.
    #[error("{0}")]
    Populate(#[from] datajoint_populate::Error),
    /// An address at which nobody can be served.
    #[error("nothing can be served at {address}: {source}; choose another port, or 0 for one that is free")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A token that anybody could guess, or that no browser would keep.
    #[error(
        "a token has at least 16 characters, of ASCII letters, digits, `-`, `_` and `.` alone; make one with \
         `openssl rand -hex 16`"
    )]
    Token,
    /// The server of the page broke off.
    #[error("the page is no longer served: {0}; serve it again")]
    Serving(std::io::Error),
}

datajoint_definition::debug_as_report!(Error);

impl Error {
    /// True when the server let the user not read what was to be read.
    pub(crate) fn is_missing_privilege(&self) -> bool {
        self.refusal().and_then(datajoint_adapters::Error::kind) == Some(Kind::MissingPrivilege)
    }

    /// What the database said, if it was the database.
    pub(crate) fn refusal(&self) -> Option<&datajoint_adapters::Error> {
        datajoint_pipeline::find_refusal(self)
    }
}
