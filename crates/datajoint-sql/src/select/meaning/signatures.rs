//! What functions take with one meaning on every server, and what they give.

use super::kinds::Kinds;

/// What functions of these names take.
pub(super) struct Signature {
    pub(super) names: &'static [&'static str],
    /// For each argument; the last for all that follow.
    pub(super) takes: &'static [Kinds],
    pub(super) gives: Gives,
    /// What servers without a word take each in its own way, so that it is refused on all of them.
    pub(super) nowhere: Kinds,
}

/// What a function gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    Always(Kinds),
    /// What its first argument is.
    First,
    /// What any is of its arguments from this one on, which are of one family.
    OneOf(usize),
}

use Gives::{Always, First, OneOf};

const COUNTED: Kinds = Kinds::COUNTED;
const SAID: Kinds = Kinds::SAID;
const WHOLE: Kinds = Kinds::WHOLE;
const TEXT: Kinds = Kinds::TEXT;
const ALL: Kinds = Kinds::ALL;
const NUMBER: Kinds = Kinds::WHOLE.or(Kinds::TRUTHS);
const DAYS: Kinds = Kinds::DAYS.or(Kinds::WRITTEN);
const TIMES: Kinds = Kinds::TIMES.or(Kinds::WRITTEN);
const STRINGS: Kinds = Kinds::STRINGS;
/// What becomes the same in a document.
const SAID_IN_DOCUMENTS: Kinds = Kinds::NUMBERS.or(Kinds::STRINGS);

const fn line(names: &'static [&'static str], takes: &'static [Kinds], gives: Gives) -> Signature {
    Signature { names, takes, gives, nowhere: Kinds::OPAQUE }
}

/// Of what nothing else is taken anywhere.
const fn strict(names: &'static [&'static str], takes: &'static [Kinds], gives: Gives) -> Signature {
    Signature { names, takes, gives, nowhere: ALL }
}

/// Of days and times: numbers are none.
const fn of_days(names: &'static [&'static str], takes: &'static [Kinds], gives: Gives) -> Signature {
    Signature { names, takes, gives, nowhere: Kinds::OPAQUE.or(COUNTED) }
}

/// Of numbers: members of an enum are none.
const fn of_numbers(names: &'static [&'static str], takes: &'static [Kinds], gives: Gives) -> Signature {
    Signature { names, takes, gives, nowhere: Kinds::OPAQUE.or(Kinds::MEMBER) }
}

pub(super) const SIGNATURES: &[Signature] = &[
    of_numbers(&["abs", "mod", "round", "sum", "truncate"], &[COUNTED], First),
    of_numbers(&["ceil", "ceiling", "floor", "sign"], &[COUNTED], Always(WHOLE)),
    of_numbers(
        &[
            "acos",
            "asin",
            "atan",
            "atan2",
            "avg",
            "cos",
            "cot",
            "degrees",
            "exp",
            "ln",
            "log",
            "log10",
            "log2",
            "pow",
            "power",
            "radians",
            "sin",
            "sqrt",
            "std",
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "tan",
            "total",
            "var_pop",
            "var_samp",
            "variance",
        ],
        &[COUNTED],
        Always(Kinds::FLOAT),
    ),
    line(&["pi"], &[], Always(Kinds::FLOAT)),
    strict(&["bit_and", "bit_count", "bit_or", "bit_xor"], &[NUMBER], Always(WHOLE)),
    line(&["char", "chr"], &[NUMBER], Always(TEXT)),
    line(&["concat", "concat_ws", "group_concat", "string_agg"], &[SAID], Always(TEXT)),
    line(
        &["lcase", "lower", "ltrim", "replace", "reverse", "rtrim", "trim", "ucase", "upper"],
        &[SAID],
        Always(TEXT),
    ),
    line(&["left", "repeat", "right"], &[SAID, NUMBER], Always(TEXT)),
    line(&["lpad", "rpad"], &[SAID, NUMBER, SAID], Always(TEXT)),
    line(&["mid", "substr", "substring"], &[SAID, NUMBER, NUMBER], Always(TEXT)),
    line(
        &["ascii", "char_length", "character_length", "find_in_set", "instr", "locate", "ord", "position"],
        &[SAID],
        Always(WHOLE),
    ),
    line(&["bit_length", "length", "octet_length"], &[SAID.or(Kinds::BYTES)], Always(WHOLE)),
    line(&["md5", "sha2", "to_base64"], &[STRINGS.or(Kinds::BYTES), NUMBER], Always(TEXT)),
    line(&["crc32"], &[STRINGS.or(Kinds::BYTES)], Always(WHOLE)),
    line(&["unhex"], &[STRINGS], Always(Kinds::BYTES)),
    line(&["quote", "soundex"], &[STRINGS], Always(TEXT)),
    line(&["strcmp"], &[STRINGS], Always(WHOLE)),
    line(&["elt"], &[NUMBER, SAID], Always(TEXT)),
    line(&["insert"], &[SAID, NUMBER, NUMBER, SAID], Always(TEXT)),
    line(&["substring_index"], &[SAID, SAID, NUMBER], Always(TEXT)),
    line(&["space", "bin", "oct"], &[NUMBER], Always(TEXT)),
    line(&["conv"], &[STRINGS.or(NUMBER), NUMBER], Always(TEXT)),
    line(&["regexp_replace", "regexp_substr"], &[STRINGS], Always(TEXT)),
    line(&["regexp_instr"], &[STRINGS], Always(WHOLE)),
    line(&["regexp_like"], &[STRINGS], Always(Kinds::VERDICT)),
    of_days(&["year", "month", "day"], &[DAYS], Always(WHOLE)),
    of_days(&["hour", "minute", "second"], &[TIMES], Always(WHOLE)),
    of_days(
        &[
            "dayofmonth",
            "dayofweek",
            "dayofyear",
            "quarter",
            "to_days",
            "to_seconds",
            "week",
            "weekday",
            "weekofyear",
            "yearweek",
        ],
        &[DAYS, NUMBER],
        Always(WHOLE),
    ),
    of_days(&["datediff"], &[DAYS], Always(WHOLE)),
    of_days(&["microsecond", "time_to_sec"], &[TIMES], Always(WHOLE)),
    of_days(&["unix_timestamp"], &[DAYS], Always(Kinds::NUMBERS)),
    of_days(&["dayname", "monthname"], &[DAYS], Always(TEXT)),
    of_days(&["date_format"], &[DAYS, STRINGS], Always(TEXT)),
    of_days(&["last_day"], &[DAYS], Always(Kinds::DAY)),
    of_days(&["adddate", "date_add", "date_sub", "subdate"], &[DAYS, ALL], Always(Kinds::DAYS)),
    of_days(&["addtime", "subtime"], &[TIMES, ALL], Always(Kinds::UNKNOWN)),
    of_days(&["date"], &[DAYS], Always(Kinds::DAY)),
    of_days(&["time"], &[TIMES.without(Kinds::DAY)], Always(Kinds::TIME)),
    of_days(&["timestamp"], &[DAYS], Always(Kinds::MOMENT)),
    of_days(&["timestampdiff"], &[ALL, DAYS], Always(WHOLE)),
    line(&["count"], &[ALL], Always(WHOLE)),
    line(&["min", "max"], &[ALL.without(Kinds::DOCUMENT)], First),
    line(&["coalesce", "ifnull", "nullif", "nvl"], &[ALL], OneOf(0)),
    strict(&["greatest", "least"], &[ALL.without(Kinds::OPAQUE)], OneOf(0)),
    line(&["if", "iif"], &[COUNTED, ALL], OneOf(1)),
    strict(&["json_array", "json_arrayagg", "json_object"], &[SAID_IN_DOCUMENTS], Always(Kinds::DOCUMENT)),
    line(
        &[
            "json_insert",
            "json_keys",
            "json_merge_patch",
            "json_query",
            "json_remove",
            "json_replace",
            "json_set",
        ],
        &[ALL],
        Always(Kinds::DOCUMENT),
    ),
    strict(&["json_valid"], &[STRINGS.or(Kinds::DOCUMENT)], Always(WHOLE)),
    line(&["json_unquote"], &[STRINGS], Always(TEXT)),
    line(&["json_type"], &[ALL], Always(TEXT)),
    line(&["json_extract"], &[ALL], Always(Kinds::UNKNOWN)),
    line(&["first_value", "lag", "last_value", "lead", "nth_value"], &[ALL], First),
    strict(
        &["hex"],
        &[ALL.without(Kinds::DOCUMENT).without(Kinds::FLOAT).without(Kinds::EXACT)],
        Always(TEXT),
    ),
    of_numbers(&["makedate"], &[NUMBER], Always(Kinds::DAY)),
    line(&["now", "curdate", "current_date", "current_timestamp"], &[], Always(Kinds::DAYS)),
];
