//! What can go wrong between a value and its bytes.

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a value could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes end before the value does.
    #[error("the blob is cut short: {wanted} more bytes needed, {left} left; fetch it again or restore it")]
    Truncated {
        /// Bytes that the value still needs.
        wanted: u64,
        /// Bytes that are there.
        left: usize,
    },

    /// A value ends before the bytes that were counted for it do.
    #[error(
        "the blob goes on after the end of its value (bytes: {count}): it is damaged or was not written by DataJoint"
    )]
    TrailingBytes {
        /// Bytes that nothing has read.
        count: usize,
    },

    /// The blob begins with neither `mYm` nor `dj0`.
    #[error(
        "the blob begins with `{found}`, not with `mYm` or `dj0`: it is not a DataJoint blob, or a newer version wrote it"
    )]
    UnknownProtocol {
        /// The first bytes, made printable.
        found: String,
    },

    /// No value has this code.
    #[error("unknown value code 0x{code:02X}: upgrade datajoint-blob, or check that the blob is whole")]
    UnknownCode {
        /// The code.
        code: u8,
    },

    /// MATLAB sparse arrays are in no reader but MATLAB's.
    #[error("MATLAB sparse arrays are not supported: write `full(x)` instead")]
    Sparse,

    /// No element type has this number.
    #[error("unknown array type {id}{}: upgrade datajoint-blob, or check that the blob is whole", if *complex { " (complex)" } else { "" })]
    UnknownArrayType {
        /// The number in the blob.
        id: u32,
        /// Whether the array says that it is complex.
        complex: bool,
    },

    /// The compressed part cannot be inflated.
    #[error("the compressed blob is damaged: {0}")]
    Inflate(String),

    /// The compressed part inflates to another length than the one written before it.
    #[error("the compressed blob is damaged: expected a length of {expected} in bytes, got {found}")]
    InflatedLength {
        /// The length that the blob announces.
        expected: u64,
        /// The length that came out.
        found: u64,
    },

    /// The value is larger than [`UnpackOptions::max_size`](crate::UnpackOptions::max_size) allows.
    #[error(
        "the blob takes {size} bytes, more than the limit of {limit}: raise `UnpackOptions::max_size` if you trust it"
    )]
    TooLarge {
        /// Bytes announced.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },

    /// Values are nested deeper than allowed.
    #[error("values are nested more than {limit} deep: flatten them, or raise `max_depth` in the options")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },

    /// A shape does not fit its data or this machine.
    #[error("shape {shape:?} does not go with {found}")]
    Shape {
        /// The shape.
        shape: Vec<usize>,
        /// What is there instead.
        found: String,
    },

    /// Part of the blob says something impossible.
    #[error("invalid {what} in the blob: {found}")]
    Invalid {
        /// The kind of value.
        what: &'static str,
        /// What was found.
        found: String,
    },

    /// The blob holds another kind of value than the one asked for.
    #[error("wanted {wanted}, found {found}: ask for that type, or for a `Value`")]
    Mismatch {
        /// The type asked for.
        wanted: String,
        /// The value in the blob.
        found: String,
    },

    /// The number in the blob cannot be held by the type asked for without loss.
    #[error("{value} does not fit {wanted} without loss: ask for a wider type")]
    OutOfRange {
        /// The number.
        value: String,
        /// The type asked for.
        wanted: String,
    },

    /// The format has no place for this value.
    #[error("{what} cannot be written to a blob: {advice}")]
    Unrepresentable {
        /// The value.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },

    /// A value inside another one failed.
    #[error("at {path}: {source}")]
    At {
        /// Where, from the outside in: `["traces"][3]`.
        path: String,
        /// What happened there.
        source: Box<Error>,
    },

    /// The bytes are not an `.npy` file that can be read.
    #[error("not a readable .npy file: {0}")]
    Npy(String),
}

impl Error {
    /// The same error, said to have happened inside `step`.
    pub(crate) fn at(self, step: &dyn std::fmt::Display) -> Self {
        match self {
            Self::At { path, source } => Self::At { path: format!("{step}{path}"), source },
            source => Self::At { path: step.to_string(), source: Box::new(source) },
        }
    }

    pub(crate) fn mismatch(wanted: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Mismatch { wanted: wanted.into(), found: found.into() }
    }

    pub(crate) fn invalid(what: &'static str, found: impl Into<String>) -> Self {
        Self::Invalid { what, found: found.into() }
    }
}
