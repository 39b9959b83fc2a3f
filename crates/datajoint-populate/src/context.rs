//! What a `make` can reach: its key, what is upstream of the key, and its own table and parts.

use datajoint_pipeline::typed::{AutoPopulated, HasAncestor, Part, Table, TableRow, TableSpec, WrittenBy};
use datajoint_pipeline::{Relation, of_table};

use crate::above::Source;
use crate::scope::Scope;
use crate::upstream::Asked;
use crate::{MakeResult, Upstream};

mod fetch;
mod insert;
mod make;

pub use fetch::FetchContext;
pub use insert::InsertContext;
pub use make::MakeContext;

/// The rows of `A` that the key of a scope comes from.
#[expect(clippy::extra_unused_type_parameters, reason = "`T` is what the bound is about")]
fn upstream<T, A>(scope: &Scope) -> Upstream<'_, A::Row>
where
    T: AutoPopulated + HasAncestor<A>,
    A: Table,
{
    let asked = scope.plan.instance.resolve(A::spec()).and_then(|table| {
        let condition = scope.plan.above.condition(&table.name, &scope.key)?;
        Ok(Asked::new(class(A::spec()), of_table::<A>().restrict(condition), Source { table, master: None }))
    });
    Upstream::new(scope, asked.map_err(Into::into))
}

/// The rows of the part `P` whose masters the key of a scope comes from.
#[expect(clippy::extra_unused_type_parameters, reason = "`T` is what the bound is about")]
fn upstream_part<T, P>(scope: &Scope) -> Upstream<'_, P::Row>
where
    T: AutoPopulated + HasAncestor<P::Master>,
    P: Part,
{
    let instance = &scope.plan.instance;
    let tables =
        instance.resolve(P::spec()).and_then(|part| Ok((part, instance.resolve(P::Master::spec())?)));
    let asked = tables.and_then(|(part, master)| {
        let above = &scope.plan.above;
        let masters = of_table::<P::Master>().restrict(above.condition(&master.name, &scope.key)?).proj(());
        let shared = above.shared(&part, &master, &scope.key);
        let rows = of_table::<P>().restrict(masters).restrict(shared);
        Ok(Asked::new(class(P::spec()), rows, Source { table: part, master: Some(master) }))
    });
    Upstream::new(scope, asked.map_err(Into::into))
}

/// Inserts rows within a scope.
async fn insert<T, R>(scope: &mut Scope, rows: impl Iterator<Item = R> + Send) -> MakeResult<()>
where
    T: AutoPopulated,
    R: TableRow,
    R::Table: WrittenBy<T>,
{
    Ok(scope.insert(rows).await?)
}

/// The name of a table's struct.
fn class(spec: &'static TableSpec) -> &'static str {
    spec.rust_path.rsplit("::").next().unwrap_or(spec.class_name)
}
