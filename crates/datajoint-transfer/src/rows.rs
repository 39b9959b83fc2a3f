//! The rows of a table as a file of an export has them.

use std::io::{BufRead, BufReader, Error as IoError, ErrorKind, Read as _};
use std::path::PathBuf;

use cap_std::fs::File;
use datajoint_definition::count;
use datajoint_pipeline::DynamicRow;
use datajoint_sql::{JsonOnce, Value};

use crate::cell::{RowsHash, read};
use crate::folder::Folder;
use crate::spoken::{SpokenOf, Stored, of_export};
use crate::{Error, Result, Transferred};

/// The longest line of a file of rows, in bytes: 1 GiB. No row is exported that has a longer one.
pub(crate) const LONGEST_LINE: u64 = 1 << 30;

/// The rows of a file, one after the other.
pub(crate) struct Rows<'a> {
    file: BufReader<File>,
    transferred: &'a Transferred,
    path: PathBuf,
    /// The number of the line that was read last.
    line: u64,
    hash: RowsHash,
}

impl<'a> Rows<'a> {
    pub(crate) fn open(folder: &Folder, transferred: &'a Transferred) -> Result<Self> {
        let file = BufReader::new(folder.read(&transferred.file)?);
        let path = folder.path_of(&transferred.file);
        Ok(Self { file, transferred, path, line: 0, hash: RowsHash::default() })
    }

    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Result<DynamicRow>> {
        let text = line_of(&mut self.file, LONGEST_LINE).transpose()?;
        self.line += 1;
        Some(match text {
            Ok(text) => {
                self.hash.add(&text);
                self.parsed(&text)
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Err(Error::format(&self.path, &format!("line {}: {error}", self.line)))
            }
            Err(error) => Err(Error::file(&self.path)(error)),
        })
    }

    /// Fails unless the rows that were read are those that were written.
    pub(crate) fn check(&self) -> Result<()> {
        if self.line != self.transferred.rows {
            let problem = format!(
                "it has {}, and the manifest says {}",
                count(self.line, "row"),
                self.transferred.rows
            );
            return Err(Error::format(&self.path, &problem));
        }
        if self.hash.text() != self.transferred.hash {
            return Err(Error::format(&self.path, &"its rows are not those that were written"));
        }
        Ok(())
    }

    fn parsed(&self, text: &str) -> Result<DynamicRow> {
        let fault =
            |problem: String| Err(Error::format(&self.path, &format!("line {}: {problem}", self.line)));
        let cells: Vec<JsonOnce> = match serde_json::from_str(text) {
            Ok(cells) => cells,
            Err(error) => return fault(error.to_string()),
        };
        let attributes = &self.transferred.attributes;
        if cells.len() != attributes.len() {
            return fault(format!(
                "it has {}, and the table has {}",
                count(cells.len(), "value"),
                count(attributes.len(), "attribute")
            ));
        }
        let mut row: Vec<(String, Value)> = Vec::with_capacity(cells.len());
        for (name, JsonOnce(cell)) in attributes.iter().zip(cells) {
            let shown = || cell.to_string().chars().take(200).collect::<String>();
            match read(&cell) {
                Some(value) => row.push((name.clone(), value)),
                None => return fault(format!("{} is no value of `{name}`", shown())),
            }
        }
        Ok(row.into_iter().collect())
    }
}

/// The next line without its end; none after the last. Fails for one that has more than so many bytes, of which no more are read.
fn line_of(file: &mut impl BufRead, longest: u64) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    if file.take(longest.saturating_add(1)).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        // As a folder has it that came by way of Windows.
        line.pop_if(|last| *last == b'\r');
    }
    if line.len() as u64 > longest {
        let problem = format!("it has more than {longest} bytes, and no export writes such a one");
        return Err(IoError::new(ErrorKind::InvalidData, problem));
    }
    let text = String::from_utf8(line).map_err(|_| IoError::new(ErrorKind::InvalidData, "it is no UTF-8"))?;
    Ok(Some(text))
}

/// Fails for a file that is not as it was written; notes the objects that its rows speak of.
pub(crate) fn check(
    folder: &Folder,
    transferred: &Transferred,
    codecs: &datajoint_codec::Codecs,
    table: &datajoint_schema::TableName,
    spoken_of: &mut SpokenOf,
) -> Result<()> {
    let stored: Vec<Stored> = of_export(transferred);
    let mut rows = Rows::open(folder, transferred)?;
    while let Some(row) = rows.next() {
        let row = row?;
        spoken_of.note(codecs, table, &stored, row.values())?;
    }
    rows.check()
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, repeat};

    use super::line_of;

    #[test]
    fn a_line_has_an_end() {
        let error = line_of(&mut BufReader::new(repeat(b'x')), 8).unwrap_err().to_string();
        assert!(error.contains("more than 8 bytes"), "{error}");
        let mut text = "12345678\n\r\n1".as_bytes();
        let lines: Vec<_> = (0..4).map(|_| line_of(&mut text, 8).unwrap()).collect();
        assert_eq!(lines, [Some("12345678".to_owned()), Some(String::new()), Some("1".to_owned()), None]);
        assert!(line_of(&mut &b"\xff\n"[..], 8).unwrap_err().to_string().contains("UTF-8"));
    }
}
