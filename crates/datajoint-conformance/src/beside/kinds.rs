//! The kinds of differences that the guide tells of.

use datajoint::Value;
use datajoint::types::bigdecimal::ToPrimitive as _;
use datajoint_sql::decimal_number;

use super::Outcome;
use super::generate::{Stands, Written};
use super::value::is_same;

/// A difference that is one of the servers' own.
pub(super) struct Kind {
    /// The sentence of the guide.
    pub(super) says: &'static str,
    /// What it is a difference of; anything where there is none.
    forms: &'static [&'static str],
    /// What one of its parts is, or a part of that; anything where it is empty.
    of: &'static str,
    /// Where it stands; anywhere without it.
    stands: Option<Stands>,
    /// What is written in it; nothing where it is empty.
    within: &'static str,
    how: How,
}

/// How values differ.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Any how.
    Anyhow,
    /// Numbers, by less than four digits behind the point tell.
    Digits,
    /// Numbers, by the sign of 64 bits, or by how many bits there are.
    Bits,
    /// Strings, by letters that are none of ASCII.
    Letters,
    /// Numbers, by which way a half goes.
    Halves,
    /// One of them is null.
    Nulls,
}

const STRINGS: &[&str] = &[
    "concat({s}, {s})",
    "concat({a}, '-', {a})",
    "concat_ws('-', {a}, {a})",
    "{s} || {s}",
    "char_length({s})",
    "character_length({s})",
    "length({s})",
    "octet_length({s})",
    "length({y})",
    "octet_length({y})",
    "ifnull(length({y}), 0)",
    "max(length({y}))",
    "bit_length({s})",
    "lower({s})",
    "upper({s})",
    "left({s}, {k})",
    "right({s}, {k})",
    "left({s}, {i})",
    "right({s}, {i})",
    "substr({s}, {k})",
    "substr({s}, {k}, {k})",
    "substring({s}, {k}, {k})",
    "substring({s} from {k} for {k})",
    "trim({s})",
    "ltrim({s})",
    "rtrim({s})",
    "replace({s}, {l}, {l})",
    "reverse({s})",
    "repeat({s}, {k})",
    "instr({s}, {l})",
    "ascii({s})",
    "format({n}, {k})",
    "cast({a} as char)",
    "cast({a} as char(3))",
    "{s} like {l}",
    "{s} not like 'a%'",
    "group_concat({a} order by {K})",
    "group_concat({c} order by {c}, {K})",
    "group_concat({s} order by {K} desc separator '; ')",
    "group_concat(distinct {c} order by {c})",
    "string_agg({s}, '-' order by {K})",
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        says: "A quotient and a mean of whole numbers or decimals have four more digits than their numbers on MySQL and MariaDB",
        forms: &["{n} / {n}", "1.0 * {i} / {i}", "{d} / 2", "{f} / 4.0", "avg({n})", "avg({b})"],
        of: "",
        stands: None,
        within: "",
        how: How::Digits,
    },
    Kind {
        says: "Signs for bits count a negative number as one without a sign on MySQL and MariaDB",
        forms: &["{i} & {i}", "{i} | {i}", "{i} << {k}", "{i} >> {k}", "{i} ^ {i}"],
        of: "",
        stands: None,
        within: "",
        how: How::Bits,
    },
    Kind {
        says: "`bit_or` and its kin count as the signs do",
        forms: &["bit_and({i})", "bit_or({i})", "bit_xor({i})", "bit_count({i})"],
        of: "",
        stands: None,
        within: "",
        how: How::Bits,
    },
    Kind {
        says: "A float as a string, as in `concat(weight, '')`, has the digits that the server writes",
        forms: STRINGS,
        of: "fn",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "A number as a string has the digits that it is computed with on SQLite",
        forms: STRINGS,
        of: "d",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "A moment that is chosen from others has, as a string, the digits of all of them on MySQL and MariaDB",
        forms: STRINGS,
        of: "M",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`lower` and `upper` change the letters of ASCII alone on SQLite",
        forms: &["lower({s})", "upper({s})", "lcase({s})", "ucase({s})"],
        of: "",
        stands: None,
        within: "",
        how: How::Letters,
    },
    Kind {
        says: "`round` of a float goes up at a half there",
        forms: &["round({n})", "round({n}, {k})", "round(avg({n}), {k})", "cast(round({n}) as signed)"],
        of: "",
        stands: None,
        within: "",
        how: How::Halves,
    },
    Kind {
        says: "`json_pretty` has the blanks and lines of each server",
        forms: &["json_pretty({j})"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "A document that is computed has, as a string, the blanks of each server",
        forms: &["json_unquote({j})", "json_value({j}, '$.b')"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`json_extract` gives a value on SQLite, a document on MySQL and its text on MariaDB",
        forms: &["json_extract({j}, '$.a')"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`json_type` says its types in small letters on SQLite",
        forms: &["json_type({j})"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`from_days` of less than 366 is no day on MariaDB",
        forms: &["from_days({i} + 737000)"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`lpad` and `rpad` by an empty string are null on MariaDB",
        forms: &["rpad({s}, {k}, {l})", "lpad({s}, {k}, {l})"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`time_to_sec` and `unix_timestamp` have fractions on MariaDB",
        forms: &["time_to_sec({M})", "unix_timestamp({t})"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "A cast to a decimal takes what is too large for it on SQLite",
        forms: &["cast({n} as decimal(15, 3))"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "In `substr`, a beginning that is computed must be 1 or more, and a length 0 or more",
        forms: &[
            "substr({s}, {k})",
            "substr({s}, {k}, {k})",
            "substring({s}, {k}, {k})",
            "substring({s} from {k} for {k})",
        ],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "the [collation](types.md#equality-and-order) decides which strings are equal, and which a pattern matches",
        forms: &[
            "regexp_replace({s}, '[a-c]', 'x')",
            "regexp_substr({s}, '[a-c]+')",
            "regexp_instr({s}, '[a-c]')",
            "regexp_like({s}, '[a-c]')",
            "{s} regexp '[a-c]'",
        ],
        of: "s",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "Documents and members of enums that are computed come in an order of each server",
        forms: &[],
        of: "je",
        stands: Some(Stands::Order),
        within: "",
        how: How::Anyhow,
    },
    Kind {
        says: "`percent_rank` and `cume_dist` have 10 digits on MariaDB",
        forms: &["percent_rank() over (order by {c})", "cume_dist() over (order by {c})"],
        of: "",
        stands: None,
        within: "",
        how: How::Digits,
    },
    Kind {
        says: "`replace` by a null is null on MariaDB where it finds something",
        forms: &["replace({s}, {l}, {l})"],
        of: "",
        stands: None,
        within: "",
        how: How::Nulls,
    },
    Kind {
        says: "`str_to_date` takes days that no calendar has on MariaDB",
        forms: &["str_to_date({l}, '%Y-%m-%d')"],
        of: "",
        stands: None,
        within: "",
        how: How::Anyhow,
    },
];

fn is_document(written: &Written) -> bool {
    written.form.is_some_and(|form| form.starts_with("json_"))
}

impl Kind {
    /// True where rows come in an order of numbers that differ by their digits.
    fn is_of_order(&self, written: &Written) -> bool {
        written.stands == Stands::Order && matches!(self.how, How::Digits | How::Halves)
    }

    /// True for a difference that is of this kind.
    pub(super) fn has(&self, written: &Written, outcomes: &[Outcome]) -> bool {
        let is_of = |form: &str| self.forms.contains(&form) || self.forms.is_empty();
        self.stands.is_none_or(|stands| stands == written.stands)
            && written.form.is_some_and(is_of)
            && (self.of.is_empty() || written.has(self.of) || (self.stands.is_some() && is_document(written)))
            && written.text.contains(self.within)
            && (self.how.is_between(outcomes) || self.is_of_order(written))
    }
}

impl How {
    fn is_between(self, outcomes: &[Outcome]) -> bool {
        let columns: Vec<&Vec<Value>> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Values(values) => Some(values),
                Outcome::Refused(_) | Outcome::Failed(_) => None,
            })
            .collect();
        columns.windows(2).all(|pair| {
            pair[0].len() == pair[1].len()
                && pair[0]
                    .iter()
                    .zip(pair[1])
                    .all(|(one, other)| is_same(one, other) || self.is_of(one, other))
        })
    }

    fn is_of(self, one: &Value, other: &Value) -> bool {
        let numbers = || decimal_number(one).zip(decimal_number(other));
        match self {
            Self::Anyhow => true,
            Self::Digits => numbers().is_some_and(|(one, other)| {
                let (one, other) = (one.to_f64().unwrap_or(f64::NAN), other.to_f64().unwrap_or(f64::NAN));
                (one - other).abs() <= 1e-4
            }),
            Self::Halves => numbers().is_some_and(|(one, other)| (one - other).abs() <= 1),
            Self::Nulls => *one == Value::Null || *other == Value::Null,
            Self::Bits => numbers().is_some(),
            Self::Letters => match (one, other) {
                (Value::Text(one), Value::Text(other)) => {
                    one.chars().count() == other.chars().count()
                        && one
                            .chars()
                            .zip(other.chars())
                            .all(|(one, other)| one == other || !(one.is_ascii() || other.is_ascii()))
                }
                _ => false,
            },
        }
    }
}
