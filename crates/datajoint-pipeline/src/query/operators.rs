//! `&`, `-`, `*` and `+`.

use std::ops::{Add, BitAnd, Mul, Sub};

use crate::{DynamicRow, Query, QueryRow, Relation, Restriction};

impl<R: QueryRow, C: Restriction> BitAnd<C> for Query<R> {
    type Output = Self;

    fn bitand(self, restriction: C) -> Self {
        self.restrict(restriction)
    }
}

impl<R: QueryRow, C: Restriction> BitAnd<C> for &Query<R> {
    type Output = Query<R>;

    fn bitand(self, restriction: C) -> Query<R> {
        self.restrict(restriction)
    }
}

impl<R: QueryRow, C: Restriction> Sub<C> for Query<R> {
    type Output = Self;

    fn sub(self, restriction: C) -> Self {
        self.antijoin(restriction)
    }
}

impl<R: QueryRow, C: Restriction> Sub<C> for &Query<R> {
    type Output = Query<R>;

    fn sub(self, restriction: C) -> Query<R> {
        self.antijoin(restriction)
    }
}

impl<R: QueryRow, Q: Relation> Mul<Q> for Query<R> {
    type Output = Query<DynamicRow>;

    fn mul(self, other: Q) -> Query<DynamicRow> {
        self.join(&other)
    }
}

impl<R: QueryRow, Q: Relation> Mul<Q> for &Query<R> {
    type Output = Query<DynamicRow>;

    fn mul(self, other: Q) -> Query<DynamicRow> {
        self.join(&other)
    }
}

impl<R: QueryRow, Q: Relation> Add<Q> for Query<R> {
    type Output = Query<DynamicRow>;

    fn add(self, other: Q) -> Query<DynamicRow> {
        self.union(&other)
    }
}

impl<R: QueryRow, Q: Relation> Add<Q> for &Query<R> {
    type Output = Query<DynamicRow>;

    fn add(self, other: Q) -> Query<DynamicRow> {
        self.union(&other)
    }
}

/// The operators of a table, and the table as a restriction; called by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! table_operators {
    ($table:ty) => {
        impl $crate::Relation for $table {
            type Row = <$table as $crate::typed::Table>::Row;

            fn query(&self) -> $crate::Query<Self::Row> {
                $crate::of_table::<$table>()
            }
        }
        $crate::table_operators!(@by $table);
        $crate::table_operators!(@by &$table);
    };
    (@by $table:ty) => {
        impl<R: $crate::Restriction> ::core::ops::BitAnd<R> for $table {
            type Output = $crate::Query<<Self as $crate::Relation>::Row>;

            fn bitand(self, restriction: R) -> Self::Output {
                $crate::Relation::restrict(&self, restriction)
            }
        }
        impl<R: $crate::Restriction> ::core::ops::Sub<R> for $table {
            type Output = $crate::Query<<Self as $crate::Relation>::Row>;

            fn sub(self, restriction: R) -> Self::Output {
                $crate::Relation::antijoin(&self, restriction)
            }
        }
        impl<Q: $crate::Relation> ::core::ops::Mul<Q> for $table {
            type Output = $crate::Query<$crate::DynamicRow>;

            fn mul(self, other: Q) -> Self::Output {
                $crate::Relation::join(&self, &other)
            }
        }
        impl<Q: $crate::Relation> ::core::ops::Add<Q> for $table {
            type Output = $crate::Query<$crate::DynamicRow>;

            fn add(self, other: Q) -> Self::Output {
                $crate::Relation::union(&self, &other)
            }
        }
        impl $crate::Restriction for $table {
            fn into_condition(self) -> $crate::Condition {
                $crate::match_condition(&self)
            }
        }
    };
}

/// A key as a restriction; called by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! key_restriction {
    ($key:ty) => {
        impl $crate::Restriction for $key {
            fn into_condition(self) -> $crate::Condition {
                $crate::key_condition(self)
            }
        }
        impl $crate::Restriction for &$key {
            fn into_condition(self) -> $crate::Condition {
                $crate::key_condition(::core::clone::Clone::clone(self))
            }
        }
    };
}
