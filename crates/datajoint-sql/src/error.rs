use thiserror::Error;

/// Why a query, a declaration or a value can't become SQL.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// An attribute that is not there.
    #[error("`{attribute}` is not an attribute of {query}{hint}")]
    UnknownAttribute {
        /// The attribute asked for.
        attribute: String,
        /// The table or query.
        query: String,
        /// `; did you mean …` or the list of what there is.
        hint: String,
    },
    /// Two attributes of one name that mean different things.
    #[error(
        "can't match on `{attribute}`: it comes from {left} on one side and from {right} on the other; \
         rename one of them with `proj`"
    )]
    DifferentLineage {
        /// The attribute.
        attribute: String,
        /// Its origin on the left.
        left: String,
        /// Its origin on the right.
        right: String,
    },
    /// An attribute that a query would have twice.
    #[error("the query would have two attributes `{attribute}`; give one of them another name")]
    DuplicateAttribute {
        /// The attribute.
        attribute: String,
    },
    /// A value that its attribute can't hold.
    #[error("attribute `{attribute}`: {message}")]
    Value {
        /// The attribute.
        attribute: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// A declaration that this backend can't hold.
    #[error("table {table}: {message}")]
    Declaration {
        /// The table.
        table: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// A catalog that can't be read as tables.
    #[error("the catalog of {schema} can't be read: {message}")]
    Catalog {
        /// The schema or table.
        schema: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// Text of SQL with another number of values than places.
    #[error("the condition `{text}` has {places} places `?` but {values} values")]
    Placeholders {
        /// The text.
        text: String,
        /// How many `?` it has.
        places: usize,
        /// How many values were given.
        values: usize,
    },
}

/// The result of making SQL.
pub type Result<T, E = Error> = std::result::Result<T, E>;
