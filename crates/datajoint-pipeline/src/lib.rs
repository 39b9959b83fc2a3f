//! Instances, activation, declaration, insert, fetch and delete of DataJoint tables.

pub mod typed;
