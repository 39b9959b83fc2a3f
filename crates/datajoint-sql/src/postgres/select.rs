use datajoint_definition::{AttributeType, CoreType, NativeCategory};
use datajoint_schema::{Attribute, TableName};

use super::listed::own;
use super::{Postgres, types};
use crate::aggregated::{Aggregated, digits_of_average, place_of};
use crate::dialect::Select;
use crate::fragment::Fragment;
use crate::kind::{has_known_type, is_string, is_whole, members, members_beyond_column};

impl Select for Postgres {
    fn limit(&self, limit: Option<u64>, offset: u64) -> String {
        let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        if offset == 0 { limit } else { format!("{limit} OFFSET {offset}") }
    }

    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment {
        // The blanks that fill up `char(n)` count here, unless it is cast.
        let is_text = match &attribute.attribute_type {
            AttributeType::Core(core) => matches!(core, CoreType::Varchar(_)),
            AttributeType::Native(native) => {
                native.text == "text" || native.text.starts_with("character varying")
            }
            AttributeType::Codec(_) => false,
        };
        let expression = self.as_said(attribute, expression.clone()).unwrap_or(expression);
        let mut sql = if is_text {
            expression
        } else {
            let mut cast = Fragment::text("CAST(");
            cast.append(expression);
            cast.push(" AS text)");
            cast
        };
        sql.push(" LIKE ");
        sql.append(pattern);
        sql
    }

    /// What takes a value of any type takes `char(n)` with its blanks, and an enum beside a string makes that one of it.
    fn plain_string(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let is_filled = match &attribute.attribute_type {
            AttributeType::Core(core) => matches!(core, CoreType::Char(_)),
            AttributeType::Native(native) => {
                ["char", "bpchar"].contains(&native.text.as_str())
                    || ["char(", "character("].iter().any(|start| native.text.starts_with(start))
            }
            AttributeType::Codec(_) => false,
        };
        (is_filled || members(attribute).is_some()).then(|| cast_to(sql, "text"))
    }

    /// A truth is a letter, or a word; a moment has no zeros at its end. Bytes become no string: what takes them counts them.
    fn as_said(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let AttributeType::Core(core) = &attribute.attribute_type else { return None };
        let digits = match core {
            CoreType::Bool => return Some(cast_to(sql, "integer")),
            CoreType::DateTime { precision: Some(digits @ 1..) } => digits,
            _ => return None,
        };
        let mut said = Fragment::text(format!("{}(", own("to_char")));
        said.append(sql);
        said.push(&format!(", 'YYYY-MM-DD HH24:MI:SS.FF{digits}')"));
        Some(said)
    }

    /// The functions that the server has not for a type, or that give other digits than elsewhere.
    fn aggregate(&self, function: &str, attribute: &Attribute, of: &Aggregated) -> Option<Fragment> {
        let core = match &attribute.attribute_type {
            AttributeType::Core(core) => Some(core),
            _ => None,
        };
        let count = || of.call(&own("count"), of.column.clone());
        Some(match (function, core) {
            ("min", Some(CoreType::Bool)) => of.call(&own("bool_and"), of.column.clone()),
            ("max", Some(CoreType::Bool)) => of.call(&own("bool_or"), of.column.clone()),
            ("min" | "max", Some(CoreType::Uuid)) => cast_to(of.call_of(&own(function), "::text"), "uuid"),
            ("sum", Some(CoreType::Bool)) => of.call_of(&own("sum"), "::integer"),
            ("sum", Some(CoreType::Float32)) => of.call_of(&own("sum"), "::double precision"),
            ("avg", Some(CoreType::Bool)) => mean(of.call_of(&own("sum"), "::integer"), count()),
            ("avg", _) if is_whole(attribute) => mean(of.call(&own("sum"), of.column.clone()), count()),
            ("avg", Some(CoreType::Decimal { scale, .. })) => {
                let mut mean = Fragment::text(format!("{}((", own("round")));
                mean.append(of.call(&own("sum"), of.column.clone()));
                // So many digits that the rounding is that of the whole number.
                mean.push(&format!(" + 0.{}) / ", "0".repeat(usize::from(*scale) + 20)));
                mean.append(count());
                mean.push(&format!(", {})", digits_of_average(*scale)));
                mean
            }
            _ => return None,
        })
    }

    /// A string, as every value of a native type may come, is read by the server as that type; an enum is sent as a string.
    fn cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String {
        let Some(table) = table.filter(|_| has_known_type(attribute)) else { return String::new() };
        match &attribute.attribute_type {
            AttributeType::Core(CoreType::Enum(_)) => format!("::{}", types::column_type(table, attribute)),
            AttributeType::Native(native) => match native.category {
                NativeCategory::Integer
                | NativeCategory::Numeric
                | NativeCategory::Float
                | NativeCategory::Temporal => {
                    format!("::text::{}", types::compared(&native.text))
                }
                NativeCategory::String | NativeCategory::Text | NativeCategory::Blob => String::new(),
            },
            _ => String::new(),
        }
    }

    fn nulls(&self, descending: bool) -> &'static str {
        if descending { " NULLS LAST" } else { " NULLS FIRST" }
    }

    /// The type of an enum takes nothing that is no member of it.
    fn compared(&self, attribute: &Attribute, mut sql: Fragment) -> Fragment {
        if members_beyond_column(attribute).is_some() {
            sql.push("::text");
        }
        sql
    }

    fn operand_cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String {
        if members_beyond_column(attribute).is_some() { String::new() } else { self.cast(table, attribute) }
    }

    fn wide_float(&self) -> Option<&'static str> {
        Some("double precision")
    }

    /// Strings come in the order of the database's language otherwise.
    fn rank(&self, attribute: &Attribute, mut sql: Fragment) -> Option<Fragment> {
        if let Some(members) = members_beyond_column(attribute) {
            return Some(place_of(members, self.compared(attribute, sql)));
        }
        is_string(attribute).then(|| {
            sql.push(" COLLATE \"C\"");
            sql
        })
    }

    fn string_type(&self) -> &'static str {
        "text"
    }
}

fn cast_to(sql: Fragment, kind: &str) -> Fragment {
    let mut cast = Fragment::text("CAST(");
    cast.append(sql);
    cast.push(&format!(" AS {kind})"));
    cast
}

/// The nearest float of a sum, divided.
fn mean(sum: Fragment, count: Fragment) -> Fragment {
    let mut mean = cast_to(sum, "double precision");
    mean.push(" / ");
    mean.append(count);
    mean.parenthesised()
}
