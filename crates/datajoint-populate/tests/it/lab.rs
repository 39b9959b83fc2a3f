//! The pipeline of these tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use datajoint::prelude::*;
use datajoint_config::Settings;
use datajoint_pipeline::{Insert, Instance};

schema!("lab");

#[table(Manual)]
/// subject : int32
/// ---
/// weight : float64
pub struct Subject;

#[table(Lookup, contents = [(1, 2.0), (2, 3.0)])]
/// method : int16
/// ---
/// factor : float64
pub struct Method;

#[table(Computed)]
/// -> Subject
/// -> Method
/// ---
/// product : float64
pub struct Product;

#[part(Product)]
/// -> master
/// digit : int8
/// ---
/// value : int8
pub struct ProductDigit;

impl PlainMake for Product {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let &ProductKey { subject, method } = cx.key();
        let weight = cx.upstream::<Subject>().fetch_one().await?.weight;
        let factor = cx.upstream::<Method>().column(Method::factor).await?[0];
        if weight < 0.0 {
            return Err("a negative weight".into());
        }
        let product = weight * factor;
        cx.insert(ProductRow { subject, method, product }).await?;
        let digits = (0..3).map(|digit| ProductDigitRow { subject, method, digit, value: digit + 1 });
        cx.insert_many(digits).await
    }
}

#[table(Computed)]
/// -> Product
/// ---
/// digits : int64
pub struct Digits;

impl PlainMake for Digits {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let &DigitsKey { subject, method } = cx.key();
        let digits = cx.upstream_part::<ProductDigit>().count().await?;
        match subject {
            2 => Ok(()),
            3 => cx.insert(DigitsRow { subject: 1, method, digits: 0 }).await,
            _ => cx.insert(DigitsRow { subject, method, digits: i64::try_from(digits)? }).await,
        }
    }
}

/// How often `compute` of [`Slow`] was called.
pub(crate) static CALLS: AtomicUsize = AtomicUsize::new(0);

#[table(Computed)]
/// -> Subject
/// ---
/// root : float64
pub struct Slow;

impl Make for Slow {
    type Fetched = f64;
    type Computed = f64;

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<f64> {
        Ok(cx.upstream::<Subject>().fetch_one().await?.weight)
    }

    fn compute(key: &SlowKey, weight: f64) -> MakeResult<f64> {
        CALLS.fetch_add(1, Ordering::SeqCst);
        match key.subject {
            7 => std::thread::sleep(Duration::from_millis(300)),
            6 => return Err(Unspeakable.into()),
            8 => panic!("eight is too much"),
            _ => {}
        }
        Ok(weight.sqrt())
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, root: f64) -> MakeResult<()> {
        cx.insert(SlowRow { subject: cx.key().subject, root }).await
    }
}

/// An error that panics where it is shown.
#[derive(Debug)]
struct Unspeakable;

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("there are no words for it")
    }
}

impl std::error::Error for Unspeakable {}

/// A database of its own with subjects of these weights.
pub(crate) async fn lab(weights: &[(i32, f64)]) -> Instance {
    let dj = Instance::connect(Settings::from_url("sqlite::memory:").unwrap()).await.unwrap();
    dj.activate::<Lab>().await.unwrap();
    let rows = weights.iter().map(|&(subject, weight)| SubjectRow { subject, weight });
    Subject.insert(&dj, rows).await.unwrap();
    dj
}

pipeline! {
    pub struct Lab { Subject, Method, Product, ProductDigit, Digits, Slow }
}
