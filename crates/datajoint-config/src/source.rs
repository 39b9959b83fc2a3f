//! The layers of settings.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Json};

use crate::{Result, file};

/// The variables and the settings they set.
const VARIABLES: [(&str, &str); 11] = [
    ("DJ_BACKEND", "database.backend"),
    ("DJ_HOST", "database.host"),
    ("DJ_PORT", "database.port"),
    ("DJ_USER", "database.user"),
    ("DJ_PASS", "database.password"),
    ("DJ_DATABASE_NAME", "database.name"),
    ("DJ_DATABASE_PATH", "database.path"),
    ("DJ_USE_TLS", "database.use_tls"),
    ("DJ_CREATE_TABLES", "database.create_tables"),
    ("DJ_MAX_CONNECTIONS", "database.max_connections"),
    ("DJ_JOBS_ADD_JOB_METADATA", "jobs.add_job_metadata"),
];

/// The settings whose values are texts, also when they look like numbers.
const TEXTS: [&str; 6] = [
    "database.backend",
    "database.host",
    "database.user",
    "database.password",
    "database.name",
    "database.path",
];

/// The environment over a file; the defaults are the type's own.
pub(crate) fn figment(path: Option<&Path>) -> Result<Figment> {
    let mut figment = Figment::new();
    if let Some(path) = path {
        let json = file::read(path)?;
        figment = figment.merge(Json::string(&json.to_string()));
    }
    for (variable, setting) in VARIABLES {
        if let Some(value) = Env::var(variable).filter(|value| !value.is_empty()) {
            figment = if TEXTS.contains(&setting) {
                figment.merge((setting, value))
            } else {
                // Read as figment reads any variable, and named in its errors.
                figment.merge(Env::raw().only(&[variable]).map(move |_| setting.into()))
            };
        }
    }
    Ok(figment)
}

/// True when the environment says to read no file.
pub(crate) fn ignores_file() -> bool {
    Env::var("DJ_IGNORE_CONFIG_FILE")
        .is_some_and(|value| matches!(value.to_lowercase().as_str(), "1" | "true" | "yes"))
}
