//! What is wanted, as the declared file `deploy.toml` or a program says.

use std::path::Path;

use datajoint_definition::suggest;
use datajoint_plan::Scope;

use crate::{DesiredState, Error, OperationName, Result};

impl DesiredState {
    /// Reads a declared file.
    ///
    /// Fails for a file that can't be read, and for names and values that mean nothing.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        Self::read(&text, path)
    }

    fn read(text: &str, path: &Path) -> Result<Self> {
        let fault = |message: String| Error::DesiredState { path: path.to_owned(), message };
        if let Ok(table) = toml::from_str::<toml::Table>(text) {
            check_keys(&table).map_err(fault)?;
        }
        let desired: Self =
            toml::from_str(text).map_err(|error| fault(error.to_string().trim_end().to_owned()))?;
        for (name, publication) in &desired.publication {
            publication.check_columns(name).map_err(|error| fault(error.to_string()))?;
        }
        if let Some(schemas) = &desired.schemas {
            for (name, publication) in &desired.publication {
                publication.check(name, schemas).map_err(|error| fault(error.to_string()))?;
            }
        }
        Ok(desired)
    }

    /// The part of the database that it is about.
    pub(crate) fn scope(&self) -> Scope {
        Scope { schemas: self.schemas.clone(), table: self.table.clone() }
    }
}

/// Fails for the first key that is no part of a deployment.
fn check_keys(table: &toml::Table) -> Result<(), String> {
    let known = || {
        ["schemas", "table", "verify"].into_iter().chain(OperationName::ALL.iter().map(|name| name.section()))
    };
    let Some(key) = table.keys().find(|key| !known().any(|known| known == *key)) else { return Ok(()) };
    Err(match suggest(key, known()) {
        Some(nearest) => format!("`{key}` is no part of a deployment; did you mean `{nearest}`?"),
        None => format!(
            "`{key}` is no part of a deployment; there are {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    })
}

impl std::str::FromStr for DesiredState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text, Path::new("deploy.toml"))
    }
}
