//! The manifests of a project that stands alone.

/// Where a crate of the library is: in a checkout, as it is reached from the project, or in the repository.
fn source(library: Option<&str>, crate_name: &str) -> String {
    match library {
        Some(library) => format!("path = \"{library}/crates/{crate_name}\""),
        None => format!("git = \"{}\"", env!("CARGO_PKG_REPOSITORY")),
    }
}

/// That of the project.
pub(super) fn project(name: &str, library: Option<&str>) -> String {
    let source = source(library, "datajoint");
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
license = "Apache-2.0"
publish = false
default-run = "worker"

[features]
default = ["mysql", "postgres"]
mysql = ["datajoint/mysql"]
postgres = ["datajoint/postgres"]

[dependencies]
clap = {{ version = "4.6", features = ["derive"] }}
datajoint = {{ {source}, features = ["log"] }}
tokio = {{ version = "1.54", features = ["rt-multi-thread", "macros", "time"] }}

[dev-dependencies]
tempfile = "3.27"

[lints.rust]
unsafe_code = "forbid"

[workspace]
members = ["xtask"]
default-members = [".", "xtask"]
"#
    )
}

/// That of the project's own `cargo xtask`.
pub(super) fn commands(name: &str, library: Option<&str>) -> String {
    let library = library.map(|library| format!("../{library}"));
    let source = source(library.as_deref(), "datajoint-cli");
    format!(
        r#"[package]
name = "{name}-xtask"
version = "0.1.0"
edition = "2024"
license = "Apache-2.0"
publish = false

[features]
default = ["mysql", "postgres"]
mysql = ["{name}/mysql", "datajoint-cli/mysql"]
postgres = ["{name}/postgres", "datajoint-cli/postgres"]

[dependencies]
datajoint-cli = {{ {source}, default-features = false, features = ["sqlite"] }}
{name} = {{ path = "..", default-features = false }}

[lints.rust]
unsafe_code = "forbid"
"#
    )
}
