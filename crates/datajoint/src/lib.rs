//! DataJoint for Rust: scientific data pipelines declared in the type system and kept in a database.
