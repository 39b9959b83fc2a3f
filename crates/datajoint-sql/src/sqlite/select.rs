use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::Attribute;

use super::Sqlite;
use crate::aggregated::{Aggregated, digits_of_average, place_of};
use crate::dialect::Select;
use crate::fragment::Fragment;
use crate::kind::members;

impl Select for Sqlite {
    fn limit(&self, limit: Option<u64>, offset: u64) -> String {
        match (limit, offset) {
            (None, 0) => String::new(),
            (Some(limit), 0) => format!(" LIMIT {limit}"),
            // An offset needs a limit; a negative one is none.
            (None, offset) => format!(" LIMIT -1 OFFSET {offset}"),
            (Some(limit), offset) => format!(" LIMIT {limit} OFFSET {offset}"),
        }
    }

    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment {
        let mut expression = self.as_said(attribute, expression.clone()).unwrap_or(expression);
        expression.push(" LIKE ");
        expression.append(pattern);
        expression.push(self.after_pattern());
        expression
    }

    /// Other databases do so unasked.
    fn after_pattern(&self) -> &'static str {
        " ESCAPE '\\'"
    }

    /// Sums of decimals, which are floats here, by way of whole numbers of their last digit; too large, it is an error.
    fn aggregate(&self, function: &str, attribute: &Attribute, of: &Aggregated) -> Option<Fragment> {
        let AttributeType::Core(CoreType::Decimal { scale, .. }) = &attribute.attribute_type else {
            return None;
        };
        let mut digits = Fragment::text("CAST(round(");
        digits.append(of.column.clone());
        digits.push(&format!(" * 1e{scale}) AS INTEGER)"));
        let mut sum = of.call("sum", digits);
        match function {
            "sum" => sum.push(&format!(" / 1e{scale}")),
            "avg" => {
                // Rounded as servers do it: away from zero where both neighbours are as near.
                let more = digits_of_average(*scale) - scale;
                let count = of.call("count", of.column.clone());
                let mut average = Fragment::text(format!("({} * ", 2 * 10_i64.pow(more.into())));
                average.append(sum.clone());
                average.push(" + CASE WHEN ");
                average.append(sum);
                average.push(" < 0 THEN -");
                average.append(count.clone());
                average.push(" ELSE ");
                average.append(count.clone());
                average.push(" END) / nullif(2 * ");
                average.append(count);
                average.push(&format!(", 0) / 1e{}", scale + more));
                sum = average;
            }
            _ => return None,
        }
        Some(sum.parenthesised())
    }

    /// SQLite 3.51 makes a join of a condition that is EXISTS alone, and then counts OFFSET wrong.
    fn after_exists(&self) -> &'static str {
        " IS TRUE"
    }

    /// SQLite 3.51 takes groups for ordered whose rows come from a subquery in the opposite order.
    fn before_order_of_groups(&self) -> &'static str {
        "+"
    }

    /// A decimal is a float, whose text has no zeros at its end.
    fn as_said(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let AttributeType::Core(CoreType::Decimal { scale, .. }) = attribute.attribute_type else {
            return None;
        };
        let mut said = Fragment::text("CASE WHEN ");
        said.append(sql.clone());
        said.push(&format!(" IS NOT NULL THEN printf('%.{scale}f', "));
        said.append(sql);
        said.push(") END");
        Some(said.parenthesised())
    }

    /// An enum is kept as a string.
    fn rank(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        members(attribute).map(|members| place_of(members, sql))
    }

    fn explain(&self) -> &'static str {
        "EXPLAIN QUERY PLAN "
    }

    /// The other columns are numbers of steps.
    fn columns_of_explanation(&self) -> Option<usize> {
        Some(1)
    }

    fn string_type(&self) -> &'static str {
        "text"
    }
}
