//! Blobs packed and unpacked, without a database.

use std::hint::black_box;

use datajoint::Blob;
use datajoint::blob::{Array, Compression, PackOptions, pack, pack_with, unpack};
use ndarray::{Array1, Array2};

use crate::clock::Clock;
use crate::data::noise;
use crate::{Error, Result};

pub(super) fn run(workload: &str) -> Result<Option<f64>> {
    let plain = PackOptions::default().compression(Compression::None);
    Ok(Some(match workload {
        "pack 8 MB, compressed" => {
            let value = Array2::from_shape_vec((1000, 1000), noise(0, 1_000_000))?;
            let clock = Clock::start()?;
            let packed = pack(&value)?;
            clock.stop()?;
            sum(&unpack(&packed)?)?
        }
        "unpack 8 MB, compressed" => {
            let packed = pack(&Array2::from_shape_vec((1000, 1000), noise(0, 1_000_000))?)?;
            let clock = Clock::start()?;
            let value = unpack(&packed)?;
            clock.stop()?;
            sum(&value)?
        }
        "pack a dict of 1000" => {
            let value = dict();
            let clock = Clock::start()?;
            let packed = pack_with(&value, &plain)?;
            clock.stop()?;
            packed.len() as f64
        }
        "unpack a dict of 1000" => {
            let packed = pack_with(&dict(), &plain)?;
            let clock = Clock::start()?;
            let value = unpack(&packed)?;
            clock.stop()?;
            value.as_map().map_or(0.0, |entries| entries.len() as f64)
        }
        "pack 10k arrays of 100" => {
            let values = small();
            let clock = Clock::start()?;
            for value in &values {
                black_box(pack_with(value, &plain)?);
            }
            clock.stop()?;
            pack_with(&values[0], &plain)?.len() as f64
        }
        "unpack 10k arrays of 100" => {
            let packed: Vec<_> =
                small().iter().map(|value| pack_with(value, &plain)).collect::<Result<_, _>>()?;
            let clock = Clock::start()?;
            for packed in &packed {
                black_box(unpack(packed)?);
            }
            clock.stop()?;
            sum(&unpack(&packed[0])?)?
        }
        _ => return Ok(None),
    }))
}

fn sum(value: &Blob) -> Result<f64> {
    let elements = value.as_array().and_then(Array::elements::<f64>);
    Ok(elements.ok_or_else(|| Error::from("no array of numbers"))?.iter().sum())
}

fn dict() -> Blob {
    let entry = |number: i32| {
        let list = [1, 2, number].map(Blob::from);
        Blob::map([
            ("i", Blob::from(number)),
            ("x", Blob::from(f64::from(number) / 3.0)),
            ("s", Blob::from(number.to_string())),
            ("l", Blob::from(list.to_vec())),
        ])
    };
    Blob::map((0..1000).map(|number| (format!("key{number}"), entry(number))))
}

fn small() -> Vec<Array1<f64>> {
    (0..10_000).map(|number| Array1::from(noise(number * 100, 100))).collect()
}
