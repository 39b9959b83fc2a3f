//! The servers that the environment names.

use datajoint::Settings;

/// A server that Rust and Python both use.
#[derive(Debug)]
pub(crate) struct Server {
    /// The variable that names it.
    pub(crate) variable: &'static str,
    /// What Python calls its kind.
    backend: &'static str,
}

pub(crate) static SERVERS: [Server; 3] = [
    Server { variable: "DJ_TEST_MYSQL_URL", backend: "mysql" },
    Server { variable: "DJ_TEST_MARIADB_URL", backend: "mysql" },
    Server { variable: "DJ_TEST_POSTGRES_URL", backend: "postgresql" },
];

impl Server {
    /// Where it is, if it is there.
    pub(crate) fn url(&self) -> Option<String> {
        variable(self.variable)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == "postgresql"
    }

    /// The variables that tell Python of it.
    pub(crate) fn environment(&self, settings: &Settings) -> Vec<(&'static str, String)> {
        use datajoint_config::ExposeSecret as _;

        let database = &settings.database;
        let usual = if self.is_postgres() { ("postgres", 5432) } else { ("root", 3306) };
        let password = database.password.as_ref().map(|password| password.expose_secret().to_owned());
        let mut variables = vec![
            ("DJ_BACKEND", self.backend.to_owned()),
            ("DJ_HOST", database.host.clone().unwrap_or_else(|| "localhost".to_owned())),
            ("DJ_PORT", database.port.unwrap_or(usual.1).to_string()),
            ("DJ_USER", database.user.clone().unwrap_or_else(|| usual.0.to_owned())),
            ("DJ_PASS", password.unwrap_or_default()),
            ("DJ_IGNORE_CONFIG_FILE", "true".to_owned()),
            ("DJ_LOG_LEVEL", "ERROR".to_owned()),
            ("PYTHONWARNINGS", "ignore".to_owned()),
        ];
        variables.extend(database.name.clone().map(|name| ("DJ_DATABASE_NAME", name)));
        variables
    }
}

/// A variable of these tests.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
