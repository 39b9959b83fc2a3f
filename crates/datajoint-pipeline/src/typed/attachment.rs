use datajoint_codec::file_name_fault;
use datajoint_sql::Value;

use super::{AttributeValue, ValueError};

/// A file with its name: the value of an `<attach>` attribute, or of an `<attach@>` one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Attachment {
    /// The name of the file, without folders.
    pub file_name: String,
    /// What is in it.
    pub contents: Vec<u8>,
}

impl Attachment {
    /// A file of this name with these contents.
    pub fn new(file_name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self { file_name: file_name.into(), contents: contents.into() }
    }
}

impl AttributeValue for Attachment {
    fn into_value(self) -> Result<Value, ValueError> {
        let Self { file_name, contents } = self;
        if let Some(fault) = file_name_fault(&file_name) {
            return Err(ValueError::new(fault));
        }
        let mut bytes = file_name.into_bytes();
        bytes.reserve(contents.len() + 1);
        bytes.push(0);
        bytes.extend(contents);
        Ok(Value::Bytes(bytes))
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        let Value::Bytes(bytes) = value else {
            return Err(ValueError::new("an attachment is kept as bytes"));
        };
        let end = bytes.iter().position(|&byte| byte == 0);
        let end = end.ok_or_else(|| ValueError::new("the bytes name no file, so they are no attachment"))?;
        let name = std::str::from_utf8(&bytes[..end])
            .map_err(|_| ValueError::new("the name of the attached file is not UTF-8"))?;
        if let Some(fault) = file_name_fault(name) {
            return Err(ValueError::new(fault));
        }
        Ok(Self { file_name: name.to_owned(), contents: bytes[end + 1..].to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use datajoint_sql::Value;

    use super::{Attachment, AttributeValue as _};

    #[test]
    fn a_name_that_leads_elsewhere_is_neither_written_nor_read() {
        for name in ["../x", "/etc/passwd", "a\\b", "..", "."] {
            assert!(Attachment::new(name, "x").into_value().is_err(), "{name}");
            let stored = Value::Bytes([name.as_bytes(), b"\0x"].concat());
            let error = Attachment::from_value(stored).unwrap_err().to_string();
            assert!(error.contains("take the name alone"), "{error}");
        }
    }
}
