//! Populates computed DataJoint tables: key source, make, workers and progress.
