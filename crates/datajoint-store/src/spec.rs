//! What the settings say of a store.

use std::fmt;

use datajoint_config::{Store as Attributes, StoreProtocol};

use crate::{Error, Result, Section};

/// How a store is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A folder.
    File,
    /// S3, and what speaks it.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::File, Self::S3, Self::Gcs, Self::Azure];

    /// Its name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::S3 => "s3",
            Self::Gcs => "gcs",
            Self::Azure => "azure",
        }
    }

    fn of(name: &str) -> Option<(Self, &'static StoreProtocol)> {
        let known = StoreProtocol::of(name)?;
        Some((Self::ALL.into_iter().find(|protocol| protocol.name() == known.name)?, known))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The settings of a store, complete and without contradiction.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The name of the store.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The folder, or the folder within the bucket.
    pub location: String,
    pub(crate) attributes: Attributes,
}

impl Spec {
    /// The settings of the store of this name.
    ///
    /// Fails for an unknown protocol, an attribute that the protocol needs and is not there or does not know and is,
    /// one half of a pair of keys, and prefixes that lie within one another.
    pub fn new(name: &str, attributes: &Attributes) -> Result<Self> {
        let invalid =
            |attribute, problem: String| Error::Invalid { store: name.to_owned(), attribute, problem };
        let missing = |attribute| Error::Missing { store: name.to_owned(), attribute };
        let given = attributes.text("protocol").ok_or_else(|| missing("protocol"))?.to_ascii_lowercase();
        let (protocol, takes) = Protocol::of(&given).ok_or_else(|| {
            invalid(
                "protocol",
                format!("is `{given}`, which is none of file, s3, gcs and azure: set one of these"),
            )
        })?;
        for required in takes.required {
            if !attributes.names().any(|name| name == *required) {
                return Err(missing(required));
            }
        }
        let allowed = |name: &str| takes.attributes().any(|known| known == name);
        if let Some(unknown) = attributes.names().find(|name| !allowed(name)) {
            return Err(Error::Unknown {
                store: name.to_owned(),
                protocol: given,
                attribute: unknown.to_owned(),
            });
        }
        if attributes.text("endpoint").is_some_and(|endpoint| endpoint.contains('@')) {
            let problem =
                "has a user or a password within it: set `access_key` and `secret_key` in their place";
            return Err(invalid("endpoint", problem.to_owned()));
        }
        let has = |attribute: &str| attributes.names().any(|name| name == attribute);
        for (one, other) in [("access_key", "secret_key"), ("secret_key", "access_key")] {
            if has(one) && !has(other) {
                return Err(invalid(one, format!("is set and `{other}` is not: set both or neither")));
            }
        }
        let location = attributes.text("location").unwrap_or_default().to_owned();
        let spec = Self { name: name.to_owned(), protocol, location, attributes: attributes.clone() };
        spec.check_prefixes()?;
        Ok(spec)
    }

    /// Where the store is.
    pub fn url(&self) -> String {
        let text = |attribute| self.attributes.text(attribute).unwrap_or_default();
        let location = self.location.trim_matches('/');
        match self.protocol {
            Protocol::File => format!("file://{}", self.location),
            Protocol::S3 => format!("s3://{}/{location} of {}", text("bucket"), text("endpoint")),
            Protocol::Gcs => format!("gs://{}/{location}", text("bucket")),
            Protocol::Azure => format!("az://{}/{location}", text("container")),
        }
    }

    /// The prefixes of its sections, each without slashes around it.
    fn prefixes(&self) -> [(&'static str, String); 3] {
        [
            ("hash_prefix", self.prefix(Section::Hash)),
            ("schema_prefix", self.prefix(Section::Schema)),
            ("filepath_prefix", self.prefix(Section::Files)),
        ]
    }

    fn check_prefixes(&self) -> Result<()> {
        let prefixes = self.prefixes();
        for (place, (attribute, prefix)) in prefixes.iter().enumerate() {
            for (other_attribute, other) in &prefixes[place + 1..] {
                let within = |outer: &str, inner: &str| format!("{inner}/").starts_with(&format!("{outer}/"));
                if !prefix.is_empty() && !other.is_empty() && (within(prefix, other) || within(other, prefix))
                {
                    return Err(Error::Invalid {
                        store: self.name.clone(),
                        attribute,
                        problem: format!(
                            "is `{prefix}` and `{other_attribute}` is `{other}`, one within the other: \
                             give each section a folder of its own"
                        ),
                    });
                }
            }
        }
        Ok(())
    }
}
