//! The compressed form of a blob.

use std::borrow::Cow;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status, Strategy};

use crate::{Compression, Error, Result, UnpackOptions, reader::Reader};

const PREFIX: &[u8; 6] = b"ZL123\0";
/// The prefix and the length.
const HEADER: usize = PREFIX.len() + size_of::<u64>();
/// Blobs up to this length are never compressed.
const PLAIN: usize = 1000;
/// More than this many times its length nothing can inflate to.
const MAX_RATIO: u64 = 1032;
/// Up to this many times its length a stream inflates into the room it is given at first.
const USUAL_RATIO: usize = 8;
/// The least room that is made.
const LEAST: usize = 64 * 1024;
/// As much as one call takes in.
const CALL: usize = u32::MAX as usize;

/// The compressed form if it is shorter, else the blob as it was.
pub(crate) fn compress(raw: Vec<u8>, compression: Compression) -> Vec<u8> {
    let config = match compression {
        Compression::None => return raw,
        _ if raw.len() <= PLAIN => return raw,
        Compression::Level(level) => DeflateConfig::new(level.min(9).into()),
        Compression::Auto => choose(&raw),
    };
    // As long as the blob at most: what does not fit is not wanted.
    let mut out = vec![0; raw.len() - 1];
    out[..PREFIX.len()].copy_from_slice(PREFIX);
    out[PREFIX.len()..HEADER].copy_from_slice(&(raw.len() as u64).to_le_bytes());
    match deflate(&raw, config, &mut out[HEADER..]) {
        Some(length) => {
            out.truncate(HEADER + length);
            out.shrink_to_fit();
            out
        }
        None => raw,
    }
}

/// Writes the stream, and says how long it is, if it fits.
fn deflate(raw: &[u8], config: DeflateConfig, out: &mut [u8]) -> Option<usize> {
    let mut stream = Deflate::new_with_config(config);
    let (mut read, mut written) = (0, 0);
    loop {
        let flush = if raw.len() - read > CALL { DeflateFlush::NoFlush } else { DeflateFlush::Finish };
        let status = stream.compress(&raw[read..], &mut out[written..], flush).ok()?;
        let before = (read, written);
        read = usize::try_from(stream.total_in()).ok()?;
        written = usize::try_from(stream.total_out()).ok()?;
        match status {
            Status::StreamEnd => return Some(written),
            _ if written == out.len() || (read, written) == before => return None,
            _ => {}
        }
    }
}

/// Looking for repetitions takes three times as long as not looking, and in noise there are none.
fn choose(raw: &[u8]) -> DeflateConfig {
    const SAMPLE: usize = 8 * 1024;
    const SAMPLES: usize = 8;
    let thorough = DeflateConfig::new(6);
    if raw.len() < 4 * SAMPLE * SAMPLES {
        return thorough;
    }
    let quick = DeflateConfig { strategy: Strategy::HuffmanOnly, ..thorough };
    let mut out = vec![0; 2 * SAMPLE];
    let mut total = |config| -> usize {
        let samples =
            (0..SAMPLES).map(|index| &raw[(raw.len() - SAMPLE) / (SAMPLES - 1) * index..][..SAMPLE]);
        samples.map(|sample| deflate(sample, config, &mut out).unwrap_or(SAMPLE)).sum()
    };
    if total(thorough) * 100 > total(quick) * 98 { quick } else { thorough }
}

/// The blob without compression.
pub(crate) fn decompress<'a>(blob: &'a [u8], options: &UnpackOptions) -> Result<Cow<'a, [u8]>> {
    let Some(header) = blob.strip_prefix(PREFIX) else {
        check(blob.len() as u64, options)?;
        return Ok(Cow::Borrowed(blob));
    };
    let mut reader = Reader::new(header, options, 0);
    let length = reader.size()?;
    let expected = length as u64;
    check(expected, options)?;
    let stream = reader.take(reader.left())?;
    if expected / MAX_RATIO > stream.len() as u64 {
        return Err(Error::InflatedLength { expected, found: stream.len() as u64 * MAX_RATIO });
    }
    inflate(stream, length).map(Cow::Owned)
}

fn check(size: u64, options: &UnpackOptions) -> Result<()> {
    let limit = options.max_size;
    if size > limit { Err(Error::TooLarge { size, limit }) } else { Ok(()) }
}

/// Makes room for so many bytes more, up to an end: for what came out so far, never for what is only announced.
fn grow(raw: &mut Vec<u8>, more: usize, end: usize) -> Result<()> {
    let length = raw.len().saturating_add(more.max(LEAST)).min(end);
    raw.try_reserve_exact(length - raw.len()).map_err(|fault| Error::Inflate(fault.to_string()))?;
    raw.resize(length, 0);
    Ok(())
}

fn inflate(stream: &[u8], length: usize) -> Result<Vec<u8>> {
    let damaged = |fault: &str| Error::Inflate(fault.to_owned());
    // One byte more, so that a stream that goes on is told from one that ends.
    let end = length.saturating_add(1);
    let mut raw = Vec::new();
    grow(&mut raw, stream.len().saturating_mul(USUAL_RATIO), end)?;
    let mut state = Inflate::new(true, 15);
    let (mut read, mut written) = (0, 0);
    loop {
        let status = state.decompress(&stream[read..], &mut raw[written..], InflateFlush::NoFlush);
        let status = status.map_err(|fault| damaged(fault.as_str()))?;
        let before = (read, written);
        read = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        written = usize::try_from(state.total_out()).unwrap_or(usize::MAX);
        match status {
            Status::StreamEnd => break,
            _ if written > length => break,
            _ if written == raw.len() => {
                let more = raw.len();
                grow(&mut raw, more, end)?;
            }
            _ if (read, written) == before => return Err(damaged("it is cut short")),
            _ => {}
        }
    }
    if written != length {
        return Err(Error::InflatedLength { expected: length as u64, found: written as u64 });
    }
    raw.truncate(length);
    raw.shrink_to_fit();
    match stream.len() - read {
        0 => Ok(raw),
        count => Err(Error::TrailingBytes { count }),
    }
}
