//! What SQL of users may call, and how it is called so that it is the server's own.

use std::sync::OnceLock;

use crate::dialect::{Guard, Listed};
use crate::select::functions::follows_operand;
use crate::token::{Call, Token, solid_before};

/// The schema of the server's own functions.
const SCHEMA: &str = "pg_catalog";

/// A function of the server's own, as a statement calls it.
///
/// Without its schema a name is looked for in all schemas of `search_path`, and the function with the best-fitting types is
/// called: `public.upper(varchar)` before `pg_catalog.upper(text)`.
pub(super) fn own(name: &str) -> String {
    format!("{SCHEMA}.{name}")
}

pub(super) static LISTED: Listed = Listed {
    text: include_str!("functions.txt"),
    syntax: &[
        "bigint",
        "boolean",
        "cast",
        "character",
        "coalesce",
        "collation",
        "current_time",
        "current_timestamp",
        "dec",
        "decimal",
        "float",
        "greatest",
        "grouping",
        "int",
        "integer",
        "json",
        "json_array",
        "json_arrayagg",
        "json_exists",
        "json_objectagg",
        "json_query",
        "json_serialize",
        "json_value",
        "least",
        "localtime",
        "localtimestamp",
        "nchar",
        "nullif",
        "real",
        "smallint",
        "treat",
        "trim",
        "xmlattributes",
        "xmlconcat",
        "xmlelement",
        "xmlforest",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
    ],
    elsewhere: &[
        "any_value",
        "array_reverse",
        "array_sample",
        "array_shuffle",
        "array_sort",
        "casefold",
        "crc32",
        "crc32c",
        "date_add",
        "date_subtract",
        "erf",
        "erfc",
        "gamma",
        "lgamma",
        "random_normal",
        "to_bin",
        "to_oct",
        "unicode_assigned",
        "uuid_extract_timestamp",
        "uuid_extract_version",
        "uuidv4",
        "uuidv7",
    ],
    operators: &[
        "by",
        "columns",
        "escape",
        "filter",
        "group",
        "ilike",
        "is",
        "join",
        "like",
        "materialized",
        "of",
        "over",
        "overlaps",
        "sets",
        "similar",
        "varying",
        "within",
        "zone",
    ],
    schema: Some(SCHEMA),
    calls_by_point: true,
    types: Some(&TYPES),
    set: OnceLock::new(),
};

/// The functions that make one value of many, also by the names of others.
pub(super) static AGGREGATES: [&str; 49] = [
    "any_value",
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "dense_rank",
    "every",
    "group_concat",
    "json_agg",
    "json_arrayagg",
    "json_object_agg",
    "json_objectagg",
    "jsonb_agg",
    "jsonb_object_agg",
    "max",
    "min",
    "mode",
    "percent_rank",
    "percentile_cont",
    "percentile_disc",
    "range_agg",
    "range_intersect_agg",
    "rank",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
    "xmlagg",
];

/// Types of the server's own, by the first word of each of their names.
static TYPES: [&str; 77] = [
    "bigint",
    "bit",
    "bool",
    "boolean",
    "box",
    "bpchar",
    "bytea",
    "char",
    "character",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "dec",
    "decimal",
    "double",
    "float",
    "float4",
    "float8",
    "inet",
    "int",
    "int2",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "integer",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "national",
    "nchar",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "path",
    "point",
    "polygon",
    "real",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "smallint",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "uuid",
    "varbit",
    "varchar",
    "xml",
];

/// Names of functions whose calls the server's grammar takes for its own, without a look at any schema, where no quotes
/// are around them.
const GRAMMAR: [&str; 11] = [
    "bit",
    "char",
    "extract",
    "interval",
    "normalize",
    "numeric",
    "position",
    "time",
    "timestamp",
    "varchar",
    "xmlexists",
];

/// Calls that the grammar takes only where these words stand in them; else they are calls as all others.
const WORDS: [(&str, &[&str]); 2] = [("overlay", &["placing"]), ("substring", &["from", "for", "similar"])];

/// Calls of later releases that are calls of any function on earlier ones, unless they have a clause; what stands for none.
const CLAUSES: [(&str, &str); 8] = [
    ("json", "WITHOUT UNIQUE KEYS"),
    ("json_array", "RETURNING json"),
    ("json_arrayagg", "RETURNING json"),
    ("json_exists", "FALSE ON ERROR"),
    ("json_objectagg", "RETURNING json"),
    ("json_query", "RETURNING jsonb"),
    ("json_serialize", "RETURNING text"),
    ("json_value", "RETURNING text"),
];

/// Reserved words that begin such a clause, and others that do where they follow a value.
const BEGINNINGS: [&str; 3] = ["on", "returning", "with"];
const BEHIND_VALUES: [&str; 2] = ["value", "without"];

pub(super) fn guard(tokens: &[Token], place: usize, call: &Call<'_>) -> Guard {
    let Token::Word(name) = &tokens[place] else { return Guard::Named };
    let name = name.to_ascii_lowercase();
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == name) {
        return if has_clause(call, words, &[]) { Guard::AsItIs } else { Guard::Named };
    }
    if name == "unnest" && call.arguments.len() > 1 && is_read(tokens, place) {
        // The grammar makes a call of each of its arguments.
        return Guard::AsItIs;
    }
    let has_clause = || has_clause(call, &BEGINNINGS, &BEHIND_VALUES);
    match CLAUSES.iter().find(|(known, _)| *known == name) {
        Some((_, clause)) => {
            if has_clause() {
                Guard::AsItIs
            } else {
                Guard::Clause(clause)
            }
        }
        // Without a clause the grammar takes it for the function.
        None if name == "json_object" && has_clause() => Guard::AsItIs,
        None if GRAMMAR.contains(&name.as_str()) || LISTED.syntax.contains(&name.as_str()) => Guard::AsItIs,
        None => Guard::Named,
    }
}

/// True for a call whose rows a query within reads.
fn is_read(tokens: &[Token], place: usize) -> bool {
    let before = solid_before(tokens, place).map(|before| &tokens[before]);
    before.is_some_and(|before| ["from", "join", "lateral"].iter().any(|word| before.is_word(word)))
}

/// True where one of some words stands in a call outside of brackets there, or one of others behind a value.
fn has_clause(call: &Call<'_>, words: &[&str], behind_values: &[&str]) -> bool {
    call.arguments.iter().any(|argument| {
        let mut depth = 0;
        argument.iter().enumerate().any(|(place, token)| {
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            let is_one_of = |words: &[&str]| words.iter().any(|word| token.is_word(word));
            depth == 0 && (is_one_of(words) || (is_one_of(behind_values) && follows_operand(argument, place)))
        })
    })
}
