use datajoint_definition::Backend;
use datajoint_schema::{Lineage, TableName};

use crate::Place;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why no statement can be made, or a value not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An attribute is named that the table or query doesn't have.
    #[error("there is no attribute `{attribute}` in {place}{}", known_names(.nearest.as_deref(), .known))]
    UnknownAttribute {
        /// The name asked for.
        attribute: String,
        /// What lacks it.
        place: Place,
        /// The most similar name there is.
        nearest: Option<String>,
        /// The names there are.
        known: Vec<String>,
    },
    /// A function that the server does not have, or that may do more than give a value.
    #[error("{}", calls(.attribute.as_deref(), .text, .function, *.nearest, *.backend))]
    UnknownFunction {
        /// The attribute that is computed with it, where one is.
        attribute: Option<String>,
        /// The expression.
        text: String,
        /// The function.
        function: String,
        /// The most similar of those that may be called.
        nearest: Option<&'static str>,
        /// Where it would be called.
        backend: Backend,
    },
    /// Two attributes of one query would have the same name.
    #[error("`{attribute}` would stand twice in the projection: choose another new name")]
    DuplicateAttribute {
        /// The name.
        attribute: String,
    },
    /// A projection leaves out a part of the primary key.
    #[error("`{attribute}` belongs to the primary key and can't be left out: rename it, or keep it")]
    KeyAttributeDropped {
        /// The attribute.
        attribute: String,
    },
    /// Both sides have an attribute of this name, but it does not mean the same.
    #[error(
        "`{attribute}` means different things on both sides: {left} and {right}; \
         rename one of them with a projection, project it away, or match by name alone (`join_by_name`)"
    )]
    DifferentLineage {
        /// The attribute.
        attribute: String,
        /// Where it comes from on the left.
        left: Lineage,
        /// Where it comes from on the right.
        right: Lineage,
    },
    /// Both sides have an attribute of this name, and of one of them it is not known where it comes from.
    #[error(
        "`{attribute}` is on both sides, but {} (it is a secondary attribute or computed), \
         so they can't be matched; rename one of them with a projection, or project it away",
        missing_sides(.left.as_deref(), .right.as_deref())
    )]
    MissingLineage {
        /// The attribute.
        attribute: String,
        /// Where it comes from on the left.
        left: Option<Box<Lineage>>,
        /// Where it comes from on the right.
        right: Option<Box<Lineage>>,
    },
    /// A side of a query lacks attributes that the other side's primary key needs.
    #[error("{operation} needs {} on the {side}: {advice}", names(.missing))]
    MissingKey {
        /// What was to be done.
        operation: &'static str,
        /// The side that lacks them.
        side: &'static str,
        /// The attributes.
        missing: Vec<String>,
        /// What to do.
        advice: &'static str,
    },
    /// Two queries can't be united.
    #[error("a union needs {rule}: {}", names(.attributes))]
    Union {
        /// The rule, and what to do.
        rule: &'static str,
        /// The attributes against it.
        attributes: Vec<String>,
    },
    /// An aggregate is asked for that is none.
    #[error("`{attribute}` can't be had from many rows: {advice}")]
    Aggregate {
        /// The attribute.
        attribute: String,
        /// What to do.
        advice: String,
    },
    /// A value does not fit its attribute.
    #[error("{value} can't be a value of `{}{attribute}`, declared as {type_text}: {advice}", in_table(.table.as_deref()))]
    Value {
        /// The table, where it is known.
        table: Option<Box<TableName>>,
        /// The attribute.
        attribute: String,
        /// The type of the attribute, as written.
        type_text: String,
        /// The value, shortened.
        value: String,
        /// What is wrong and what to do.
        advice: String,
    },
    /// Rows of a query are to be inserted, and an attribute does not hold every value that it has in the query.
    #[error(
        "`{table}`: `{attribute}` is declared as {type_text}, which does not hold every {source_type} of the query: \
         give the query a cast under this name, or fetch its rows and insert them"
    )]
    Narrower {
        /// The table.
        table: Box<TableName>,
        /// The attribute.
        attribute: String,
        /// The type of the attribute, as written.
        type_text: String,
        /// Its type in the query, as written.
        source_type: String,
    },
    /// A row holds a value that its attribute can't have.
    #[error(
        "{}the row ({key}) holds {value} in `{attribute}`, which is no {type_text}: put it right in SQL, \
         or leave `{attribute}` out of what you fetch",
        of_table(.table.as_deref())
    )]
    Unreadable {
        /// The table, where the value comes from one.
        table: Option<Box<TableName>>,
        /// What was read of the key of the row.
        key: String,
        /// The attribute.
        attribute: String,
        /// The type of the attribute, as written.
        type_text: String,
        /// The value, shortened.
        value: String,
    },
    /// A backend can't hold a type.
    #[error("`{table}`: {backend} can't hold `{attribute} : {type_text}`: {advice}")]
    UnsupportedType {
        /// The table.
        table: Box<TableName>,
        /// The attribute.
        attribute: String,
        /// The type of the attribute, as written.
        type_text: String,
        /// The backend.
        backend: Backend,
        /// What to do.
        advice: String,
    },
    /// A table can't be declared as it is.
    #[error("`{table}` can't be declared: {advice}")]
    Declaration {
        /// The table.
        table: TableName,
        /// What is wrong and what to do.
        advice: String,
    },
    /// Text in SQL has not as many `?` as values.
    #[error(
        "`{}` has {} for {}: write one `?` for each value, `??` for a question mark", crate::show_expression(.text),
        datajoint_definition::count(*.placeholders, "placeholder"), datajoint_definition::count(*.values, "value")
    )]
    Placeholders {
        /// The text.
        text: String,
        /// How many placeholders it has.
        placeholders: usize,
        /// How many values are given.
        values: usize,
    },
    /// What was given as an SQL expression is none, or more than one.
    #[error("`{}` is no SQL expression: {advice}", crate::show_expression(.text))]
    Fragment {
        /// The text.
        text: String,
        /// What is wrong and what to do.
        advice: String,
    },
    /// What is written as SQL would mean one thing on this backend and another elsewhere.
    #[error("in `{}`, `{piece}` means another thing on {backend} than elsewhere: {advice}", crate::show_expression(.text))]
    OtherMeaning {
        /// The expression.
        text: String,
        /// The sign, function or number.
        piece: String,
        /// Where it means another thing.
        backend: Backend,
        /// What it means there, and what to write.
        advice: String,
    },
    /// What is written as a place within a JSON attribute is none.
    #[error("`{}` is no place in JSON: {advice}", crate::show_expression(.place))]
    Place {
        /// What is written.
        place: String,
        /// What is wrong and what to do.
        advice: String,
    },
    /// A query of which no statement can be made.
    #[error("the query is too large for one statement: {advice}")]
    TooLarge {
        /// What is too large, and what to do.
        advice: String,
    },
    /// A statement is asked for in a way that can't work.
    #[error("`{table}`: {advice}")]
    Statement {
        /// The table.
        table: TableName,
        /// What is wrong and what to do.
        advice: String,
    },
    /// The rows of a catalog query are not what they should be.
    #[error("the catalog of {backend} answered `{query}` in an unknown form: {detail}")]
    Catalog {
        /// The backend.
        backend: Backend,
        /// The query.
        query: &'static str,
        /// What was found.
        detail: String,
    },
}

/// Names as they stand in a sentence.
fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// The same error naming the table, where it is one about a value without a table.
    #[must_use]
    pub fn in_table(mut self, name: &TableName) -> Self {
        if let Self::Value { table: table @ None, .. } = &mut self {
            *table = Some(Box::new(name.clone()));
        }
        self
    }

    /// The same error naming the attribute that is computed, where it is one about a function.
    pub(crate) fn computing(mut self, name: &str) -> Self {
        if let Self::UnknownFunction { attribute: attribute @ None, .. } = &mut self {
            *attribute = Some(name.to_owned());
        }
        self
    }

    /// The same error naming the query that lacks an attribute, where it says only that one does.
    pub(crate) fn within(mut self, query: &crate::Expression) -> Self {
        if let Self::UnknownAttribute { place: place @ Place::Query, .. } = &mut self {
            *place = crate::place(query);
        }
        self
    }

    /// An unknown attribute with the names that are known, and the most similar one.
    pub(crate) fn unknown<'a>(
        attribute: &str,
        place: Place,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        Self::UnknownAttribute {
            attribute: attribute.to_owned(),
            place,
            nearest: datajoint_definition::suggest(attribute, known.iter().copied()).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        }
    }
}

fn known_names(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`? It has {}", known.join(", ")),
        None if known.is_empty() => "; it has none".to_owned(),
        None => format!("; it has {}", known.join(", ")),
    }
}

fn calls(
    attribute: Option<&str>,
    text: &str,
    function: &str,
    nearest: Option<&str>,
    backend: Backend,
) -> String {
    let what = attribute.map(|attribute| format!("`{attribute}` = ")).unwrap_or_default();
    let text = crate::show_expression(text);
    let next = nearest.map_or_else(|| "call".to_owned(), |nearest| format!("did you mean `{nearest}`? Call"));
    format!(
        "{what}`{text}` calls `{function}`, which is none of the functions of {backend} that only give a value; {next} any \
         other one in a statement of your own, or compute with the rows that you fetch"
    )
}

fn missing_sides(left: Option<&Lineage>, right: Option<&Lineage>) -> &'static str {
    match (left, right) {
        (None, None) => "neither has a lineage",
        (None, Some(_)) => "the left one has no lineage",
        _ => "the right one has no lineage",
    }
}

fn of_table(table: Option<&TableName>) -> String {
    table.map(|table| format!("{table}: ")).unwrap_or_default()
}

fn in_table(table: Option<&TableName>) -> String {
    table.map(|table| format!("{table}.")).unwrap_or_default()
}
