use datajoint_definition::Backend;

use super::{Mysql, listed};
use crate::Value;
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Listed, Twist};
use crate::fragment::Fragment;
use crate::select::translate::{translate, written};
use crate::token::Call;

impl Functions for Mysql {
    /// Its `length` counts bytes.
    fn function(&self, name: &str, call: &Call<'_>) -> Option<Fragment> {
        match (name, &call.arguments[..]) {
            ("length", [string]) => Some(written("char_length(", [translate(self, string)], "", ")")),
            _ => None,
        }
    }

    fn twists(&self) -> &'static [Twist] {
        &[Twist::PipesAreOr, Twist::DaysAsNumbers]
    }

    fn concatenation(&self, of: &Concatenation<'_>) -> Fragment {
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = written(&format!("group_concat({distinct}"), [translate(self, of.of)], "", "");
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(translate(self, of.order));
        }
        if !of.separator.is_empty() {
            sql.push(" SEPARATOR ");
            sql.append(translate(self, of.separator));
        }
        sql.push(")");
        sql
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

    fn functions(&self) -> &'static Listed {
        if self.backend == Backend::Mariadb { &listed::MARIADB } else { &listed::MYSQL }
    }
}
