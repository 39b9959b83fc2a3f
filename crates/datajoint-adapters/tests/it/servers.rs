//! The servers of a run.

use datajoint_adapters::ConnectOptions;
use datajoint_definition::Backend;

use crate::server;

/// The servers that variables name.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
pub(crate) fn servers() -> Vec<(Backend, ConnectOptions)> {
    let mut servers = Vec::new();
    for (variable, backend) in [
        ("DJ_TEST_MYSQL_URL", Backend::Mysql),
        ("DJ_TEST_MARIADB_URL", Backend::Mariadb),
        ("DJ_TEST_POSTGRES_URL", Backend::Postgresql),
    ] {
        match std::env::var(variable) {
            Ok(url) => servers.push((backend, server(backend, &url))),
            Err(_) => println!("{backend} is left out: {variable} is not set"),
        }
    }
    servers
}
