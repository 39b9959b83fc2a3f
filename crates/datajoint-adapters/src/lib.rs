//! Connections to the databases that hold DataJoint pipelines.
