use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory};
use datajoint_schema::Attribute;

use super::Mysql;
use crate::aggregated::{Aggregated, place_of};
use crate::dialect::Select;
use crate::fragment::Fragment;
use crate::kind::{is_string, is_whole, members};

impl Select for Mysql {
    fn limit(&self, limit: Option<u64>, offset: u64) -> String {
        match (limit, offset) {
            (None, 0) => String::new(),
            (Some(limit), 0) => format!(" LIMIT {limit}"),
            // An offset needs a limit. The greatest there is, MariaDB takes for none, and then loses rows of a subquery.
            (limit, offset) => format!(" LIMIT {} OFFSET {offset}", limit.unwrap_or(u64::MAX >> 1)),
        }
    }

    /// With IS NULL they look for `0000-00-00` in columns of dates that are never null, and may then refuse that.
    fn is_null(&self, attribute: &Attribute) -> &'static str {
        let is_temporal = match &attribute.attribute_type {
            AttributeType::Core(core) => matches!(core, CoreType::Date | CoreType::DateTime { .. }),
            AttributeType::Native(native) => native.category == NativeCategory::Temporal,
            AttributeType::Codec(_) => false,
        };
        if is_temporal { " <=> NULL" } else { " IS NULL" }
    }

    /// Letter for letter, whatever the collation takes for the same; a string is looked up by its index first.
    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment {
        let mut sql = Fragment::default();
        if is_string(attribute) {
            sql.append(expression.clone());
            sql.push(" LIKE ");
            sql.append(pattern.clone());
            sql.push(" AND ");
        }
        sql.push("CONVERT(");
        sql.append(expression);
        sql.push(" USING utf8mb4) COLLATE utf8mb4_bin LIKE ");
        sql.append(pattern);
        sql.parenthesised()
    }

    /// The mean of whole numbers as a float: the server's own ends after four digits.
    fn aggregate(&self, function: &str, attribute: &Attribute, of: &Aggregated) -> Option<Fragment> {
        if function != "avg" || !is_whole(attribute) {
            return None;
        }
        let mut mean = Fragment::text("(");
        mean.append(of.call("sum", of.column.clone()));
        mean.push(" + 0e0) / ");
        mean.append(of.call("count", of.column.clone()));
        Some(mean.parenthesised())
    }

    /// MariaDB merges a subquery without a limit, and then computes its values also where there is no match.
    fn limit_of_computed(&self) -> Option<u64> {
        (self.backend == Backend::Mariadb).then_some(u64::MAX >> 1)
    }

    /// An enum sorts by its members, but compares as a string.
    fn rank(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        members(attribute).map(|members| place_of(members, sql))
    }

    fn sorts_enums(&self) -> bool {
        true
    }

    fn refuses_limit_in_list(&self) -> bool {
        true
    }

    fn hides_target(&self) -> bool {
        true
    }
}
