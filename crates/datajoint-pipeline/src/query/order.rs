use datajoint_sql::Order;

use crate::typed::Column;

/// What rows can be ordered by.
///
/// `"day"`, `"day desc"`, a column, [`Column::descending`], and lists of these.
#[diagnostic::on_unimplemented(
    message = "rows can't be ordered by `{Self}`",
    note = "order by a column, or by `\"name desc\"`"
)]
pub trait IntoOrder {
    /// The parts of the ordering, the weightiest first.
    fn into_order(self) -> Vec<Order>;
}

impl IntoOrder for Order {
    fn into_order(self) -> Vec<Order> {
        vec![self]
    }
}

impl IntoOrder for &str {
    fn into_order(self) -> Vec<Order> {
        let part = |part: &str| {
            let (name, direction) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            match direction.trim().to_ascii_lowercase().as_str() {
                "" | "asc" => Order { attribute: name.to_owned(), descending: false },
                "desc" => Order { attribute: name.to_owned(), descending: true },
                // No attribute has such a name, so that the whole is reported.
                _ => Order { attribute: part.to_owned(), descending: false },
            }
        };
        self.split(',').map(|text| part(text.trim())).collect()
    }
}

impl IntoOrder for &String {
    fn into_order(self) -> Vec<Order> {
        self.as_str().into_order()
    }
}

impl IntoOrder for String {
    fn into_order(self) -> Vec<Order> {
        self.as_str().into_order()
    }
}

impl<T, V> IntoOrder for Column<T, V> {
    fn into_order(self) -> Vec<Order> {
        vec![self.ascending()]
    }
}

impl<O: IntoOrder, const N: usize> IntoOrder for [O; N] {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().flat_map(O::into_order).collect()
    }
}

impl<O: IntoOrder> IntoOrder for Vec<O> {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().flat_map(O::into_order).collect()
    }
}

macro_rules! tuples {
    ($($part:ident),*) => {
        impl<$($part: IntoOrder),*> IntoOrder for ($($part,)*) {
            fn into_order(self) -> Vec<Order> {
                #[allow(non_snake_case)]
                let ($($part,)*) = self;
                [$($part.into_order()),*].concat()
            }
        }
    };
}

tuples!(A);
tuples!(A, B);
tuples!(A, B, C);
tuples!(A, B, C, D);
