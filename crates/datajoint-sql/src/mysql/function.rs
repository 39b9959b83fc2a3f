use datajoint_definition::Backend;

use super::{Mysql, listed};
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Listed, Twist};
use crate::fragment::Fragment;
use crate::select::translate::{Translator, written};
use crate::token::Call;
use crate::{Result, Value};

impl Functions for Mysql {
    /// Its `length` counts bytes.
    fn function(&self, within: Translator<'_>, name: &str, call: &Call<'_>) -> Result<Option<Fragment>> {
        Ok(match (name, call.arguments.len()) {
            ("length", 1) => Some(written("char_length(", within.arguments::<1>(call)?, "", ")")),
            // It is an empty string there where nothing matches.
            ("regexp_substr", 2) if self.backend == Backend::Mariadb => {
                Some(written("nullif(regexp_substr(", within.arguments::<2>(call)?, ", ", "), '')"))
            }
            _ => None,
        })
    }

    fn twists(&self) -> &'static [Twist] {
        &[Twist::PipesAreOr, Twist::DaysAsNumbers, Twist::FormatsNumbers, Twist::PartsOfMatches]
    }

    fn concatenation(&self, within: Translator<'_>, of: &Concatenation<'_>) -> Result<Fragment> {
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = written(&format!("group_concat({distinct}"), [within.translate(of.of)?], "", "");
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(within.translate(of.order)?);
        }
        if !of.separator.is_empty() {
            sql.push(" SEPARATOR ");
            sql.append(within.translate(of.separator)?);
        }
        sql.push(")");
        Ok(sql)
    }

    /// MySQL decides on types before there are values, and takes a number for a float where any will do.
    fn as_literal(&self, value: &Value, _: Option<&str>) -> Option<Fragment> {
        if self.backend == Backend::Mariadb {
            return None;
        }
        let kind = match value {
            Value::Int(_) => "SIGNED",
            Value::UInt(_) => "UNSIGNED",
            _ => return None,
        };
        let mut sql = Fragment::text("CAST(");
        sql.push_value(value.clone());
        sql.push(&format!(" AS {kind})"));
        Some(sql)
    }

    fn own_type(&self, name: &str) -> Option<&'static [&'static str]> {
        match name {
            "double precision" | "real" => Some(&["double"]),
            "bigint" | "int" | "integer" => Some(&["signed"]),
            "text" => Some(&["char"]),
            _ => None,
        }
    }

    fn functions(&self) -> &'static Listed {
        if self.backend == Backend::Mariadb { &listed::MARIADB } else { &listed::MYSQL }
    }

    fn aggregates(&self) -> &'static [&'static str] {
        &[
            "avg",
            "bit_and",
            "bit_or",
            "bit_xor",
            "count",
            "group_concat",
            "json_arrayagg",
            "json_objectagg",
            "max",
            "min",
            "st_collect",
            "std",
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "string_agg",
            "sum",
            "var_pop",
            "var_samp",
            "variance",
        ]
    }
}
