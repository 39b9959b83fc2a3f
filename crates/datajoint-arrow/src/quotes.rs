use std::io::{Error, ErrorKind, Read, Result};

/// The bytes of a CSV file, which end with an error where the quotes around a cell are not whole: a file that was cut off
/// would otherwise read as one with a long cell at its end.
///
/// So does a row that is longer than [`LONGEST_ROW`]: it would be read into memory to its end.
pub(crate) struct Quotes<R> {
    from: R,
    place: Place,
    line: u64,
    /// How long the row is so far.
    length: u64,
    /// How long it may be.
    longest: u64,
}

/// The longest row of a CSV file that is read, in bytes: 64 MiB.
pub(crate) const LONGEST_ROW: u64 = 64 << 20;

#[derive(Clone, Copy)]
enum Place {
    /// Before the first cell, after so many bytes of the mark that some programs begin a file with.
    Mark(usize),
    /// Where a cell begins.
    Start,
    /// In a cell without quotes.
    Bare,
    /// Between quotes that were opened in this line.
    Quoted(u64),
    /// After a quote in such a cell: its end, or the first of two.
    Closed(u64),
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R> Quotes<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, place: Place::Mark(0), line: 1, length: 0, longest: LONGEST_ROW }
    }

    fn pass(&mut self, byte: u8) -> Result<()> {
        self.place = match (self.place, byte) {
            (Place::Mark(seen), byte) if MARK.get(seen) == Some(&byte) => Place::Mark(seen + 1),
            (Place::Mark(_) | Place::Start, b'"') => Place::Quoted(self.line),
            (Place::Quoted(line), b'"') => Place::Closed(line),
            (Place::Closed(line), b'"') | (Place::Quoted(line), _) => Place::Quoted(line),
            (_, b',' | b'\r' | b'\n') => Place::Start,
            (Place::Closed(_), _) => {
                return Err(fault(
                    self.line,
                    "a cell goes on behind its closing quote: write a quote within it twice",
                ));
            }
            _ => Place::Bare,
        };
        let is_end = matches!(self.place, Place::Start) && byte != b',';
        self.length = if is_end { 0 } else { self.length + 1 };
        if self.length > self.longest {
            let longest = self.longest;
            return Err(fault(
                self.line,
                &format!("a row has more than {longest} bytes: write a line for each row, or write Parquet"),
            ));
        }
        self.line += u64::from(byte == b'\n');
        Ok(())
    }
}

fn fault(line: u64, problem: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("line {line}: {problem}"))
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let length = self.from.read(buffer)?;
        for &byte in &buffer[..length] {
            self.pass(byte)?;
        }
        match self.place {
            Place::Quoted(line) if length == 0 && !buffer.is_empty() => Err(fault(
                line,
                "nothing closes the quote that begins a cell there: the file may have been cut off",
            )),
            _ => Ok(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::Quotes;

    #[test]
    fn a_row_has_an_end() {
        for (text, line) in [
            ("a,b\n1,2345678", Some("line 2:")),
            ("a\n\"1\n2\n3\n4\n5\"\n", Some("line 5:")),
            ("a,b\r\n1,23456\r1,23456\n", None),
        ] {
            let outcome = Quotes { longest: 8, ..Quotes::new(text.as_bytes()) }.read_to_end(&mut Vec::new());
            match line {
                Some(line) => {
                    let error = outcome.unwrap_err().to_string();
                    assert!(error.starts_with(line) && error.contains("more than 8 bytes"), "{error}");
                }
                None => assert!(outcome.is_ok(), "{text}"),
            }
        }
    }

    #[test]
    fn quotes_that_are_not_whole_are_errors_with_their_line() {
        for (text, line) in [
            ("a,b\n1,\"x\n2,y\n", Some("line 2:")),
            ("a\n\"x\"y\n", Some("line 2:")),
            ("a\n\"x\ny\"z\n", Some("line 3:")),
            ("\u{feff}\"a", Some("line 1:")),
            ("\"", Some("line 1:")),
            ("a\n\"x\" \n", Some("line 2:")),
            ("a,b\r\n\"x \"\"y\"\",\nz\",\"\"\r\n", None),
            ("a\n5\" disk\nx \"y\"\n", None),
            ("\u{feff}\"a\"\n\"x\"", None),
            ("", None),
        ] {
            let mut read = String::new();
            let outcome = Quotes::new(text.as_bytes()).read_to_string(&mut read);
            match line {
                Some(line) => assert!(outcome.unwrap_err().to_string().starts_with(line), "{text}"),
                None => assert_eq!(read, text),
            }
        }
    }
}
