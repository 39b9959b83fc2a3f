use datajoint_sql::{Projected, Value};

use crate::restriction::Bound;
use crate::typed::{Column, ValueError};

/// The attributes of a projection, one after the other.
///
/// The primary key always stays, unless an attribute of it is renamed.
///
/// ```
/// use datajoint_pipeline::Proj;
///
/// let some = Proj::keep(["note"]).rename("weight_in_grams", "weight");
/// let most = Proj::all().drop("note").compute("ratio", "gain / noise");
/// # let _ = (some, most);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Proj {
    attributes: Vec<Projected>,
    fault: Option<ValueError>,
}

impl Proj {
    /// The primary key alone.
    pub fn key() -> Self {
        Self::default()
    }

    /// The primary key and every other attribute.
    pub fn all() -> Self {
        Self { attributes: vec![Projected::All], fault: None }
    }

    /// The primary key and these attributes.
    pub fn keep<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::default().and_keep(names)
    }

    /// These attributes too.
    pub fn and_keep<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.attributes.extend(names.into_iter().map(|name| Projected::Keep(name.into())));
        self
    }

    /// Without this attribute; for use after [`all`](Self::all).
    pub fn drop(mut self, name: impl Into<String>) -> Self {
        self.attributes.push(Projected::Drop(name.into()));
        self
    }

    /// The attribute `old` under the name `new`.
    pub fn rename(mut self, new: impl Into<String>, old: impl Into<String>) -> Self {
        self.attributes.push(Projected::Rename { new: new.into(), old: old.into() });
        self
    }

    /// A value that the database computes from SQL.
    pub fn compute(self, new: impl Into<String>, text: impl Into<String>) -> Self {
        self.compute_with(new, text, [] as [Bound; 0])
    }

    /// A value that the database computes from SQL, with `?` for each value.
    pub fn compute_with<V: Into<Bound>>(
        mut self,
        new: impl Into<String>,
        text: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let new = new.into();
        let parameters: Result<Vec<Value>, _> =
            values.into_iter().map(|value| value.into().into_value()).collect();
        match parameters {
            Ok(parameters) => {
                self.attributes.push(Projected::Compute { new, text: text.into(), parameters });
            }
            Err(error) => self.fault = Some(error.at(&new)),
        }
        self
    }

    /// True when attributes may get names that they did not have before, or other values.
    #[doc(hidden)]
    pub fn gives_names(&self) -> bool {
        self.attributes.iter().any(|one| matches!(one, Projected::Rename { .. } | Projected::Compute { .. }))
    }

    pub(crate) fn into_parts(self) -> Result<Vec<Projected>, ValueError> {
        self.fault.map_or(Ok(self.attributes), Err)
    }
}

/// A value that the database computes from SQL, such as `compute("n", "count(*)")` for an aggregation.
///
/// More follow with [`Proj::compute`].
pub fn compute(new: impl Into<String>, text: impl Into<String>) -> Proj {
    Proj::key().compute(new, text)
}

/// What [`proj`](crate::Relation::proj) takes: `()` for the key alone, names, columns, or a [`Proj`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no projection",
    note = "write `()` for the key alone, `[\"name\", ..]`, columns, or a `Proj`"
)]
pub trait IntoProjection {
    /// The projection.
    fn into_projection(self) -> Proj;
}

impl IntoProjection for Proj {
    fn into_projection(self) -> Proj {
        self
    }
}

impl IntoProjection for () {
    fn into_projection(self) -> Proj {
        Proj::key()
    }
}

impl IntoProjection for &str {
    fn into_projection(self) -> Proj {
        Proj::keep([self])
    }
}

impl<T, V> IntoProjection for Column<T, V> {
    fn into_projection(self) -> Proj {
        Proj::keep([self.name()])
    }
}

impl<N: Into<String>, const N_: usize> IntoProjection for [N; N_] {
    fn into_projection(self) -> Proj {
        Proj::keep(self)
    }
}

impl<N: Into<String>> IntoProjection for Vec<N> {
    fn into_projection(self) -> Proj {
        Proj::keep(self)
    }
}

impl<'a> IntoProjection for &'a [&'a str] {
    fn into_projection(self) -> Proj {
        Proj::keep(self.iter().copied())
    }
}

macro_rules! tuples {
    ($($part:ident $column_type:ident),*) => {
        impl<Table, $($column_type),*> IntoProjection for ($(Column<Table, $column_type>,)*) {
            fn into_projection(self) -> Proj {
                #[allow(non_snake_case)]
                let ($($part,)*) = self;
                Proj::keep([$($part.name()),*])
            }
        }
    };
}

tuples!(a A);
tuples!(a A, b B);
tuples!(a A, b B, c C);
tuples!(a A, b B, c C, d D);
tuples!(a A, b B, c C, d D, e E);
tuples!(a A, b B, c C, d D, e E, f F);
