//! What a table that fills itself has to say.

use std::error::Error;
use std::future::Future;

use datajoint_pipeline::typed::{AutoPopulated, Table};

use crate::{Code, FetchContext, InsertContext, MakeContext};

/// Why a `make` failed: any error that `?` meets, kept as it is.
pub type MakeError = Box<dyn Error + Send + Sync>;

/// What the functions of a `make` give.
pub type MakeResult<T, E = MakeError> = Result<T, E>;

/// How a table computes the row, or rows, of one key: in three parts.
///
/// [`fetch`](Self::fetch) reads what is upstream of the key, [`compute`](Self::compute) works on it
/// away from the database, [`insert`](Self::insert) writes the result in one transaction. However long
/// the computation takes, it keeps no lock, and what it was computed from is checked again before the
/// result is written. For a `make` that has little to compute, [`PlainMake`] is shorter.
///
/// ```
/// use datajoint::prelude::*;
///
/// # schema!("lab");
/// #[table(Manual, types(trace = Vec<f64>))]
/// /// recording_id : int32
/// /// ---
/// /// trace        : <blob>
/// pub struct Recording;
///
/// #[table(Computed, types(samples = Vec<i64>))]
/// /// -> Recording
/// /// ---
/// /// samples      : <blob>        # where the trace is above 0.5
/// pub struct Spikes;
///
/// impl Make for Spikes {
///     type Fetched = Vec<f64>;
///     type Computed = Vec<i64>;
///
///     async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<Vec<f64>> {
///         Ok(cx.upstream::<Recording>().fetch_one().await?.trace)
///     }
///
///     fn compute(_: &SpikesKey, trace: Vec<f64>) -> MakeResult<Vec<i64>> {
///         Ok((0..).zip(trace).filter(|(_, value)| *value > 0.5).map(|(sample, _)| sample).collect())
///     }
///
///     async fn insert(cx: &mut InsertContext<'_, Self>, samples: Vec<i64>) -> MakeResult<()> {
///         let recording_id = cx.key().recording_id;
///         cx.insert(SpikesRow { recording_id, samples }).await
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// Recording.insert_one(&dj, RecordingRow::new(1, vec![0.0, 0.75, 0.25, 1.0])).await?;
/// Spikes.populate(&dj).run().await?;
/// assert_eq!(Spikes.fetch_one(&dj).await?.samples, [1, 3]);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `make`",
    label = "filled by `populate`, but nothing says how",
    note = "write `impl Make for {Self} {{ .. }}` with `fetch`, `compute` and `insert`, or \
            `impl PlainMake for {Self} {{ async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {{ .. }} }}`",
    note = "when another program fills the table, say so: `#[table(.., external_make)]`"
)]
pub trait Make: AutoPopulated {
    /// What `fetch` hands to `compute`.
    type Fetched: Send + 'static;

    /// What `compute` hands to `insert`.
    type Computed: Send + 'static;

    /// What of the machine it takes while a key is made, such as `["gpu"]`: a [`Run`](crate::Run) makes one key at a time of
    /// all tables with the same, unless it is told of [more](crate::Run::resource).
    const RESOURCES: &'static [&'static str] = &[];

    /// What its code is known by, which rows record: write `#[make]` on the implementation, or give a
    /// [version](crate::Code::version). Rows that other code made are [stale](crate::Stale).
    const CODE: Code = Code::UNKNOWN;

    /// True when `fetch` reads nothing and `insert` does all, as for [`PlainMake`].
    #[doc(hidden)]
    const IN_ONE: bool = false;

    /// Reads what the result depends on. Write it as `async fn`.
    ///
    /// # Cancel safety
    ///
    /// When the population is dropped, this future is, too, and the key is undone.
    fn fetch(cx: &FetchContext<'_, Self>) -> impl Future<Output = MakeResult<Self::Fetched>> + Send;

    /// Computes the result, on a thread where it may take its time.
    fn compute(key: &Self::Key, fetched: Self::Fetched) -> MakeResult<Self::Computed>;

    /// Writes the rows of the table and of its parts, all or none. Write it as `async fn`.
    ///
    /// # Cancel safety
    ///
    /// When the population is dropped, this future is, too, and the key is undone.
    fn insert(
        cx: &mut InsertContext<'_, Self>,
        computed: Self::Computed,
    ) -> impl Future<Output = MakeResult<()>> + Send;
}

/// How a table computes the row, or rows, of one key: in one function, inside one transaction.
///
/// Right when the computation takes no longer than reading and writing. A longer one holds its
/// transaction, and the connection, all the time: [`Make`] doesn't.
///
/// ```
/// use datajoint::prelude::*;
///
/// # schema!("lab");
/// #[table(Manual)]
/// /// image_id : int32
/// /// ---
/// /// width    : int32
/// /// height   : int32
/// pub struct Image;
///
/// #[table(Computed)]
/// /// -> Image
/// /// ---
/// /// area     : int32
/// pub struct Area;
///
/// impl PlainMake for Area {
///     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
///         let ImageRow { image_id, width, height } = cx.upstream::<Image>().fetch_one().await?;
///         cx.insert(AreaRow { image_id, area: width * height }).await
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// Image.insert_one(&dj, ImageRow::new(1, 640, 480)).await?;
/// Area.populate(&dj).run().await?;
/// assert_eq!(Area.fetch_one(&dj).await?.area, 307_200);
/// # Ok(())
/// # }
/// ```
pub trait PlainMake: AutoPopulated {
    /// What of the machine it takes; see [`Make::RESOURCES`].
    const RESOURCES: &'static [&'static str] = &[];

    /// What its code is known by; see [`Make::CODE`].
    const CODE: Code = Code::UNKNOWN;

    /// Reads what is upstream of the key and writes the rows of the table and of its parts.
    /// Write it as `async fn`.
    ///
    /// # Cancel safety
    ///
    /// When the population is dropped, this future is, too, and the key is undone.
    fn make(cx: &mut MakeContext<'_, Self>) -> impl Future<Output = MakeResult<()>> + Send;
}

impl<T: PlainMake> Make for T {
    type Fetched = ();
    type Computed = ();

    const RESOURCES: &'static [&'static str] = <T as PlainMake>::RESOURCES;

    const CODE: Code = <T as PlainMake>::CODE;

    const IN_ONE: bool = true;

    async fn fetch(_: &FetchContext<'_, Self>) -> MakeResult<()> {
        Ok(())
    }

    fn compute(_: &<Self as Table>::Key, (): ()) -> MakeResult<()> {
        Ok(())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, (): ()) -> MakeResult<()> {
        T::make(&mut MakeContext::new(cx)).await
    }
}

/// Compiles only when the table has a `make`; called by generated code.
pub const fn assert_make<T: Make>() {}
