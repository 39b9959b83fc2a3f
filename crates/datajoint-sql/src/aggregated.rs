//! Pieces of aggregates and of orders, as backends write them.

use crate::Value;
use crate::fragment::Fragment;

/// What an aggregate is of.
pub(crate) struct Aggregated {
    /// `DISTINCT `, or nothing.
    pub(crate) distinct: &'static str,
    pub(crate) column: Fragment,
    /// What follows the call.
    pub(crate) after: Fragment,
}

impl Aggregated {
    /// The call of a function with another text behind the column.
    pub(crate) fn call_of(&self, function: &str, behind: &str) -> Fragment {
        let mut column = self.column.clone();
        column.push(behind);
        self.call(function, column)
    }

    /// The call of a function with what it is of written otherwise.
    pub(crate) fn call(&self, function: &str, of: Fragment) -> Fragment {
        let mut sql = Fragment::text(format!("{function}({}", self.distinct));
        sql.append(of);
        sql.push(")");
        sql.append(self.after.clone());
        sql
    }
}

/// `CASE … WHEN 'first' THEN 1 …`: the place of a member.
pub(crate) fn place_of(members: &[String], sql: Fragment) -> Fragment {
    let mut places = Fragment::text("CASE ");
    places.append(sql);
    for (place, member) in (1_i64..).zip(members) {
        places.push(" WHEN ");
        places.push_value(Value::Text(member.clone()));
        places.push(&format!(" THEN {place}"));
    }
    places.push(" END");
    places
}

/// The digits after the point of a mean of decimals with so many.
pub(crate) fn digits_of_average(scale: u8) -> u8 {
    const MORE: u8 = 4;
    const MOST: u8 = 30;
    scale.max((scale + MORE).min(MOST))
}
