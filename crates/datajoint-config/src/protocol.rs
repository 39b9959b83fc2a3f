//! What stores are made of: how they are spoken to, and which attributes that takes.

/// How a store is spoken to, and the attributes that this takes.
#[derive(Debug, Clone, Copy)]
pub struct StoreProtocol {
    /// Its name.
    pub name: &'static str,
    /// The attributes that there have to be.
    pub required: &'static [&'static str],
    /// The attributes that there may be, beside those of every store.
    pub optional: &'static [&'static str],
}

/// Every way to speak to a store.
pub const STORE_PROTOCOLS: [StoreProtocol; 4] = [
    StoreProtocol { name: "file", required: &["location"], optional: &[] },
    StoreProtocol {
        name: "s3",
        required: &["location", "endpoint", "bucket"],
        optional: &["access_key", "secret_key", "secure", "proxy_server"],
    },
    StoreProtocol { name: "gcs", required: &["location", "bucket"], optional: &["token", "project"] },
    StoreProtocol {
        name: "azure",
        required: &["location", "container"],
        optional: &["account_name", "account_key", "connection_string"],
    },
];

/// What every store may say, of where it puts what.
const COMMON: [&str; 8] = [
    "protocol",
    "subfolding",
    "partition_pattern",
    "token_length",
    "hash_prefix",
    "schema_prefix",
    "filepath_prefix",
    "stage",
];

impl StoreProtocol {
    /// Returns the protocol of a name, in whatever case; `None` where there is none.
    pub fn of(name: &str) -> Option<&'static Self> {
        const ALL: &[StoreProtocol] = &STORE_PROTOCOLS;
        ALL.iter().find(|protocol| protocol.name.eq_ignore_ascii_case(name))
    }

    /// Returns all the attributes that a store of it may have.
    pub fn attributes(&self) -> impl Iterator<Item = &'static str> + Clone {
        COMMON.iter().chain(self.required).chain(self.optional).copied()
    }
}
