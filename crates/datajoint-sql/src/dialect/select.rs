use datajoint_schema::{Attribute, TableName};

use crate::aggregated::Aggregated;
use crate::fragment::Fragment;

/// Queries.
pub(crate) trait Select {
    /// ` LIMIT … OFFSET …`, as far as needed.
    fn limit(&self, limit: Option<u64>, offset: u64) -> String;
    /// `attribute LIKE pattern`, where a backslash takes the meaning from `%` and `_`.
    fn like(&self, attribute: &Attribute, expression: Fragment, pattern: Fragment) -> Fragment;
    /// The type of 64-bit floats, where a list of numbers is one of narrower floats beside such a column.
    fn wide_float(&self) -> Option<&'static str> {
        None
    }
    /// What stands behind a pattern of `LIKE` so that a backslash takes the meaning from what follows it there.
    fn after_pattern(&self) -> &'static str {
        ""
    }
    /// The string of an attribute, without what the server fills it up with and the type of an enum; `None` where it is that as
    /// it stands.
    fn plain_string(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let _ = (attribute, sql);
        None
    }
    /// What a value of an attribute that is no string becomes as one on the other servers; `None` where it becomes that here, too.
    fn as_said(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let _ = (attribute, sql);
        None
    }
    /// What follows `EXISTS (…)` as a condition.
    fn after_exists(&self) -> &'static str {
        ""
    }
    /// What stands before each column by which groups are ordered.
    fn before_order_of_groups(&self) -> &'static str {
        ""
    }
    /// What has the order of an attribute's values where its column has not.
    fn rank(&self, attribute: &Attribute, sql: Fragment) -> Option<Fragment> {
        let _ = (attribute, sql);
        None
    }
    /// A column as it is compared for equality.
    fn compared(&self, attribute: &Attribute, sql: Fragment) -> Fragment {
        let _ = attribute;
        sql
    }
    /// What follows the placeholder of a value that is compared with a column: `::type`.
    fn operand_cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String {
        self.cast(table, attribute)
    }
    /// A function over many values of an attribute, where that of the server is not there, loses digits or gives others.
    fn aggregate(&self, function: &str, attribute: &Attribute, of: &Aggregated) -> Option<Fragment> {
        let _ = (function, attribute, of);
        None
    }
    /// True when a column of an enum sorts as the enum is declared, also where it compares in another way.
    fn sorts_enums(&self) -> bool {
        false
    }
    /// What stands before a query to have it explained.
    fn explain(&self) -> &'static str {
        "EXPLAIN "
    }
    /// How many columns of an explanation, counted from its end, say something; `None` for all.
    fn columns_of_explanation(&self) -> Option<usize> {
        None
    }
    /// A limit for a subquery with computed values that may have no match, where one is needed for these to be null.
    fn limit_of_computed(&self) -> Option<u64> {
        None
    }
    /// What follows an expression to ask whether it is null.
    fn is_null(&self, attribute: &Attribute) -> &'static str {
        let _ = attribute;
        " IS NULL"
    }
    /// What puts nulls first in an ordering, or last in one that descends.
    fn nulls(&self, descending: bool) -> &'static str {
        let _ = descending;
        ""
    }
    /// What follows the placeholder of a value that the server would take for another type: `::type`.
    fn cast(&self, table: Option<&TableName>, attribute: &Attribute) -> String {
        let _ = (table, attribute);
        String::new()
    }
    /// The type of strings, as an expression casts to it.
    fn string_type(&self) -> &'static str {
        "char"
    }
    /// True when no subquery in `IN` may have a limit.
    fn refuses_limit_in_list(&self) -> bool {
        false
    }
    /// True when a subquery may not read the table that the statement changes.
    fn hides_target(&self) -> bool {
        false
    }
}
