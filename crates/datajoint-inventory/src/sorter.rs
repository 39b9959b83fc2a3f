//! Lists that are sorted outside of memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fmt;
use std::io::{BufReader, BufWriter, Cursor, ErrorKind, Read, Seek as _, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Place, Result};

/// How many bytes are sorted in memory.
const PIECE: usize = 24 << 20;

/// A list that is sorted by place: pieces of 24 MiB in memory, the rest in files that go with the process.
///
/// Equal places stand in the order of what stands at them as JSON has it.
pub struct Sorter<T> {
    piece: usize,
    bytes: Vec<u8>,
    /// Where each record begins and ends.
    records: Vec<(usize, usize)>,
    runs: Vec<Box<dyn Read + Send>>,
    kind: PhantomData<fn(T)>,
}

impl<T: Serialize + DeserializeOwned> Sorter<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self::with_piece(PIECE)
    }

    /// An empty list that keeps so many bytes in memory.
    pub fn with_piece(piece: usize) -> Self {
        Self { piece, bytes: Vec::new(), records: Vec::new(), runs: Vec::new(), kind: PhantomData }
    }

    /// Adds what stands at a place.
    ///
    /// Fails when there is no room on disk.
    pub fn push(&mut self, place: &Place, value: &T) -> Result<()> {
        let start = self.bytes.len();
        // No place has a zero: what comes after it decides between equal places alone.
        self.bytes.extend_from_slice(&place.0);
        self.bytes.push(0);
        serde_json::to_writer(&mut self.bytes, value).map_err(|error| Error::sort(error.into()))?;
        self.records.push((start, self.bytes.len()));
        if self.bytes.len() + self.records.len() * size_of::<(usize, usize)>() >= self.piece {
            let file = tempfile::tempfile().map_err(Error::sort)?;
            let mut file = BufWriter::new(file);
            self.write_piece(&mut file).map_err(Error::sort)?;
            let mut file = file.into_inner().map_err(|error| Error::sort(error.into_error()))?;
            file.rewind().map_err(Error::sort)?;
            self.runs.push(Box::new(BufReader::with_capacity(64 << 10, file)));
        }
        Ok(())
    }

    fn write_piece(&mut self, into: &mut impl Write) -> std::io::Result<()> {
        let bytes = &self.bytes;
        self.records.sort_unstable_by(|one, other| bytes[one.0..one.1].cmp(&bytes[other.0..other.1]));
        for (start, end) in self.records.drain(..) {
            into.write_all(&((end - start) as u64).to_le_bytes())?;
            into.write_all(&bytes[start..end])?;
        }
        self.bytes.clear();
        into.flush()
    }

    /// The list in its order.
    pub fn sorted(mut self) -> Result<Sorted<T>> {
        let mut rest = Vec::with_capacity(self.bytes.len() + self.records.len() * size_of::<u64>());
        self.write_piece(&mut rest).map_err(Error::sort)?;
        self.runs.push(Box::new(Cursor::new(rest)));
        let mut heads = BinaryHeap::new();
        for run in 0..self.runs.len() {
            let mut record = Vec::new();
            if read_record(&mut self.runs[run], &mut record).map_err(Error::sort)? {
                heads.push(Reverse((record, run)));
            }
        }
        Ok(Sorted { runs: self.runs, heads, kind: PhantomData })
    }
}

impl<T: Serialize + DeserializeOwned> Default for Sorter<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Sorter<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sorter({} in memory, and {} pieces)", self.records.len(), self.runs.len())
    }
}

/// A sorted list, as it is read.
pub struct Sorted<T> {
    runs: Vec<Box<dyn Read + Send>>,
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    kind: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Sorted<T> {
    fn read(&mut self) -> std::io::Result<Option<(Place, T)>> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse((record, run)) = &mut *head;
        let end = record.iter().position(|byte| *byte == 0).unwrap_or(record.len());
        let value = serde_json::from_slice(record.get(end + 1..).unwrap_or_default())?;
        let place = Place(record[..end].to_vec());
        if !read_record(&mut self.runs[*run], record)? {
            PeekMut::pop(head);
        }
        Ok(Some((place, value)))
    }
}

impl<T: DeserializeOwned> Iterator for Sorted<T> {
    type Item = Result<(Place, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(Error::sort).transpose()
    }
}

impl<T> fmt::Debug for Sorted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sorted({} pieces)", self.runs.len())
    }
}

/// Reads a record in the place of another one; false when there is none any more.
fn read_record(run: &mut dyn Read, record: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut length = [0; 8];
    match run.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    let length = u64::from_le_bytes(length);
    record.clear();
    if run.take(length).read_to_end(record)? as u64 == length {
        Ok(true)
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}
