use serde_json::{Map, Value as Json};

use crate::{Error, Result};

/// The fields of a JSON object that a codec wrote.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    codec: &'a str,
    document: &'a Json,
    members: &'a Map<String, Json>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(codec: &'a str, document: &'a Json) -> Result<Self> {
        match document.as_object() {
            Some(members) => Ok(Self { codec, document, members }),
            None => Err(Error::stored(codec, document, "it is no JSON object")),
        }
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str> {
        match self.members.get(name) {
            Some(Json::String(text)) => Ok(text),
            _ => Err(self.wrong(name)),
        }
    }

    /// A string, or `None` for null and for nothing.
    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name)),
        }
    }

    /// The name of the store; `None` for the default one.
    pub(crate) fn store(self) -> Result<Option<&'a str>> {
        self.optional_text("store")
    }

    /// A size, or `None` for null and for nothing.
    pub(crate) fn optional_size(self, name: &str) -> Result<Option<u64>> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(size) => size.as_u64().map(Some).ok_or_else(|| self.wrong(name)),
        }
    }

    /// True or false, which stands for nothing too.
    pub(crate) fn flag(self, name: &str) -> Result<bool> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(false),
            Some(flag) => flag.as_bool().ok_or_else(|| self.wrong(name)),
        }
    }

    pub(crate) fn sizes(self, name: &str) -> Result<Vec<usize>> {
        let size = |size: &Json| size.as_u64().and_then(|size| usize::try_from(size).ok());
        let sizes = self.members.get(name).and_then(Json::as_array);
        sizes.and_then(|sizes| sizes.iter().map(size).collect()).ok_or_else(|| self.wrong(name))
    }

    pub(crate) fn wrong(self, name: &str) -> Error {
        let problem = match self.members.get(name) {
            None => format!("it lacks `{name}`"),
            Some(value) => format!("its `{name}` is {value}"),
        };
        Error::stored(self.codec, self.document, problem)
    }
}
