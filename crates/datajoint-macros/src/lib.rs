//! The procedural macros of DataJoint for Rust.
